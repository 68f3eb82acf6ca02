//! The browser as the rest of the app sees it: its clock, its event loop, its clipboard, and the presses and the focus of
//! its user. Knows no request, no session and no text.

pub mod attention;
pub mod clipboard;
pub mod clock;
pub mod event_loop;

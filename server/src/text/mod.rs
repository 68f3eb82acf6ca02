//! Texts that the server writes itself: names, dates, links, the start page and calendar files. The templates of messages are in
//! `messages`.

pub(crate) mod calendar;
pub(crate) mod dates;
pub(crate) mod index_html;
pub(crate) mod link;
pub(crate) mod names;
pub(crate) mod start_page;
pub(crate) mod user_agent;

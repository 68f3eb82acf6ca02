//! Views that several pages share. They show what the page gives them and fetch nothing, but for the frame around every page
//! (`shell`) and its feedback form.

pub mod dynamic;
pub mod failure;
pub mod faults;
pub mod feedback;
pub mod field;
pub mod in_short;
pub mod next_steps;
pub mod page;
pub mod refusal;
pub mod shell;

//! Views that several pages share. They receive their data from the page and do not fetch.

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

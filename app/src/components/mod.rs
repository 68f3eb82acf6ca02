//! Views that several pages share. They receive their data from the page and do not fetch.

pub mod delivery;
pub mod document;
pub mod failure;
pub mod faults;
pub mod feedback;
pub mod field;
pub mod free_times;
pub mod in_short;
pub mod page;
pub mod refusal;
pub mod shell;
pub mod situation;
pub mod step;
pub mod timeline;
pub mod trace;
pub mod ways;

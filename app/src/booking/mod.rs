//! What booking consists of besides its pages: the situation asked for, free times, the steps, the tasks of a case.

pub mod family_row;
pub mod free_times;
pub mod quarantine_timeline;
pub mod situation_draft;
pub mod situation_form;
pub mod step;
pub mod tasks;

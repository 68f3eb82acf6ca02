//! Parts of the booking pages: the questions about a person's situation, the list of available times, the steps and the
//! tasks of a case. Used by the applicant pages and by the case page of the desk; the pages send the requests.

pub mod family_row;
pub mod free_times;
pub mod quarantine_timeline;
pub mod situation_form;
pub mod step;
pub mod tasks;

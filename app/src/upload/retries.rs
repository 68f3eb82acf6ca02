//! The next step after an attempt that failed, and how long to wait for it. Used by `sending`.

use std::time::Duration;

use ::api::ProblemCode;

use crate::api::Failure;

/// Backoff between tries, in seconds. When it is used up, the sending has failed technically.
pub const PAUSES: [u64; 5] = [1, 2, 4, 6, 7];
/// Maximum number of waits for a server that is still busy with the previous request, 2 seconds each. After a silent
/// disconnect the server waits 30 seconds for the rest.
pub const MOST_WAITS: usize = 30;
pub const WAIT: Duration = Duration::from_secs(2);

/// The next step after a failed attempt.
#[derive(Debug, PartialEq, Eq)]
pub enum Then {
    SignIn,
    /// Refused by the rules.
    Stop,
    Refuse(ProblemCode),
    BeginAnew,
    AskWhereItIs,
    Wait,
    TryAgain,
}

/// The next step after a failure. `has_begun` is `true` if the server knows of the upload.
pub fn then(said: &Failure, has_begun: bool) -> Then {
    if said.needs_sign_in() {
        return Then::SignIn;
    }
    match said.code() {
        Some(ProblemCode::Refused) => Then::Stop,
        Some(ProblemCode::UploadOver | ProblemCode::NotFound) if has_begun => Then::BeginAnew,
        Some(ProblemCode::OffsetWrong) => Then::AskWhereItIs,
        Some(ProblemCode::UploadBusy | ProblemCode::TooManyRequests) => Then::Wait,
        Some(
            code @ (ProblemCode::FileEmpty
            | ProblemCode::FileTooLarge
            | ProblemCode::CaseFull
            | ProblemCode::FileName
            | ProblemCode::NotADocument
            | ProblemCode::Heic),
        ) => Then::Refuse(code),
        _ => Then::TryAgain,
    }
}

/// Description of a failure for the office's technicians.
pub fn what(said: &Failure) -> String {
    match said {
        Failure::Problem(problem) => problem.code.clone(),
        Failure::NoAnswer => "no-answer".to_owned(),
        Failure::Unreadable => "unreadable".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn what_goes_away_by_itself_is_waited_for() {
        assert_eq!(then(&Failure::NoAnswer, true), Then::TryAgain);
        assert_eq!(then(&Failure::Unreadable, false), Then::TryAgain);
        assert_eq!(PAUSES.iter().sum::<u64>(), 20);
    }
}

//! Access is given and taken by an officer who has shown their passkey a moment ago.

use ::api::ProblemCode;

use crate::api::passkey;
use crate::api::{Failure, desk};

/// Does something, and if the server wants to see the passkey first, asks the browser for it and does it once more. Whoever shows none
/// is told that nothing was changed.
pub async fn confirmed<T, F>(act: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    match act().await {
        Err(why) if why.code() == Some(ProblemCode::ConfirmFirst) => {
            let ceremony = desk::start_confirming().await?;
            let Ok(shown) = passkey::show(&ceremony).await else { return Err(why) };
            desk::confirm(shown).await?;
            act().await
        }
        answer => answer,
    }
}

//! Repeated confirmation: the server accepts changes of access only shortly after the officer has used a passkey. Used
//! by `desk`.

use ::api::ProblemCode;

use crate::api::{Failure, desk, passkey};

/// Sends a request. If the server asks for confirmation, uses the passkey and sends the request again. Without a
/// passkey it returns the first failure, and nothing was changed.
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

//! Messages as an applicant sees them, and the delivery receipts of the SMS gateway.

use api::ids::AppointmentId;
use api::{
    ProblemCode,
    messages::{Delivery, DeliveryReceipt, Message},
};
use axum::{
    Json,
    extract::{Path, Request, State},
    http::StatusCode,
};
use hmac::{Hmac, KeyInit, Mac};
use rules::Channel;
use sha2::Sha256;

use crate::http::{
    applicant::{appointments, session::Applicant},
    body,
};
use crate::{
    error::{Error, Result},
    state::AppState,
    store::{messages, outbox},
};

/// The header with the signature of a receipt: `sha256=` and the HMAC-SHA256 of the body, in hexadecimal.
const SIGNATURE: &str = "x-skranke-signature";

/// Returns the messages about an appointment, with masked addresses.
#[utoipa::path(
    get,
    path = "/api/appointments/{id}/messages",
    params(("id" = String, Path)),
    responses((status = 200, body = [Message]), (status = 404, body = api::Problem))
)]
pub async fn list(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<AppointmentId>,
) -> Result<Json<Vec<Message>>> {
    let mut connection = state.store.read().await?;
    appointments::find(&mut connection, &applicant, &id, state.clock.now()).await?;
    let mut all = messages::about(&mut connection, &id).await?;
    for message in &mut all {
        message.address = masked(&message.address, message.channel);
    }
    Ok(Json(all))
}

/// Takes a delivery receipt of the SMS gateway. Receipts can be late, repeated and out of order.
#[utoipa::path(
    post,
    path = "/api/messages/receipts",
    request_body = DeliveryReceipt,
    params(("X-Skranke-Signature" = String, Header, description = "sha256= and the HMAC-SHA256 of the body in hexadecimal")),
    responses(
        (status = 204),
        (status = 401, body = api::Problem),
        (status = 404, body = api::Problem, description = "There is no such message, or no receipts are taken here")
    )
)]
pub async fn settle(State(state): State<AppState>, request: Request) -> Result<StatusCode> {
    let Some(secret) = state.receipts_secret.as_deref() else {
        return Err(Error::new(ProblemCode::NotFound));
    };
    let signature = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let bytes = body::json(request).await?;
    // The signature is verified before anything of the body is used or answered.
    if !signature.is_some_and(|signature| is_signed(&bytes, secret, &signature)) {
        return Err(Error::new(ProblemCode::SignatureWrong));
    }
    let DeliveryReceipt { id, status } = body::parse(&bytes)?;
    let mut transaction = state.store.write().await?;
    let known = outbox::settle(&mut transaction, &id, status, state.clock.now()).await?;
    transaction.commit().await?;
    if !known {
        return Err(Error::at(ProblemCode::NotFound, "id"));
    }
    if status == Delivery::Failed {
        tracing::warn!("message {id} did not arrive");
    }
    Ok(StatusCode::NO_CONTENT)
}

fn is_signed(body: &[u8], secret: &str, signature: &str) -> bool {
    let Some(hex) = signature.strip_prefix("sha256=") else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(body);
    let own = crate::secrets::hex(&mac.finalize().into_bytes());
    crate::secrets::same(&own, &hex.to_ascii_lowercase())
}

/// Masks an address so that its owner recognises it: `a•••@example.org`, `+47 •••• 07`.
pub(in crate::http) fn masked(address: &str, channel: Channel) -> String {
    match channel {
        Channel::Email => match address.split_once('@') {
            Some((name, host)) => format!("{}•••@{host}", name.chars().take(1).collect::<String>()),
            None => String::new(),
        },
        Channel::Sms => {
            let letters: Vec<char> = address.chars().filter(|c| !c.is_whitespace()).collect();
            let end = letters.len().saturating_sub(2);
            let country: String = address.split_whitespace().next().unwrap_or_default().chars().take(4).collect();
            if letters.len() < 6 {
                "••••".to_owned()
            } else {
                format!("{country} •••• {}", letters[end..].iter().collect::<String>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_again_by_its_owner_only() {
        for (address, channel, shown) in [
            ("asha@example.org", Channel::Email, "a•••@example.org"),
            ("", Channel::Email, ""),
            ("+47 22 34 21 07", Channel::Sms, "+47 •••• 07"),
            ("+4722342107", Channel::Sms, "+472 •••• 07"),
            ("+47", Channel::Sms, "••••"),
        ] {
            assert_eq!(masked(address, channel), shown);
        }
    }
}

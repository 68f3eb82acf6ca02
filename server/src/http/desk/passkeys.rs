//! Passkeys: WebAuthn ceremonies for registration, sign-in and confirmation.

use api::{
    ProblemCode,
    ids::{OfficerId, PasskeyId},
    officers::{DeskSession, Officer as Named},
    passkeys::{Answer, Ceremony, StartPasskey},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use axum_extra::extract::CookieJar;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
};

use crate::http::desk::session::{self, Officer};
use crate::{
    error::{Error, Result},
    http::{body::Body, client_ip::Caller},
    secrets,
    services::limits,
    state::AppState,
    store::{
        Connection, access_grants,
        audit::{self, Action, Actor},
        desk_sessions, officers, passkeys,
    },
};

/// Timeout of a ceremony.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// Starts the registration of a passkey, for the officer of a link.
#[utoipa::path(
    post,
    path = "/api/desk/passkeys/start",
    request_body = StartPasskey,
    responses((status = 200, body = Ceremony), (status = 422, body = api::Problem))
)]
pub async fn start(
    State(state): State<AppState>,
    caller: Caller,
    Body(asked): Body<StartPasskey>,
) -> Result<Json<Ceremony>> {
    let now = state.clock.now();
    let mut transaction = state.store.write().await?;
    limits::DESK_SIGN_INS.take(&mut transaction, &caller.0, now).await?;
    let hash = secrets::hash(&[asked.link.trim()]);
    let officer = officers::of_link(&mut transaction, &hash, now)
        .await?
        .ok_or_else(|| Error::at(ProblemCode::LinkOver, "link"))?;
    let id = Uuid::parse_str(&officer.id).map_err(Error::internal)?;
    let (options, challenge) =
        state.webauthn.start_passkey_registration(id, &officer.name, &officer.name, None).map_err(Error::internal)?;
    let mut options = json(&options)?;
    // The passkey must be discoverable, because an officer types no name to sign in.
    options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("required");
    options["publicKey"]["authenticatorSelection"]["requireResidentKey"] = json!(true);
    let id = passkeys::begin_ceremony(&mut transaction, Some(&officer.id), &text(&challenge)?, now + LASTS).await?;
    // Only failures count, because colleagues share a network address.
    limits::DESK_SIGN_INS.give_back(&mut transaction, &caller.0).await?;
    transaction.commit().await?;
    Ok(Json(Ceremony { id, options }))
}

/// Adds the passkey that the browser made, uses up the link, and signs the officer in.
#[utoipa::path(
    post,
    path = "/api/desk/passkeys",
    request_body = Answer,
    responses((status = 200, body = DeskSession), (status = 401, body = api::Problem))
)]
pub async fn add(
    State(state): State<AppState>,
    caller: Caller,
    jar: CookieJar,
    headers: HeaderMap,
    Body(asked): Body<Answer>,
) -> Result<(CookieJar, Json<DeskSession>)> {
    let now = state.clock.now();
    let device = session::device(&headers);
    let mut transaction = state.store.write().await?;
    let (id, challenge) = passkeys::end_ceremony(&mut transaction, &asked.ceremony, now).await?.ok_or_else(refused)?;
    let Some(passkey) = registered(&state, &challenge, asked.credential)? else {
        note_refused(&mut transaction, &caller, &id, now).await?;
        transaction.commit().await?;
        return Err(refused());
    };
    let officer = officers::find(&mut transaction, &id).await?.ok_or_else(refused)?;
    let Some(access_grant) = officers::use_link(&mut transaction, &officer.id).await? else {
        return Err(Error::at(ProblemCode::LinkOver, "link"));
    };
    let id = PasskeyId::from(BASE64_URL_SAFE_NO_PAD.encode(passkey.cred_id()));
    if !passkeys::add(&mut transaction, &id, &officer.id, &text(&passkey)?, &device, now).await? {
        return Err(refused());
    }
    access_grants::used(&mut transaction, &access_grant, now).await?;
    audit::add(&mut transaction, Actor::Officer(&officer.id), Action::AddPasskey, &officer.id, now).await?;
    let (jar, officer) = session::begin(&state, &mut transaction, jar, officer, &id, &device).await?;
    transaction.commit().await?;
    Ok((jar, Json(session::answer(&state, Some(officer)).await?)))
}

/// Returns the new passkey; `None` if it does not match the ceremony.
fn registered(state: &AppState, challenge: &str, credential: Value) -> Result<Option<Passkey>> {
    // A ceremony of another kind has another state, which does not parse.
    let Ok(challenge) = serde_json::from_str::<PasskeyRegistration>(challenge) else { return Ok(None) };
    let credential: RegisterPublicKeyCredential = given(credential)?;
    Ok(state.webauthn.finish_passkey_registration(&credential, &challenge).ok())
}

/// Starts a sign-in. The browser finds the passkey, so no name is needed.
#[utoipa::path(post, path = "/api/desk/session/start", responses((status = 200, body = Ceremony)))]
pub async fn start_sign_in(State(state): State<AppState>, caller: Caller) -> Result<Json<Ceremony>> {
    let now = state.clock.now();
    let mut transaction = state.store.write().await?;
    limits::DESK_STARTS.take(&mut transaction, &caller.0, now).await?;
    let (options, challenge) = state.webauthn.start_discoverable_authentication().map_err(Error::internal)?;
    let mut options = json(&options)?;
    // The library's option is for conditional UI; the page asks when a button is pressed.
    if let Some(options) = options.as_object_mut() {
        options.remove("mediation");
    }
    let id = passkeys::begin_ceremony(&mut transaction, None, &text(&challenge)?, now + LASTS).await?;
    transaction.commit().await?;
    Ok(Json(Ceremony { id, options }))
}

/// Signs in with the browser's answer.
#[utoipa::path(
    put,
    path = "/api/desk/session",
    request_body = Answer,
    responses((status = 200, body = DeskSession), (status = 401, body = api::Problem))
)]
pub async fn sign_in(
    State(state): State<AppState>,
    caller: Caller,
    jar: CookieJar,
    headers: HeaderMap,
    Body(asked): Body<Answer>,
) -> Result<(CookieJar, Json<DeskSession>)> {
    let now = state.clock.now();
    let credential: PublicKeyCredential = given(asked.credential)?;
    let mut transaction = state.store.write().await?;
    limits::DESK_SIGN_INS.take(&mut transaction, &caller.0, now).await?;
    let ceremony = passkeys::end_ceremony(&mut transaction, &asked.ceremony, now).await?;
    // A ceremony with a known officer was started for another purpose.
    let challenge = ceremony.filter(|(officer, _)| officer.is_empty()).map(|(_, challenge)| challenge);
    let claimed = state.webauthn.identify_discoverable_authentication(&credential).ok();
    let claimed = claimed.map(|(officer, id)| {
        (OfficerId::from(officer.to_string()), PasskeyId::from(BASE64_URL_SAFE_NO_PAD.encode(id)))
    });
    let shown = match (&challenge, &claimed) {
        (Some(challenge), Some(claimed)) => {
            shown(&state, &mut transaction, challenge, &credential, claimed, now).await?
        }
        _ => None,
    };
    let Some((officer, passkey)) = shown else {
        // The commit keeps the ceremony used up.
        let claimed = claimed.map(|(officer, _)| officer).unwrap_or_default();
        note_refused(&mut transaction, &caller, &claimed, now).await?;
        transaction.commit().await?;
        return Err(refused());
    };
    audit::add(&mut transaction, Actor::Officer(&officer.id), Action::SignInAtDesk, &officer.id, now).await?;
    // A successful sign-in does not count towards the limits.
    for limit in [limits::DESK_SIGN_INS, limits::DESK_STARTS] {
        limit.give_back(&mut transaction, &caller.0).await?;
    }
    let device = session::device(&headers);
    let (jar, officer) = session::begin(&state, &mut transaction, jar, officer, &passkey, &device).await?;
    transaction.commit().await?;
    Ok((jar, Json(session::answer(&state, Some(officer)).await?)))
}

/// Verifies a passkey and returns its officer and id; `None` if it is not accepted. `claimed` is the officer and the passkey that
/// the browser names.
async fn shown(
    state: &AppState,
    connection: &mut Connection,
    challenge: &str,
    credential: &PublicKeyCredential,
    claimed: &(OfficerId, PasskeyId),
    now: DateTime<Utc>,
) -> Result<Option<(Named, PasskeyId)>> {
    let (officer, id) = claimed;
    let challenge: DiscoverableAuthentication = read(challenge)?;
    let Some(kept) = passkeys::find(connection, id, officer).await? else { return Ok(None) };
    let mut passkey: Passkey = read(&kept)?;
    let key = DiscoverableKey::from(&passkey);
    let Ok(outcome) = state.webauthn.finish_discoverable_authentication_v2(credential, challenge, key) else {
        return Ok(None);
    };
    passkey.update_credential(&outcome);
    passkeys::used(connection, id, &text(&passkey)?, now).await?;
    let officer = officers::find(connection, officer).await?;
    Ok(officer.map(|officer| (officer, id.clone())))
}

/// Starts a confirmation with one of the officer's own passkeys, which is required to give or end access.
#[utoipa::path(
    post,
    path = "/api/desk/session/confirm/start",
    responses((status = 200, body = Ceremony), (status = 401, body = api::Problem))
)]
pub async fn start_confirming(State(state): State<AppState>, officer: Officer) -> Result<Json<Ceremony>> {
    let (mut transaction, now) = officer.write(&state).await?;
    let kept = passkeys::credentials(&mut transaction, officer.id()).await?;
    let kept: Vec<Passkey> = kept.iter().map(|kept| read(kept)).collect::<Result<_>>()?;
    if kept.is_empty() {
        let detail = "You have no passkey any more. Ask an administrator of your district for a link.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::new(ProblemCode::ConfirmFirst) });
    }
    let (options, challenge) = state.webauthn.start_passkey_authentication(&kept).map_err(Error::internal)?;
    let id = passkeys::begin_ceremony(&mut transaction, Some(officer.id()), &text(&challenge)?, now + LASTS).await?;
    transaction.commit().await?;
    Ok(Json(Ceremony { id, options: json(&options)? }))
}

/// Confirms the session with the browser's answer, for five minutes.
#[utoipa::path(
    post,
    path = "/api/desk/session/confirm",
    request_body = Answer,
    responses((status = 204), (status = 401, body = api::Problem))
)]
pub async fn confirm(
    State(state): State<AppState>,
    officer: Officer,
    caller: Caller,
    Body(asked): Body<Answer>,
) -> Result<StatusCode> {
    let credential: PublicKeyCredential = given(asked.credential)?;
    let (mut transaction, now) = officer.write(&state).await?;
    let ceremony = passkeys::end_ceremony(&mut transaction, &asked.ceremony, now).await?;
    let challenge = ceremony.filter(|(whose, _)| whose == officer.id()).map(|(_, challenge)| challenge);
    let is_shown = match challenge.and_then(|challenge| serde_json::from_str::<PasskeyAuthentication>(&challenge).ok())
    {
        Some(challenge) => confirmed(&state, &mut transaction, &officer, &challenge, &credential, now).await?,
        None => false,
    };
    if !is_shown {
        note_refused(&mut transaction, &caller, officer.id(), now).await?;
        transaction.commit().await?;
        return Err(refused());
    }
    desk_sessions::confirm(&mut transaction, &officer.session, now).await?;
    audit::add(&mut transaction, officer.actor(), Action::ShowPasskey, officer.id(), now).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns `true` if the browser showed a current passkey of the officer.
async fn confirmed(
    state: &AppState,
    connection: &mut Connection,
    officer: &Officer,
    challenge: &PasskeyAuthentication,
    credential: &PublicKeyCredential,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Ok(outcome) = state.webauthn.finish_passkey_authentication(credential, challenge) else { return Ok(false) };
    let id = PasskeyId::from(BASE64_URL_SAFE_NO_PAD.encode(outcome.cred_id()));
    let Some(kept) = passkeys::find(connection, &id, officer.id()).await? else { return Ok(false) };
    let mut passkey: Passkey = read(&kept)?;
    passkey.update_credential(&outcome);
    passkeys::used(connection, &id, &text(&passkey)?, now).await?;
    Ok(true)
}

/// Logs a refused passkey: for the officer that the browser named, or once per network and quarter of an hour if there is none.
async fn note_refused(
    connection: &mut Connection,
    caller: &Caller,
    claimed: &OfficerId,
    now: DateTime<Utc>,
) -> Result<()> {
    let officer = officers::find(connection, claimed).await?.map(|officer| officer.id);
    if officer.is_none() && !limits::is_first(connection, &caller.0, "passkey-refused", now).await? {
        return Ok(());
    }
    let subject = officer.unwrap_or_default();
    Ok(audit::add(connection, Actor::Unknown, Action::PasskeyRefused, &subject, now).await?)
}

/// Returns the error of every refusal. It does not reveal the reason.
fn refused() -> Error {
    Error::new(ProblemCode::PasskeyRefused)
}

fn given<T: DeserializeOwned>(credential: Value) -> Result<T> {
    serde_json::from_value(credential).map_err(|_| Error::at(ProblemCode::InvalidField, "credential"))
}

fn json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(Error::internal)
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}

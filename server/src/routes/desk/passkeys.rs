use api::{
    ProblemCode,
    officers::DeskSession,
    passkeys::{Answer, Ceremony, StartPasskey},
};
use axum::{Json, extract::State};
use axum_extra::extract::CookieJar;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid,
};

use super::session;
use crate::{
    caller::Caller,
    counter::Counter,
    error::{Error, Result},
    limits,
    routes::body::Body,
    secrets,
    store::{
        audit::{self, Action},
        officers, passkeys,
    },
};

/// How long a browser may take to ask its owner.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// Begins to add a passkey for the officer who has the link.
#[utoipa::path(
    post,
    path = "/api/desk/passkeys/start",
    request_body = StartPasskey,
    responses((status = 200, body = Ceremony), (status = 422, body = api::Problem))
)]
pub async fn start(
    State(counter): State<Counter>,
    caller: Caller,
    Body(asked): Body<StartPasskey>,
) -> Result<Json<Ceremony>> {
    let now = counter.clock.now();
    let mut transaction = counter.store.write().await?;
    limits::DESK_SIGN_INS.take(&mut transaction, &caller.0, now).await?;
    let hash = secrets::hash(&[asked.link.trim()]);
    let officer = officers::of_link(&mut transaction, &hash, now)
        .await?
        .ok_or_else(|| Error::at(ProblemCode::LinkOver, "link"))?;
    let id = Uuid::parse_str(&officer.id).map_err(Error::internal)?;
    let (options, state) =
        counter.webauthn.start_passkey_registration(id, &officer.name, &officer.name, None).map_err(Error::internal)?;
    let mut options = json(&options)?;
    // The browser is to find the passkey by itself later: an officer types no name to sign in.
    options["publicKey"]["authenticatorSelection"]["residentKey"] = json!("required");
    options["publicKey"]["authenticatorSelection"]["requireResidentKey"] = json!(true);
    let id = passkeys::begin_ceremony(&mut transaction, &officer.id, &text(&state)?, now + LASTS).await?;
    // Only what fails counts: colleagues share an address, and so may their guests.
    limits::DESK_SIGN_INS.give_back(&mut transaction, &caller.0).await?;
    transaction.commit().await?;
    Ok(Json(Ceremony { id, options }))
}

/// Adds the passkey that the browser has made, uses the link up, and signs the officer in.
#[utoipa::path(
    post,
    path = "/api/desk/passkeys",
    request_body = Answer,
    responses((status = 200, body = DeskSession), (status = 401, body = api::Problem))
)]
pub async fn add(
    State(counter): State<Counter>,
    jar: CookieJar,
    Body(asked): Body<Answer>,
) -> Result<(CookieJar, Json<DeskSession>)> {
    let now = counter.clock.now();
    let mut transaction = counter.store.write().await?;
    let (officer, state) = passkeys::end_ceremony(&mut transaction, &asked.ceremony, now).await?.ok_or_else(refused)?;
    let officer = officers::find(&mut transaction, &officer).await?.ok_or_else(refused)?;
    let state: PasskeyRegistration = read(&state)?;
    let credential: RegisterPublicKeyCredential = given(asked.credential)?;
    let passkey = counter.webauthn.finish_passkey_registration(&credential, &state).map_err(|_| refused())?;
    if !officers::use_link(&mut transaction, &officer.id).await? {
        return Err(Error::at(ProblemCode::LinkOver, "link"));
    }
    let id = BASE64_URL_SAFE_NO_PAD.encode(passkey.cred_id());
    if !passkeys::add(&mut transaction, &id, &officer.id, &text(&passkey)?, now).await? {
        return Err(refused());
    }
    audit::add(&mut transaction, &officer.id, Action::AddPasskey, &officer.id, now).await?;
    let (jar, officer) = session::begin(&counter, &mut transaction, jar, officer).await?;
    transaction.commit().await?;
    Ok((jar, Json(session::answer(&counter, Some(officer)).await?)))
}

/// Begins to sign in at the desk. Nobody says who they are: the browser finds the passkey.
#[utoipa::path(post, path = "/api/desk/session/start", responses((status = 200, body = Ceremony)))]
pub async fn start_sign_in(State(counter): State<Counter>, caller: Caller) -> Result<Json<Ceremony>> {
    let now = counter.clock.now();
    let mut transaction = counter.store.write().await?;
    limits::DESK_STARTS.take(&mut transaction, &caller.0, now).await?;
    let (options, state) = counter.webauthn.start_discoverable_authentication().map_err(Error::internal)?;
    let mut options = json(&options)?;
    // The library means a browser that offers passkeys while somebody types; ours asks when a button is pressed.
    if let Some(options) = options.as_object_mut() {
        options.remove("mediation");
    }
    let id = passkeys::begin_ceremony(&mut transaction, "", &text(&state)?, now + LASTS).await?;
    transaction.commit().await?;
    Ok(Json(Ceremony { id, options }))
}

/// Signs in at the desk by what the browser has answered.
#[utoipa::path(
    put,
    path = "/api/desk/session",
    request_body = Answer,
    responses((status = 200, body = DeskSession), (status = 401, body = api::Problem))
)]
pub async fn sign_in(
    State(counter): State<Counter>,
    caller: Caller,
    jar: CookieJar,
    Body(asked): Body<Answer>,
) -> Result<(CookieJar, Json<DeskSession>)> {
    let now = counter.clock.now();
    let mut transaction = counter.store.write().await?;
    limits::DESK_SIGN_INS.take(&mut transaction, &caller.0, now).await?;
    let (_, state) = passkeys::end_ceremony(&mut transaction, &asked.ceremony, now).await?.ok_or_else(refused)?;
    let state: DiscoverableAuthentication = read(&state)?;
    let credential: PublicKeyCredential = given(asked.credential)?;
    let (officer, id) = counter.webauthn.identify_discoverable_authentication(&credential).map_err(|_| refused())?;
    let (officer, id) = (officer.to_string(), BASE64_URL_SAFE_NO_PAD.encode(id));
    let kept = passkeys::find(&mut transaction, &id, &officer).await?.ok_or_else(refused)?;
    let mut passkey: Passkey = read(&kept)?;
    let outcome = counter
        .webauthn
        .finish_discoverable_authentication_v2(&credential, state, DiscoverableKey::from(&passkey))
        .map_err(|_| refused())?;
    passkey.update_credential(&outcome);
    passkeys::used(&mut transaction, &id, &text(&passkey)?, now).await?;
    let officer = officers::find(&mut transaction, &officer).await?.ok_or_else(refused)?;
    audit::add(&mut transaction, &officer.id, Action::SignInAtDesk, &officer.id, now).await?;
    // What succeeds counts as nothing.
    for limit in [limits::DESK_SIGN_INS, limits::DESK_STARTS] {
        limit.give_back(&mut transaction, &caller.0).await?;
    }
    let (jar, officer) = session::begin(&counter, &mut transaction, jar, officer).await?;
    transaction.commit().await?;
    Ok((jar, Json(session::answer(&counter, Some(officer)).await?)))
}

/// Why exactly is nobody's to know.
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

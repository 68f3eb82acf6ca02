//! The officer's session: its state, extension and end, and the extractor `Officer`.

use api::ids::{OfficerId, PasskeyId};
use api::{
    ProblemCode,
    officers::{DemoSignIn, DeskSession, Role},
};
use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, TimeDelta, Utc};
use rules::{Coded, District};

use crate::{
    error::{Error, Result},
    http::{
        applicant::session::{AHEAD, CLEAR_SITE_DATA},
        body::Body,
        log::Session,
    },
    policy::four_eyes::WINDOW,
    secrets,
    services::limits,
    state::{AppState, Mode},
    store::{
        Connection, Transaction, access_grants,
        audit::{self, Action, Actor, Entry},
        desk_sessions, officers,
    },
    text::user_agent,
};

/// Timeout of a session without activity.
const IDLE: TimeDelta = TimeDelta::minutes(30);

/// Maximum length of a session: a working day.
const LASTS: TimeDelta = TimeDelta::hours(12);

/// Minimum interval between two updates of the last activity.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(30);

/// Returns the server's clock and the signed-in officer. This request does not extend the session, so that a page can ask when it
/// ends.
#[utoipa::path(get, path = "/api/desk/session", responses((status = 200, body = DeskSession)))]
pub async fn show(State(state): State<AppState>, jar: CookieJar) -> Result<Json<DeskSession>> {
    let officer = match look(&state, &jar).await.map(|looked| looked.officer) {
        Ok(officer) => Some(officer),
        Err(Error { code: ProblemCode::DeskSignedOut, .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(Json(answer(&state, officer).await?))
}

/// How long a shown passkey allows changes of access.
const CONFIRMED_FOR: TimeDelta = TimeDelta::minutes(5);

/// Extends the session.
#[utoipa::path(
    post,
    path = "/api/desk/session/keep",
    responses((status = 200, body = DeskSession), (status = 401, body = api::Problem))
)]
pub async fn keep(State(state): State<AppState>, officer: Officer) -> Result<Json<DeskSession>> {
    Ok(Json(answer(&state, Some(officer)).await?))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/desk/session", responses((status = 204)))]
pub async fn end(State(state): State<AppState>, jar: CookieJar) -> Result<impl IntoResponse> {
    if let Some(token) = jar.get(cookie_name(&state)) {
        let mut transaction = state.store.write().await?;
        if let Some(officer) = desk_sessions::end(&mut transaction, &secrets::hash(&[token.value()])).await? {
            let now = state.clock.now();
            audit::add(&mut transaction, Actor::Officer(&officer), Action::SignOutAtDesk, &officer, now).await?;
            transaction.commit().await?;
        }
    }
    let mut gone = cookie(&state, String::new());
    gone.make_removal();
    Ok((jar.add(gone), CLEAR_SITE_DATA, StatusCode::NO_CONTENT))
}

/// Signs in without a passkey. The route exists only in the demo.
pub async fn begin_demo(
    State(state): State<AppState>,
    jar: CookieJar,
    headers: HeaderMap,
    Body(asked): Body<DemoSignIn>,
) -> Result<(CookieJar, Json<DeskSession>)> {
    let mut transaction = state.store.write().await?;
    let officer = officers::find(&mut transaction, &asked.officer).await?.ok_or(ProblemCode::NotFound)?;
    let now = state.clock.now();
    audit::add(&mut transaction, Actor::Officer(&officer.id), Action::SignInAtDesk, &officer.id, now).await?;
    let (jar, officer) =
        begin(&state, &mut transaction, jar, officer, &PasskeyId::default(), &device(&headers)).await?;
    transaction.commit().await?;
    Ok((jar, Json(answer(&state, Some(officer)).await?)))
}

/// Begins a session with a passkey (an empty id in the demo) and ends the browser's previous one. The caller commits.
pub(super) async fn begin(
    state: &AppState,
    connection: &mut Connection,
    jar: CookieJar,
    officer: api::officers::Officer,
    passkey: &PasskeyId,
    device: &str,
) -> Result<(CookieJar, Officer)> {
    let now = state.clock.now();
    // The previous session of this browser ends, even a colleague's.
    if let Some(before) = jar.get(cookie_name(state)) {
        desk_sessions::end(connection, &secrets::hash(&[before.value()])).await?;
    }
    let token = secrets::session_token();
    let session = secrets::hash(&[&token]);
    desk_sessions::add(connection, &session, &officer.id, now).await?;
    desk_sessions::began_with(connection, &session, passkey, device).await?;
    let passkey = passkey.clone();
    let signed_in = Officer { officer, session, passkey, confirmed: Some(now), ends: now + IDLE };
    Ok((jar.add(cookie(state, token)), signed_in))
}

/// Returns the earliest last activity, and the earliest begin, of a session that is not over.
pub(super) fn hold_after(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - IDLE, now - LASTS)
}

/// Returns the browser's name, by which an officer recognises a session.
pub(super) fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    user_agent::named_by(agent)
}

/// Returns the state of the desk session, for the page.
pub(super) async fn answer(state: &AppState, officer: Option<Officer>) -> Result<DeskSession> {
    let demo_officers = match state.mode {
        Mode::Demo => officers::list(&mut *state.store.read().await?, None).await?,
        Mode::Office => Vec::new(),
    };
    let now = state.clock.now();
    let links = match &officer {
        Some(officer) => {
            let mut connection = state.store.read().await?;
            access_grants::links(&mut connection, officer.id(), Some(&officer.passkey), now - WINDOW).await?
        }
        None => Vec::new(),
    };
    let ends = officer.as_ref().map(|officer| officer.ends);
    Ok(DeskSession { now, officer: officer.map(|officer| officer.officer), ends, links, demo_officers })
}

/// The signed-in officer. Handlers get it from `require_officer`.
#[derive(Clone, Debug)]
pub struct Officer {
    pub officer: api::officers::Officer,
    /// The hash of the session's token.
    pub(super) session: String,
    /// The passkey of the sign-in; empty in the demo.
    pub(super) passkey: PasskeyId,
    /// The time at which a passkey was last shown in the session.
    confirmed: Option<DateTime<Utc>>,
    /// The end of the session without further activity.
    ends: DateTime<Utc>,
}

impl Officer {
    /// Returns the officer's id.
    pub fn id(&self) -> &OfficerId {
        &self.officer.id
    }

    /// Returns the officer as the actor of an audit entry.
    pub fn actor(&self) -> Actor<'_> {
        Actor::Officer(&self.officer.id)
    }

    /// Returns the officer's district.
    pub fn district(&self) -> District {
        self.officer.district
    }

    /// Begins a write transaction for this officer and returns it with its instant. It counts towards the officer's rate limit.
    pub async fn write(&self, state: &AppState) -> Result<(Transaction, DateTime<Utc>)> {
        let mut transaction = state.store.write().await?;
        let now = state.clock.now();
        limits::DESK_CHANGES.take(&mut transaction, self.id(), now).await?;
        // The officer may have signed out or lost access while this transaction waited.
        desk_sessions::find(&mut transaction, &self.session).await?.ok_or(ProblemCode::DeskSignedOut)?;
        Ok((transaction, now))
    }

    /// Does the same as `write` if the officer showed a passkey within the last five minutes. Fails with `ConfirmFirst` otherwise.
    /// The demo has no passkeys, so the sign-in suffices.
    pub async fn write_confirmed(&self, state: &AppState) -> Result<(Transaction, DateTime<Utc>)> {
        let (transaction, now) = self.write(state).await?;
        let is_demo = state.mode == Mode::Demo && self.passkey.is_empty();
        if !is_demo && self.confirmed.is_none_or(|at| at + CONFIRMED_FOR <= now) {
            return Err(Error::new(ProblemCode::ConfirmFirst));
        }
        Ok((transaction, now))
    }

    /// Logs that the officer looks at a list, once per session and quarter of an hour. It runs before the answer, so that nothing
    /// is shown if the log cannot be written.
    pub async fn looked(&self, state: &AppState, action: Action, subject: &str, words: &str) -> Result<()> {
        let now = state.clock.now();
        let session = secrets::session_name(&self.session);
        let what = secrets::hash(&["look", action.code(), subject, words]);
        if limits::is_noted(&mut *state.store.read().await?, session, &what, now).await? {
            return Ok(());
        }
        let mut transaction = state.store.write().await?;
        if limits::is_first(&mut transaction, session, &what, now).await? {
            let entry = Entry { words, ..Entry::of(self.actor(), action, subject) };
            audit::write(&mut transaction, &entry, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Middleware: requires a signed-in officer with at least this role.
pub async fn require_officer(
    State((state, role)): State<(AppState, Role)>,
    jar: CookieJar,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let officer = find(&state, &jar).await?;
    let session = Session::new("officer", secrets::session_name(&officer.session));
    let mut response = if officer.officer.role < role {
        Error::new(ProblemCode::NotAllowed).into_response()
    } else {
        request.extensions_mut().insert(officer);
        next.run(request).await
    };
    response.extensions_mut().insert(session);
    Ok(response)
}

impl<S: Send + Sync> FromRequestParts<S> for Officer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Officer> {
        parts.extensions.get::<Officer>().cloned().ok_or_else(|| Error::new(ProblemCode::DeskSignedOut))
    }
}

/// A session that is not over.
struct Looked {
    officer: Officer,
    began: DateTime<Utc>,
    /// The time of the officer's last activity.
    seen: DateTime<Utc>,
}

async fn look(state: &AppState, jar: &CookieJar) -> Result<Looked> {
    let over = || Error::new(ProblemCode::DeskSignedOut);
    let token = jar.get(cookie_name(state)).ok_or_else(over)?;
    let hash = secrets::hash(&[token.value()]);
    let found = desk_sessions::find(&mut *state.store.read().await?, &hash).await?.ok_or_else(over)?;
    let now = state.clock.now();
    // A session from a clock that was ahead would last until that time.
    let is_ahead = found.seen.max(found.began) > now + AHEAD;
    if is_ahead || found.seen + IDLE <= now || found.began + LASTS <= now {
        return Err(over());
    }
    let ends = (found.seen + IDLE).min(found.began + LASTS);
    Ok(Looked {
        officer: Officer {
            officer: found.officer,
            session: hash,
            passkey: found.passkey,
            confirmed: found.confirmed,
            ends,
        },
        began: found.began,
        seen: found.seen,
    })
}

/// Returns the signed-in officer, and records the activity. Fails with `DeskSignedOut` if there is none.
async fn find(state: &AppState, jar: &CookieJar) -> Result<Officer> {
    let Looked { officer, began, seen } = look(state, jar).await?;
    let now = state.clock.now();
    if now < seen + SEEN_EVERY {
        return Ok(officer);
    }
    let mut transaction = state.store.write().await?;
    desk_sessions::see(&mut transaction, &officer.session, now).await?;
    transaction.commit().await?;
    Ok(Officer { ends: (now + IDLE).min(began + LASTS), ..officer })
}

/// Returns the name of the session cookie; see `applicant/session.rs` on the prefix.
fn cookie_name(state: &AppState) -> &'static str {
    if state.https { "__Host-skranke-desk" } else { "skranke-desk" }
}

fn cookie(state: &AppState, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(state), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(state.https)
        .build()
}

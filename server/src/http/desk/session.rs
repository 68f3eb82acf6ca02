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
    http::{
        applicant::session::{AHEAD, CLEAR_SITE_DATA},
        body::Body,
        error::{Error, Result},
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

/// How long an officer stays signed in who does nothing.
const IDLE: TimeDelta = TimeDelta::minutes(30);

/// How long one stays signed in at most: a working day.
const LASTS: TimeDelta = TimeDelta::hours(12);

/// That somebody is still there is written down no more often than this.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(30);

/// The clock, and who is signed in at the desk. To ask is no work: the session goes on no longer because of it, so that a page can
/// ask when it ends, whatever other pages have done meanwhile.
#[utoipa::path(get, path = "/api/desk/session", responses((status = 200, body = DeskSession)))]
pub async fn show(State(state): State<AppState>, jar: CookieJar) -> Result<Json<DeskSession>> {
    let officer = match look(&state, &jar).await.map(|looked| looked.officer) {
        Ok(officer) => Some(officer),
        Err(Error { code: ProblemCode::DeskSignedOut, .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(Json(answer(&state, officer).await?))
}

/// How long a passkey that was shown counts for what gives or takes access.
const CONFIRMED_FOR: TimeDelta = TimeDelta::minutes(5);

/// Keeps the officer signed in who is asked whether they are still there.
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

/// Signs in without a passkey. The address exists in the demo only.
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

/// Begins a session with a passkey (an empty id in the demo), and ends the one that this browser had. The caller commits.
pub(super) async fn begin(
    state: &AppState,
    connection: &mut Connection,
    jar: CookieJar,
    officer: api::officers::Officer,
    passkey: &PasskeyId,
    device: &str,
) -> Result<(CookieJar, Officer)> {
    let now = state.clock.now();
    // Whoever was signed in here is not any more, also if it was a colleague.
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

/// The instants after which a session that still holds was last used, and after which it began.
pub(super) fn hold_after(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - IDLE, now - LASTS)
}

/// The browser by which an officer will know a session again.
pub(super) fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    user_agent::named_by(agent)
}

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

/// Who is signed in at the desk. Handlers get it from `require_officer`.
#[derive(Clone, Debug)]
pub struct Officer {
    pub officer: api::officers::Officer,
    /// The hash of the session's token.
    pub(super) session: String,
    /// The id of the passkey that it began with; empty in the demo.
    pub(super) passkey: PasskeyId,
    /// When a passkey was last shown in it.
    confirmed: Option<DateTime<Utc>>,
    /// When the session ends if nothing more is done.
    ends: DateTime<Utc>,
}

impl Officer {
    pub fn id(&self) -> &OfficerId {
        &self.officer.id
    }

    /// Returns the officer as the actor of an audit entry.
    pub fn actor(&self) -> Actor<'_> {
        Actor::Officer(&self.officer.id)
    }

    pub fn district(&self) -> District {
        self.officer.district
    }

    /// Begins to write for this officer, and says when.
    pub async fn write(&self, state: &AppState) -> Result<(Transaction, DateTime<Utc>)> {
        let mut transaction = state.store.write().await?;
        let now = state.clock.now();
        limits::DESK_CHANGES.take(&mut transaction, self.id(), now).await?;
        // While this one waited for its turn they may have signed out, or work here no longer.
        desk_sessions::find(&mut transaction, &self.session).await?.ok_or(ProblemCode::DeskSignedOut)?;
        Ok((transaction, now))
    }

    /// Begins to write for this officer like `write`, if they have shown a passkey within the last five minutes. The demo has no
    /// passkeys: there, signing in is enough.
    pub async fn write_confirmed(&self, state: &AppState) -> Result<(Transaction, DateTime<Utc>)> {
        let (transaction, now) = self.write(state).await?;
        let is_demo = state.mode == Mode::Demo && self.passkey.is_empty();
        if !is_demo && self.confirmed.is_none_or(|at| at + CONFIRMED_FOR <= now) {
            return Err(Error::new(ProblemCode::ConfirmFirst));
        }
        Ok((transaction, now))
    }

    /// Writes into the log that this officer has looked at a list, before it is answered: once per session and quarter of an hour. If
    /// the log cannot be written, nothing is shown.
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

/// Lets through who is signed in at the desk and has at least this role.
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
    /// When the officer last did something.
    seen: DateTime<Utc>,
}

async fn look(state: &AppState, jar: &CookieJar) -> Result<Looked> {
    let over = || Error::new(ProblemCode::DeskSignedOut);
    let token = jar.get(cookie_name(state)).ok_or_else(over)?;
    let hash = secrets::hash(&[token.value()]);
    let found = desk_sessions::find(&mut *state.store.read().await?, &hash).await?.ok_or_else(over)?;
    let now = state.clock.now();
    // What a clock wrote that was ahead would last until that day.
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

/// The officer who asks for something, by which their session goes on.
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

/// See `routes/session.rs` on the name.
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

use api::{
    ProblemCode,
    officers::{DemoSignIn, DeskSession, Role},
};
use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, TimeDelta, Utc};
use rules::District;

use crate::{
    counter::{Counter, Mode},
    error::{Error, Result},
    limits,
    routes::{body::Body, session::CLEAR_SITE_DATA},
    secrets,
    store::{Connection, Transaction, desk_sessions, officers},
};

/// How long an officer stays signed in who does nothing.
const IDLE: TimeDelta = TimeDelta::minutes(30);

/// How long one stays signed in at most: a working day.
const LASTS: TimeDelta = TimeDelta::hours(12);

/// That somebody is still there is written down no more often than this.
const SEEN_EVERY: TimeDelta = TimeDelta::seconds(30);

/// The clock, and who is signed in at the desk.
#[utoipa::path(get, path = "/api/desk/session", responses((status = 200, body = DeskSession)))]
pub async fn show(State(counter): State<Counter>, jar: CookieJar) -> Result<Json<DeskSession>> {
    let officer = match find(&counter, &jar).await {
        Ok(officer) => Some(officer),
        Err(Error { code: ProblemCode::DeskSignedOut, .. }) => None,
        Err(error) => return Err(error),
    };
    Ok(Json(answer(&counter, officer).await?))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/desk/session", responses((status = 204)))]
pub async fn end(State(counter): State<Counter>, jar: CookieJar) -> Result<impl IntoResponse> {
    if let Some(token) = jar.get(cookie_name(&counter)) {
        let mut transaction = counter.store.write().await?;
        desk_sessions::end(&mut transaction, &secrets::hash(&[token.value()])).await?;
        transaction.commit().await?;
    }
    let mut gone = cookie(&counter, String::new());
    gone.make_removal();
    Ok((jar.add(gone), CLEAR_SITE_DATA, StatusCode::NO_CONTENT))
}

/// Signs in without a passkey. The address exists in the demo only.
pub async fn begin_demo(
    State(counter): State<Counter>,
    jar: CookieJar,
    Body(asked): Body<DemoSignIn>,
) -> Result<(CookieJar, Json<DeskSession>)> {
    let mut transaction = counter.store.write().await?;
    let officer = officers::find(&mut transaction, &asked.officer).await?.ok_or(ProblemCode::NotFound)?;
    let (jar, officer) = begin(&counter, &mut transaction, jar, officer).await?;
    transaction.commit().await?;
    Ok((jar, Json(answer(&counter, Some(officer)).await?)))
}

/// Begins a session. The caller commits.
pub(super) async fn begin(
    counter: &Counter,
    connection: &mut Connection,
    jar: CookieJar,
    officer: api::officers::Officer,
) -> Result<(CookieJar, Officer)> {
    let now = counter.clock.now();
    let token = secrets::session_token();
    let session = secrets::hash(&[&token]);
    desk_sessions::add(connection, &session, &officer.id, now).await?;
    Ok((jar.add(cookie(counter, token)), Officer { officer, session, ends: now + IDLE }))
}

pub(super) async fn answer(counter: &Counter, officer: Option<Officer>) -> Result<DeskSession> {
    let demo_officers = match counter.mode {
        Mode::Demo => officers::list(&mut *counter.store.read().await?, None).await?,
        Mode::Counter => Vec::new(),
    };
    let ends = officer.as_ref().map(|officer| officer.ends);
    Ok(DeskSession { now: counter.clock.now(), officer: officer.map(|officer| officer.officer), ends, demo_officers })
}

/// Who is signed in at the desk. Handlers get it from `require_officer`.
#[derive(Clone, Debug)]
pub struct Officer {
    pub officer: api::officers::Officer,
    /// The hash of the session's token.
    session: String,
    /// When the session ends if nothing more is done.
    ends: DateTime<Utc>,
}

impl Officer {
    pub fn id(&self) -> &str {
        &self.officer.id
    }

    pub fn district(&self) -> District {
        self.officer.district
    }

    /// Begins to write for this officer, and says when.
    pub async fn write(&self, counter: &Counter) -> Result<(Transaction, DateTime<Utc>)> {
        let mut transaction = counter.store.write().await?;
        let now = counter.clock.now();
        limits::DESK_CHANGES.take(&mut transaction, self.id(), now).await?;
        // While this one waited for its turn they may have signed out, or work here no longer.
        desk_sessions::find(&mut transaction, &self.session).await?.ok_or(ProblemCode::DeskSignedOut)?;
        Ok((transaction, now))
    }
}

/// Lets through who is signed in at the desk and has at least this role.
pub async fn require_officer(
    State((counter, role)): State<(Counter, Role)>,
    jar: CookieJar,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let officer = find(&counter, &jar).await?;
    if officer.officer.role < role {
        return Err(Error::new(ProblemCode::NotAllowed));
    }
    request.extensions_mut().insert(officer);
    Ok(next.run(request).await)
}

impl<S: Send + Sync> FromRequestParts<S> for Officer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Officer> {
        parts.extensions.get::<Officer>().cloned().ok_or_else(|| Error::new(ProblemCode::DeskSignedOut))
    }
}

async fn find(counter: &Counter, jar: &CookieJar) -> Result<Officer> {
    let over = || Error::new(ProblemCode::DeskSignedOut);
    let token = jar.get(cookie_name(counter)).ok_or_else(over)?;
    let hash = secrets::hash(&[token.value()]);
    let found = desk_sessions::find(&mut *counter.store.read().await?, &hash).await?.ok_or_else(over)?;
    let now = counter.clock.now();
    if found.seen + IDLE <= now || found.began + LASTS <= now {
        return Err(over());
    }
    if found.seen + SEEN_EVERY <= now {
        let mut transaction = counter.store.write().await?;
        desk_sessions::see(&mut transaction, &hash, now).await?;
        transaction.commit().await?;
    }
    Ok(Officer { officer: found.officer, session: hash, ends: (now + IDLE).min(found.began + LASTS) })
}

/// See `routes/session.rs` on the name.
fn cookie_name(counter: &Counter) -> &'static str {
    if counter.https { "__Host-skranke-desk" } else { "skranke-desk" }
}

fn cookie(counter: &Counter, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(counter), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(counter.https)
        .build()
}

//! The applicant's session: sign-in with a code, extension and end, and the extractor `Applicant`.

use api::ids::PersonId;
use api::{
    ProblemCode,
    session::{Person, Session, SignIn},
};
use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rules::notice::Language;

use crate::http::{
    applicant::sign_in_codes::{address, ask_of, known_cookie, known_of, new_ask_cookie},
    body::Body,
};
use crate::{
    error::{Error, Result},
    http::{client_ip::Caller, log::Session as LogSession},
    messages::CODE_LASTS,
    secrets,
    services::limits::{self, Limit},
    state::{AppState, Mode},
    store::{
        Connection, Transaction,
        audit::{self, Action, Actor},
        known_browsers, persons, sessions, sign_in_codes,
    },
    text::user_agent,
};

/// Length of a session after sign-in, and after each extension.
const LASTS: TimeDelta = TimeDelta::hours(4);

/// Maximum length of a session.
const LASTS_AT_MOST: TimeDelta = TimeDelta::hours(12);

/// Maximum difference between the clocks of two servers. A session that begins later than that was made by a wrong clock.
pub(in crate::http) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Returns the server's clock and the signed-in person.
#[utoipa::path(get, path = "/api/session", responses((status = 200, body = Session)))]
pub async fn show(State(state): State<AppState>, jar: CookieJar) -> Result<Json<Session>> {
    let applicant = match find(&state, &jar).await {
        Ok(applicant) => Some(applicant),
        Err(Error { code: ProblemCode::NotSignedIn | ProblemCode::SessionOver, .. }) => None,
        // The answer is unknown, which is not the same as signed out.
        Err(error) => return Err(error),
    };
    Ok(Json(session(&state, applicant)))
}

/// Extends the session by its full length, up to its maximum.
#[utoipa::path(
    post,
    path = "/api/session/keep",
    responses((status = 200, body = Session), (status = 401, body = api::Problem))
)]
pub async fn keep(State(state): State<AppState>, applicant: Applicant) -> Result<Json<Session>> {
    let (mut transaction, now) = applicant.write(&state).await?;
    // The database stores whole seconds.
    let ends = (now.trunc_subsecs(0) + LASTS).min(applicant.ends_at_last);
    sessions::extend(&mut transaction, &applicant.session, ends).await?;
    transaction.commit().await?;
    Ok(Json(session(&state, Some(Applicant { ends, ..applicant }))))
}

/// Signs in with the code from the e-mail.
#[utoipa::path(
    put,
    path = "/api/session",
    request_body = SignIn,
    responses((status = 200, body = Session), (status = 422, body = api::Problem))
)]
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    jar: CookieJar,
    Body(asked): Body<SignIn>,
) -> Result<(CookieJar, Json<Session>)> {
    let email = address(&asked.email)?.to_string();
    let typed: String = asked.code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = state.clock.now();
    let mut transaction = state.store.write().await?;
    let asked_by = ask_of(&state, &jar).map(|token| secrets::hash(&[&token]));
    let code = match &asked_by {
        Some(ask) => sign_in_codes::take_try(&mut transaction, ask, &email, now, now + CODE_LASTS + AHEAD).await?,
        None => None,
    };
    // A live code has its own tries. Only requests without one count here, so that nobody can use up another person's tries.
    let Some(code) = code else {
        limits::SIGN_INS.take(&mut transaction, &caller.0, now).await?;
        let why = if asked_by.is_some() { ProblemCode::CodeOver } else { ProblemCode::CodeElsewhere };
        note_failure(&mut transaction, &caller, &email, now).await?;
        transaction.commit().await?;
        return Err(Error::at(why, "code"));
    };
    if !secrets::same(&code.hash, &secrets::hash(&[&code.id, &typed])) {
        limits::WRONG_CODES.allows(&mut transaction, &caller.0, now).await?;
        // The commit keeps the used try.
        note_failure(&mut transaction, &caller, &email, now).await?;
        transaction.commit().await?;
        return Err(Error::at(ProblemCode::CodeWrong, "code"));
    }
    sign_in_codes::end(&mut transaction, &code.id).await?;
    // The previous session of this browser ends, even another person's.
    if let Some(before) = jar.get(cookie_name(&state)) {
        sessions::end(&mut transaction, &secrets::hash(&[before.value()])).await?;
    }
    let language = asked.language.unwrap_or(Language::Nb);
    let person = persons::find_or_add(&mut transaction, &email, language, now).await?;
    let token = secrets::session_token();
    let hash = secrets::hash(&[&token]);
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    sessions::add(&mut transaction, &hash, &person, &user_agent::named_by(agent), now, now + LASTS).await?;
    audit::add(&mut transaction, Actor::Applicant(&person), Action::SignIn, &person, now).await?;
    let added = sessions::find(&mut transaction, &hash).await?.ok_or(ProblemCode::SessionOver)?;
    let (known_before, known) = (known_of(&state, &jar), secrets::session_token());
    let known_before = known_before.map(|token| secrets::hash(&[&token]));
    let known_hash = secrets::hash(&[&known]);
    known_browsers::learn(&mut transaction, known_before.as_deref(), &known_hash, &email, now).await?;
    transaction.commit().await?;
    let answer = session(&state, Some(Applicant::of(added, hash)));
    let jar = jar.add(cookie(&state, token)).add(known_cookie(&state, known)).add(new_ask_cookie(&state));
    Ok((jar, Json(answer)))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", responses((status = 204)))]
pub async fn end(State(state): State<AppState>, jar: CookieJar) -> Result<impl IntoResponse> {
    if let Some(token) = jar.get(cookie_name(&state)) {
        let mut transaction = state.store.write().await?;
        let hash = secrets::hash(&[token.value()]);
        if let Some(session) = sessions::find(&mut transaction, &hash).await? {
            sessions::end(&mut transaction, &hash).await?;
            let now = state.clock.now();
            audit::add(&mut transaction, Actor::Applicant(&session.person), Action::SignOut, &session.person, now)
                .await?;
            transaction.commit().await?;
        }
    }
    Ok((jar.add(no_cookie(&state)), CLEAR_SITE_DATA, StatusCode::NO_CONTENT))
}

/// Logs a failed sign-in: for the person with this address, or once per network and quarter of an hour if there is none. The
/// address is not stored.
async fn note_failure(connection: &mut Connection, caller: &Caller, email: &str, now: DateTime<Utc>) -> Result<()> {
    let person = persons::find(connection, email).await?;
    if person.is_none() && !limits::is_first(connection, &caller.0, "sign-in-failed", now).await? {
        return Ok(());
    }
    let person = person.unwrap_or_default();
    Ok(audit::add(connection, Actor::Unknown, Action::SignInFailed, &person, now).await?)
}

/// Header that clears the storage and the cache of the site in every tab. Cookies stay: the session cookie is removed by name, and
/// the language is no secret.
pub(in crate::http) const CLEAR_SITE_DATA: [(HeaderName, HeaderValue); 1] =
    [(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""))];

/// Returns the cookie that removes the session cookie.
pub(super) fn no_cookie(state: &AppState) -> Cookie<'static> {
    let mut gone = cookie(state, String::new());
    gone.make_removal();
    gone
}

/// The signed-in applicant. Handlers get it from `require_applicant`.
#[derive(Clone, Debug)]
pub struct Applicant {
    pub person: PersonId,
    pub email: String,
    pub language: Language,
    pub phone: Option<String>,
    /// The hash of the session's token.
    pub session: String,
    /// When the session ends.
    pub ends: DateTime<Utc>,
    /// The latest time to which it can be extended.
    pub ends_at_last: DateTime<Utc>,
}

impl Applicant {
    fn of(found: sessions::Session, session: String) -> Applicant {
        let sessions::Session { person, email, language, phone, began, expires } = found;
        let ends_at_last = began + LASTS_AT_MOST;
        Applicant { person, email, language, phone, session, ends: expires.min(ends_at_last), ends_at_last }
    }

    /// Begins a write transaction for this person and returns it with its instant. It counts towards the person's rate limit, and
    /// it serialises with their other writes, so that what it reads about them stays true until it ends.
    pub async fn write(&self, state: &AppState) -> Result<(Transaction, DateTime<Utc>)> {
        self.write_within(state, &limits::CHANGES).await
    }

    /// Does the same with another rate limit, which also serialises separately.
    pub async fn write_within(&self, state: &AppState, limit: &Limit) -> Result<(Transaction, DateTime<Utc>)> {
        let mut transaction = state.store.write().await?;
        let now = state.clock.now();
        limit.take(&mut transaction, &self.person, now).await?;
        // The person may have signed out or deleted the account while this transaction waited.
        sessions::find(&mut transaction, &self.session).await?.ok_or(ProblemCode::SessionOver)?;
        Ok((transaction, now))
    }
}

/// Middleware: requires a signed-in applicant.
pub async fn require_applicant(
    State(state): State<AppState>,
    jar: CookieJar,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let applicant = find(&state, &jar).await?;
    let session = LogSession::new("applicant", secrets::session_name(&applicant.session));
    request.extensions_mut().insert(applicant);
    let mut response = next.run(request).await;
    response.extensions_mut().insert(session);
    Ok(response)
}

impl<S: Send + Sync> FromRequestParts<S> for Applicant {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Applicant> {
        parts.extensions.get::<Applicant>().cloned().ok_or_else(|| Error::new(ProblemCode::NotSignedIn))
    }
}

async fn find(state: &AppState, jar: &CookieJar) -> Result<Applicant> {
    let token = jar.get(cookie_name(state)).ok_or(ProblemCode::NotSignedIn)?;
    let hash = secrets::hash(&[token.value()]);
    let mut connection = state.store.read().await?;
    match sessions::find(&mut connection, &hash).await? {
        Some(session) => {
            let (now, began) = (state.clock.now(), session.began);
            let applicant = Applicant::of(session, hash);
            if began > now + AHEAD || applicant.ends <= now {
                return Err(Error::new(ProblemCode::SessionOver));
            }
            Ok(applicant)
        }
        None => Err(Error::new(ProblemCode::SessionOver)),
    }
}

fn session(state: &AppState, applicant: Option<Applicant>) -> Session {
    let ends = applicant.as_ref().map(|applicant| applicant.ends);
    let ends_at_last = applicant.as_ref().map(|applicant| applicant.ends_at_last);
    let person = applicant.map(|one| Person { email: one.email, language: one.language, phone: one.phone });
    Session { now: state.clock.now(), demo: state.mode == Mode::Demo, person, ends, ends_at_last }
}

/// Returns the name of the session cookie. `__Host-` binds a cookie to this host and to https. Browsers refuse that name on plain
/// http, which only the loopback address uses.
fn cookie_name(state: &AppState) -> &'static str {
    if state.https { "__Host-skranke" } else { "skranke" }
}

fn cookie(state: &AppState, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(state), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(state.https)
        .build()
}

//! The applicant's account: profile, sessions, data export and deletion.

use api::{
    ProblemCode,
    account::{Leaving, MyData},
    messages::Kind,
    session::{Change, Person, SignedIn},
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Months, NaiveDate, Utc};
use rules::Channel;

use crate::{
    error::{Error, Result},
    http::{
        applicant::session::{self, Applicant},
        body::Body,
    },
    messages::TemplateValues,
    services::{
        booking::{self, as_of},
        phone,
    },
    state::AppState,
    store::{
        Connection, appointments,
        audit::{self, Action, Actor},
        cases, documents, messages,
        outbox::{self, Anew, Waiting},
        persons, receipts, sessions,
    },
};

/// Changes the language of messages, or the phone number.
#[utoipa::path(
    patch,
    path = "/api/account",
    request_body = Change,
    responses((status = 200, body = Person), (status = 422, body = api::Problem))
)]
pub async fn change(
    State(state): State<AppState>,
    applicant: Applicant,
    Body(asked): Body<Change>,
) -> Result<Json<Person>> {
    let asked_phone = match asked.phone.as_deref().map(str::trim) {
        None => None,
        Some("") => Some(None),
        Some(typed) => Some(Some(phone::parse(typed)?)),
    };
    let (mut transaction, now) = applicant.write(&state).await?;
    // Absent fields keep their stored value, which another window may have changed since this request began.
    let known = sessions::find(&mut transaction, &applicant.session).await?.ok_or(ProblemCode::SessionOver)?;
    let phone = asked_phone.unwrap_or_else(|| known.phone.clone());
    let language = asked.language.unwrap_or(known.language);
    let differs = phone != known.phone || language != known.language;
    let applicant = Applicant { language, phone, ..applicant };
    if differs {
        persons::change(&mut transaction, &applicant.person, language, applicant.phone.as_deref()).await?;
        write_anew(&state, &mut transaction, &applicant, now).await?;
    }
    if applicant.phone != known.phone {
        audit::add(&mut transaction, Actor::Applicant(&applicant.person), Action::ChangePhone, &applicant.person, now)
            .await?;
    }
    transaction.commit().await?;
    Ok(Json(Person { email: applicant.email, language, phone: applicant.phone }))
}

/// Rewrites the pending messages of a person for their new address and language.
async fn write_anew(
    state: &AppState,
    connection: &mut Connection,
    applicant: &Applicant,
    now: DateTime<Utc>,
) -> Result<()> {
    for waiting in outbox::waiting(connection, &applicant.person, now).await? {
        let found = appointments::find(connection, &applicant.person, &waiting.about.as_str().into()).await?;
        let Some(appointment) = found else {
            readdress(state, connection, applicant, &waiting, now).await?;
            continue;
        };
        let before = match waiting.kind {
            Kind::Moved => appointments::moved_from(connection, &appointment.id).await?,
            _ => None,
        };
        let values = TemplateValues { before, ..TemplateValues::appointment(&appointment) };
        let to = applicant.party().to;
        let anew = booking::message(&state.templates, to, waiting.kind, &appointment, &values, now)?;
        outbox::rewrite(connection, &waiting.id, &anew, now).await?;
    }
    Ok(())
}

/// Readdresses a pending message that is not about an appointment. Its text stays: it contains an officer's words, which are stored
/// nowhere else, in both languages. An e-mail stays unchanged. An SMS goes to the new number, or by e-mail without one.
async fn readdress(
    state: &AppState,
    connection: &mut Connection,
    applicant: &Applicant,
    waiting: &Waiting,
    now: DateTime<Utc>,
) -> Result<()> {
    if waiting.channel != Channel::Sms {
        return Ok(());
    }
    let subject;
    let anew = match applicant.phone.as_deref() {
        Some(phone) => Anew { channel: Channel::Sms, address: phone, subject: "", body: &waiting.body, sms: "" },
        None => {
            subject = state.templates.plain_subject(waiting.kind, applicant.language)?;
            Anew { channel: Channel::Email, address: &applicant.email, subject: &subject, body: &waiting.body, sms: "" }
        }
    };
    outbox::rewrite(connection, &waiting.id, anew, now).await?;
    Ok(())
}

/// Returns the applicant's current sessions.
#[utoipa::path(get, path = "/api/account/sessions", responses((status = 200, body = [SignedIn])))]
pub async fn list_sessions(State(state): State<AppState>, applicant: Applicant) -> Result<Json<Vec<SignedIn>>> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    Ok(Json(sessions::of_person(&mut connection, &applicant.person, &applicant.session, now).await?))
}

/// Ends another session of the applicant.
#[utoipa::path(
    delete,
    path = "/api/account/sessions/{id}",
    params(("id" = String, Path)),
    responses((status = 204))
)]
pub async fn end_session(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let (mut transaction, _) = applicant.write(&state).await?;
    sessions::end_of_person(&mut transaction, &applicant.person, &id).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns all data stored about the applicant, as a file.
#[utoipa::path(get, path = "/api/account/data", responses((status = 200, body = MyData)))]
pub async fn data(State(state): State<AppState>, applicant: Applicant) -> Result<Response> {
    let now = state.clock.now();
    // A snapshot, so that all parts are of one instant.
    let mut snapshot = state.store.snapshot().await?;
    let cases = cases::list(&mut snapshot, &applicant.person, now).await?;
    let (mut all_receipts, mut all_documents) = (Vec::new(), Vec::new());
    for case in &cases {
        all_documents.extend(documents::of_case(&mut snapshot, &case.id).await?);
        all_receipts.extend(receipts::of_case(&mut snapshot, &case.id).await?);
    }
    let all_appointments = appointments::of_person(&mut snapshot, &applicant.person).await?;
    let data = MyData {
        made: now,
        cases,
        appointments: all_appointments.into_iter().map(|appointment| as_of(appointment, now)).collect(),
        receipts: all_receipts,
        documents: all_documents,
        messages: messages::of_person(&mut snapshot, &applicant.person).await?,
        sessions: sessions::of_person(&mut snapshot, &applicant.person, &applicant.session, now).await?,
        person: Person { email: applicant.email, language: applicant.language, phone: applicant.phone },
    };
    let disposition = HeaderValue::from_static("attachment; filename=\"skranke.json\"");
    Ok(([(header::CONTENT_DISPOSITION, disposition)], Json(data)).into_response())
}

/// Returns the retention date that a deletion of the account would have now.
#[utoipa::path(get, path = "/api/account/leaving", responses((status = 200, body = Leaving)))]
pub async fn leaving(State(state): State<AppState>, _: Applicant) -> Json<Leaving> {
    Json(Leaving { kept_until: kept_until(&state, state.clock.now()) })
}

/// Deletes the account. The cases stay until the retention date, without the person's address. Fails while an appointment is
/// booked.
#[utoipa::path(
    delete,
    path = "/api/account",
    responses((status = 200, body = Leaving), (status = 409, body = api::Problem, description = "Still booked"))
)]
pub async fn delete(State(state): State<AppState>, applicant: Applicant, jar: CookieJar) -> Result<impl IntoResponse> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let cases = cases::list(&mut transaction, &applicant.person, now).await?;
    if cases.iter().any(|case| case.appointment.is_some()) {
        return Err(Error::new(ProblemCode::StillBooked));
    }
    let kept_until = kept_until(&state, now);
    persons::empty(&mut transaction, &applicant.person, &applicant.email, kept_until).await?;
    audit::add(&mut transaction, Actor::Applicant(&applicant.person), Action::DeleteAccount, &applicant.person, now)
        .await?;
    transaction.commit().await?;
    Ok((jar.add(session::no_cookie(&state)), session::CLEAR_SITE_DATA, Json(Leaving { kept_until })))
}

fn kept_until(state: &AppState, now: DateTime<Utc>) -> NaiveDate {
    let today = rules::day::in_oslo(now);
    today.checked_add_months(Months::new(12 * state.keep_years)).unwrap_or(NaiveDate::MAX)
}

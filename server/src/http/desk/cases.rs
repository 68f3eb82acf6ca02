//! Help by phone: search, a case with everything about it, booking and cancelling for its applicant.

use api::ids::{AppointmentId, CaseId};
use api::{
    ProblemCode,
    appointments::{Appointment, CancelledBy},
    by_phone::{BookByPhone, CancelByOffice, Decided, DeskCase, Found, OpenCase, Search},
    cases::{Case, Times},
    situation::Situation,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use rules::{Outcome, text::is_direction_mark};

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    http::{
        applicant::messages::masked,
        body::Body,
        idempotency::{Key, Once},
    },
    messages::Recipient,
    services::{
        audit_chain::code_of,
        booking::{self, Checked, Party, Purpose, as_of, check_booking},
        phone,
    },
    state::AppState,
    store::{
        Connection, appointments,
        audit::{self, Action, Entry},
        cases::{self, Person},
        locks::{self, Lock},
        messages, persons, receipts, records, situations,
    },
};

/// Searches the cases of the district. The audit log gets the number of results and a keyed hash of the query.
#[utoipa::path(
    post,
    path = "/api/desk/search",
    request_body = Search,
    responses((status = 200, body = [Found]), (status = 422, body = api::Problem))
)]
pub async fn search(
    State(state): State<AppState>,
    officer: Officer,
    Body(asked): Body<Search>,
) -> Result<Json<Vec<Found>>> {
    let words = asked.words.trim();
    if !(2..=100).contains(&words.chars().count()) {
        let detail = "Write from 2 to 100 characters.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "words") });
    }
    let (mut transaction, now) = officer.write(&state).await?;
    let found = cases::search(&mut transaction, officer.district(), words, now).await?;
    // The log holds no names and references. The keyed hash shows whether a certain name was searched for.
    let said = format!("{}, {}", found.len(), code_of(&state.documents.house_key, words)?);
    let entry = Entry { words: &said, ..Entry::of(officer.actor(), Action::Search, "") };
    audit::write(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    Ok(Json(found))
}

/// Returns a case of the district with its applicant, appointments, messages and decisions. The access is logged.
#[utoipa::path(
    get,
    path = "/api/desk/cases/{case}",
    params(("case" = String, Path)),
    responses((status = 200, body = DeskCase), (status = 404, body = api::Problem))
)]
pub async fn show(State(state): State<AppState>, officer: Officer, Path(id): Path<CaseId>) -> Result<Json<DeskCase>> {
    let (mut transaction, now) = officer.write(&state).await?;
    let whole = whole(&mut transaction, &officer, &id, now).await?;
    audit::add(&mut transaction, officer.actor(), Action::LookAtCase, &id, now).await?;
    transaction.commit().await?;
    Ok(Json(whole))
}

/// Opens a registered case that is in no account, so that an officer can help its applicant by phone. The applicant can add it to
/// an account later.
#[utoipa::path(
    post,
    path = "/api/desk/cases",
    request_body = OpenCase,
    responses((status = 200, body = DeskCase), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn open(
    State(state): State<AppState>,
    officer: Officer,
    Body(asked): Body<OpenCase>,
) -> Result<Json<DeskCase>> {
    let phone = match asked.phone.as_deref().map(str::trim).filter(|phone| !phone.is_empty()) {
        Some(typed) => Some(phone::parse(typed)?),
        None => None,
    };
    let (mut transaction, now) = officer.write(&state).await?;
    let found = records::find(&mut transaction, asked.reference.trim()).await?;
    let (case, _) = found
        .filter(|(case, _)| case.district == officer.district())
        .ok_or_else(|| Error::new(ProblemCode::NotFound))?;
    let id = match cases::by_reference(&mut transaction, &case.reference).await? {
        // The case was opened or added a moment ago.
        Some((id, _)) => id,
        None => {
            let person = persons::add_at_desk(&mut transaction, asked.language, phone.as_deref(), now).await?;
            if !cases::add(&mut transaction, &person, &case).await? {
                return Err(Error::new(ProblemCode::Unavailable));
            }
            audit::add(&mut transaction, officer.actor(), Action::OpenCase, &case.id, now).await?;
            case.id
        }
    };
    let whole = whole(&mut transaction, &officer, &id, now).await?;
    transaction.commit().await?;
    Ok(Json(whole))
}

/// Returns a case of the officer's district with everything that an officer sees of it.
pub(super) async fn whole(
    connection: &mut Connection,
    officer: &Officer,
    id: &CaseId,
    now: DateTime<Utc>,
) -> Result<DeskCase> {
    let (case, person) = find(connection, officer, id, now).await?;
    let all = appointments::of_case(connection, id).await?.into_iter().map(|one| as_of(one, now)).collect();
    let mut written = messages::of_case(connection, id).await?;
    for message in &mut written {
        message.address = masked(&message.address, message.channel);
    }
    let decisions = receipts::of_case(connection, id).await?.into_iter().rev();
    let decisions = decisions.map(|one| Decided { receipt: one.id, made: one.made, decision: one.decision }).collect();
    let critical = match &case.appointment {
        Some(booked) => appointments::critical(connection, &booked.id).await?,
        None => None,
    };
    let Person { email, phone, language, .. } = person;
    Ok(DeskCase { case, email, phone, language, critical, appointments: all, messages: written, decisions })
}

/// Returns the free slots for a case, as its applicant sees them.
#[utoipa::path(
    get,
    path = "/api/desk/cases/{case}/times",
    params(("case" = String, Path)),
    responses((status = 200, body = Times), (status = 404, body = api::Problem))
)]
pub async fn times(State(state): State<AppState>, officer: Officer, Path(id): Path<CaseId>) -> Result<Json<Times>> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    let (case, _) = find(&mut connection, &officer, &id, now).await?;
    Ok(Json(booking::times(&mut connection, case, now).await?))
}

/// Stores the statements of an applicant who is on the phone.
#[utoipa::path(
    put,
    path = "/api/desk/cases/{case}/situation",
    params(("case" = String, Path)),
    request_body = Situation,
    responses((status = 200, body = Case), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn tell(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<CaseId>,
    Body(situation): Body<Situation>,
) -> Result<Json<Case>> {
    let (mut transaction, now) = officer.write(&state).await?;
    let (mut case, person) = find(&mut transaction, &officer, &id, now).await?;
    locks::acquire(&mut transaction, Lock::Person(&person.id), now).await?;
    situations::set(&mut transaction, &id, &situation, now).await?;
    audit::add(&mut transaction, officer.actor(), Action::Tell, &id, now).await?;
    transaction.commit().await?;
    case.situation = Some(situation);
    Ok(Json(case))
}

/// Books a slot for a person on the phone, if the rules allow it or leave it to the phone.
#[utoipa::path(
    post,
    path = "/api/desk/appointments",
    request_body = BookByPhone,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Appointment),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "Refused by the rules, or the time is taken"),
        (status = 422, body = api::Problem, description = "The reason is missing")
    )
)]
pub async fn book(
    State(state): State<AppState>,
    officer: Officer,
    key: Key,
    Body(asked): Body<BookByPhone>,
) -> Result<Response> {
    let once = Once::new(key, officer.id(), "desk/appointments", &asked)?;
    let (mut transaction, now) = officer.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let (_, person) = find(&mut transaction, &officer, &asked.case, now).await?;
    // The lock serialises with the applicant's own writes, so that the case stays as it is read until the end.
    locks::acquire(&mut transaction, Lock::Person(&person.id), now).await?;
    let (case, person) = find(&mut transaction, &officer, &asked.case, now).await?;
    let reason = asked.reason.trim();
    let policy = state.policy_at(now);
    let ready = match check_booking(&policy, &mut transaction, case, &asked.slot, Purpose::ByPhone, now).await? {
        Checked::Allowed(ready) => ready,
        Checked::Refused(decision) => {
            let refusal = once.refused(&mut transaction, *decision, None, now).await?;
            transaction.commit().await?;
            return Err(refusal);
        }
    };
    let is_critical = ready.decision.outcome == Outcome::ByPhone;
    if is_critical && reason.is_empty() {
        return Err(Error::at(ProblemCode::ReasonMissing, "reason"));
    }
    written_down(reason)?;
    let party = Party { actor: officer.actor(), to: recipient(&person), critical: is_critical.then_some(reason) };
    let appointment = booking::book(&state.templates, &mut transaction, party, *ready, None, now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &appointment, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Cancels an appointment for the office and tells its applicant by the channel that the notice promises.
#[utoipa::path(
    post,
    path = "/api/desk/appointments/{id}/cancel",
    params(("id" = String, Path)),
    request_body = CancelByOffice,
    responses(
        (status = 200, body = Appointment),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It has begun, is over or is cancelled"),
        (status = 422, body = api::Problem, description = "The reason is missing")
    )
)]
pub async fn cancel(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<AppointmentId>,
    Body(asked): Body<CancelByOffice>,
) -> Result<Json<Appointment>> {
    let reason = asked.reason.trim();
    if reason.is_empty() {
        return Err(Error::at(ProblemCode::ReasonMissing, "reason"));
    }
    written_down(reason)?;
    let (mut transaction, now) = officer.write(&state).await?;
    let mut appointment =
        appointments::find_in(&mut transaction, officer.district(), &id).await?.ok_or(ProblemCode::NotFound)?;
    let (_, person) = find(&mut transaction, &officer, &appointment.case, now).await?;
    locks::acquire(&mut transaction, Lock::Person(&person.id), now).await?;
    let party = Party { actor: officer.actor(), to: recipient(&person), critical: None };
    let by = (CancelledBy::Office, reason);
    if appointment.starts <= now
        || !booking::cancel(&state.templates, &mut transaction, party, &mut appointment, by, now).await?
    {
        return Err(Error::new(ProblemCode::AppointmentOver));
    }
    transaction.commit().await?;
    Ok(Json(appointment))
}

/// Refuses a reason that is too long or contains direction marks.
fn written_down(reason: &str) -> Result<()> {
    const MOST: usize = 500;
    if reason.chars().count() > MOST {
        let detail = format!("Write at most {MOST} characters.");
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "reason") });
    }
    without_marks("reason", reason)
}

/// Refuses direction marks, which would reorder the text around them on the page and in messages.
pub(super) fn without_marks(field: &str, text: &str) -> Result<()> {
    if text.contains(is_direction_mark) {
        let detail = "The text holds an invisible mark that turns the direction of writing. Type it anew.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, field) });
    }
    Ok(())
}

fn recipient(person: &Person) -> Recipient<'_> {
    Recipient { language: person.language, email: &person.email, phone: person.phone.as_deref() }
}

/// Returns a case of the officer's district. Fails with `NotFound` for any other.
async fn find(
    connection: &mut Connection,
    officer: &Officer,
    id: &CaseId,
    now: DateTime<Utc>,
) -> Result<(Case, Person)> {
    cases::find_in(connection, officer.district(), id, now).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

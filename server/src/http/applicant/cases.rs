//! Cases of an applicant: the list, adding a registered one, its free slots, and the applicant's statements.

use std::time::Duration;

use api::{
    ProblemCode,
    cases::{AddCase, Case, TellWork, Times},
    ids::CaseId,
    messages::Kind,
    receipts::Receipt,
    situation::Situation,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};

use crate::http::{
    applicant::session::Applicant,
    body::Body,
    idempotency::{Key, Once},
};
use crate::{
    error::{Error, Result},
    http::client_ip::{Caller, Neighbourhood},
    messages::{self, Recipient, Subject, TemplateValues},
    secrets,
    services::{booking, limits, register},
    state::AppState,
    store::{
        Connection, Transaction,
        audit::{self, Action, Actor},
        cases, outbox, persons, receipts, records, situations, works,
    },
};

/// Returns the applicant's cases.
#[utoipa::path(get, path = "/api/cases", responses((status = 200, body = [Case]), (status = 401, body = api::Problem)))]
pub async fn list(State(state): State<AppState>, applicant: Applicant) -> Result<Json<Vec<Case>>> {
    let mut connection = state.store.read().await?;
    Ok(Json(cases::list(&mut connection, &applicant.person, state.clock.now()).await?))
}

/// Returns one case of the applicant, as in the list.
#[utoipa::path(
    get,
    path = "/api/cases/{case}",
    params(("case" = String, Path)),
    responses((status = 200, body = Case), (status = 404, body = api::Problem))
)]
pub async fn show(State(state): State<AppState>, applicant: Applicant, Path(id): Path<CaseId>) -> Result<Json<Case>> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    let case = find(&mut connection, &applicant, &id, now).await?;
    Ok(Json(cases::with_lost(&mut connection, case, now).await?))
}

/// Stores the applicant's statements about themselves. The rules use them until they are replaced.
#[utoipa::path(
    put,
    path = "/api/cases/{case}/situation",
    params(("case" = String, Path)),
    request_body = Situation,
    responses((status = 200, body = Case), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn tell(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<CaseId>,
    Body(situation): Body<Situation>,
) -> Result<Json<Case>> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let mut case = find(&mut transaction, &applicant, &id, now).await?;
    situations::set(&mut transaction, &case.id, &situation, now).await?;
    audit::add(&mut transaction, Actor::Applicant(&applicant.person), Action::Tell, &case.id, now).await?;
    transaction.commit().await?;
    case.situation = Some(situation);
    Ok(Json(case))
}

/// Adds a registered case to the account. Reference, day of birth and, if the office's letter has one, the code must match the
/// register. A case of another account gets the same answer as an unknown one.
#[utoipa::path(
    post,
    path = "/api/cases",
    request_body = AddCase,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Case),
        (status = 200, body = Case, description = "It is with this account already"),
        (status = 422, body = api::Problem, description = "There is no such case, or not for this account"),
        (status = 429, body = api::Problem, description = "Too many wrong tries")
    )
)]
pub async fn add(
    State(state): State<AppState>,
    applicant: Applicant,
    caller: Caller,
    neighbourhood: Neighbourhood,
    key: Key,
    Body(asked): Body<AddCase>,
) -> Result<Response> {
    let answer_at = tokio::time::Instant::now() + UNKNOWN_AFTER;
    let answer = add_if_right(&state, &applicant, &caller, &neighbourhood, key, &asked).await;
    if answer.as_ref().is_err_and(|error| error.code == ProblemCode::CaseUnknown) {
        tokio::time::sleep_until(answer_at).await;
    }
    answer
}

/// Response time of a refused request. It is constant, so that it does not reveal whether the case exists.
const UNKNOWN_AFTER: Duration = Duration::from_millis(250);

async fn add_if_right(
    state: &AppState,
    applicant: &Applicant,
    caller: &Caller,
    neighbourhood: &Neighbourhood,
    key: Key,
    asked: &AddCase,
) -> Result<Response> {
    let once = Once::new(key, &applicant.person, "cases", asked)?;
    let (mut transaction, now) = applicant.write(state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    limits::CASES.take(&mut transaction, &applicant.person, now).await?;
    let reference = register::reference(&asked.reference);
    let of_reference = state.counting_key.hash(&["reference", &reference]);
    let wrong = [
        (limits::WRONG_CASES, applicant.person.as_str()),
        (limits::WRONG_CASES_OF_NETWORK, caller.0.as_str()),
        (limits::WRONG_CASES_OF_NEIGHBOURHOOD, neighbourhood.0.as_str()),
        (limits::WRONG_CASES_OF_REFERENCE, of_reference.as_str()),
    ];
    // The try is counted before the lookup and given back on success, so that concurrent requests get no extra tries.
    let mut may_guess = true;
    for (limit, who) in &wrong {
        may_guess = may_guess && limit.allows(&mut transaction, who, now).await?;
    }
    let code = asked.code.as_deref().filter(|code| !code.trim().is_empty());
    let code = code.map(|code| register::letter_code_hash(&reference, code));
    let case = records::find(&mut transaction, &reference).await?.and_then(|(case, proof)| {
        let is_born = asked.born == proof.born;
        let is_proven = match (&proof.letter_code, &code) {
            // A code cannot be guessed, so a correct one is accepted above the limits too.
            (Some(right), Some(typed)) => is_born && secrets::same(right, typed),
            (Some(_), None) => false,
            (None, _) => is_born && may_guess,
        };
        is_proven.then_some(case)
    });
    let given = match case {
        Some(case) => give(state, &mut transaction, applicant, case, now).await?,
        None => None,
    };
    let Some((status, case)) = given else {
        // The commit keeps the count of the failed try.
        transaction.commit().await?;
        state.outbox.urgent.notify_waiters();
        return Err(match may_guess || code.is_some() {
            true => Error::at(ProblemCode::CaseUnknown, "reference"),
            false => Error {
                field: Some("reference".to_owned()),
                ..limits::WRONG_CASES.over(ProblemCode::CaseTriedTooOften, now)
            },
        });
    };
    if may_guess {
        for (limit, who) in &wrong {
            limit.give_back(&mut transaction, who).await?;
        }
    }
    let answer = once.done(&mut transaction, status, &case, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Adds a case to the applicant's account and returns it; `None` if it is in another account, whose owner is then told.
async fn give(
    state: &AppState,
    transaction: &mut Transaction,
    applicant: &Applicant,
    case: Case,
    now: DateTime<Utc>,
) -> Result<Option<(StatusCode, Case)>> {
    let reference = case.reference.clone();
    let case = if cases::add(transaction, &applicant.person, &case).await? {
        case
    } else if let Some(id) = cases::take_over(transaction, &applicant.person, &reference).await? {
        persons::forget_at_desk(transaction).await?;
        find(transaction, applicant, &id, now).await?
    } else {
        return match cases::by_reference(transaction, &reference).await? {
            // The case is already in this account.
            Some((id, person)) if person == applicant.person => {
                Ok(Some((StatusCode::OK, find(transaction, applicant, &id, now).await?)))
            }
            Some((id, _)) => {
                warn_owner(state, transaction, &id, now).await?;
                Ok(None)
            }
            None => Ok(None),
        };
    };
    audit::add(transaction, Actor::Applicant(&applicant.person), Action::AddCase, &case.id, now).await?;
    Ok(Some((StatusCode::CREATED, case)))
}

/// Tells the owner of a case that another account tried to add it with the right details. It may be the owner's own second account.
async fn warn_owner(state: &AppState, transaction: &mut Transaction, id: &CaseId, now: DateTime<Utc>) -> Result<()> {
    let Some((case, owner)) = cases::find_any(transaction, id, now).await? else { return Ok(()) };
    if !limits::WARNINGS_OF_CASE.allows(transaction, id, now).await? {
        return Ok(());
    }
    let to = Recipient { language: owner.language, email: &owner.email, phone: None };
    let about = Subject { case: Some(id), about: id, application_type: None, starts: None, bulk_action: None };
    let values = TemplateValues { applicant: &case.applicant, reference: &case.reference, ..TemplateValues::default() };
    let written = messages::write(&state.templates, to, Kind::CaseTried, about, &values, now)?;
    outbox::add(transaction, &written, now).await?;
    Ok(())
}

/// Stores the start of work, and the day of its report to UDI. The rules derive the duties from both.
#[utoipa::path(
    put,
    path = "/api/cases/{case}/work",
    params(("case" = String, Path)),
    request_body = TellWork,
    responses((status = 200, body = Case), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn tell_work(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<CaseId>,
    Body(TellWork { work }): Body<TellWork>,
) -> Result<Json<Case>> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let mut case = find(&mut transaction, &applicant, &id, now).await?;
    if work.and_then(|work| work.reported).is_some_and(|reported| reported > rules::day::in_oslo(now)) {
        let detail = "The day of the report is still ahead. Write the day on which you reported it.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "work.reported") });
    }
    works::set(&mut transaction, &case.id, work, now).await?;
    audit::add(&mut transaction, Actor::Applicant(&applicant.person), Action::Tell, &case.id, now).await?;
    transaction.commit().await?;
    case.work = work;
    Ok(Json(case))
}

/// Returns the free slots for a case.
#[utoipa::path(
    get,
    path = "/api/cases/{case}/times",
    params(("case" = String, Path)),
    responses((status = 200, body = Times), (status = 404, body = api::Problem))
)]
pub async fn times(State(state): State<AppState>, applicant: Applicant, Path(id): Path<CaseId>) -> Result<Json<Times>> {
    let mut connection = state.store.read().await?;
    let now = state.clock.now();
    let case = find(&mut connection, &applicant, &id, now).await?;
    Ok(Json(booking::times(&mut connection, case, now).await?))
}

/// Returns the receipts of the decisions on a case, oldest first.
#[utoipa::path(
    get,
    path = "/api/cases/{case}/receipts",
    params(("case" = String, Path)),
    responses((status = 200, body = [Receipt]), (status = 404, body = api::Problem))
)]
pub async fn receipts(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(id): Path<CaseId>,
) -> Result<Json<Vec<Receipt>>> {
    let mut connection = state.store.read().await?;
    let case = find(&mut connection, &applicant, &id, state.clock.now()).await?;
    Ok(Json(receipts::of_case(&mut connection, &case.id).await?))
}

/// Returns a case of the applicant. Fails with `NotFound` if it is another person's.
pub(super) async fn find(
    connection: &mut Connection,
    applicant: &Applicant,
    id: &CaseId,
    now: DateTime<Utc>,
) -> Result<Case> {
    cases::find(connection, &applicant.person, id, now).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

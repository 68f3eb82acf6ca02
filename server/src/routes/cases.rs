use api::{
    ProblemCode,
    cases::{AddCase, Case, TellWork, Times},
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

use super::{
    body::Body,
    idempotency::{Key, Once},
    session::Applicant,
};
use crate::{
    counter::Counter,
    error::{Error, Result},
    limits,
    store::{
        Connection,
        audit::{self, Action},
        cases, holds, offices, persons, receipts, records, situations,
        slots::{self, Wanted},
        works,
    },
};

/// As many times as a person can look through.
const MOST_SLOTS: i64 = 200;

/// My cases.
#[utoipa::path(get, path = "/api/cases", responses((status = 200, body = [Case]), (status = 401, body = api::Problem)))]
pub async fn list(State(counter): State<Counter>, applicant: Applicant) -> Result<Json<Vec<Case>>> {
    let mut connection = counter.store.read().await?;
    Ok(Json(cases::list(&mut connection, &applicant.person, counter.clock.now()).await?))
}

/// What the applicant of a case tells about themselves. The rules decide by it until it is told anew.
#[utoipa::path(
    put,
    path = "/api/cases/{case}/situation",
    params(("case" = String, Path)),
    request_body = Situation,
    responses((status = 200, body = Case), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn tell(
    State(counter): State<Counter>,
    applicant: Applicant,
    Path(id): Path<String>,
    Body(situation): Body<Situation>,
) -> Result<Json<Case>> {
    let (mut transaction, now) = applicant.write(&counter).await?;
    let mut case = find(&mut transaction, &applicant, &id, now).await?;
    situations::set(&mut transaction, &case.id, &situation, now).await?;
    audit::add(&mut transaction, &applicant.person, Action::Tell, &case.id, now).await?;
    transaction.commit().await?;
    case.situation = Some(situation);
    Ok(Json(case))
}

/// Adds a case that the office has on record. Reference and day of birth must both be right.
#[utoipa::path(
    post,
    path = "/api/cases",
    request_body = AddCase,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Case),
        (status = 200, body = Case, description = "It is with this account already"),
        (status = 409, body = api::Problem, description = "With another account"),
        (status = 422, body = api::Problem)
    )
)]
pub async fn add(
    State(counter): State<Counter>,
    applicant: Applicant,
    key: Key,
    Body(asked): Body<AddCase>,
) -> Result<Response> {
    let once = Once::new(key, &applicant.person, "cases", &asked)?;
    let (mut transaction, now) = applicant.write(&counter).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    limits::CASES.take(&mut transaction, &applicant.person, now).await?;
    let reference = asked.reference.trim().to_uppercase();
    let case = match records::find(&mut transaction, &reference).await? {
        Some((case, born)) if born == asked.born => case,
        _ => {
            // What was tried counts, although nothing was added.
            transaction.commit().await?;
            return Err(Error::at(ProblemCode::CaseUnknown, "reference"));
        }
    };
    let case = if cases::add(&mut transaction, &applicant.person, &case).await? {
        case
    } else if let Some(id) = cases::take_over(&mut transaction, &applicant.person, &reference).await? {
        persons::forget_at_desk(&mut transaction).await?;
        find(&mut transaction, &applicant, &id, now).await?
    } else {
        return match cases::by_reference(&mut transaction, &reference).await? {
            // It is theirs already, which is what they want.
            Some((id, person)) if person == applicant.person => {
                let case = find(&mut transaction, &applicant, &id, now).await?;
                let answer = once.done(&mut transaction, StatusCode::OK, &case, now).await?;
                transaction.commit().await?;
                Ok(answer)
            }
            _ => Err(Error::at(ProblemCode::CaseElsewhere, "reference")),
        };
    };
    audit::add(&mut transaction, &applicant.person, Action::AddCase, &case.id, now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &case, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// When work starts, and when it was reported to UDI. What is due for it, the rules say.
#[utoipa::path(
    put,
    path = "/api/cases/{case}/work",
    params(("case" = String, Path)),
    request_body = TellWork,
    responses((status = 200, body = Case), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn tell_work(
    State(counter): State<Counter>,
    applicant: Applicant,
    Path(id): Path<String>,
    Body(TellWork { work }): Body<TellWork>,
) -> Result<Json<Case>> {
    let (mut transaction, now) = applicant.write(&counter).await?;
    let mut case = find(&mut transaction, &applicant, &id, now).await?;
    if work.and_then(|work| work.reported).is_some_and(|reported| reported > rules::day::in_oslo(now)) {
        let detail = "The day of the report is still ahead. Write the day on which you reported it.".to_owned();
        return Err(Error { detail: Some(detail), ..Error::at(ProblemCode::InvalidField, "work.reported") });
    }
    works::set(&mut transaction, &case.id, work, now).await?;
    audit::add(&mut transaction, &applicant.person, Action::Tell, &case.id, now).await?;
    transaction.commit().await?;
    case.work = work;
    Ok(Json(case))
}

/// The free times for a case.
#[utoipa::path(
    get,
    path = "/api/cases/{case}/times",
    params(("case" = String, Path)),
    responses((status = 200, body = Times), (status = 404, body = api::Problem))
)]
pub async fn times(
    State(counter): State<Counter>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<Json<Times>> {
    let mut connection = counter.store.read().await?;
    let now = counter.clock.now();
    let case = find(&mut connection, &applicant, &id, now).await?;
    Ok(Json(times_for(&mut connection, case, now).await?))
}

pub(super) async fn times_for(connection: &mut Connection, case: Case, now: DateTime<Utc>) -> Result<Times> {
    let (kind, district) = (case.application_type, case.district);
    let wanted = Wanted { kind, district, case: &case.id };
    let offices = offices::open_for(connection, kind, district).await?;
    Ok(Times {
        checked_at: now,
        type_open: !offices.is_empty(),
        free: slots::count_free(connection, wanted, now).await?,
        slots: slots::free(connection, wanted, now, MOST_SLOTS).await?,
        offices,
        hold: holds::of_case(connection, &case.id, now).await?,
        case,
    })
}

/// What is kept of the decisions on a case, the oldest first.
#[utoipa::path(
    get,
    path = "/api/cases/{case}/receipts",
    params(("case" = String, Path)),
    responses((status = 200, body = [Receipt]), (status = 404, body = api::Problem))
)]
pub async fn receipts(
    State(counter): State<Counter>,
    applicant: Applicant,
    Path(id): Path<String>,
) -> Result<Json<Vec<Receipt>>> {
    let mut connection = counter.store.read().await?;
    let case = find(&mut connection, &applicant, &id, counter.clock.now()).await?;
    Ok(Json(receipts::of_case(&mut connection, &case.id).await?))
}

/// A case of this applicant. Another's does not exist for them.
pub(super) async fn find(
    connection: &mut Connection,
    applicant: &Applicant,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Case> {
    cases::find(connection, &applicant.person, id, now).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

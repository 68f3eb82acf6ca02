use api::{
    ProblemCode,
    cases::{Case, Times},
    receipts::Receipt,
    situation::Situation,
};
use axum::{
    Json,
    extract::{Path, State},
};

use chrono::{DateTime, Utc};

use super::{body::Body, session::Applicant};
use crate::{
    counter::Counter,
    error::{Error, Result},
    store::{
        Connection,
        audit::{self, Action},
        cases, offices, receipts, situations, slots,
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
    let (kind, district) = (case.application_type, case.district);
    let offices = offices::open_for(&mut connection, kind, district).await?;
    Ok(Json(Times {
        checked_at: now,
        type_open: !offices.is_empty(),
        free: slots::count_free(&mut connection, kind, district, now).await?,
        slots: slots::free(&mut connection, kind, district, now, MOST_SLOTS).await?,
        offices,
        case,
    }))
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

//! Holds: a slot kept for one applicant who is about to confirm it.

use api::{
    ProblemCode,
    holds::{Hold, HoldSlot},
    ids::CaseId,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{SubsecRound, TimeDelta};

use crate::{
    error::{Error, Result},
    http::{
        applicant::{cases, session::Applicant},
        body::Body,
    },
    services::booking::{Checked, Purpose, check_booking},
    state::AppState,
    store::holds,
};

/// How long a hold lasts.
const LASTS: TimeDelta = TimeDelta::minutes(5);

/// Holds a slot for a case while its applicant confirms, or extends the hold. The rules decide as for a booking.
#[utoipa::path(
    put,
    path = "/api/cases/{case}/hold",
    params(("case" = String, Path)),
    request_body = HoldSlot,
    responses(
        (status = 200, body = Hold),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "Refused by the rules, or the time is taken")
    )
)]
pub async fn hold_slot(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(case): Path<CaseId>,
    Body(asked): Body<HoldSlot>,
) -> Result<Json<Hold>> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let case = cases::find(&mut transaction, &applicant, &case, now).await?;
    // With a booked appointment that can be moved, the slot is meant as its replacement.
    let movable = case.appointment.as_ref().is_some_and(|appointment| appointment.starts > now);
    let purpose = if movable { Purpose::Move } else { Purpose::Book };
    let id = case.id.clone();
    let policy = state.policy_at(now);
    let ready = match check_booking(&policy, &mut transaction, case, &asked.slot, purpose, now).await? {
        Checked::Allowed(ready) => ready,
        Checked::Refused(decision) => {
            transaction.commit().await?;
            return Err(Error::refused(*decision));
        }
    };
    // The database stores whole seconds.
    let expires = now.trunc_subsecs(0) + LASTS;
    if !ready.free || !holds::take(&mut transaction, &ready.slot.id, &id, now, expires).await? {
        return Err(Error::at(ProblemCode::SlotTaken, "slot"));
    }
    transaction.commit().await?;
    Ok(Json(Hold { slot: asked.slot, expires }))
}

/// Releases the hold of a case.
#[utoipa::path(delete, path = "/api/cases/{case}/hold", params(("case" = String, Path)), responses((status = 204)))]
pub async fn release(
    State(state): State<AppState>,
    applicant: Applicant,
    Path(case): Path<CaseId>,
) -> Result<StatusCode> {
    let (mut transaction, now) = applicant.write(&state).await?;
    let case = cases::find(&mut transaction, &applicant, &case, now).await?;
    holds::release(&mut transaction, &case.id).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

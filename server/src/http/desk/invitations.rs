//! Invitations to send documents, of many cases or of one.

use api::ids::{CaseId, RoundId};
use api::{
    Decision, ProblemCode,
    by_phone::DeskCase,
    invitations::{Asking, Instructions, Invite, InviteMany, Invited, Invitees},
    receipts::About,
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};
use rules::Outcome;

use crate::http::desk::{cases, session::Officer};
use crate::{
    error::{Error, Result},
    http::{
        body::Body,
        idempotency::{Key, Once},
    },
    services::{
        invitation::{self, By},
        receipt,
    },
    state::AppState,
    store::{
        Connection,
        audit::Action,
        closures,
        invitations::{self, Which, Whose},
        locks::{self, Lock},
    },
};

/// Previews an invitation of many: the people invited, and those left out with the reason. Nothing is changed.
#[utoipa::path(
    post,
    path = "/api/desk/invitations/preview",
    request_body = InviteMany,
    responses((status = 200, body = Invitees), (status = 404, body = api::Problem), (status = 422, body = api::Problem))
)]
pub async fn preview(
    State(state): State<AppState>,
    officer: Officer,
    Body(asked): Body<InviteMany>,
) -> Result<Json<Invitees>> {
    let mut connection = state.store.snapshot().await?;
    let now = state.clock.now();
    check(&asked.invite, "invite.", now)?;
    let (district, whose) = (officer.district(), whose(&mut connection, &officer, &asked).await?);
    let preview = invitation::preview(&state.policy_at(now).policy, &mut connection, district, whose, now).await?;
    drop(connection);
    officer.looked(&state, Action::LookAtPreview, "", "").await?;
    Ok(Json(preview))
}

/// Invites all cases that match. The people are determined again; the answer says if they differ from the preview.
#[utoipa::path(
    post,
    path = "/api/desk/invitations",
    request_body = InviteMany,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Invited),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "There is nobody to ask"),
        (status = 422, body = api::Problem)
    )
)]
pub async fn invite(
    State(state): State<AppState>,
    officer: Officer,
    key: Key,
    Body(asked): Body<InviteMany>,
) -> Result<Response> {
    let once = Once::new(key, officer.id(), "desk/invitations", &asked)?;
    let (mut transaction, now) = officer.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    check(&asked.invite, "invite.", now)?;
    let whose = whose(&mut transaction, &officer, &asked).await?;
    // An invitation of many needs its preview.
    let seen = asked.seen.as_ref().ok_or_else(|| Error::at(ProblemCode::InvalidField, "seen"))?;
    locks::acquire(&mut transaction, Lock::Invitations(officer.district()), now).await?;
    let policy = state.policy_at(now);
    let (policy, templates) = (&policy.policy, &state.templates);
    let done = invitation::invite_many(policy, templates, &mut transaction, by(&officer), whose, &asked.invite, now);
    let (id, invitees) = done.await?;
    let Some(id) = id else { return Err(Error::new(ProblemCode::NobodyToInvite)) };
    let invited = Invited { id, changed: invitees.seen != *seen, invitees };
    let answer = once.done(&mut transaction, StatusCode::CREATED, &invited, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Returns the invitations of many of the district, newest first, each with the delivery state of its messages.
#[utoipa::path(get, path = "/api/desk/invitations", responses((status = 200, body = [Asking])))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Vec<Asking>>> {
    Ok(Json(invitations::list(&mut *state.store.read().await?, officer.district()).await?))
}

/// Returns one invitation of many.
#[utoipa::path(
    get,
    path = "/api/desk/invitations/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Asking), (status = 404, body = api::Problem))
)]
pub async fn show(State(state): State<AppState>, officer: Officer, Path(id): Path<RoundId>) -> Result<Json<Asking>> {
    Ok(Json(find(&mut *state.store.read().await?, &officer, &id).await?))
}

/// Withdraws an invitation of many. Applicants who may have received it are told.
#[utoipa::path(
    post,
    path = "/api/desk/invitations/{id}/withdraw",
    params(("id" = String, Path)),
    responses((status = 200, body = Asking), (status = 404, body = api::Problem))
)]
pub async fn withdraw(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<RoundId>,
) -> Result<Json<Asking>> {
    let (mut transaction, now) = officer.write(&state).await?;
    find(&mut transaction, &officer, &id).await?;
    locks::acquire(&mut transaction, Lock::Invitations(officer.district()), now).await?;
    let which = Which::OfRound(&id);
    invitation::withdraw(&state.templates, &mut transaction, by(&officer), which, now).await?;
    let left = find(&mut transaction, &officer, &id).await?;
    transaction.commit().await?;
    Ok(Json(left))
}

/// Invites one case.
#[utoipa::path(
    put,
    path = "/api/desk/cases/{case}/invitation",
    params(("case" = String, Path)),
    request_body = Invite,
    responses(
        (status = 200, body = DeskCase),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "The rules say no, or it is asked for already"),
        (status = 422, body = api::Problem)
    )
)]
pub async fn invite_one(
    State(state): State<AppState>,
    officer: Officer,
    Path(case): Path<CaseId>,
    Body(asked): Body<Invite>,
) -> Result<Json<DeskCase>> {
    let (mut transaction, now) = officer.write(&state).await?;
    check(&asked, "", now)?;
    locks::acquire(&mut transaction, Lock::Invitations(officer.district()), now).await?;
    let (district, today) = (officer.district(), rules::day::in_oslo(now));
    let found = invitations::candidates(&mut transaction, district, Whose::Case(&case), today).await?.pop();
    let candidate = found.ok_or(ProblemCode::NotFound)?;
    let policy = state.policy_at(now);
    let (facts, decision) = invitation::may_invite(&policy.policy, &candidate, district, now);
    let is_allowed = decision.outcome == Outcome::Allowed;
    let decision = Decision::new(None, &facts, decision);
    if !is_allowed {
        receipt::issue(&policy, &mut transaction, &case, About::Refusal, &facts, &decision, now).await?;
        transaction.commit().await?;
        return Err(Error::refused(decision));
    }
    if candidate.until.is_some() {
        return Err(Error::new(ProblemCode::AlreadyInvited));
    }
    let done = invitation::invite(&state.templates, &mut transaction, by(&officer), candidate, &asked, now).await;
    done?;
    let shown = cases::whole(&mut transaction, &officer, &case, now).await?;
    transaction.commit().await?;
    Ok(Json(shown))
}

/// Withdraws the invitation of one case. Does nothing if there is none.
#[utoipa::path(
    delete,
    path = "/api/desk/cases/{case}/invitation",
    params(("case" = String, Path)),
    responses((status = 200, body = DeskCase), (status = 404, body = api::Problem))
)]
pub async fn withdraw_one(
    State(state): State<AppState>,
    officer: Officer,
    Path(case): Path<CaseId>,
) -> Result<Json<DeskCase>> {
    let (mut transaction, now) = officer.write(&state).await?;
    locks::acquire(&mut transaction, Lock::Invitations(officer.district()), now).await?;
    let which = Which::OfCase(&case);
    invitation::withdraw(&state.templates, &mut transaction, by(&officer), which, now).await?;
    let shown = cases::whole(&mut transaction, &officer, &case, now).await?;
    transaction.commit().await?;
    Ok(Json(shown))
}

fn by(officer: &Officer) -> By<'_> {
    By { district: officer.district(), actor: officer.actor() }
}

/// Returns the filter. Fails if its closure is not in the officer's district.
async fn whose<'a>(connection: &mut Connection, officer: &Officer, asked: &'a InviteMany) -> Result<Whose<'a>> {
    if let Some(closure) = &asked.closure {
        let found = closures::find(connection, officer.district(), closure).await?;
        found.ok_or_else(|| Error::at(ProblemCode::NotFound, "closure"))?;
    }
    Ok(Whose::Filter { kind: asked.application_type, closure: asked.closure.as_ref() })
}

async fn find(connection: &mut Connection, officer: &Officer, id: &RoundId) -> Result<Asking> {
    invitations::find(connection, officer.district(), id).await?.ok_or_else(|| Error::new(ProblemCode::NotFound))
}

/// Checks the last day and the instructions. `within` is the path of the invitation in the body, for errors.
fn check(invite: &Invite, within: &str, now: DateTime<Utc>) -> Result<()> {
    const LONGEST: TimeDelta = TimeDelta::days(366);
    const MOST: usize = 2000;
    let today = rules::day::in_oslo(now);
    let wrong = |field: &str, detail: String| Error {
        detail: Some(detail),
        ..Error::at(ProblemCode::InvalidField, &format!("{within}{field}"))
    };
    if invite.last_day < today || invite.last_day > today + LONGEST {
        return Err(wrong("last_day", "The last day is today or later, within a year.".to_owned()));
    }
    let Instructions { nb, en } = &invite.instructions;
    for (field, text) in [("instructions", nb), ("instructions", en)] {
        if text.trim().is_empty() || text.chars().count() > MOST {
            return Err(wrong(
                field,
                format!("Say in both languages what to send, in at most {MOST} characters each."),
            ));
        }
        cases::without_marks(&format!("{within}{field}"), text)?;
    }
    Ok(())
}

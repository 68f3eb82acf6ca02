//! Policy documents at the desk: drafts, their preview, approval by a second person, and withdrawal.

use api::ids::{DraftId, OfficerId};
use api::{
    ProblemCode,
    policies::{Approve, Draft, DraftState, Policies, PolicyFault, Preview, Scope, Shown, Source, Write},
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, NaiveDate, Utc};

use crate::http::desk::session::Officer;
use crate::{
    error::{Error, Result},
    http::{
        body::Body,
        idempotency::{Key, Once},
    },
    policy::{
        Written,
        draft::{self, Refused},
        four_eyes::{self, Bar},
    },
    state::AppState,
    store::{
        Connection, access_grants,
        audit::{self, Action, Entry},
        locks::{self, Lock},
        new_id,
        policy_drafts::{self, Found, NewDraft},
    },
};

/// Returns the documents in force today, and the open and approved drafts: those of the district, and those of the whole country.
#[utoipa::path(get, path = "/api/desk/policies", responses((status = 200, body = Policies)))]
pub async fn list(State(state): State<AppState>, officer: Officer) -> Result<Json<Policies>> {
    let today = today(state.clock.now());
    let ahead = policy_drafts::ahead(&mut *state.store.read().await?, officer.id(), today).await?;
    let drafts = ahead.into_iter().map(|found| found.draft).filter(|draft| is_seen_by(draft, &officer));
    Ok(Json(Policies { in_force: state.policy.on(today).holding.clone(), drafts: drafts.collect() }))
}

/// Returns the text of a document's next version, to start a draft from.
#[utoipa::path(
    get,
    path = "/api/desk/policies/documents/{document}",
    params(("document" = String, Path)),
    responses((status = 200, body = Source), (status = 404, body = api::Problem))
)]
pub async fn source(
    State(state): State<AppState>,
    _officer: Officer,
    Path(document): Path<String>,
) -> Result<Json<Source>> {
    let known = known(&state, &mut *state.store.snapshot().await?).await?;
    let body = draft::next_version(&known, &document).ok_or(ProblemCode::NotFound)?;
    Ok(Json(Source { body }))
}

/// Previews the effect of a document. Nothing is changed.
#[utoipa::path(
    post,
    path = "/api/desk/policies/preview",
    request_body = Write,
    responses((status = 200, body = Preview), (status = 422, body = api::Problem, description = "With every fault"))
)]
pub async fn preview(
    State(state): State<AppState>,
    officer: Officer,
    Body(asked): Body<Write>,
) -> Result<Json<Preview>> {
    still_to_come(asked.from, today(state.clock.now()))?;
    let known = known(&state, &mut *state.store.snapshot().await?).await?;
    let looked = draft::examine(known, asked.body, asked.from, officer.district()).await?;
    looked.map(Json).map_err(refused)
}

/// Stores a draft, for another administrator to approve.
#[utoipa::path(
    post,
    path = "/api/desk/policies/drafts",
    request_body = Write,
    params(("Idempotency-Key" = Option<String>, Header, description = "8 to 64 letters, digits or hyphens")),
    responses(
        (status = 201, body = Draft),
        (status = 409, body = api::Problem, description = "There is an open draft of this document"),
        (status = 422, body = api::Problem, description = "With every fault")
    )
)]
pub async fn add(
    State(state): State<AppState>,
    officer: Officer,
    key: Key,
    Body(asked): Body<Write>,
) -> Result<Response> {
    let once = Once::new(key, officer.id(), "desk/policies/drafts", &asked)?;
    let (mut transaction, now) = officer.write(&state).await?;
    if let Some(answer) = once.earlier(&mut transaction, now).await? {
        return Ok(answer);
    }
    let today = today(now);
    still_to_come(asked.from, today)?;
    locks::acquire(&mut transaction, Lock::Policies, now).await?;
    let known = known(&state, &mut transaction).await?;
    let looked = draft::examine(known, asked.body.clone(), asked.from, officer.district()).await?;
    let preview = looked.map_err(refused)?;
    let id = new_id();
    let new = NewDraft {
        document: &preview.document,
        version: preview.version,
        body: &asked.body,
        from: asked.from,
        district: officer.district(),
        scope: preview.scope,
        by: officer.id(),
    };
    if !policy_drafts::add(&mut transaction, &id, &new, now).await? {
        return Err(Error::new(ProblemCode::DraftOpen));
    }
    let Found { draft, .. } = find(&mut transaction, &officer, &id, today).await?;
    note(&mut transaction, &officer, Action::DraftPolicy, &draft, now).await?;
    let answer = once.done(&mut transaction, StatusCode::CREATED, &draft, now).await?;
    transaction.commit().await?;
    Ok(answer)
}

/// Returns a draft with its effect.
#[utoipa::path(
    get,
    path = "/api/desk/policies/drafts/{id}",
    params(("id" = String, Path)),
    responses((status = 200, body = Shown), (status = 404, body = api::Problem))
)]
pub async fn show(State(state): State<AppState>, officer: Officer, Path(id): Path<DraftId>) -> Result<Json<Shown>> {
    let mut snapshot = state.store.snapshot().await?;
    let Found { draft, body, .. } = find(&mut snapshot, &officer, &id, today(state.clock.now())).await?;
    if matches!(draft.state, DraftState::Published | DraftState::Withdrawn) {
        return Ok(Json(Shown { draft, body, preview: None, faults: Vec::new() }));
    }
    let known = known(&state, &mut snapshot).await?;
    drop(snapshot);
    let (preview, faults) = match examine(known, &draft, body.clone()).await? {
        Ok(preview) => (Some(preview), Vec::new()),
        Err(why) => (None, faults(why)),
    };
    Ok(Json(Shown { draft, body, preview, faults }))
}

/// Approves another officer's draft, which takes effect on its first day. The effect is determined again; if it differs from the
/// preview, the request fails.
#[utoipa::path(
    post,
    path = "/api/desk/policies/drafts/{id}/approve",
    params(("id" = String, Path)),
    request_body = Approve,
    responses(
        (status = 200, body = Draft),
        (status = 403, body = api::Problem, description = "It is for somebody else to approve"),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "Something else has been published since")
    )
)]
pub async fn approve(
    State(state): State<AppState>,
    officer: Officer,
    Path(id): Path<DraftId>,
    Body(asked): Body<Approve>,
) -> Result<Json<Draft>> {
    let (mut transaction, now) = officer.write(&state).await?;
    let today = today(now);
    locks::acquire(&mut transaction, Lock::Policies, now).await?;
    let Found { draft, body, drafted_by } = find(&mut transaction, &officer, &id, today).await?;
    if draft.own {
        return Err(Error::new(ProblemCode::OwnDraft));
    }
    two_people(&mut transaction, &drafted_by, &officer, draft.drafted).await?;
    if draft.state != DraftState::Open || draft.from < today {
        return Err(Error::new(ProblemCode::DraftOver));
    }
    let known = known(&state, &mut transaction).await?;
    let preview =
        examine(known, &draft, body).await?.map_err(|why| Error::faulty(ProblemCode::DraftUnfit, faults(why)))?;
    // An officer of another district sees the draft only if it concerns the country.
    if preview.scope == Scope::Country && officer.district() == draft.district {
        return Err(Error::new(ProblemCode::NeedsOtherDistrict));
    }
    if asked.seen != preview.seen {
        return Err(Error::new(ProblemCode::PreviewChanged));
    }
    if !policy_drafts::approve(&mut transaction, &id, officer.id(), now).await? {
        return Err(Error::new(ProblemCode::DraftOver));
    }
    note(&mut transaction, &officer, Action::ApprovePolicy, &draft, now).await?;
    let Found { draft, .. } = find(&mut transaction, &officer, &id, today).await?;
    transaction.commit().await?;
    take_up(&state, today).await;
    Ok(Json(draft))
}

/// Four-eyes rule: refuses an approver who may be the same person as the drafter. The error has the first day on which approval is
/// possible.
async fn two_people(
    connection: &mut Connection,
    drafter: &OfficerId,
    approver: &Officer,
    drafted: DateTime<Utc>,
) -> Result<()> {
    let grants = access_grants::since(connection, drafted - four_eyes::WINDOW).await?;
    let (code, from) = match four_eyes::bar(&grants, drafter, approver.id(), drafted) {
        None => return Ok(()),
        Some(Bar::Connected { from }) => (ProblemCode::AccessFromDrafter, from),
        Some(Bar::TooNew { from }) => (ProblemCode::AccessTooNew, from),
    };
    let detail = format!("{} You can approve what is drafted from {from} on.", code.detail());
    Err(Error { detail: Some(detail), possible_from: Some(from), ..Error::new(code) })
}

/// Withdraws a draft, open or approved, before its first day.
#[utoipa::path(
    delete,
    path = "/api/desk/policies/drafts/{id}",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = api::Problem),
        (status = 409, body = api::Problem, description = "It holds already, or another document rests on it")
    )
)]
pub async fn withdraw(State(state): State<AppState>, officer: Officer, Path(id): Path<DraftId>) -> Result<StatusCode> {
    let (mut transaction, now) = officer.write(&state).await?;
    let today = today(now);
    locks::acquire(&mut transaction, Lock::Policies, now).await?;
    let Found { draft, .. } = find(&mut transaction, &officer, &id, today).await?;
    match draft.state {
        DraftState::Open => {}
        DraftState::Coming => {
            let others = draft::without(known(&state, &mut transaction).await?, &id);
            if !draft::fit_from(&others, today) {
                return Err(Error::new(ProblemCode::DraftNeeded));
            }
        }
        DraftState::Published | DraftState::Withdrawn => return Err(Error::new(ProblemCode::DraftOver)),
    }
    policy_drafts::withdraw(&mut transaction, &id, now).await?;
    note(&mut transaction, &officer, Action::WithdrawPolicy, &draft, now).await?;
    transaction.commit().await?;
    take_up(&state, today).await;
    Ok(StatusCode::NO_CONTENT)
}

fn today(now: DateTime<Utc>) -> NaiveDate {
    rules::day::in_oslo(now)
}

fn still_to_come(from: NaiveDate, today: NaiveDate) -> Result<()> {
    if from < today { Err(Error::at(ProblemCode::InvalidField, "from")) } else { Ok(()) }
}

async fn known(state: &AppState, connection: &mut Connection) -> Result<Vec<Written>> {
    Ok(state.policy.known(connection).await?)
}

/// Determines the effect of a draft among the other documents. A draft that concerned the country when it was made keeps that
/// scope.
async fn examine(known: Vec<Written>, of: &Draft, body: String) -> Result<std::result::Result<Preview, Refused>> {
    let others = draft::without(known, &of.id);
    let looked = draft::examine(others, body, of.from, of.district).await?;
    Ok(looked.map(|preview| match of.scope {
        Scope::Country => Preview { scope: Scope::Country, ..preview },
        Scope::District => preview,
    }))
}

/// Returns `true` for drafts of the officer's district and for those that concern the country.
fn is_seen_by(draft: &Draft, officer: &Officer) -> bool {
    draft.district == officer.district() || draft.scope == Scope::Country
}

async fn find(connection: &mut Connection, officer: &Officer, id: &DraftId, today: NaiveDate) -> Result<Found> {
    let found = policy_drafts::find(connection, id, officer.id(), today).await?;
    found.filter(|found| is_seen_by(&found.draft, officer)).ok_or_else(|| Error::new(ProblemCode::NotFound))
}

async fn note(
    connection: &mut Connection,
    officer: &Officer,
    action: Action,
    draft: &Draft,
    now: DateTime<Utc>,
) -> Result<()> {
    let words = format!("{}, version {}, {}", draft.document, draft.version, draft.from);
    Ok(audit::write(connection, &Entry { words: &words, ..Entry::of(officer.actor(), action, &draft.id) }, now).await?)
}

/// Reloads the policy on this server at once. After a failure it follows with the next regular reload, as on the other servers.
async fn take_up(state: &AppState, today: NaiveDate) {
    if let Err(error) = state.policy.reload(&state.store, today).await {
        tracing::warn!("what was approved is not in use yet: {error:#}");
    }
}

fn refused(why: Refused) -> Error {
    match why {
        Refused::VersionTooLow => Error::new(ProblemCode::VersionTooLow),
        Refused::Faulty(_) => Error::faulty(ProblemCode::PolicyFaulty, faults(why)),
    }
}

fn faults(why: Refused) -> Vec<PolicyFault> {
    let Refused::Faulty(faults) = why else { return Vec::new() };
    let fault = |fault: rules::document::PolicyFault| {
        let rules::document::PolicyFault { document, line, message } = fault;
        PolicyFault { document, line, message }
    };
    faults.into_iter().map(fault).collect()
}

//! Invitations to send documents, of one case or of many: planned by the rules (`rules::upload`), sent and withdrawn, each in one
//! transaction.

use api::{
    ids::{BulkActionId, CaseId, RoundId},
    invitations::{Invite, Invitee, Invitees, LeftOut, facts_to_invite},
    messages::Kind,
};
use chrono::{DateTime, Utc};
use rules::{Application, Decision, District, Facts as Asked, Outcome, Policy};

use crate::{
    messages::{self, Recipient, Subject, TemplateValues, Templates},
    secrets,
    store::{
        Connection,
        audit::{self, Action, Actor, Entry},
        bulk_actions,
        invitations::{self, Candidate, Ended, Which, Whose},
        new_id,
        outbox::{self, NewMessage},
    },
};

/// Maximum number of people shown by name.
const MOST_SHOWN: usize = 500;

/// The officer who invites, and the district.
#[derive(Clone, Copy)]
pub struct By<'b> {
    pub district: District,
    pub actor: Actor<'b>,
}

/// Asks the rules whether the office may invite a case to send documents. Returns the facts with the decision.
pub fn may_invite(policy: &Policy, candidate: &Candidate, district: District, now: DateTime<Utc>) -> (Asked, Decision) {
    let Candidate { application_type: kind, submitted, .. } = *candidate;
    let facts = facts_to_invite(Application { kind, district, submitted }, now);
    let decision = rules::decide(policy, &facts);
    (facts, decision)
}

/// Returns the people whom an invitation would reach. Nothing is changed.
pub async fn preview(
    policy: &Policy,
    connection: &mut Connection,
    district: District,
    whose: Whose<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Invitees> {
    Ok(invitees(&plan(policy, connection, district, whose, now).await?))
}

/// The cases to invite, and those left out with the reason.
struct Plan {
    asked: Vec<Candidate>,
    left_out: Vec<LeftOut>,
}

async fn plan(
    policy: &Policy,
    connection: &mut Connection,
    district: District,
    whose: Whose<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Plan> {
    let mut plan = Plan { asked: Vec::new(), left_out: Vec::new() };
    for candidate in invitations::candidates(connection, district, whose, rules::day::in_oslo(now)).await? {
        let (_, decision) = may_invite(policy, &candidate, district, now);
        if decision.outcome == Outcome::Allowed && candidate.until.is_none() {
            plan.asked.push(candidate);
            continue;
        }
        let reason = decision.reasons.first().map(|ground| ground.reason);
        plan.left_out.push(LeftOut { reason, until: candidate.until, invitee: invitee(&candidate) });
    }
    Ok(plan)
}

fn invitees(plan: &Plan) -> Invitees {
    let ids: Vec<&str> = plan.asked.iter().map(|one| one.case.as_str()).collect();
    Invitees {
        asked: plan.asked.len(),
        people: plan.asked.iter().take(MOST_SHOWN).map(invitee).collect(),
        left_out: plan.left_out.clone(),
        seen: secrets::hash(&ids),
    }
}

fn invitee(candidate: &Candidate) -> Invitee {
    Invitee {
        case: candidate.case.clone(),
        reference: candidate.reference.clone(),
        applicant: candidate.applicant.clone(),
        application_type: candidate.application_type,
    }
}

/// Invites all matching cases that the rules allow. Returns the id, or `None` if there is nobody to invite. The caller holds
/// `Lock::Invitations` and commits.
pub async fn invite_many(
    policy: &Policy,
    templates: &Templates,
    connection: &mut Connection,
    by: By<'_>,
    whose: Whose<'_>,
    invite: &Invite,
    now: DateTime<Utc>,
) -> anyhow::Result<(Option<RoundId>, Invitees)> {
    let plan = plan(policy, connection, by.district, whose, now).await?;
    if plan.asked.is_empty() {
        return Ok((None, invitees(&plan)));
    }
    let kind = bulk_actions::Kind::Invite;
    let words = words(whose, invite);
    let id = bulk_actions::add(connection, kind, &words, by.actor, Some(by.district), now).await?;
    ask(templates, connection, Some(&id), whose, invite, &plan.asked, now).await?;
    let entry = Entry { district: Some(by.district), ..Entry::of(by.actor, Action::InviteMany, &id) };
    audit::write(connection, &entry, now).await?;
    let cases: Vec<&str> = plan.asked.iter().map(|one| one.case.as_str()).collect();
    audit::add_all(connection, by.actor, Action::Invite, &cases, now).await?;
    Ok((Some(id.into()), invitees(&plan)))
}

/// Invites one case that the rules allow. The caller holds `Lock::Invitations` and commits.
pub async fn invite(
    templates: &Templates,
    connection: &mut Connection,
    by: By<'_>,
    candidate: Candidate,
    invite: &Invite,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let case = candidate.case.clone();
    ask(templates, connection, None, Whose::Case(&case), invite, &[candidate], now).await?;
    audit::add(connection, by.actor, Action::Invite, &case, now).await?;
    Ok(())
}

async fn ask(
    templates: &Templates,
    connection: &mut Connection,
    bulk_action: Option<&BulkActionId>,
    whose: Whose<'_>,
    invite: &Invite,
    asked: &[Candidate],
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let cases: Vec<&CaseId> = asked.iter().map(|one| &one.case).collect();
    let id = bulk_action.map_or_else(new_id, |id| id.clone().into());
    let ids = invitations::add(connection, &id, whose, invite, &cases, now).await?;
    let mut written = Vec::with_capacity(asked.len());
    for (one, invitation) in asked.iter().zip(&ids) {
        let to = Recipient { language: one.language, email: &one.email, phone: one.phone.as_deref() };
        let subject = Subject {
            case: Some(&one.case),
            about: invitation,
            application_type: Some(one.application_type),
            starts: None,
            bulk_action,
        };
        let values = TemplateValues {
            applicant: &one.applicant,
            reference: &one.reference,
            instructions: [&invite.instructions.nb, &invite.instructions.en],
            last_day: Some(invite.last_day),
            ..TemplateValues::default()
        };
        written.push(messages::write(templates, to, Kind::Invited, subject, &values, now)?);
    }
    outbox::add_all(connection, &written, now).await?;
    Ok(())
}

/// Withdraws invitations and returns their number. Applicants who may have received the invitation are told. The caller commits.
pub async fn withdraw(
    templates: &Templates,
    connection: &mut Connection,
    by: By<'_>,
    which: Which<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<usize> {
    let ended = invitations::end(connection, by.district, which, now).await?;
    let mut written: Vec<NewMessage> = Vec::new();
    for one in ended.iter().filter(|one| one.told) {
        written.push(message(templates, one, now)?);
    }
    outbox::add_all(connection, &written, now).await?;
    let cases: Vec<&str> = ended.iter().map(|one| one.case.as_str()).collect();
    audit::add_all(connection, by.actor, Action::WithdrawInvitation, &cases, now).await?;
    Ok(ended.len())
}

fn message(templates: &Templates, one: &Ended, now: DateTime<Utc>) -> anyhow::Result<NewMessage> {
    let to = Recipient { language: one.language, email: &one.email, phone: one.phone.as_deref() };
    let subject = Subject {
        case: Some(&one.case),
        about: &one.invitation,
        application_type: None,
        starts: None,
        bulk_action: None,
    };
    let values = TemplateValues { applicant: &one.applicant, reference: &one.reference, ..TemplateValues::default() };
    messages::write(templates, to, Kind::InvitationWithdrawn, subject, &values, now)
}

/// Returns the description of an invitation for the log.
fn words(whose: Whose<'_>, invite: &Invite) -> String {
    use rules::Coded;
    match whose {
        Whose::Filter { kind: Some(kind), .. } => format!("{}, {}", kind.code(), invite.last_day),
        _ => invite.last_day.to_string(),
    }
}

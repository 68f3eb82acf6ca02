//! Invitations: which cases the office has asked for documents, and with which instructions.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    fields::parse_date,
    ids::{CaseId, ClosureId, InvitationId, RoundId},
    invitations::{Asking, Instructions, Invitation, Invite},
    messages::Kind,
};
use chrono::{DateTime, NaiveDate, Utc};
use rules::{ApplicationType, Coded, District, notice::Language};
use sqlx::{AssertSqlSafe, Row as _, query};

use crate::store::{
    Connection, Row,
    bulk_actions::{PARTS, ledger},
    coded, instant, new_id, persons, truth, unknown,
};

/// The cases that an invitation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'w> {
    /// The case with this id.
    Case(&'w CaseId),
    /// The cases of a type (`None`: of any type) whose appointment a closure cancelled (`None`: all).
    Filter { kind: Option<ApplicationType>, closure: Option<&'w ClosureId> },
}

/// A case that matches, with the contact details of its applicant.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    pub application_type: ApplicationType,
    pub submitted: bool,
    pub email: String,
    pub phone: Option<String>,
    pub language: Language,
    /// The last day of the current invitation; `None` if there is none.
    pub until: Option<NaiveDate>,
}

/// Returns the cases of a district that match, by reference. Cases of deleted accounts are left out.
pub async fn candidates(
    connection: &mut Connection,
    district: District,
    whose: Whose<'_>,
    today: NaiveDate,
) -> sqlx::Result<Vec<Candidate>> {
    let (case, kind, closure) = match whose {
        Whose::Case(case) => (case.as_str(), "", ""),
        Whose::Filter { kind, closure } => {
            ("", kind.map_or("", ApplicationType::code), closure.map_or("", ClosureId::as_str))
        }
    };
    let rows = query(
        "SELECT cases.id, reference, applicant, cases.type, submitted, email, phone, language, last FROM cases
         JOIN persons ON persons.id = cases.person AND kept_until IS NULL
         LEFT JOIN invitations ON invitations.case_id = cases.id AND ended IS NULL
         LEFT JOIN askings ON askings.id = asking
         WHERE cases.district = $1 AND ($2 = '' OR cases.id = $2) AND ($3 = '' OR cases.type = $3)
           AND ($4 = '' OR cases.id IN (
             SELECT case_id FROM appointments JOIN closure_appointments ON appointment = appointments.id
             WHERE closure_appointments.closure = $4 AND status = 'cancelled'
             UNION SELECT case_id FROM appointments JOIN slots ON slots.id = appointments.slot
             JOIN closures ON closures.id = slots.closure
             WHERE slots.closure = $4 AND recorded = 0 AND status = 'cancelled' AND cancelled_by = 'office'))
         ORDER BY reference",
    )
    .bind(district.code())
    .bind(case)
    .bind(kind)
    .bind(closure)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let last: Option<String> = row.try_get("last")?;
            let last = last.map(|text| day("last", &text)).transpose()?;
            Ok(Candidate {
                case: row.try_get("id")?,
                reference: row.try_get("reference")?,
                applicant: row.try_get("applicant")?,
                application_type: coded(row, "type")?,
                submitted: truth(row, "submitted")?,
                email: persons::address(row.try_get("email")?),
                phone: row.try_get("phone")?,
                language: coded(row, "language")?,
                until: last.filter(|last| *last >= today),
            })
        })
        .collect()
}

/// Invites these cases and returns the ids of the invitations. Earlier invitations of the cases end. `id` is that of the bulk
/// action, if it is one.
pub async fn add(
    connection: &mut Connection,
    id: &RoundId,
    whose: Whose<'_>,
    invite: &Invite,
    cases: &[&CaseId],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<InvitationId>> {
    const AT_ONCE: usize = 200;
    let (kind, closure) = match whose {
        Whose::Case(_) => ("", ""),
        Whose::Filter { kind, closure } => {
            (kind.map_or("", ApplicationType::code), closure.map_or("", ClosureId::as_str))
        }
    };
    query(
        "INSERT INTO askings (id, type, closure, last, instructions_nb, instructions_en) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(kind)
    .bind(closure)
    .bind(invite.last_day.to_string())
    .bind(&invite.instructions.nb)
    .bind(&invite.instructions.en)
    .execute(&mut *connection)
    .await?;
    let mut ids = Vec::with_capacity(cases.len());
    for some in cases.chunks(AT_ONCE) {
        let places: Vec<String> = (0..some.len()).map(|place| format!("${}", place + 2)).collect();
        let sql =
            format!("UPDATE invitations SET ended = $1 WHERE ended IS NULL AND case_id IN ({})", places.join(", "));
        let mut end = query(AssertSqlSafe(sql)).bind(now.timestamp());
        for case in some {
            end = end.bind(*case);
        }
        end.execute(&mut *connection).await?;
        let rows: Vec<String> =
            (0..some.len()).map(|row| format!("(${}, $1, ${}, $2)", row * 2 + 3, row * 2 + 4)).collect();
        let sql = format!("INSERT INTO invitations (id, asking, case_id, issued) VALUES {}", rows.join(", "));
        let mut insert = query(AssertSqlSafe(sql)).bind(id).bind(now.timestamp());
        for case in some {
            let invitation: InvitationId = new_id();
            insert = insert.bind(invitation.clone()).bind(*case);
            ids.push(invitation);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(ids)
}

/// An ended invitation, with the contact details of the person.
#[derive(Clone, Debug)]
pub struct Ended {
    pub invitation: InvitationId,
    pub case: CaseId,
    pub reference: String,
    pub applicant: String,
    pub email: String,
    pub phone: Option<String>,
    pub language: Language,
    /// `true` if the message of the invitation was sent or may have been.
    pub told: bool,
}

/// The invitations to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'w> {
    OfCase(&'w CaseId),
    OfRound(&'w RoundId),
}

/// Ends the open invitations of a district and withdraws their messages. Returns those whose last day is not over, by reference.
pub async fn end(
    connection: &mut Connection,
    district: District,
    which: Which<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Ended>> {
    let (column, id) = match which {
        Which::OfCase(case) => ("case_id", case.as_str()),
        Which::OfRound(round) => ("asking", round.as_str()),
    };
    let fits = format!("invitations.{column} = $1 AND ended IS NULL");
    let rows = query(AssertSqlSafe(format!(
        "SELECT invitations.id, cases.id AS case_id, reference, applicant, email, phone, language,
           (SELECT count(*) FROM messages WHERE about = invitations.id AND (state IN ('sent', 'delivered') OR attempts > 0)) AS told
         FROM invitations JOIN cases ON cases.id = case_id JOIN persons ON persons.id = cases.person
         JOIN askings ON askings.id = asking
         WHERE {fits} AND cases.district = $2 AND last >= $3 ORDER BY reference"
    )))
    .bind(id)
    .bind(district.code())
    .bind(rules::day::in_oslo(now).to_string())
    .fetch_all(&mut *connection)
    .await?;
    query(AssertSqlSafe(format!(
        "UPDATE invitations SET ended = $2 WHERE {fits} AND case_id IN (SELECT id FROM cases WHERE district = $3)"
    )))
    .bind(id)
    .bind(now.timestamp())
    .bind(district.code())
    .execute(&mut *connection)
    .await?;
    query(AssertSqlSafe(format!(
        "UPDATE messages SET state = 'withdrawn' WHERE kind = $3 AND state IN ('queued', 'failed') AND about IN (
           SELECT id FROM invitations WHERE {column} = $1 AND ended = $2)"
    )))
    .bind(id)
    .bind(now.timestamp())
    .bind(Kind::Invited.code())
    .execute(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Ended {
                invitation: row.try_get("id")?,
                case: row.try_get("case_id")?,
                reference: row.try_get("reference")?,
                applicant: row.try_get("applicant")?,
                email: persons::address(row.try_get("email")?),
                phone: row.try_get("phone")?,
                language: coded(row, "language")?,
                told: row.try_get::<i64, _>("told")? > 0,
            })
        })
        .collect()
}

/// Returns the newest bulk invitations of a district, at most 50.
pub async fn list(connection: &mut Connection, district: District) -> sqlx::Result<Vec<Asking>> {
    select(connection, district, None).await
}

/// Returns a bulk invitation; `None` if it is not in this district.
pub async fn find(connection: &mut Connection, district: District, id: &RoundId) -> sqlx::Result<Option<Asking>> {
    Ok(select(connection, district, Some(id)).await?.pop())
}

/// Returns the bulk invitation with this id, or all without an id.
async fn select(connection: &mut Connection, district: District, id: Option<&RoundId>) -> sqlx::Result<Vec<Asking>> {
    const MOST: usize = 50;
    let condition = if id.is_some() { "askings.id = $2" } else { "$2 = ''" };
    let rows = query(AssertSqlSafe(format!(
        "SELECT askings.id, type, last, instructions_nb, instructions_en, made, {PARTS},
           (SELECT count(*) FROM invitations WHERE asking = askings.id AND ended IS NULL) AS live
         FROM askings JOIN bulk_actions ON bulk_actions.id = askings.id
         LEFT JOIN messages ON messages.bulk_action = askings.id
         WHERE bulk_actions.district = $1 AND {condition}
         GROUP BY askings.id, type, last, instructions_nb, instructions_en, made ORDER BY askings.id DESC LIMIT {MOST}"
    )))
    .bind(district.code())
    .bind(id.map_or("", RoundId::as_str))
    .fetch_all(connection)
    .await?;
    rows.iter().map(asking).collect()
}

/// Reads an `Asking` from a row of `select`.
fn asking(row: &Row) -> sqlx::Result<Asking> {
    let kind: &str = row.try_get("type")?;
    Ok(Asking {
        id: row.try_get("id")?,
        application_type: if kind.is_empty() { None } else { Some(coded(row, "type")?) },
        made: instant(row, "made")?,
        invite: Invite {
            last_day: day("last", row.try_get("last")?)?,
            instructions: Instructions { nb: row.try_get("instructions_nb")?, en: row.try_get("instructions_en")? },
        },
        live: row.try_get("live")?,
        ledger: ledger(row)?,
    })
}

/// Reads the invitation columns of an outer join; `None` if there is none. Expired invitations are included.
pub(super) fn invitation(row: &Row) -> sqlx::Result<Option<Invitation>> {
    let Some(last) = row.try_get::<Option<String>, _>("last")? else { return Ok(None) };
    Ok(Some(Invitation {
        issued: rules::day::in_oslo(instant(row, "issued")?),
        last: day("last", &last)?,
        instructions: Instructions { nb: row.try_get("instructions_nb")?, en: row.try_get("instructions_en")? },
        failure: row.try_get("failure")?,
    }))
}

/// Parses a stored date.
fn day(column: &'static str, text: &str) -> sqlx::Result<NaiveDate> {
    parse_date(text).ok_or_else(|| unknown(column, text))
}

//! The audit log: append-only entries, and `audit_seals`, a hash chain that reveals changed or missing entries.
//!
//! `Err` means a database error or an unknown value in a column; see [`crate::store`].

use api::{
    audit::{Asked, Listed, Who},
    ids::{EntryId, OfficerId, PersonId, ReceiptId},
};
use chrono::{DateTime, Utc};
use rules::{Coded, District};
use sqlx::{AssertSqlSafe, Row as _, query, query_as, query_scalar};

pub use api::audit::Action;

use crate::secrets;
use crate::store::{Connection, Row, coded, instant, new_id};

/// An entry to write. `subject` is the id of a case, an officer or a bulk action, or the hash of a file.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'e> {
    pub actor: Actor<'e>,
    pub action: Action,
    pub subject: &'e str,
    /// The district, if it follows neither from an officer who acts nor from the subject.
    pub district: Option<District>,
    /// Details: the officer's reason, the slot, or the id of a document.
    pub words: &'e str,
    /// The id of the receipt; empty if the action made no decision.
    pub receipt: &'e str,
}

/// The actor of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    Applicant(&'a PersonId),
    Officer(&'a OfficerId),
    CommandLine,
    /// The service itself, when a retention period is over.
    Retention,
    /// A person who is not signed in, for instance after a wrong code. The address is not stored.
    Unknown,
}

impl<'a> Actor<'a> {
    const COMMAND_LINE: &'static str = "command line";
    const RETENTION: &'static str = "keeping-time";
    const UNKNOWN: &'static str = "unknown";

    /// Returns the actor as it is stored: an id, or the name of an actor without one.
    pub fn stored(self) -> &'a str {
        match self {
            Actor::Applicant(person) => person.as_str(),
            Actor::Officer(officer) => officer.as_str(),
            Actor::CommandLine => Actor::COMMAND_LINE,
            Actor::Retention => Actor::RETENTION,
            Actor::Unknown => Actor::UNKNOWN,
        }
    }
}

impl<'e> Entry<'e> {
    /// Makes an entry without district, details and receipt.
    pub fn of(actor: Actor<'e>, action: Action, subject: &'e str) -> Entry<'e> {
        Entry { actor, action, subject, district: None, words: "", receipt: "" }
    }
}

/// SQL for the district of an entry: that of the officer who acts, of the case or officer concerned, or of the entry.
const DISTRICT: &str =
    "coalesce((SELECT district FROM officers WHERE id = $2), (SELECT district FROM cases WHERE id = $4),
       (SELECT district FROM officers WHERE id = $4), $5)";

/// Adds an entry.
pub async fn add(
    connection: &mut Connection,
    actor: Actor<'_>,
    action: Action,
    subject: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    write(connection, &Entry::of(actor, action, subject), now).await
}

/// Adds an entry with all its fields.
pub async fn write(connection: &mut Connection, entry: &Entry<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let sql = format!(
        "INSERT INTO audit (id, at, actor, action, subject, district, words, receipt)
         VALUES ($1, $8, $2, $3, $4, {DISTRICT}, $6, $7)"
    );
    query(AssertSqlSafe(sql))
        .bind(new_id::<EntryId>())
        .bind(entry.actor.stored())
        .bind(entry.action.code())
        .bind(entry.subject)
        .bind(entry.district.map_or("", District::code))
        .bind(entry.words)
        .bind(entry.receipt)
        .bind(now.timestamp())
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds the same entry for many subjects.
pub async fn add_all(
    connection: &mut Connection,
    actor: Actor<'_>,
    action: Action,
    subjects: &[&str],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    const AT_ONCE: usize = 500;
    // One lookup for all rows.
    let district: Option<String> = query_scalar("SELECT district FROM officers WHERE id = $1")
        .bind(actor.stored())
        .fetch_optional(&mut *connection)
        .await?;
    for some in subjects.chunks(AT_ONCE) {
        let rows: Vec<String> = (0..some.len())
            .map(|row| {
                let (id, subject) = (row * 2 + 5, row * 2 + 6);
                format!(
                    "(${id}, $1, $2, $3, ${subject},
                       coalesce(nullif($4, ''), (SELECT district FROM cases WHERE id = ${subject}), ''))"
                )
            })
            .collect();
        let sql = format!("INSERT INTO audit (id, at, actor, action, subject, district) VALUES {}", rows.join(", "));
        let mut insert = query(AssertSqlSafe(sql)).bind(now.timestamp()).bind(actor.stored()).bind(action.code());
        insert = insert.bind(district.as_deref().unwrap_or_default());
        for subject in some {
            insert = insert.bind(new_id::<EntryId>()).bind(*subject);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Returns a page of a district's entries, newest first, at most `most`. A caller that asks for one more row than it shows knows
/// if there are others.
pub async fn list(
    connection: &mut Connection,
    district: District,
    asked: &Asked,
    most: i64,
) -> sqlx::Result<Vec<Listed>> {
    let reference = asked.reference.trim();
    let rows = query(
        "SELECT audit.id, at, audit.actor, action, subject, audit.words, receipt, number, cases.reference,
           doing.name AS officer, concerned.name AS concerned, bulk_actions.words AS bulk_action
         FROM audit
         LEFT JOIN audit_seals ON audit_seals.entry = audit.id
         LEFT JOIN cases ON cases.id = audit.subject
         LEFT JOIN officers AS doing ON doing.id = audit.actor
         LEFT JOIN officers AS concerned ON concerned.id = audit.subject
         LEFT JOIN bulk_actions ON bulk_actions.id = audit.subject
         WHERE audit.district = $1
           AND ($2 = '' OR audit.subject IN (SELECT id FROM cases WHERE reference = $2 OR reference = $3))
           AND ($4 = '' OR audit.actor = $4)
           AND ($5 = '' OR audit.id < $5)
         ORDER BY audit.id DESC LIMIT $6",
    )
    .bind(district.code())
    .bind(reference)
    .bind(reference.to_uppercase())
    .bind(asked.officer.trim())
    .bind(asked.before.trim())
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(listed).collect()
}

/// Reads a `Listed` from a row of `list`.
fn listed(row: &Row) -> sqlx::Result<Listed> {
    let (actor, officer): (&str, Option<String>) = (row.try_get("actor")?, row.try_get("officer")?);
    let reference: Option<String> = row.try_get("reference")?;
    let subject: String = row.try_get("subject")?;
    let concerned: Option<String> = row.try_get("concerned")?;
    let bulk_action: Option<String> = row.try_get("bulk_action")?;
    let receipt: ReceiptId = row.try_get("receipt")?;
    let action: Action = coded(row, "action")?;
    let words: String = row.try_get("words")?;
    let (document, words) =
        if action.is_about_document() { (Some(words.into()), String::new()) } else { (None, words) };
    Ok(Listed {
        id: row.try_get("id")?,
        at: instant(row, "at")?,
        who: match () {
            () if officer.is_some() => Who::Officer,
            () if actor == Actor::COMMAND_LINE => Who::CommandLine,
            () if actor == Actor::RETENTION => Who::Retention,
            () if actor == Actor::UNKNOWN => Who::Unknown,
            () => Who::Applicant,
        },
        officer,
        about: match action {
            // The hash identifies the file.
            Action::Import => subject.clone(),
            _ => reference.clone().or(concerned).or(bulk_action).unwrap_or_default(),
        },
        action,
        case: reference.is_some().then(|| subject.into()),
        document,
        words,
        receipt: (!receipt.is_empty()).then_some(receipt),
        number: row.try_get::<Option<i64>, _>("number")?.map(i64::unsigned_abs),
    })
}

/// The head of the chain: number and hash of the last sealed entry. The default is the empty chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub number: i64,
    pub hash: String,
}

/// The content of an entry that its hash covers: all columns, in this order.
type Said = (String, i64, String, String, String, String, String, String);
const SAID: &str = "id, at, actor, action, subject, district, words, receipt";

/// Returns the hash of an entry, which also covers the previous hash.
fn hash(before: &str, said: &Said) -> String {
    let (id, at, actor, action, subject, district, words, receipt) = said;
    secrets::hash(&[before, id, &at.to_string(), actor, action, subject, district, words, receipt])
}

/// Returns the head of the chain and the id of its last entry.
async fn head(connection: &mut Connection) -> sqlx::Result<(Head, String)> {
    let last: Option<(i64, String, String)> =
        query_as("SELECT number, hash, entry FROM audit_seals ORDER BY number DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    Ok(last.map(|(number, hash, entry)| (Head { number, hash }, entry)).unwrap_or_default())
}

/// Returns the head of the chain; number 0 if it is empty.
pub async fn end_of_chain(connection: &mut Connection) -> sqlx::Result<Head> {
    Ok(head(connection).await?.0)
}

/// The start of the search for unsealed entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Ever,
    /// Ten minutes before the last sealed entry. An id is made shortly before its entry is committed, possibly by a server whose
    /// clock is slow.
    Lately,
}

/// Returns at most `most` unsealed entries, by id.
async fn waiting(connection: &mut Connection, last: &str, since: Since, most: i64) -> sqlx::Result<Vec<Said>> {
    const LATE_MS: u64 = 10 * 60 * 1000;
    let after = match since {
        Since::Ever => String::new(),
        Since::Lately => earlier(last, LATE_MS).unwrap_or_default(),
    };
    let sql = format!(
        "SELECT {SAID} FROM audit WHERE id > $1
           AND NOT EXISTS (SELECT 1 FROM audit_seals WHERE audit_seals.entry = audit.id) ORDER BY id LIMIT $2"
    );
    query_as(AssertSqlSafe(sql)).bind(after).bind(most).fetch_all(connection).await
}

/// Returns a UUIDv7 from `by` milliseconds before an entry; `None` if its id is not a UUID.
fn earlier(entry: &str, by: u64) -> Option<String> {
    let ms = u64::from_str_radix(&entry.get(..13)?.replace('-', ""), 16).ok()?.saturating_sub(by);
    let hex = format!("{ms:012x}");
    Some(format!("{}-{}-7000-8000-000000000000", &hex[..8], &hex[8..]))
}

/// Returns `true` if there is an unsealed entry.
pub async fn is_any_waiting(connection: &mut Connection, since: Since) -> sqlx::Result<bool> {
    let (_, last) = head(connection).await?;
    Ok(!waiting(connection, &last, since, 1).await?.is_empty())
}

/// Seals up to `most` entries and returns their number. The caller holds the lock that serialises sealing.
pub async fn seal(connection: &mut Connection, since: Since, most: i64) -> sqlx::Result<usize> {
    const AT_ONCE: usize = 100;
    let (mut head, last) = head(connection).await?;
    let entries = waiting(connection, &last, since, most).await?;
    for some in entries.chunks(AT_ONCE) {
        let rows: Vec<String> =
            (0..some.len()).map(|row| format!("(${}, ${}, ${})", row * 3 + 1, row * 3 + 2, row * 3 + 3)).collect();
        let sql = format!("INSERT INTO audit_seals (number, entry, hash) VALUES {}", rows.join(", "));
        let mut insert = query(AssertSqlSafe(sql));
        for said in some {
            head = Head { number: head.number + 1, hash: hash(&head.hash, said) };
            insert = insert.bind(head.number).bind(said.0.clone()).bind(head.hash.clone());
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(entries.len())
}

/// A defect of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The entry's content changed, or it is out of order.
    Changed { number: i64, entry: String },
    /// The entry is missing.
    Missing { number: i64, entry: String },
    /// The seal with this number is missing.
    NoSeal { number: i64 },
}

/// The result of verifying the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Number of sealed entries.
    pub chained: i64,
    /// Number of unsealed entries.
    pub waiting: i64,
    pub head: Head,
    pub broken: Vec<Broken>,
    /// The current hash of the requested number; `None` if the chain does not have it.
    pub noted: Option<String>,
}

/// Verifies the whole chain. `noted` is a number whose hash was written down outside the database.
pub async fn verify(connection: &mut Connection, noted: Option<i64>) -> sqlx::Result<Verdict> {
    const AT_ONCE: i64 = 1000;
    let mut verdict = Verdict::default();
    loop {
        let rows = query(
            "SELECT number, entry, hash, audit.id, coalesce(at, 0), coalesce(actor, ''), coalesce(action, ''),
               coalesce(subject, ''), coalesce(district, ''), coalesce(words, ''), coalesce(receipt, '')
             FROM audit_seals LEFT JOIN audit ON audit.id = audit_seals.entry WHERE number > $1 ORDER BY number LIMIT $2",
        )
        .bind(verdict.head.number)
        .bind(AT_ONCE)
        .fetch_all(&mut *connection)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let (number, entry, sealed): (i64, String, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let is_gone = row.try_get::<Option<String>, _>(3)?.is_none();
            let said = (
                entry.clone(),
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
                row.try_get(7)?,
                row.try_get(8)?,
                row.try_get(9)?,
                row.try_get(10)?,
            );
            let follows = number == verdict.head.number + 1;
            verdict.broken.extend((verdict.head.number + 1..number).map(|number| Broken::NoSeal { number }));
            if is_gone {
                verdict.broken.push(Broken::Missing { number, entry });
            } else if follows && hash(&verdict.head.hash, &said) != sealed {
                // After a gap the previous hash is unknown, so this entry cannot be verified.
                verdict.broken.push(Broken::Changed { number, entry });
            }
            if Some(number) == noted {
                verdict.noted = Some(sealed.clone());
            }
            verdict.chained += 1;
            verdict.head = Head { number, hash: sealed };
        }
    }
    verdict.waiting = query_scalar(
        "SELECT count(*) FROM audit WHERE NOT EXISTS (SELECT 1 FROM audit_seals WHERE audit_seals.entry = audit.id)",
    )
    .fetch_one(connection)
    .await?;
    Ok(verdict)
}

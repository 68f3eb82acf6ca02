//! Who did what to what. It is only ever added to. `audit_seals` chains what is in it, so that what is changed or missing shows.

use api::audit::{Asked, Listed, Who};
use chrono::{DateTime, Utc};
use rules::{Coded, District};
use sqlx::{AssertSqlSafe, Row as _, query, query_as, query_scalar};

pub use api::audit::Action;

use crate::secrets;
use crate::store::{Connection, Row, coded, instant, new_id};

/// What is to be written down. `subject` is the id of a case, an officer or a bulk action, or the hash of a file.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'e> {
    pub actor: &'e str,
    pub action: Action,
    pub subject: &'e str,
    /// Where it is neither an officer's who does it nor a case's: whose it is.
    pub district: Option<District>,
    /// What an officer wrote down as the reason; of a time, which it is; the id of a document.
    pub words: &'e str,
    /// The receipt of the decision it rests on.
    pub receipt: &'e str,
}

/// Who does something that is neither a person nor an officer: whoever works on the command line, and the end of a keeping time.
pub const COMMAND_LINE: &str = "command line";
pub const KEEPING_TIME: &str = "keeping-time";

/// Somebody who tried to sign in. Their address is not written down.
pub const UNKNOWN: &str = "unknown";

impl<'e> Entry<'e> {
    pub fn of(actor: &'e str, action: Action, subject: &'e str) -> Entry<'e> {
        Entry { actor, action, subject, district: None, words: "", receipt: "" }
    }
}

/// Whose the entry is: the district of the officer who does it, of the case or officer it is done to, or of whoever says so.
const DISTRICT: &str =
    "coalesce((SELECT district FROM officers WHERE id = $2), (SELECT district FROM cases WHERE id = $4),
       (SELECT district FROM officers WHERE id = $4), $5)";

/// `actor` is the id of a person or an officer, or one of the names above.
pub async fn add(
    connection: &mut Connection,
    actor: &str,
    action: Action,
    subject: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    write(connection, &Entry::of(actor, action, subject), now).await
}

pub async fn write(connection: &mut Connection, entry: &Entry<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let sql = format!(
        "INSERT INTO audit (id, at, actor, action, subject, district, words, receipt)
         VALUES ($1, $8, $2, $3, $4, {DISTRICT}, $6, $7)"
    );
    query(AssertSqlSafe(sql))
        .bind(new_id())
        .bind(entry.actor)
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

/// The same done to many.
pub async fn add_all(
    connection: &mut Connection,
    actor: &str,
    action: Action,
    subjects: &[&str],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    const AT_ONCE: usize = 500;
    // Asked for once, and not for each.
    let district: Option<String> = query_scalar("SELECT district FROM officers WHERE id = $1")
        .bind(actor)
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
        let mut insert = query(AssertSqlSafe(sql)).bind(now.timestamp()).bind(actor).bind(action.code());
        insert = insert.bind(district.as_deref().unwrap_or_default());
        for subject in some {
            insert = insert.bind(new_id()).bind(*subject);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// A district's entries that are asked for, the newest first; one more than `most` says that there are others.
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

fn listed(row: &Row) -> sqlx::Result<Listed> {
    let (actor, officer): (&str, Option<String>) = (row.try_get("actor")?, row.try_get("officer")?);
    let reference: Option<String> = row.try_get("reference")?;
    let subject: String = row.try_get("subject")?;
    let concerned: Option<String> = row.try_get("concerned")?;
    let bulk_action: Option<String> = row.try_get("bulk_action")?;
    let receipt: String = row.try_get("receipt")?;
    let action: Action = coded(row, "action")?;
    let words: String = row.try_get("words")?;
    let (document, words) = if action.is_about_document() { (Some(words), String::new()) } else { (None, words) };
    Ok(Listed {
        id: row.try_get("id")?,
        at: instant(row, "at")?,
        who: match () {
            () if officer.is_some() => Who::Officer,
            () if actor == COMMAND_LINE => Who::CommandLine,
            () if actor == KEEPING_TIME => Who::AppState,
            () if actor == UNKNOWN => Who::Unknown,
            () => Who::Applicant,
        },
        officer,
        about: match action {
            // The file's hash, by which it can be known again.
            Action::Import => subject.clone(),
            _ => reference.clone().or(concerned).or(bulk_action).unwrap_or_default(),
        },
        action,
        case: reference.is_some().then_some(subject),
        document,
        words,
        receipt: (!receipt.is_empty()).then_some(receipt),
        number: row.try_get::<Option<i64>, _>("number")?.map(i64::unsigned_abs),
    })
}

/// The end of the chain: the number of its last entry, and its hash. Before the first, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub number: i64,
    pub hash: String,
}

/// What an entry says, as it is chained: all its columns, in this order.
type Said = (String, i64, String, String, String, String, String, String);
const SAID: &str = "id, at, actor, action, subject, district, words, receipt";

fn hash(before: &str, said: &Said) -> String {
    let (id, at, actor, action, subject, district, words, receipt) = said;
    secrets::hash(&[before, id, &at.to_string(), actor, action, subject, district, words, receipt])
}

async fn head(connection: &mut Connection) -> sqlx::Result<(Head, String)> {
    let last: Option<(i64, String, String)> =
        query_as("SELECT number, hash, entry FROM audit_seals ORDER BY number DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    Ok(last.map(|(number, hash, entry)| (Head { number, hash }, entry)).unwrap_or_default())
}

/// The end of the chain; number 0 before the first entry.
pub async fn end_of_chain(connection: &mut Connection) -> sqlx::Result<Head> {
    Ok(head(connection).await?.0)
}

/// How far back entries are looked for that are not chained yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Ever,
    /// An id is made a moment before its entry is committed, perhaps by a server whose clock is behind: so long before the last
    /// chained one.
    Lately,
}

/// Entries that are not chained yet, in the order of their ids.
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

/// An id (UUIDv7) from so many milliseconds before another.
fn earlier(id: &str, by: u64) -> Option<String> {
    let ms = u64::from_str_radix(&id.get(..13)?.replace('-', ""), 16).ok()?.saturating_sub(by);
    let hex = format!("{ms:012x}");
    Some(format!("{}-{}-7000-8000-000000000000", &hex[..8], &hex[8..]))
}

pub async fn is_any_waiting(connection: &mut Connection, since: Since) -> sqlx::Result<bool> {
    let (_, last) = head(connection).await?;
    Ok(!waiting(connection, &last, since, 1).await?.is_empty())
}

/// Chains up to `most` entries, and says how many. The caller sees to it that nobody else does so at the same time.
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

/// Something about the chain that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The entry says something else than when it was chained, or stands in another's place.
    Changed { number: i64, entry: String },
    /// The entry is gone.
    Missing { number: i64, entry: String },
    /// The chain has no such number: its seal is gone.
    NoSeal { number: i64 },
}

/// The chain, looked over from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub chained: i64,
    /// Not chained yet.
    pub waiting: i64,
    pub head: Head,
    pub broken: Vec<Broken>,
    /// The hash that the number asked about has now, if the chain has it.
    pub noted: Option<String>,
}

/// Looks the whole chain over. `noted` is a number whose hash somebody has written down.
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
                // Behind a gap nobody knows the hash before, and so not whether this one is right.
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

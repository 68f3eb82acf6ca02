//! Who did what to what. It is only ever added to.

use chrono::{DateTime, Utc};
use rules::coded;
use sqlx::{AssertSqlSafe, query};

use super::{Connection, new_id};

coded! {
    Action {
        Book = "book",
        Move = "move",
        Cancel = "cancel",
        Tell = "tell",
        AddCase = "add-case",
        DeleteAccount = "delete-account",
        CancelByOffice = "cancel-by-office",
        Close = "close",
        UndoClose = "undo-close",
        Publish = "publish",
        AddSlot = "add-slot",
        MoveSlot = "move-slot",
        WithdrawSlot = "withdraw-slot",
        Attend = "attend",
        LookAtCase = "look-at-case",
        BookByPhone = "book-by-phone",
        Called = "called",
        AddOfficer = "add-officer",
        LinkOfficer = "link-officer",
        EndOfficer = "end-officer",
        AddPasskey = "add-passkey",
        Import = "import",
        SignInAtDesk = "sign-in-at-desk",
    }
}

/// `actor` is a person's id, `subject` that of a case.
pub async fn add(
    connection: &mut Connection,
    actor: &str,
    action: Action,
    subject: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    query("INSERT INTO audit (id, at, actor, action, subject) VALUES ($1, $2, $3, $4, $5)")
        .bind(new_id())
        .bind(now.timestamp())
        .bind(actor)
        .bind(rules::Coded::code(action))
        .bind(subject)
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
    for some in subjects.chunks(AT_ONCE) {
        let rows: Vec<String> =
            (0..some.len()).map(|row| format!("(${}, $1, $2, $3, ${})", row * 2 + 4, row * 2 + 5)).collect();
        let sql = format!("INSERT INTO audit (id, at, actor, action, subject) VALUES {}", rows.join(", "));
        let mut insert = query(AssertSqlSafe(sql)).bind(now.timestamp()).bind(actor).bind(rules::Coded::code(action));
        for subject in some {
            insert = insert.bind(new_id()).bind(*subject);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

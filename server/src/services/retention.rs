//! Retention: deletes expired data, at start and once an hour. `documents::retention` deletes documents.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{
    clock::Clock,
    documents::retention,
    files::private_folder,
    state::{AppState, Mode},
    store::{
        answers, desk_sessions, documents, feedback, holds, known_browsers, officers, outbox, passkeys, persons,
        rate_limits, sessions, sign_in_codes,
    },
};

/// Retention of accounts without a case.
const KEPT_WITHOUT_CASE: TimeDelta = TimeDelta::days(30);

/// Retention of known browsers, and the lifetime of their cookie.
pub(crate) const KNOWN_FOR: TimeDelta = TimeDelta::days(180);

/// Retention of feedback.
const KEPT_FEEDBACK: TimeDelta = TimeDelta::days(365);

const PAUSE: Duration = Duration::from_secs(3600);

/// Retention of counters, codes and stored answers: longer than each of them is used.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Deletes expired data once an hour, until it is stopped.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = tidy(&state).await {
            tracing::warn!("what is over cannot be deleted now: {error}");
        }
        if let Err(error) = retention::tidy(&state.documents).await {
            tracing::warn!("documents whose time is over cannot be deleted now: {error:#}");
        }
        if let Err(error) = forget_files(&state) {
            tracing::warn!("messages in files cannot be deleted now: {error}");
        }
        sleep(PAUSE).await;
    }
}

/// Deletes the messages that were written to files instead of sent, because they contain codes and names. The demo keeps them for
/// its mailbox.
fn forget_files(state: &AppState) -> std::io::Result<()> {
    if state.mode == Mode::Demo {
        return Ok(());
    }
    // File times come from the system clock.
    let before = Clock::System.now() - KEPT;
    for name in ["mail", "sms"] {
        let folder = state.data_dir.join(name);
        if folder.exists() {
            private_folder::forget(&folder, before.into())?;
        }
    }
    Ok(())
}

async fn tidy(state: &AppState) -> sqlx::Result<()> {
    let now = state.clock.now();
    // Rows that expire later than this were written by a clock that was ahead.
    let (before, ahead) = (now - KEPT, now + KEPT);
    let mut transaction = state.store.write().await?;
    answers::forget(&mut transaction, before, ahead).await?;
    desk_sessions::forget(&mut transaction, before, ahead).await?;
    holds::forget(&mut transaction, before, ahead).await?;
    outbox::forget_codes(&mut transaction, before).await?;
    officers::forget_links(&mut transaction, before).await?;
    passkeys::forget(&mut transaction, before, ahead).await?;
    sessions::forget(&mut transaction, before, ahead).await?;
    sign_in_codes::forget(&mut transaction, before, ahead).await?;
    rate_limits::forget(&mut transaction, before, ahead).await?;
    documents::wake(&mut transaction, now, ahead).await?;
    outbox::wake(&mut transaction, now, ahead).await?;
    feedback::forget(&mut transaction, now - KEPT_FEEDBACK).await?;
    known_browsers::forget(&mut transaction, now - KNOWN_FOR).await?;
    persons::forget_without_case(&mut transaction, now - KEPT_WITHOUT_CASE).await?;
    persons::forget(&mut transaction, rules::day::in_oslo(now)).await?;
    transaction.commit().await?;
    state.store.empty_log().await
}

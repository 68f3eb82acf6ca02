//! What is over and needed by nobody is deleted, once an hour.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{
    clock::Clock,
    documents::retention,
    messages::mail,
    state::{AppState, Mode},
    store::{
        answers, desk_sessions, documents, feedback, holds, known_browsers, officers, outbox, passkeys, persons,
        rate_limits, sessions, sign_in_codes,
    },
};

/// Accounts without a case are forgotten so long after they were made.
const KEPT_WITHOUT_CASE: TimeDelta = TimeDelta::days(30);

/// How long a browser is known in which somebody has signed in.
pub(crate) const KNOWN_FOR: TimeDelta = TimeDelta::days(180);

/// What people said of a page.
const KEPT_FEEDBACK: TimeDelta = TimeDelta::days(365);

const PAUSE: Duration = Duration::from_secs(3600);

/// Longer than any span of a limit, any code and any answer that is given again.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Tidies up now and again, until it is stopped.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = tidy(&state).await {
            tracing::warn!("what is over cannot be deleted now: {error}");
        }
        if let Err(error) = retention::tidy(&state).await {
            tracing::warn!("documents whose time is over cannot be deleted now: {error:#}");
        }
        if let Err(error) = forget_files(&state) {
            tracing::warn!("messages in files cannot be deleted now: {error}");
        }
        sleep(PAUSE).await;
    }
}

/// Messages that were written into files instead of being sent: codes and names are in them. A demo shows them.
fn forget_files(state: &AppState) -> std::io::Result<()> {
    if state.mode == Mode::Demo {
        return Ok(());
    }
    // Files are dated by the system.
    let before = Clock::System.now() - KEPT;
    for name in ["mail", "sms"] {
        let folder = state.data_dir.join(name);
        if folder.exists() {
            mail::forget(&folder, before.into())?;
        }
    }
    Ok(())
}

async fn tidy(state: &AppState) -> sqlx::Result<()> {
    let now = state.clock.now();
    // What lasts longer from now on was made by a clock that was ahead, and would last until that day.
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

//! What is over and needed by nobody is deleted, once an hour.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{
    clock::Clock,
    counter::{Counter, Mode},
    documents::keep,
    mail,
    store::{answers, desk_sessions, holds, messages, officers, passkeys, persons, sessions, sign_in_codes, uses},
};

const PAUSE: Duration = Duration::from_secs(3600);

/// Longer than any span of a limit, any code and any answer that is given again.
const KEPT: TimeDelta = TimeDelta::days(1);

/// Tidies up now and again, until it is stopped.
pub async fn run(counter: Counter) {
    loop {
        if let Err(error) = tidy(&counter).await {
            tracing::warn!("what is over cannot be deleted now: {error}");
        }
        if let Err(error) = keep::tidy(&counter).await {
            tracing::warn!("documents whose time is over cannot be deleted now: {error:#}");
        }
        if let Err(error) = forget_files(&counter) {
            tracing::warn!("messages in files cannot be deleted now: {error}");
        }
        sleep(PAUSE).await;
    }
}

/// Messages that were written into files instead of being sent: codes and names are in them. A demo shows them.
fn forget_files(counter: &Counter) -> std::io::Result<()> {
    if counter.mode == Mode::Demo {
        return Ok(());
    }
    // Files are dated by the system.
    let before = Clock::System.now() - KEPT;
    for name in ["mail", "sms"] {
        let folder = counter.data_dir.join(name);
        if folder.exists() {
            mail::forget(&folder, before.into())?;
        }
    }
    Ok(())
}

async fn tidy(counter: &Counter) -> sqlx::Result<()> {
    let before = counter.clock.now() - KEPT;
    let mut transaction = counter.store.write().await?;
    answers::forget(&mut transaction, before).await?;
    desk_sessions::forget(&mut transaction, before).await?;
    holds::forget(&mut transaction, before).await?;
    messages::forget_codes(&mut transaction, before).await?;
    officers::forget_links(&mut transaction, before).await?;
    passkeys::forget(&mut transaction, before).await?;
    sessions::forget(&mut transaction, before).await?;
    sign_in_codes::forget(&mut transaction, before).await?;
    uses::forget(&mut transaction, before).await?;
    persons::forget(&mut transaction, rules::day::in_oslo(counter.clock.now())).await?;
    transaction.commit().await
}

//! What is over and needed by nobody is deleted, once an hour.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;

use crate::{
    counter::Counter,
    documents::keep,
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
        sleep(PAUSE).await;
    }
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

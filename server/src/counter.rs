//! What every handler works with.

use std::sync::Arc;

use crate::{
    clock::Clock,
    config::Options,
    files::Files,
    mail::Mailer,
    page,
    policy::{self, Loaded},
    store::{Store, policies},
};
use anyhow::Context;

/// The counter: its records, its clock, the rules in force.
#[derive(Clone)]
pub struct Counter {
    pub store: Store,
    /// What people hand in.
    pub files: Files,
    pub clock: Clock,
    pub policy: Arc<Loaded>,
    pub mailer: Mailer,
    pub mode: Mode,
    /// Reached over https: cookies go nowhere else.
    pub https: bool,
    /// How many proxies stand before this server.
    pub proxies: usize,
    /// How many years the office keeps the cases of an account that is deleted.
    pub keep_years: u32,
    /// The built page, as far as the server writes into it.
    pub index: Arc<page::Index>,
    /// The address of the page's stylesheet.
    pub stylesheet: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Counter,
    /// With a page that shows the mailbox.
    Demo,
}

impl Counter {
    pub async fn open(options: &Options, mode: Mode) -> anyhow::Result<Counter> {
        let policy = policy::load(Some(&policy::folder(&options.database.data_dir)))?;
        let database = options.database.address()?;
        let files = options.files()?;
        let store = Store::open(&database).await.with_context(|| format!("cannot open the database {database}"))?;
        let files = Files::open(&files).await.with_context(|| format!("cannot open the files at {files}"))?;
        let mut transaction = store.write().await?;
        policies::keep(&mut transaction, &policy.sha256, &policy.body).await?;
        transaction.commit().await?;
        Ok(Counter {
            store,
            files,
            clock: Clock::new(options.clock.map(|start| start.to_utc())),
            policy: Arc::new(policy),
            mailer: Mailer::to_folder(&options.database.data_dir)?,
            mode,
            https: options.https,
            proxies: options.proxies,
            keep_years: options.keep_years,
            index: Arc::new(page::Index::read(&options.dist_dir)?),
            stylesheet: page::stylesheet(&options.dist_dir)?.into(),
        })
    }
}

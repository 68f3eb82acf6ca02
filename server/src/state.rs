//! The server's state: opened once at start, shared by every handler, service and round.

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use crate::{
    cli::{Options, secret_settings},
    clock::Clock,
    documents::{
        inspect::Terms,
        keys::{self, HouseKey},
        scan::Scanner,
    },
    files::Files,
    http::static_files,
    messages::{Templates, mail::Mailer, sms::Sender},
    policy::{self, timeline::InUse},
    secrets,
    services::clock_drift,
    store::{Store, case_keys},
};
use anyhow::Context;
use api::documents::Limits;
use tokio::sync::Notify;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The state behind one pointer: cloning it for a request counts one reference.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The records, the clock, the rules in force, and the settings that handlers need.
pub struct Shared {
    pub store: Store,
    /// What people hand in.
    pub files: Files,
    /// By which it is kept.
    pub house_key: HouseKey,
    /// By which callers and others are counted, so that the counts name nobody.
    pub counting_key: secrets::Key,
    /// How much of it there may be.
    pub limits: Limits,
    /// How many days it is kept.
    pub keep_document_days: u32,
    /// Looks for viruses in it, if there is one.
    pub scanner: Option<Scanner>,
    /// How it is looked into.
    pub looking: Terms,
    /// How long the pages of an archive may take to be drawn.
    pub archive_time: Duration,
    /// Told when a document has come.
    pub arrived: Notify,
    pub clock: Clock,
    /// See `policy_at`.
    pub policy: InUse,
    /// The texts of messages.
    pub templates: Templates,
    pub mailer: Mailer,
    pub sms: Sender,
    /// The secret by which the SMS gateway signs its receipts.
    pub receipts_secret: Option<String>,
    /// Told when somebody waits for a message.
    pub urgent: Notify,
    /// Set when the server stops: nothing new is begun.
    pub stopping: AtomicBool,
    /// Where files, mail and the office's own documents are.
    pub data_dir: PathBuf,
    pub mode: Mode,
    /// Reached over https: cookies go nowhere else.
    pub https: bool,
    /// How many proxies stand before this server.
    pub proxies: usize,
    /// The address by which the page is reached, without a path.
    pub origin: String,
    /// Checks officers' passkeys.
    pub webauthn: Webauthn,
    /// How many years the office keeps the cases of an account that is deleted.
    pub keep_years: u32,
    /// The built page, as far as the server writes into it.
    pub index: static_files::Index,
    /// The address of the page's stylesheet.
    pub stylesheet: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Office,
    /// With a page that shows the mailbox.
    Demo,
}

impl AppState {
    pub async fn open(options: &Options, mode: Mode) -> anyhow::Result<AppState> {
        let (data_dir, transports) = (&options.database.data_dir, &options.transports);
        options.ensure_consistent(mode == Mode::Demo)?;
        let clock = Clock::new(options.clock.map(|start| start.to_utc()));
        let today = rules::day::in_oslo(clock.now());
        let policy = InUse::read(&policy::folder(data_dir), today)?;
        let database = options.database.address()?;
        let origin = options.origin.address();
        let templates = Templates::load(&data_dir.join("messages"), &origin)?;
        let files = options.files()?;
        let house_key = options.documents.house_key(&database, &files)?;
        let store = Store::open(&database).await.with_context(|| format!("cannot open the database {database}"))?;
        let is_new = case_keys::ends(&mut *store.read().await?).await?.is_none();
        let house_key = match house_key {
            Some(key) => key,
            None => HouseKey::in_file(&data_dir.join("documents.key"), is_new)?,
        };
        if options.clock.is_none() {
            clock_drift::ensure_small(&store, clock).await?;
        }
        keys::fits(&house_key, &mut *store.read().await?).await?;
        let files = Files::open(&files).await.with_context(|| format!("cannot open the files at {files}"))?;
        policy.reload(&store, today).await?;
        Ok(AppState(Arc::new(Shared {
            store,
            files,
            counting_key: house_key.derived("counting"),
            house_key,
            limits: options.documents.limits(),
            keep_document_days: options.documents.keep_days,
            scanner: options.documents.clamd.clone(),
            looking: options.documents.looking(),
            archive_time: options.documents.archive_time(),
            arrived: Notify::new(),
            clock,
            policy,
            templates: templates,
            mailer: Mailer::new(transports, &origin, data_dir)?,
            sms: Sender::new(transports, data_dir)?,
            receipts_secret: secret_settings::SMS_RECEIPTS_SECRET.read()?,
            urgent: Notify::new(),
            stopping: AtomicBool::new(false),
            data_dir: data_dir.clone(),
            mode,
            https: options.origin.is_https(),
            proxies: options.proxies,
            webauthn: passkeys(&origin)?,
            origin,
            keep_years: options.keep_years,
            index: static_files::Index::read(&options.dist_dir)?,
            stylesheet: static_files::stylesheet(&options.dist_dir)?,
        })))
    }
}

/// Passkeys hold for the host of an address. On this machine the port does not matter.
fn passkeys(origin: &str) -> anyhow::Result<Webauthn> {
    let address = Url::parse(origin).with_context(|| format!("{origin} is no address"))?;
    let host = address.domain().with_context(|| {
        format!("{origin} has no host name: a browser keeps passkeys for names, such as localhost, not for numbers")
    })?;
    let builder = WebauthnBuilder::new(host, &address)?.rp_name("Skranke");
    Ok(builder.allow_any_port(host == "localhost").build()?)
}

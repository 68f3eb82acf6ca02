//! Opens the server's state from the options. A wrong setting fails here, before the server listens. Called by `serve` and `demo`.

use std::sync::{Arc, atomic::AtomicBool};

use anyhow::Context;
use tokio::sync::Notify;
use url::Url;
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::{
    cli::Options,
    clock::Clock,
    documents::{
        Documents,
        keys::{self, HouseKey},
    },
    files::Files,
    messages::{Templates, mail::Mailer, outbox::Outbox, sms::Sender},
    policy::{self, timeline::InUse},
    secrets::settings,
    services::clock_drift,
    state::{AppState, Mode, Shared},
    store::{Store, case_keys},
    text::index_html::{self, Index},
};

/// Opens the database and the files, and loads the policy, the templates and the built page. Fails if a setting is wrong or
/// contradicts another one, or if anything cannot be opened.
pub async fn open(options: &Options, mode: Mode) -> anyhow::Result<AppState> {
    let (data_dir, transports) = (&options.database.data_dir, &options.transports);
    options.ensure_consistent(mode == Mode::Demo)?;
    let clock = Clock::new(options.clock.map(|start| start.to_utc()));
    let today = rules::day::in_oslo(clock.now());
    let policy = InUse::read(&policy::folder(data_dir), today)?;
    let database = options.database.address()?;
    let origin = options.origin.address();
    let templates = Arc::new(Templates::load(&data_dir.join("messages"), &origin)?);
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
    let stopping = Arc::new(AtomicBool::new(false));
    Ok(AppState::from(Shared {
        counting_key: house_key.derived("counting"),
        documents: Documents {
            store: store.clone(),
            files,
            house_key,
            limits: options.documents.limits(),
            keep_days: options.documents.keep_days,
            scanner: options.documents.clamd.clone(),
            terms: options.documents.looking(),
            archive_time: options.documents.archive_time(),
            arrived: Arc::new(Notify::new()),
            clock,
            policy: policy.clone(),
            templates: templates.clone(),
            stopping: stopping.clone(),
        },
        outbox: Outbox {
            store: store.clone(),
            clock,
            mailer: Mailer::new(transports, &origin, data_dir)?,
            sms: Sender::new(transports, data_dir)?,
            urgent: Arc::new(Notify::new()),
            stopping,
        },
        store,
        clock,
        policy,
        templates,
        receipts_secret: settings::SMS_RECEIPTS_SECRET.read()?,
        data_dir: data_dir.to_path_buf(),
        mode,
        https: options.origin.is_https(),
        proxies: options.proxies,
        webauthn: passkeys(&origin)?,
        origin,
        keep_years: options.keep_years,
        index: Index::open(&options.dist_dir)?,
        stylesheet: index_html::stylesheet(&options.dist_dir)?,
    }))
}

/// Returns the WebAuthn verifier for the host of an origin. On `localhost` any port is accepted. Fails if the origin has no host
/// name.
fn passkeys(origin: &str) -> anyhow::Result<Webauthn> {
    let address = Url::parse(origin).with_context(|| format!("{origin} is no address"))?;
    let host = address.domain().with_context(|| {
        format!("{origin} has no host name: a browser keeps passkeys for names, such as localhost, not for numbers")
    })?;
    let builder = WebauthnBuilder::new(host, &address)?.rp_name("Skranke");
    Ok(builder.allow_any_port(host == "localhost").build()?)
}

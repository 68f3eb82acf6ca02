//! The server's state: opened once at start (`cli/open.rs`), shared by every handler, service and round.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};
use webauthn_rs::Webauthn;

use crate::{
    clock::Clock,
    documents::Documents,
    messages::{Templates, outbox::Outbox},
    policy::{Loaded, timeline::InUse},
    secrets,
    store::Store,
    text::index_html::Index,
};

/// The state behind one pointer: cloning it for a request counts one reference.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl From<Shared> for AppState {
    fn from(shared: Shared) -> AppState {
        AppState(Arc::new(shared))
    }
}

/// The records, the clock, the rules in force, and the settings that handlers need.
pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub policy: InUse,
    pub documents: Documents,
    pub templates: Arc<Templates>,
    pub outbox: Outbox,
    /// The key of the hashes under which rate limits count callers, so that the counts name nobody.
    pub counting_key: secrets::Key,
    /// The secret by which the SMS gateway signs its receipts; `None` if receipts are not taken.
    pub receipts_secret: Option<String>,
    /// The folder of files, mail in files, and the office's own policy documents.
    pub data_dir: PathBuf,
    pub mode: Mode,
    /// Whether people reach the page over https: then cookies go nowhere else.
    pub https: bool,
    /// The number of proxies in front of this server.
    pub proxies: usize,
    /// The address by which people reach the page, without a path.
    pub origin: String,
    /// The check of officers' passkeys.
    pub webauthn: Webauthn,
    /// The years for which the office keeps the cases of a deleted account.
    pub keep_years: u32,
    /// The built page, as far as the server writes into it.
    pub index: Index,
    /// The address of the page's stylesheet.
    pub stylesheet: String,
}

impl Shared {
    /// Returns the policy in force at an instant.
    pub fn policy_at(&self, now: DateTime<Utc>) -> Arc<Loaded> {
        self.policy.at(now)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Office,
    /// With demo people, and a page that shows their mailbox.
    Demo,
}

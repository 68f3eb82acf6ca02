//! The server's state, one `Arc` that all handlers, services and workers share. `cli/open.rs` opens it at start.

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

/// A shared pointer to the state. A clone for a request costs one reference count.
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

/// The shared state: records, clock, policy in force, and the settings that handlers need.
pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub policy: InUse,
    pub documents: Documents,
    pub templates: Arc<Templates>,
    pub outbox: Outbox,
    /// The key under which rate limits hash their subjects, so that counters contain no personal data.
    pub counting_key: secrets::Key,
    /// The secret of the SMS gateway's delivery receipts; `None` if receipts are not accepted.
    pub receipts_secret: Option<String>,
    /// The data folder: files, mail written to files, and the office's own policy documents.
    pub data_dir: PathBuf,
    pub mode: Mode,
    /// `true` if people reach the page over HTTPS. Cookies are then marked `Secure`.
    pub https: bool,
    /// The number of trusted reverse proxies in front of this server.
    pub proxies: usize,
    /// The public address of the page, without a path.
    pub origin: String,
    /// The verifier of officers' passkeys (WebAuthn).
    pub webauthn: Webauthn,
    /// The retention of the cases of a deleted account, in years.
    pub keep_years: u32,
    /// The built `index.html`, into which the server writes the start page.
    pub index: Index,
    /// The URL of the page's stylesheet.
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
    /// The demo: demo people, and a page that shows their mailbox.
    Demo,
}

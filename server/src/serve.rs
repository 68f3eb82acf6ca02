//! Runs the server until SIGINT or SIGTERM: starts the workers, the router with the headers of every response, and the listener.
//!
//! At shutdown running requests get two seconds, and idle connections are closed. The outbox records the messages in flight. `main`
//! and `demo` call it.

use std::{io::IsTerminal, net::SocketAddr, process::ExitCode, sync::atomic::Ordering, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware,
    routing::get,
};
use chrono::{SecondsFormat, TimeDelta};
use futures_util::future::join_all;
use rules::Channel;
use tokio::signal;
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, set_header::SetResponseHeaderLayer};

use crate::{
    cli::{self, Log, Options},
    documents::{self, inspect},
    files::private_folder,
    http::{self, client_ip, connections, log, static_files},
    messages::outbox,
    policy::timeline,
    services::{audit_chain, clock_drift, retention},
    state::{AppState, Mode},
};

/// The time in which running requests must end at shutdown; the outbox has as much again.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens the state and serves it. Fails if a setting is wrong.
pub async fn run(options: Options, mode: Mode) -> anyhow::Result<ExitCode> {
    let state = cli::open::open(&options, mode).await?;
    serve(&options, state, Router::new(), |_| {}).await
}

/// Serves until a stop signal, and waits for running requests. `more` has routes beside the API; `ready` is called with the address
/// once the server listens. Fails if it cannot listen.
pub async fn serve(
    options: &Options,
    state: AppState,
    more: Router,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<ExitCode> {
    begin_log(options.log);
    let room = connections::room(options.transports.mail_connections)?;
    private_folder::keep_private_or_say(&state.data_dir);
    client_ip::check(&state);
    let store = state.store.clone();
    let outbox = state.outbox.clone();
    let sending =
        [Channel::Email, Channel::Sms].map(|channel| tokio::spawn(outbox::run(state.outbox.clone(), channel)));
    let tidying = tokio::spawn(retention::run(state.clone()));
    let sealing = tokio::spawn(audit_chain::run(state.clone()));
    let checking =
        [(); documents::check::AT_ONCE].map(|()| tokio::spawn(documents::check::run(state.documents.clone())));
    let following = tokio::spawn(timeline::run(state.store.clone(), state.policy.clone(), state.clock));
    let comparing = tokio::spawn(clock_drift::run(state.clone()));
    tell_of_walls(state.documents.terms).await;
    let router = router(options, state, more)?;
    let listener = connections::listen((options.listen, options.origin.port).into())
        .with_context(|| format!("cannot listen on {}:{}", options.listen, options.origin.port))?;
    let address = listener.local_addr()?;
    println!("Skranke is open at http://{address}");
    ready(address);
    // Idle connections of browsers are closed; only running requests are waited for.
    connections::serve(listener, router, room, options.patience(), told_to_stop(), PATIENCE).await;
    for one in [tidying, sealing, following, comparing] {
        one.abort();
    }
    // An interrupted check is repeated by another server, or after the next start.
    for one in checking {
        one.abort();
    }
    // Messages in flight are recorded as sent, so that they are not sent twice.
    outbox.stopping.store(true, Ordering::Relaxed);
    outbox.urgent.notify_waiters();
    tokio::time::timeout(PATIENCE, join_all(sending)).await.ok();
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn router(options: &Options, state: AppState, more: Router) -> anyhow::Result<Router> {
    let policy = static_files::content_security_policy(&options.dist_dir)?;
    let api = http::routes::router(&state)
        .merge(more)
        .layer(CatchPanicLayer::new())
        .layer(CsrfLayer::new())
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(middleware::from_fn(log::answer));
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let with_security = options.security_contact.clone().filter(|contact| !contact.is_empty());
    let with_security = with_security.map(|contact| security_router(&state, contact)).unwrap_or_default();
    let strict_transport = state.https.then(|| fixed(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY));
    Ok(api
        .merge(with_security)
        .merge(static_files::router(&options.dist_dir))
        .layer(tower::util::option_layer(strict_transport))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(fixed(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .layer(fixed(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"))
        .layer(middleware::from_fn(log::ensure_one_host)))
}

/// HSTS for two years, subdomains included.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Returns the route of `security.txt` (RFC 9116), which names the contact for security reports.
fn security_router(state: &AppState, contact: String) -> Router {
    const LASTS: TimeDelta = TimeDelta::days(180);
    let (clock, origin) = (state.clock, state.origin.clone());
    Router::new().route(
        "/.well-known/security.txt",
        get(async move || {
            let expires = (clock.now() + LASTS).to_rfc3339_opts(SecondsFormat::Secs, true);
            format!(
                "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: nb, en\n\
                 Canonical: {origin}/.well-known/security.txt\n"
            )
        }),
    )
}

/// Starts logging to standard error. Colours are used only on a terminal.
fn begin_log(form: Log) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match form {
        Log::Text => log.with_ansi(std::io::stderr().is_terminal() && !no_colour).init(),
        Log::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).init(),
    }
}

/// Logs how the document inspector is sandboxed.
async fn tell_of_walls(terms: inspect::Terms) {
    match inspect::probe(terms).await {
        Ok(probed) => {
            let open = probed.open.join(", ");
            match (probed.fault, probed.open.is_empty()) {
                (None, true) => tracing::info!("documents are looked into by a program that can do nothing else"),
                (None, false) => {
                    tracing::warn!("documents are looked into by a program that could do more than that: {open}");
                }
                (Some(fault), _) => tracing::error!(
                    "no document can be looked into, because this system does not confine who would do it ({fault}): use a \
                     Linux with Landlock and seccomp, or say DOCUMENTS_UNCONFINED=true to do without"
                ),
            }
        }
        Err(error) => tracing::error!("whether documents can be looked into safely is not known: {error:#}"),
    }
}

async fn told_to_stop() {
    let interrupt = async { signal::ctrl_c().await.ok() };
    let terminate = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate => {}
    }
}

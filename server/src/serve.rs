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
use rules::{Channel, Coded};
use tokio::signal;
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, set_header::SetResponseHeaderLayer};
use tracing::Instrument;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

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
    begin_log(options.log);
    let state = cli::open::open(&options, mode).await?;
    serve(&options, state, Router::new(), |_| {}).await
}

/// Serves until a stop signal, and waits for running requests. `more` has routes beside the API; `ready` is called with the address
/// once the server listens. The caller has begun the log. Fails if it cannot listen.
pub async fn serve(
    options: &Options,
    state: AppState,
    more: Router,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<ExitCode> {
    let room = connections::room(options.transports.mail_connections)?;
    private_folder::keep_private_or_say(&state.data_dir);
    client_ip::check(&state);
    let store = state.store.clone();
    let outbox = state.outbox.clone();
    let sending = [Channel::Email, Channel::Sms].map(|channel| {
        let span = tracing::error_span!("outbox", channel = channel.code());
        tokio::spawn(outbox::run(state.outbox.clone(), channel).instrument(span))
    });
    // Each worker has a span, so that its lines in the log name it. At the level of errors, so that no filter of lines drops it.
    let checking = [(); documents::check::AT_ONCE].map(|()| {
        tokio::spawn(documents::check::run(state.documents.clone()).instrument(tracing::error_span!("document-check")))
    });
    let others = [
        tokio::spawn(retention::run(state.clone()).instrument(tracing::error_span!("retention"))),
        tokio::spawn(audit_chain::run(state.clone()).instrument(tracing::error_span!("audit-chain"))),
        tokio::spawn(
            timeline::run(state.store.clone(), state.policy.clone(), state.clock)
                .instrument(tracing::error_span!("policy-timeline")),
        ),
        tokio::spawn(clock_drift::run(state.clone()).instrument(tracing::error_span!("clock-drift"))),
    ];
    tell_of_walls(state.documents.terms).await;
    let router = router(options, state, more)?;
    let listener = connections::listen((options.listen, options.origin.port).into())
        .with_context(|| format!("cannot listen on {}:{}", options.listen, options.origin.port))?;
    let address = listener.local_addr()?;
    println!("Skranke is open at http://{address}");
    ready(address);
    // Idle connections of browsers are closed; only running requests are waited for.
    connections::serve(listener, router, room, options.patience(), told_to_stop(), PATIENCE).await;
    // An interrupted check is repeated by another server, or after the next start.
    for one in others.into_iter().chain(checking) {
        one.abort();
    }
    // Messages in flight are recorded as sent, so that they are not sent twice.
    outbox.stopping.store(true, Ordering::Relaxed);
    outbox.urgent.notify_waiters();
    tokio::time::timeout(PATIENCE, join_all(sending)).await.ok();
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Returns all routes, with the layers that every response passes.
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

/// Starts logging to standard error. Colours are used only on a terminal. As JSON, a panic is a line of the log as well.
pub(crate) fn begin_log(form: Log) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_coloured = std::io::stderr().is_terminal() && !no_colour;
    tracing_subscriber::registry().with(lines(form, is_coloured, std::io::stderr)).with(filter).init();
    if form == Log::Json {
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    }
}

/// Returns the format of the log. A line carries the span in which it was written: the request with its id, or the worker.
fn lines<W>(form: Log, is_coloured: bool, writer: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(is_coloured);
    match form {
        Log::Text => layer.boxed(),
        Log::Json => layer.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    }
}

/// Logs how the document inspector is sandboxed.
async fn tell_of_walls(terms: inspect::Terms) {
    match inspect::probe(terms).await {
        Ok(probed) => {
            let open = probed.open.join(", ");
            match (probed.fault, probed.open.is_empty()) {
                (None, true) => tracing::info!("the process that inspects documents is confined completely"),
                (None, false) => {
                    tracing::warn!("the process that inspects documents is confined, except for: {open}");
                }
                (Some(fault), _) => tracing::error!(
                    "no document can be inspected, because this system does not confine the process that would do it ({fault}): \
                     use a Linux with Landlock and seccomp, or set DOCUMENTS_UNCONFINED=true to do without"
                ),
            }
        }
        Err(error) => tracing::error!("cannot find out how the process that inspects documents is confined: {error:#}"),
    }
}

/// Waits for SIGINT or SIGTERM.
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

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use axum::{body::Body, extract::Request};
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    /// A log that is kept in memory.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Memory {
        fn lines(&self) -> Vec<String> {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
        }
    }

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Logs a request whose handler logs two lines, one of them in a task, and returns the request's id and the log.
    async fn log_of_a_request(form: Log) -> (String, Vec<String>) {
        let memory = Memory::default();
        let writer = memory.clone();
        let log = tracing_subscriber::registry().with(lines(form, false, move || writer.clone()));
        let _log = tracing::subscriber::set_default(log);
        let handler = async || {
            tracing::warn!("in the handler");
            tokio::spawn(async { tracing::warn!("in a task") }.in_current_span()).await.unwrap();
        };
        let router = Router::new().route("/", get(handler)).layer(middleware::from_fn(log::answer));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        (response.headers()[log::REQUEST_ID].to_str().unwrap().to_owned(), memory.lines())
    }

    #[tokio::test]
    async fn each_line_of_a_request_carries_its_id() {
        let (id, lines) = log_of_a_request(Log::Text).await;
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines.iter().all(|line| line.contains(&format!("request={id}"))), "{lines:?}");
    }

    #[tokio::test]
    async fn as_json_each_line_is_an_object_with_the_id_of_its_request() {
        let (id, lines) = log_of_a_request(Log::Json).await;
        let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [handler, task, request] = &lines[..] else { panic!("{lines:?}") };
        for line in [handler, task] {
            assert_eq!((&line["span"]["name"], &line["span"]["request"]), (&"request".into(), &id.as_str().into()));
        }
        assert_eq!((&handler["message"], &task["message"]), (&"in the handler".into(), &"in a task".into()));
        assert_eq!((&request["request"], &request["status"]), (&id.as_str().into(), &200.into()));
    }
}

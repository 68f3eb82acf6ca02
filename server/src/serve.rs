//! Serving the page and its API until told to stop.

use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware,
};
use futures_util::future::join_all;
use rules::Channel;
use tokio::{net::TcpListener, signal, sync::Notify, time::sleep};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer, set_header::SetResponseHeaderLayer};

use crate::{
    audit, caller,
    config::Options,
    counter::{Counter, Mode},
    documents, mailbox, outbox, page,
    policy::timeline,
    request, routes, tidy,
};

/// How long running requests have when the server is told to stop.
const PATIENCE: Duration = Duration::from_secs(2);

pub async fn run(options: Options, mode: Mode) -> anyhow::Result<ExitCode> {
    let counter = Counter::open(&options, mode).await?;
    serve(&options, counter, |_| {}).await
}

/// Serves until a signal to stop, and lets running requests end. `ready` is called with the address once it listens.
pub async fn serve(options: &Options, counter: Counter, ready: impl FnOnce(SocketAddr)) -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .init();
    caller::check(&counter);
    let store = counter.store.clone();
    let (stop, urgent) = (counter.stopping.clone(), counter.urgent.clone());
    let sending = [Channel::Email, Channel::Sms].map(|channel| tokio::spawn(outbox::run(counter.clone(), channel)));
    let tidying = tokio::spawn(tidy::run(counter.clone()));
    let sealing = tokio::spawn(audit::run(counter.clone()));
    let checking = [(); documents::check::AT_ONCE].map(|()| tokio::spawn(documents::check::run(counter.clone())));
    let following = tokio::spawn(timeline::run(counter.clone()));
    let router = router(options, counter)?;
    let listener = TcpListener::bind((options.listen, options.origin.port))
        .await
        .with_context(|| format!("cannot listen on {}:{}", options.listen, options.origin.port))?;
    let address = listener.local_addr()?;
    println!("Skranke is open at http://{address}");
    ready(address);
    let stopping = Arc::new(Notify::new());
    let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown({
            let stopping = stopping.clone();
            async move {
                told_to_stop().await;
                stopping.notify_one();
            }
        });
    // Running requests may end. Browsers also hold connections on which nothing runs, and those wait for nobody.
    tokio::select! {
        ended = serving.into_future() => ended?,
        () = async { stopping.notified().await; sleep(PATIENCE).await } => {}
    }
    tidying.abort();
    sealing.abort();
    following.abort();
    // What was being checked is checked again by whoever opens next.
    for one in checking {
        one.abort();
    }
    // What is on its way is noted as sent, so that nobody gets it twice.
    stop.store(true, Ordering::Relaxed);
    urgent.notify_waiters();
    tokio::time::timeout(PATIENCE, join_all(sending)).await.ok();
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn router(options: &Options, counter: Counter) -> anyhow::Result<Router> {
    let policy = page::content_security_policy(&options.dist_dir)?;
    let mut api = routes::router(&counter);
    if counter.mode == Mode::Demo {
        api = api.merge(mailbox::router(&counter));
    }
    let api = api
        .layer(CatchPanicLayer::new())
        .layer(CsrfLayer::new())
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(middleware::from_fn(request::answer));
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    Ok(api
        .merge(page::router(&options.dist_dir))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(fixed(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()")))
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

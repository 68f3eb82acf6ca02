//! Connections: accepted, bounded in number and in time, and ended. hyper speaks HTTP/1 on each; `serve.rs` says when to stop.
//!
//! A connection costs a file descriptor. When few are left, the connections that have waited longest without a request end, so that
//! idle ones shut nobody out.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use anyhow::ensure;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
};
use hyper::{
    Request,
    body::{Body as HttpBody, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{Instant, MissedTickBehavior, Sleep, interval, sleep, timeout},
};
use tower::ServiceExt;

/// The most connections at the same time, however many descriptors there are: each takes some 20 KB of memory.
const MOST: u64 = 10_000;

/// Descriptors for everything else but mail: the database, files, the programs that look into documents, the storage, the log.
const OTHERS: u64 = 192;

/// The fewest connections with which it is worth to begin.
const FEWEST: u64 = 32;

/// How long the other side may take nothing of an answer.
const STALL: Duration = Duration::from_secs(60);

/// How often connections are looked over.
const SWEEP: Duration = Duration::from_secs(1);

/// Time that a new connection has for its first request when connections are short.
const GRACE: Duration = Duration::from_secs(2);

/// How long a connection that ends may take to send what is left of an answer.
const LAST: Duration = Duration::from_secs(5);

/// How long connections may wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the end of a request's head, from its first byte on.
    pub head: Duration,
    /// Without a request.
    pub idle: Duration,
}

/// Raises the limit of file descriptors as far as the system allows, and returns how many of them may be connections. An error if too
/// few are left beside `mail` connections to the mail server.
pub fn room(mail: u32) -> anyhow::Result<usize> {
    let limit = rlimit::increase_nofile_limit(u64::MAX)?;
    let others = OTHERS + u64::from(mail);
    ensure!(
        limit >= others + FEWEST,
        "only {limit} files may be open at once, and {} are needed at least: raise the limit (ulimit -n, LimitNOFILE), or \
         lower MAIL_CONNECTIONS",
        others + FEWEST
    );
    Ok(usize::try_from((limit - others).min(MOST))?)
}

/// Listens, with the longest queue of new connections that the system allows (net.core.somaxconn).
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    // The system takes less where it has to.
    const BACKLOG: u32 = 65_535;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Answers by the router on at most `room` connections, until `stop` is over. Then running requests may end, for at most `patience`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    room: usize,
    waits: Patience,
    stop: impl Future<Output = ()>,
    patience: Duration,
) {
    let seats = Seats::default();
    let free = Arc::new(Semaphore::new(room));
    let spare = (room / 8).max(1);
    let (stopping, stopped) = watch::channel(false);
    let mut running = JoinSet::new();
    let mut sweeps = interval(SWEEP);
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    let mut number = 0;
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = sweeps.tick() => {
                while running.try_join_next().is_some() {}
                seats.end_overdue(waits);
                seats.make_room(free.available_permits(), spare);
            }
            taken = accept(&listener, &free) => match taken {
                Ok((permit, stream, peer)) => {
                    number += 1;
                    let taken = seats.take(number, permit);
                    seats.make_room(free.available_permits(), spare);
                    running.spawn(run(stream, peer, router.clone(), taken, stopped.clone()));
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Descriptors may be free again in a moment.
                    tracing::error!("no connection can be accepted now: {error}");
                    seats.make_room(0, spare);
                    sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    stopping.send_replace(true);
    timeout(patience, async { while running.join_next().await.is_some() {} }).await.ok();
}

async fn accept(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> io::Result<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let permit = free.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((permit, stream, peer))
}

/// Returns `true` if an error of `accept` concerns one connection only.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn run(stream: TcpStream, peer: SocketAddr, router: Router, taken: Taken, mut stopped: watch::Receiver<bool>) {
    let seat = &taken.seat;
    let io = TokioIo::new(Watched { stream, seat: seat.clone(), stalled: None });
    let service = {
        let seat = seat.clone();
        service_fn(move |mut request: Request<Incoming>| {
            let turn = Turn::begin(&seat);
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request.map(Body::new));
            async move {
                let Ok(response) = answer.await;
                Ok::<_, Infallible>(response.map(|body| Answer { body, _turn: turn }))
            }
        })
    };
    // The time limits are ours: hyper has one for head and idleness together.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None::<Duration>)
        .serve_connection(io, service);
    let mut connection = pin!(connection);
    tokio::select! {
        // An error is the other side's: it has gone, or speaks no HTTP.
        _ = connection.as_mut() => return,
        () = seat.end.notified() => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    if seat.is_amid_head() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    if seat.is_idle() {
        timeout(LAST, connection).await.ok();
    } else {
        connection.await.ok();
    }
}

/// Every connection, by its number.
#[derive(Clone, Default)]
struct Seats(Arc<Mutex<HashMap<u64, Arc<Seat>>>>);

impl Seats {
    fn all(&self) -> MutexGuard<'_, HashMap<u64, Arc<Seat>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, number: u64, permit: OwnedSemaphorePermit) -> Taken {
        let seat = Arc::new(Seat::new());
        self.all().insert(number, seat.clone());
        Taken { seats: self.clone(), number, seat, _permit: permit }
    }

    /// Ends connections on which somebody takes too long.
    fn end_overdue(&self, waits: Patience) {
        let now = Instant::now();
        for seat in self.all().values() {
            seat.end_if(|state| state.is_overdue(now, waits));
        }
    }

    /// Ends as many connections as are missing to have `spare` places free: of those without a request, the ones that have waited
    /// longest.
    fn make_room(&self, free: usize, spare: usize) {
        if free >= spare {
            return;
        }
        let now = Instant::now();
        let all = self.all();
        let ending = all.values().filter(|seat| seat.state().ended).count();
        let missing = spare.saturating_sub(free + ending);
        if missing == 0 {
            return;
        }
        let waiting = |seat: &Arc<Seat>| Some((seat.state().expendable_since(now)?, seat.clone()));
        let mut waiting: Vec<(Instant, Arc<Seat>)> = all.values().filter_map(waiting).collect();
        waiting.sort_by_key(|(since, _)| *since);
        for (_, seat) in waiting.into_iter().take(missing) {
            seat.end_if(|state| state.requests == 0);
        }
    }
}

/// A connection's place, which is free again however the connection ends.
struct Taken {
    seats: Seats,
    number: u64,
    seat: Arc<Seat>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.seats.all().remove(&self.number);
    }
}

/// The state of one connection.
struct Seat {
    state: Mutex<State>,
    /// Told when it is to end.
    end: Notify,
}

struct State {
    /// Requests whose answers are not written whole.
    requests: usize,
    /// It has had a request.
    served: bool,
    /// Since when it has none.
    since: Instant,
    /// When the first byte of the head came that is being read.
    head: Option<Instant>,
    ended: bool,
}

impl State {
    fn is_overdue(&self, now: Instant, waits: Patience) -> bool {
        let is_over = |since: Instant, most: Duration| now.duration_since(since) >= most;
        self.requests == 0
            && (is_over(self.since, waits.idle) || self.head.is_some_and(|began| is_over(began, waits.head)))
    }

    /// Since when it has waited, if it may be ended to make room. Browsers send a request anew if a connection that was used before
    /// ends; one that is new has a moment to begin.
    fn expendable_since(&self, now: Instant) -> Option<Instant> {
        let is_old = self.served && self.head.is_none() || now.duration_since(self.since) >= GRACE;
        (self.requests == 0 && !self.ended && is_old).then_some(self.since)
    }
}

impl Seat {
    fn new() -> Seat {
        let state = State { requests: 0, served: false, since: Instant::now(), head: None, ended: false };
        Seat { state: Mutex::new(state), end: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self) -> bool {
        self.state().requests == 0
    }

    fn is_amid_head(&self) -> bool {
        let state = self.state();
        state.requests == 0 && state.head.is_some()
    }

    /// Notes that bytes have come.
    fn hear(&self) {
        let mut state = self.state();
        if state.requests == 0 && state.head.is_none() {
            state.head = Some(Instant::now());
        }
    }

    fn end_if(&self, over: impl FnOnce(&State) -> bool) {
        let mut state = self.state();
        if !state.ended && over(&state) {
            state.ended = true;
            self.end.notify_one();
        }
    }
}

/// A request that is being answered.
struct Turn(Arc<Seat>);

impl Turn {
    fn begin(seat: &Arc<Seat>) -> Turn {
        let mut state = seat.state();
        state.requests += 1;
        state.served = true;
        state.head = None;
        drop(state);
        Turn(seat.clone())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.requests = state.requests.saturating_sub(1);
        state.since = Instant::now();
        state.head = None;
    }
}

/// An answer's body; the request is over with it.
struct Answer {
    body: Body,
    _turn: Turn,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that notes when something comes, and gives up when the other side takes nothing.
struct Watched {
    stream: TcpStream,
    seat: Arc<Seat>,
    /// Runs while nothing can be written.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    fn watch<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(STALL)));
        stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            this.seat.hear();
        }
        outcome
    }
}

impl AsyncWrite for Watched {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.watch(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, pieces);
        this.watch(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITS: Patience = Patience { head: Duration::from_secs(15), idle: Duration::from_secs(75) };

    fn state(waited: u64, served: bool, head: Option<u64>, requests: usize) -> (State, Instant) {
        let start = Instant::now();
        let now = start + Duration::from_secs(1000);
        let ago = |seconds| now - Duration::from_secs(seconds);
        (State { requests, served, since: ago(waited), head: head.map(ago), ended: false }, now)
    }

    #[test]
    fn a_connection_is_over_by_its_head_or_by_its_idleness() {
        for (waited, head, requests, is_over) in [
            (74, None, 0, false),
            (75, None, 0, true),
            (14, Some(14), 0, false),
            (70, Some(15), 0, true),
            // A long upload is a request.
            (5000, None, 1, false),
        ] {
            let (state, now) = state(waited, true, head, requests);
            assert_eq!(state.is_overdue(now, WAITS), is_over, "{waited} {head:?} {requests}");
        }
    }

    #[test]
    fn who_waits_may_have_to_make_room() {
        for (waited, served, head, requests, may_end) in [
            (0, true, None, 0, true),
            (1, false, None, 0, false),
            (2, false, None, 0, true),
            (1, true, Some(0), 0, false),
            (2, true, Some(1), 0, true),
            (50, true, None, 1, false),
        ] {
            let (state, now) = state(waited, served, head, requests);
            assert_eq!(state.expendable_since(now).is_some(), may_end, "{waited} {served} {head:?} {requests}");
        }
    }
}

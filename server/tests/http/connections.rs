//! Connection limits: many at once, idle ones, and ones that never complete a request. On loopback only, and no larger
//! than necessary.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::common::{MONDAY, Records, TestServer};

/// Timeout above the duration of any step here.
const LONG: Duration = Duration::from_secs(30);

fn address(server: &TestServer) -> &str {
    server.url.strip_prefix("http://").unwrap()
}

async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(address(server)).await.unwrap()
}

fn signal(server: &TestServer, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &server.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until the server closes the connection. Returns what it has sent.
async fn closed(mut connection: TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    timeout(LONG, connection.read_to_end(&mut said)).await.expect("it stays open").ok();
    said
}

async fn answer_to(server: &TestServer, request: &str) -> String {
    let mut connection = connect(server).await;
    connection.write_all(request.as_bytes()).await.unwrap();
    String::from_utf8(closed(connection).await).unwrap()
}

/// More idle connections and partial heads than the server may have open files, and one client with a real request.
#[tokio::test]
async fn idle_connections_shut_nobody_out() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let records = Records::new(0).await;
    let server = records.open_under(MONDAY, &[], &["prlimit", "--nofile=1024:1024"]).await;
    let mut held = Vec::new();
    for number in 0..1200 {
        let mut connection = connect(&server).await;
        if number % 2 == 1 {
            connection.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n").await.ok();
        }
        held.push(connection);
    }
    for _ in 0..3 {
        // Each request uses a new connection.
        let asked = timeout(LONG, server.visitor().get("/api/health")).await.expect("nobody is let in");
        assert_eq!(asked.status, StatusCode::OK);
    }
    drop(held);
}

/// A soft limit below the hard limit is raised by the server.
#[tokio::test]
async fn as_many_files_are_opened_as_the_system_allows() {
    let records = Records::new(0).await;
    let server = records.open_under(MONDAY, &[], &["prlimit", "--nofile=300:2000"]).await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(files.split_whitespace().nth(3), Some("2000"), "{files}");
}

/// Many connections at the same moment while the server is busy: no connection attempt is dropped.
#[tokio::test]
async fn many_who_come_at_once_are_all_let_in() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap_or(128);
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    signal(&server, "-STOP");
    let mut coming = JoinSet::new();
    for _ in 0..most.min(1000) {
        let address = address(&server).to_owned();
        coming.spawn(async move { TcpStream::connect(address).await.unwrap() });
    }
    // Attempts beyond the backlog would never succeed.
    let come = timeout(LONG, coming.join_all()).await;
    signal(&server, "-CONT");
    assert_eq!(come.expect("some are not let in").len(), most.min(1000));
}

#[tokio::test]
async fn heads_and_idle_connections_have_an_end() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &[("HEAD_SECONDS", "2"), ("IDLE_SECONDS", "5")]).await;
    let began = Instant::now();
    let idle = connect(&server).await;
    let mut dribble = connect(&server).await;
    let mut used = connect(&server).await;
    let request = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n";
    used.write_all(&[request.as_slice(), b"\r\n"].concat()).await.unwrap();
    dribble.write_all(request).await.unwrap();
    // A header line now and then does not reset the timeout.
    let dribbling = async {
        let (mut read, mut write) = dribble.split();
        let mut byte = [0; 1];
        loop {
            if let Ok(read) = timeout(Duration::from_millis(300), read.read(&mut byte)).await {
                assert_eq!(read.unwrap_or(0), 0);
                return began.elapsed();
            }
            write.write_all(b"X-Slow: 1\r\n").await.ok();
        }
    };
    let head = timeout(LONG, dribbling).await.expect("a head may take for ever");
    assert!(head < Duration::from_secs(5), "{head:?}: a head has less time than a connection");
    assert!(closed(idle).await.is_empty());
    let said = String::from_utf8(closed(used).await).unwrap();
    assert!(said.starts_with("HTTP/1.1 200") && said.matches("HTTP/1.1").count() == 1, "{said}");
    assert!(began.elapsed() >= Duration::from_secs(5), "who was served may stay for a while");
}

/// A reverse proxy and the server must agree on the host of a request.
#[tokio::test]
async fn a_request_names_one_host() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for (hosts, status) in [
        ("Host: localhost\r\n", "200"),
        ("", "400"),
        ("Host: localhost\r\nHost: evil.example\r\n", "400"),
        ("Host: localhost\r\nhost: localhost\r\n", "400"),
    ] {
        for path in ["/api/health", "/check"] {
            let request = format!("GET {path} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
            let said = answer_to(&server, &request).await;
            assert!(said.starts_with(&format!("HTTP/1.1 {status}")), "{hosts}{path}: {said}");
        }
    }
}

/// A shutdown does not wait for idle connections.
#[tokio::test]
async fn idle_connections_do_not_keep_a_server_that_is_stopped() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let idle = connect(&server).await;
    let mut half = connect(&server).await;
    half.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let mut used = connect(&server).await;
    used.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    used.read_exact(&mut [0; 8]).await.unwrap();
    signal(&server, "-TERM");
    assert!(timeout(LONG, server.ended()).await.expect("it does not stop"));
    drop((idle, half));
}

/// A body that arrives too slowly is a client error.
#[tokio::test]
async fn a_body_that_does_not_come_is_no_fault_of_the_servers() {
    let records = Records::new(0).await;
    let mut server = records.open(MONDAY).await;
    let mut slow = connect(&server).await;
    let head =
        "POST /api/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut said = vec![0; 2048];
    let size = timeout(LONG, slow.read(&mut said)).await.expect("it waits for ever").unwrap();
    let said = String::from_utf8_lossy(&said[..size]).into_owned();
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("did not come within"), "{said}");
    let id = said.split("x-request-id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let line = server.log_line(&id).await;
    assert!(line.contains(" INFO ") && !line.contains('\u{1b}'), "{line}");
}

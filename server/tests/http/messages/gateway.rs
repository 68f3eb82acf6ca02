//! Fake SMS gateway, which answers as a test wants.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{Router, extract, http::HeaderMap};
use serde_json::Value;

use crate::common::wait_for;

#[derive(Clone, Copy, Debug)]
pub enum Answers {
    With(u16),
    /// A status with `Retry-After`.
    After(u16, u64),
    /// A broken connection.
    Nothing,
    /// No answer at all.
    Never,
}
use Answers::{After, Never, Nothing, With};

/// A request to the gateway.
#[derive(Clone, Debug)]
pub struct Sent {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

#[derive(Clone)]
pub struct Gateway {
    pub url: String,
    pub sent: Arc<Mutex<Vec<Sent>>>,
    /// The answers in order, and after them always 200.
    pub answers: Arc<Mutex<VecDeque<Answers>>>,
}

impl Gateway {
    pub async fn start(answers: &[Answers]) -> Gateway {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let gateway =
            Gateway { url, sent: Arc::default(), answers: Arc::new(Mutex::new(answers.iter().copied().collect())) };
        let router = Router::new().fallback({
            let gateway = gateway.clone();
            move |request: extract::Request| gateway.clone().take(request)
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        gateway
    }

    pub async fn take(self, request: extract::Request) -> axum::response::Response {
        let (head, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        // A number that the gateway does not know.
        let unknown = body["to"] == "+4722342104";
        self.sent.lock().unwrap().push(Sent { path: head.uri.path().to_owned(), headers: head.headers, body });
        let next = if unknown { None } else { Some(self.answers.lock().unwrap().pop_front().unwrap_or(With(200))) };
        let response = |status: u16| axum::response::Response::builder().status(status);
        match next.unwrap_or(With(422)) {
            With(status) => response(status).body(axum::body::Body::empty()).unwrap(),
            After(status, seconds) => {
                response(status).header("retry-after", seconds).body(axum::body::Body::empty()).unwrap()
            }
            // The response head is sent, and the body breaks off.
            Nothing => {
                let broken = futures_util::stream::iter([Err::<bytes::Bytes, _>(std::io::Error::other("broken"))]);
                response(200).header("content-length", 9).body(axum::body::Body::from_stream(broken)).unwrap()
            }
            Never => std::future::pending().await,
        }
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, count: usize) {
        wait_for(async || self.sent().len() >= count, &format!("{count} SMS at the gateway")).await;
    }
}

//! HTTP clients with their cookies, and complete responses.

use api::cases::Times;
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};

use super::test_server::TestServer;

/// An HTTP client with its cookies.
#[derive(Clone)]
pub struct Visitor {
    pub(super) client: Client,
    pub(super) url: String,
}

/// A complete response.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    /// The value and attributes of a cookie that the response sets; `None` if it does not.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        all.find(|cookie| cookie.split('=').next() == Some(name))
    }
}

impl Visitor {
    /// The same client at another server.
    pub fn at(&self, server: &TestServer) -> Visitor {
        Visitor { client: self.client.clone(), url: server.url.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn send(&self, method: &Method, path: &str, body: &Value) -> Answer {
        answer(self.request(method.clone(), path).json(body).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PUT, path).json(body).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::PATCH, path).json(body).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// Posts with an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("idempotency-key", key);
        answer(request.json(body).send().await.unwrap()).await
    }

    pub async fn ask_for_code(&self, email: &str) -> Answer {
        self.post("/api/sign-in-codes", &json!({ "email": email, "language": "en" })).await
    }

    pub async fn tell(&self, case: &str, situation: Value) -> Answer {
        self.put(&format!("/api/cases/{case}/situation"), &situation).await
    }

    pub async fn times(&self, case: &str) -> Times {
        let answer = self.get(&format!("/api/cases/{case}/times")).await;
        serde_json::from_value(answer.body).unwrap()
    }

    pub async fn book(&self, case: &str, slot: &str) -> Answer {
        self.post("/api/appointments", &json!({ "case": case, "slot": slot })).await
    }

    pub async fn hold(&self, case: &str, slot: &str) -> Answer {
        self.put(&format!("/api/cases/{case}/hold"), &json!({ "slot": slot })).await
    }

    pub async fn move_to(&self, appointment: &Value, slot: &str) -> Answer {
        self.post(&path_of(appointment, "/move"), &json!({ "slot": slot })).await
    }
}

/// Path of an appointment, or of a resource below it.
pub fn path_of(appointment: &Value, rest: &str) -> String {
    format!("/api/appointments/{}{rest}", appointment["id"].as_str().unwrap())
}

/// The server's TLS features apply to reqwest here too, which then needs a crypto provider even for plain HTTP.
pub fn client() -> ClientBuilder {
    _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

pub async fn answer(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

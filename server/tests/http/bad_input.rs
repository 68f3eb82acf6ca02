//! Invalid input: every refusal has the same form, names the field, and has the request id in the answer and the log.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{MONDAY, Records, answer};

/// Method, path and body; then status, code and field of the answer.
type Fault<'a> = (Method, &'a str, &'a str, u16, &'a str, Option<&'a str>);

#[tokio::test]
async fn each_fault_names_its_field() {
    let records = Records::new(1).await;
    let asha = records.person("Asha Rao").await;
    let mut server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    let situation = format!("/api/cases/{}/situation", asha.case);
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(2_000_000));
    let longer_than_facts = format!("{{\"id\":\"{}\"}}", "x".repeat(70_000));
    #[rustfmt::skip]
    let cases: &[Fault] = &[
        (Method::PUT, &situation, "{", 400, "malformed-body", None),
        (Method::PUT, &situation, "[]", 422, "invalid-field", None),
        (Method::PUT, &situation, r#"{"entry":{"on":"2020-02-30","quarantine":true}}"#, 422, "invalid-field", Some("entry.on")),
        (Method::PUT, &situation, r#"{"entry":{"on":"32.13.2020","quarantine":true}}"#, 422, "invalid-field", Some("entry.on")),
        (Method::PUT, &situation, r#"{"entry":{"quarantine":true}}"#, 422, "invalid-field", Some("entry.on")),
        (Method::PUT, &situation, r#"{"entry":{"on":"2020-10-26","quarantine":"yes"}}"#, 422, "invalid-field", Some("entry.quarantine")),
        (Method::PUT, &situation, r#"{"entry":["2020-10-26",true]}"#, 422, "invalid-field", Some("entry")),
        (Method::PUT, &situation, r#"{"quarantine":false}"#, 422, "invalid-field", Some("quarantine")),
        (Method::POST, "/api/appointments", r#"{"case":"x"}"#, 422, "invalid-field", Some("slot")),
        (Method::POST, "/api/appointments", r#"{"case":"x","slot":"y"}"#, 404, "not-found", None),
        (Method::POST, "/api/sign-in-codes", r#"{"email":"asha","language":"en"}"#, 422, "email-invalid", Some("email")),
        (Method::POST, "/api/sign-in-codes", r#"{"email":"a@example.org\r\nBcc: b@example.org","language":"en"}"#, 422, "email-invalid", Some("email")),
        (Method::POST, "/api/sign-in-codes", r#"{"email":"a@example.org","language":"xx"}"#, 422, "invalid-field", Some("language")),
        (Method::POST, "/api/decide", "nonsense", 422, "invalid-json", None),
        (Method::POST, "/api/decide", r#"{"at":"2020-11-02T09:00:00+01:00","question":"duties","citizenships":["ZZ"]}"#, 422, "invalid-facts", Some("citizenships[0]")),
        (Method::POST, "/api/decide", r#"{"at":"2020-11-02T09:00:00+01:00","question":"book","application":{"type":"holiday","district":"oslo"}}"#, 422, "invalid-facts", Some("application.type")),
        (Method::POST, "/api/decide", r#"{"at":"2020-11-02","question":"duties"}"#, 422, "invalid-facts", Some("at")),
        (Method::POST, "/api/decide", r#"{"at":"2020-11-02T09:00:00+01:00","question":"book"}"#, 422, "invalid-facts", Some("application")),
        (Method::POST, "/api/decide", r#"{"at":"2020-11-02T09:00:00+01:00","question":"duties","wrok":{}}"#, 422, "invalid-facts", Some("wrok")),
        (Method::POST, "/api/decide", r#"{"at":"2020-11-02T09:00:00+01:00","question":"duties","work":{"start":"2020-11-02"}}"#, 422, "invalid-facts", Some("work.start")),
        (Method::POST, "/api/decide", &long, 413, "body-too-large", None),
        (Method::POST, "/api/decide", &longer_than_facts, 422, "invalid-json", None),
        (Method::POST, "/api/decide", "{\"at\":\"2020-11-02T09:00:00\u{2212}01:00\",\"question\":\"duties\"}", 422, "invalid-facts", Some("at")),
        (Method::POST, "/api/sign-in-codes", r#"{"email":"a@[127.0.0.1]","language":"en"}"#, 422, "email-invalid", Some("email")),
        (Method::POST, "/api/sign-in-codes", r#"{"email":"\"<b>\"@example.org","language":"en"}"#, 422, "email-invalid", Some("email")),
        (Method::GET, "/api", "", 404, "not-found", None),
        (Method::GET, "/api/nothing", "", 404, "not-found", None),
        (Method::DELETE, "/api/cases", "", 405, "method-not-allowed", None),
    ];
    for (method, path, body, status, code, field) in cases {
        let request = visitor.request(method.clone(), path).header("content-type", "application/json");
        let answer = answer(request.body((*body).to_owned()).send().await.unwrap()).await;
        let short: String = body.chars().take(100).collect();
        assert_eq!(
            (answer.status.as_u16(), answer.code(), answer.body["field"].as_str()),
            (*status, *code, *field),
            "{method} {path} {short}"
        );
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{short}");
        let id = answer.body["request_id"].as_str().unwrap();
        assert_eq!(answer.headers["x-request-id"], id);
        let line = server.log_line(id).await;
        assert!(line.contains(code), "{line}");
        assert!(!line.contains("asha"), "no personal data in the log: {line}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_not_read() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let request = server.visitor().request(Method::POST, "/api/sign-in-codes").header("content-type", "text/plain");
    let answer = answer(request.body(r#"{"email":"a@example.org","language":"en"}"#).send().await.unwrap()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"));
    assert_eq!(server.codes_written_to("a@example.org").await, 0);
}

/// A cross-site request with the session of a signed-in person.
#[tokio::test]
async fn requests_of_another_site_change_nothing() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let request = visitor.request(Method::PUT, &format!("/api/cases/{}/situation", asha.case)).header(name, value);
        let answer = answer(request.json(&json!({ "entry": null })).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "foreign-origin"));
    }
    assert_eq!(visitor.get("/api/cases").await.body[0]["situation"], Value::Null);
}

#[tokio::test]
async fn page_and_api_send_strict_headers() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for path in ["/", "/cases", "/api/session", "/api/nothing"] {
        let answer = server.visitor().get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        let stored = if path.starts_with("/api") { "no-store" } else { "no-cache" };
        assert_eq!(answer.headers["cache-control"], stored, "{path}");
    }
}

/// An old page may ask for files that are gone during a deployment.
#[tokio::test]
async fn a_file_that_is_gone_is_not_taken_for_the_page() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for path in ["/app-0123456789abcdef.js".to_owned(), format!("/{}", "a".repeat(300))] {
        let answer = server.visitor().get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// The page is served with the status 404, so that a person sees the links on it.
#[tokio::test]
async fn an_unknown_page_answers_404_with_the_page() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for (path, status) in [
        ("/no/such/page", StatusCode::NOT_FOUND),
        ("/wp-admin", StatusCode::NOT_FOUND),
        ("/desk/nothing", StatusCode::NOT_FOUND),
        ("/appointments", StatusCode::NOT_FOUND),
        ("/cases/0198-a/times/0198-b/0198-c", StatusCode::NOT_FOUND),
        ("/check", StatusCode::OK),
        ("/check/", StatusCode::OK),
        ("/cases/0198-a/times/0198-b/with/0198-c_0198-d", StatusCode::OK),
        ("/appointments/0198-a", StatusCode::OK),
        ("/desk", StatusCode::OK),
        ("/desk/notices/0198-a", StatusCode::OK),
    ] {
        let answer = server.visitor().get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.as_str().unwrap().contains("<div id=\"waiting\">"), "{path}");
        assert_eq!(answer.headers["cache-control"], "no-cache", "{path}");
    }
}

#[tokio::test]
async fn the_demo_mailbox_is_not_there_in_earnest() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let answer = server.visitor().get("/demo/mail").await;
    assert!(!answer.body.as_str().unwrap_or("").contains("Demo mailbox"));
}

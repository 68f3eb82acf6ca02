//! Codes by e-mail, and sessions.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::counter::{MONDAY, Records, answer};

const MINUTES_LATER_11: &str = "2020-11-02T09:11:00+01:00";
const HOURS_LATER_5: &str = "2020-11-02T14:00:00+01:00";

fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_an_address_is_known() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let counter = records.open(MONDAY).await;
    let known = counter.visitor().ask_for_code(&asha.email).await;
    let unknown = counter.visitor().ask_for_code("nobody@example.org").await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(known.status, StatusCode::ACCEPTED);
    assert_eq!(counter.codes_written_to("nobody@example.org").await, 1, "the mail does not tell either");
}

#[tokio::test]
async fn a_code_has_five_tries() {
    let records = Records::new(0).await;
    let counter = records.open(MONDAY).await;
    let visitor = counter.visitor();
    visitor.ask_for_code("asha@example.org").await;
    let code = counter.code_for("asha@example.org").await;
    let wrong = json!({ "email": "asha@example.org", "code": another(&code) });
    for _ in 0..5 {
        let answer = visitor.put("/api/session", &wrong).await;
        assert_eq!((answer.code(), answer.body["field"].as_str()), ("code-wrong", Some("code")));
    }
    let right = json!({ "email": "asha@example.org", "code": code });
    assert_eq!(visitor.put("/api/session", &right).await.code(), "code-over");
}

#[tokio::test]
async fn a_code_works_once_and_only_the_newest() {
    let records = Records::new(0).await;
    let counter = records.open(MONDAY).await;
    let visitor = counter.visitor();
    visitor.ask_for_code("asha@example.org").await;
    let first = counter.code_for("asha@example.org").await;
    visitor.ask_for_code(" Asha@Example.org ").await;
    let newest = counter.new_code_for("asha@example.org", std::slice::from_ref(&first)).await;
    let mut codes = Vec::new();
    for code in [&first, &newest, &newest] {
        let answer = visitor.put("/api/session", &json!({ "email": "asha@example.org", "code": code })).await;
        codes.push(answer.code().to_owned());
    }
    assert_eq!(codes, ["code-wrong", "", "code-over"]);
    assert_eq!(counter.codes_written_to("asha@example.org").await, 2, "small and capital letters are one address");
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_a_session_after_hours() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let counter = records.open(MONDAY).await;
    let signed_in = counter.sign_in(&asha).await;
    let cookie = signed_in.request(Method::GET, "/api/session").send().await.unwrap();
    assert_eq!(cookie.status(), StatusCode::OK);
    counter.visitor().ask_for_code("late@example.org").await;
    let code = counter.code_for("late@example.org").await;
    counter.kill().await;

    let counter = records.open(MINUTES_LATER_11).await;
    let late = counter.visitor().put("/api/session", &json!({ "email": "late@example.org", "code": code })).await;
    assert_eq!(late.code(), "code-over");
    counter.kill().await;

    let (_, token) = records.ready("Piotr Nowak").await;
    let counter = records.open(HOURS_LATER_5).await;
    let cases = counter.visitor().request(Method::GET, "/api/cases").header("cookie", format!("skranke={token}"));
    let over = answer(cases.send().await.unwrap()).await;
    assert_eq!((over.status, over.code()), (StatusCode::UNAUTHORIZED, "session-over"));
}

#[tokio::test]
async fn nobody_is_flooded_with_codes() {
    let records = Records::new(0).await;
    let counter = records.open(MONDAY).await;
    for _ in 0..8 {
        assert_eq!(counter.visitor().ask_for_code("asha@example.org").await.status, StatusCode::ACCEPTED);
    }
    assert_eq!(counter.codes_written_to("asha@example.org").await, 5);
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let counter = records.open(MONDAY).await;
    let visitor = counter.sign_in(&asha).await;
    assert_eq!(visitor.get("/api/session").await.body["person"]["email"], "asha.rao@example.org");
    let out = visitor.request(Method::DELETE, "/api/session").send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    // What the pages have kept goes with the session; cookies, of which one is the language, stay.
    assert_eq!(out.headers()["clear-site-data"], "\"cache\", \"storage\"");
    let answer = visitor.get("/api/cases").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "not-signed-in"));
}

#[tokio::test]
async fn the_cookie_is_strict() {
    let records = Records::new(0).await;
    let counter = records.open(MONDAY).await;
    let visitor = counter.visitor();
    visitor.ask_for_code("asha@example.org").await;
    let code = counter.code_for("asha@example.org").await;
    let answer = visitor.put("/api/session", &json!({ "email": "asha@example.org", "code": code })).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

//! Sign-in codes, sessions and their rate limits.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::common::{Answer, MONDAY, Records, TestServer, Visitor, answer, wait_for};

const MINUTES_LATER_11: &str = "2020-11-02T09:11:00+01:00";
const HOURS_LATER_5: &str = "2020-11-02T14:00:00+01:00";

/// Settings for a site behind HTTPS.
const HTTPS: [(&str, &str); 2] = [("ORIGIN", "https://skranke.example"), ("HTTPS", "true")];

fn another(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[tokio::test]
async fn the_answer_does_not_tell_whether_an_address_is_known() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let known = server.visitor().ask_for_code(&asha.email).await;
    let unknown = server.visitor().ask_for_code("nobody@example.org").await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(known.status, StatusCode::ACCEPTED);
    assert_eq!(server.codes_written_to("nobody@example.org").await, 1, "the mail does not tell either");
}

#[tokio::test]
async fn a_code_has_five_tries() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    visitor.ask_for_code("asha@example.org").await;
    let code = server.code_for("asha@example.org").await;
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
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    visitor.ask_for_code("asha@example.org").await;
    let first = server.code_for("asha@example.org").await;
    visitor.ask_for_code(" Asha@Example.org ").await;
    let newest = server.new_code_for("asha@example.org", std::slice::from_ref(&first)).await;
    let mut codes = Vec::new();
    for code in [&first, &newest, &newest] {
        let answer = visitor.put("/api/session", &json!({ "email": "asha@example.org", "code": code })).await;
        codes.push(answer.code().to_owned());
    }
    assert_eq!(codes, ["code-wrong", "", "code-over"]);
    assert_eq!(server.codes_written_to("asha@example.org").await, 2, "small and capital letters are one address");
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_a_session_after_hours() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let signed_in = server.sign_in(&asha).await;
    let cookie = signed_in.request(Method::GET, "/api/session").send().await.unwrap();
    assert_eq!(cookie.status(), StatusCode::OK);
    let late = server.visitor();
    late.ask_for_code("late@example.org").await;
    let code = server.code_for("late@example.org").await;
    server.kill().await;

    let server = records.open(MINUTES_LATER_11).await;
    let late = late.at(&server).put("/api/session", &json!({ "email": "late@example.org", "code": code })).await;
    assert_eq!(late.code(), "code-over");
    server.kill().await;

    let (_, token) = records.ready("Piotr Nowak").await;
    let server = records.open(HOURS_LATER_5).await;
    let cases = server.visitor().request(Method::GET, "/api/cases").header("cookie", format!("skranke={token}"));
    let over = answer(cases.send().await.unwrap()).await;
    assert_eq!((over.status, over.code()), (StatusCode::UNAUTHORIZED, "session-over"));
}

#[tokio::test]
async fn nobody_is_flooded_with_codes() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for _ in 0..8 {
        assert_eq!(server.visitor().ask_for_code("asha@example.org").await.status, StatusCode::ACCEPTED);
    }
    assert_eq!(server.codes_written_to("asha@example.org").await, 5);
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    assert_eq!(visitor.get("/api/session").await.body["person"]["email"], "asha.rao@example.org");
    let out = visitor.request(Method::DELETE, "/api/session").send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    // The stored state is cleared with the session. Cookies stay, because one of them is the language.
    assert_eq!(out.headers()["clear-site-data"], "\"cache\", \"storage\"");
    let answer = visitor.get("/api/cases").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "not-signed-in"));
}

#[tokio::test]
async fn the_cookie_is_strict() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    visitor.ask_for_code("asha@example.org").await;
    let code = server.code_for("asha@example.org").await;
    let answer = visitor.put("/api/session", &json!({ "email": "asha@example.org", "code": code })).await;
    let cookie = answer.cookie("skranke").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

/// Every cookie over HTTPS has the `__Host-` prefix and is `Secure`, also those without a secret.
#[tokio::test]
async fn over_https_every_cookie_is_secure() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &HTTPS).await;
    // A browser would not send these cookies over plain HTTP, so the test sets them.
    let visitor = server.visitor();
    let asked = visitor.ask_for_code("asha@example.org").await;
    let ask = asked.cookie("__Host-skranke-ask").unwrap();
    let code = server.code_for("asha@example.org").await;
    let body = json!({ "email": "asha@example.org", "code": code });
    let request = visitor.request(Method::PUT, "/api/session").header("cookie", ask.split(';').next().unwrap());
    let signed_in = answer(request.json(&body).send().await.unwrap()).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{signed_in:?}");
    let page = visitor.get("/?lang=en").await;
    for (from, name) in [
        (&asked, "__Host-skranke-ask"),
        (&signed_in, "__Host-skranke"),
        (&signed_in, "__Host-skranke-known"),
        (&page, "__Host-language"),
    ] {
        let cookie = from.cookie(name).unwrap();
        assert!(cookie.contains("; Secure") && cookie.contains("; Path=/"), "{cookie}");
        assert!(cookie.contains("HttpOnly") || name == "__Host-language", "{cookie}");
    }
    for cookie in ["language=nb", "__Host-language=en"] {
        let request = visitor.request(Method::GET, "/").header("cookie", cookie).header("accept-language", "nb");
        let page = answer(request.send().await.unwrap()).await;
        let language = if cookie.ends_with("en") { "<html lang=\"en\"" } else { "<html lang=\"nb\"" };
        assert!(page.body.as_str().unwrap().contains(language), "{cookie}");
    }
}

async fn try_code(visitor: &Visitor, email: &str, code: &str) -> Answer {
    visitor.put("/api/session", &json!({ "email": email, "code": code })).await
}

/// Wrong attempts by a stranger who knows the address do not lock out its owner, neither in the same network nor
/// elsewhere.
#[tokio::test]
async fn nobody_locks_another_out() {
    const ASHA: &str = "asha@example.org";
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = server.visitor();
    asha.ask_for_code(ASHA).await;
    let hers = server.code_for(ASHA).await;

    let stranger = server.visitor();
    for _ in 0..5 {
        assert_eq!(stranger.ask_for_code(ASHA).await.status, StatusCode::ACCEPTED);
    }
    for _ in 0..25 {
        let answer = try_code(&stranger, ASHA, &another(&hers)).await;
        assert!(matches!(answer.code(), "code-wrong" | "code-over"), "{answer:?}");
    }
    // The code works only in the browser that has asked for it.
    assert_ne!(try_code(&stranger, ASHA, &hers).await.status, StatusCode::OK);
    let elsewhere = try_code(&server.visitor(), ASHA, &hers).await;
    assert_eq!((elsewhere.status.as_u16(), elsewhere.code()), (422, "code-elsewhere"));
    assert_eq!(elsewhere.body["field"], "code");
    assert_eq!(try_code(&asha, ASHA, &hers).await.status, StatusCode::OK);

    // The mailbox has reached its limit for this network, but her browser is known.
    assert_eq!(asha.delete("/api/session").await.status, StatusCode::NO_CONTENT);
    wait_for(async || !records.everything().await.contains("\"queued\""), "the outbox is empty").await;
    let before = server.codes_for(ASHA);
    asha.ask_for_code(ASHA).await;
    let code = server.new_code_for(ASHA, &before).await;
    assert_eq!(try_code(&asha, ASHA, &code).await.status, StatusCode::OK);
    assert_eq!(server.codes_written_to(ASHA).await, 6);
}

/// Asks for a code from a network of its own, behind a trusted proxy.
async fn ask_from(server: &TestServer, network: usize, email: &str) -> (Visitor, Answer) {
    let visitor = server.visitor();
    let request = visitor.request(Method::POST, "/api/sign-in-codes");
    let request = request.header("x-forwarded-for", format!("10.{}.{}.1", network / 256, network % 256));
    let asked = request.json(&json!({ "email": email, "language": "en" })).send().await.unwrap();
    (visitor, answer(asked).await)
}

/// Guesses from many networks lead to longer codes, and a mailbox has a limit on mails, whatever tags and dots its
/// address has.
#[tokio::test]
async fn a_mailbox_is_neither_guessed_nor_flooded() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &[("PROXIES", "1")]).await;
    for number in 0..25 {
        let email = if number % 2 == 0 { "as.ha@example.org".to_owned() } else { format!("asha+{number}@example.org") };
        let (_, asked) = ask_from(&server, number, &email).await;
        assert_eq!(asked.status, StatusCode::ACCEPTED);
    }
    let mut lengths = Vec::new();
    let mails = || {
        let mails = server::messages::mail::read_all(records.folder()).unwrap();
        mails.into_iter().filter(|mail| mail.to.starts_with("as")).collect::<Vec<_>>()
    };
    wait_for(async || mails().len() == 20, "twenty mails come").await;
    for mail in mails() {
        let code = mail.body.split_once("Your code is ").unwrap().1;
        lengths.push(code.chars().take_while(char::is_ascii_digit).count());
    }
    lengths.sort_unstable();
    assert_eq!(lengths, [[6; 10], [10; 10]].concat());
    // A long code works like a short one.
    let (visitor, _) = ask_from(&server, 90, "omar@example.org").await;
    let code = server.code_for("omar@example.org").await;
    assert_eq!(try_code(&visitor, "omar@example.org", &code).await.status, StatusCode::OK);
    server.kill().await;

    let server = records.open_with("2020-11-02T09:20:00+01:00", &[("PROXIES", "1")]).await;
    let (visitor, _) = ask_from(&server, 91, "asha@example.org").await;
    let long =
        |mail: &server::messages::mail::Received| Some(mail.body.split_once("Your code is ")?.1[..10].to_owned());
    let code = async || server.mailbox("asha@example.org").first().and_then(long);
    wait_for(async || code().await.is_some(), "the code comes").await;
    let code = code().await.unwrap();
    assert_eq!(try_code(&visitor, "asha@example.org", &code).await.status, StatusCode::OK);
}

/// Failed requests count towards the rate limit.
#[tokio::test]
async fn what_fails_counts() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    let mut codes = std::collections::BTreeMap::new();
    for _ in 0..310 {
        *codes.entry(try_code(&visitor, "asha@example.org", "000000").await.code().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(codes, [("code-elsewhere".to_owned(), 300), ("too-many-requests".to_owned(), 10)].into());
    let mut links = std::collections::BTreeMap::new();
    for _ in 0..310 {
        let answer = visitor.post("/api/desk/passkeys/start", &json!({ "link": "no such link" })).await;
        *links.entry(answer.code().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(links, [("link-over".to_owned(), 300), ("too-many-requests".to_owned(), 10)].into());
    // Neither limit stops a person with a valid code, or the start of a sign-in at the desk.
    let asha = server.visitor();
    asha.ask_for_code("asha@example.org").await;
    let code = server.code_for("asha@example.org").await;
    assert_eq!(try_code(&asha, "asha@example.org", &code).await.status, StatusCode::OK);
    assert_eq!(visitor.post("/api/desk/session/start", &json!({})).await.status, StatusCode::OK);
}

/// The desk has its own limit, which counts failures only: visitors behind the office's address cannot lock out
/// officers.
#[tokio::test]
async fn anonymous_requests_do_not_close_the_desk() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let guest = server.visitor();
    for number in 0..310 {
        let answer = guest.post("/api/desk/session/start", &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}");
    }
    guest.ask_for_code("asha@example.org").await;
    let code = server.code_for("asha@example.org").await;
    assert_eq!(try_code(&guest, "asha@example.org", &code).await.status, StatusCode::OK);
}

/// Visitors behind an undeclared proxy share one address. The server logs a warning.
#[tokio::test]
async fn a_wrong_number_of_proxies_is_said() {
    let records = Records::new(0).await;
    let mut server = records.open_with(MONDAY, &HTTPS).await;
    assert!(server.log_line("PROXIES").await.contains("the page is reached over https"));
    ask_from(&server, 1, "asha@example.org").await;
    assert!(server.log_line("PROXIES").await.contains("a request came with X-Forwarded-For"));
    server.kill().await;
    let mut server = records.open_with(MONDAY, &[("PROXIES", "2")]).await;
    ask_from(&server, 1, "asha@example.org").await;
    assert!(server.log_line("PROXIES").await.contains("a request came with fewer addresses in X-Forwarded-For (1)"));
}

/// Signing in ends the browser's previous session, also another person's.
#[tokio::test]
async fn one_browser_has_one_session() {
    let records = Records::new(0).await;
    let (asha, omar) = (records.person("Asha Rao").await, records.person("Omar Haddad").await);
    let server = records.open(MONDAY).await;
    let visitor = server.visitor();
    let mut tokens = Vec::new();
    for person in [&asha, &omar] {
        visitor.ask_for_code(&person.email).await;
        let code = server.code_for(&person.email).await;
        let signed_in = try_code(&visitor, &person.email, &code).await;
        let cookie = signed_in.cookie("skranke").unwrap();
        tokens.push(cookie["skranke=".len()..].split(';').next().unwrap().to_owned());
    }
    assert_eq!(server.signed_in_with(&tokens[0]).get("/api/cases").await.code(), "session-over");
    assert_eq!(server.signed_in_with(&tokens[1]).get("/api/cases").await.status, StatusCode::OK);
}

/// A session ends twelve hours after sign-in, despite any extension.
#[tokio::test]
async fn nobody_stays_signed_in_for_ever() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let visitor = server.sign_in(&asha).await;
    let at_last = visitor.get("/api/session").await.body["ends_at_last"].clone();
    assert!(at_last.as_str().unwrap().starts_with("2020-11-02T20:00:"), "{at_last}");
    server.kill().await;
    for (clock, ends) in [("12:30", "15:30:"), ("16:00", "19:00:"), ("19:30", "20:00:"), ("20:45", "20:00:")] {
        let server = records.open(&format!("2020-11-02T{clock}:00+01:00")).await;
        let kept = visitor.at(&server).post("/api/session/keep", &json!({})).await;
        let until = kept.body["ends"].as_str().unwrap();
        assert!(until.starts_with(&format!("2020-11-02T{ends}")), "{clock} {until}");
        assert_eq!(kept.body["ends_at_last"], at_last);
        server.kill().await;
    }
    let server = records.open("2020-11-02T21:01:00+01:00").await;
    assert_eq!(visitor.at(&server).get("/api/cases").await.code(), "session-over");
}

/// A clock that was ten years ahead for a moment leaves nothing that lasts ten years.
#[tokio::test]
async fn a_clock_that_was_ahead_freezes_nothing() {
    let records = Records::new(0).await;
    let asha = records.person("Asha Rao").await;
    let server = records.open("2030-11-02T09:00:00+01:00").await;
    let there = server.sign_in(&asha).await;
    for number in 0..300 {
        server.visitor().ask_for_code(&format!("somebody{number}@example.org")).await;
    }
    let full = server.visitor().ask_for_code("more@example.org").await;
    assert_eq!(full.status, StatusCode::TOO_MANY_REQUESTS);
    server.kill().await;

    let server = records.open(MONDAY).await;
    assert_eq!(there.at(&server).get("/api/cases").await.code(), "session-over");
    let codes = |email: &str| server.codes_for(email);
    let before = codes(&asha.email);
    let visitor = server.visitor();
    assert_eq!(visitor.ask_for_code(&asha.email).await.status, StatusCode::ACCEPTED);
    let code = server.new_code_for(&asha.email, &before).await;
    assert_eq!(try_code(&visitor, &asha.email, &code).await.status, StatusCode::OK);
}

//! Feedback: answers to the question on a page, which are anonymous; texts that no database stores.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Someone, seen};
use crate::common::{MONDAY, Records};

#[tokio::test]
async fn an_answer_to_the_question_says_nothing_of_who_gave_it() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let said = |words: &str| json!({ "page": "times", "found": false, "language": "nb", "words": words });
    let [path, longer, shorter] =
        [1, 2, 3].map(|number| format!("/api/feedback/0198c0de-0000-7000-8000-00000000000{number}"));
    // The answer first, then the comment under the same id.
    for words in ["", "Hvor er Bodø?"] {
        let given = asha.visitor.put(&path, &said(words)).await;
        assert_eq!(given.status, StatusCode::NO_CONTENT, "{given:?}");
    }
    let longest = "å".repeat(500);
    let visitor = server.visitor();
    assert_eq!(visitor.put(&longer, &said(&longest)).await.status, StatusCode::NO_CONTENT);
    let short = json!({ "page": "start", "found": true, "language": "en" });
    assert_eq!(visitor.put(&shorter, &short).await.status, StatusCode::NO_CONTENT);
    assert_eq!(seen(&visitor.put("/api/feedback/mine", &short).await), (404, "not-found", None));
    for (body, field) in [
        (said(&"å".repeat(501)), "words"),
        (json!({ "page": "/cases/1", "found": true, "language": "nb" }), "page"),
        (json!({ "page": "start", "language": "nb" }), "found"),
        (json!({ "page": "start", "found": true, "language": "nb", "person": "asha" }), "person"),
    ] {
        assert_eq!(seen(&visitor.put(&path, &body).await), (422, "invalid-field", Some(field)), "{body:.60}");
    }
    let everything = records.everything().await;
    let kept: Vec<_> = everything.lines().filter_map(|line| line.strip_prefix("feedback ")).collect();
    assert_eq!(kept.len(), 3, "{kept:?}");
    for line in kept {
        let row: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
        assert_eq!(row.keys().collect::<Vec<_>>(), ["found", "id", "language", "made", "page", "words"]);
        assert!(!line.contains(&asha.id) && !line.contains(&asha.email));
        assert!(row["words"] != "" || row["page"] == "start", "the words have come to the answer: {line}");
    }
}

/// A NUL character, which PostgreSQL cannot store, is a client error.
#[tokio::test]
async fn a_text_that_no_database_keeps_is_no_mistake_of_ours() {
    let records = Records::new(1).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let nul = "\0";
    for answer in [
        asha.book(nul).await,
        asha.hold(nul).await,
        asha.visitor.book(nul, nul).await,
        asha.visitor.post("/api/cases", &json!({ "reference": nul, "born": "2015-02-03" })).await,
        asha.visitor.get("/api/appointments/%00").await,
        asha.visitor.delete("/api/account/sessions/%00").await,
        asha.visitor.post("/api/appointments/together", &json!({ "bookings": [{ "case": nul, "slot": nul }] })).await,
    ] {
        assert!(answer.status.as_u16() < 500, "{answer:?}");
    }
    // SQLite could store it, but such a row could not move to the other engine.
    let words = json!({ "page": "start", "found": true, "language": "en", "words": "Where\0 is Bodø?" });
    let path = "/api/feedback/0198c0de-0000-7000-8000-000000000001";
    assert_eq!(seen(&server.visitor().put(path, &words).await), (422, "invalid-field", None));
    for address in ["/api/appointments/%00", "/api/appointments/%ff"] {
        assert_eq!(seen(&asha.visitor.get(address).await), (404, "not-found", None), "{address}");
    }
}

//! Help by telephone: an officer finds a person, books and cancels.

use api::officers::Role;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};

use crate::{
    common::{MONDAY, Records, TestServer, Visitor},
    messages::{has_passport_time, passport_office},
};

const REDUCED: &str = "2021-03-22T09:00:00+01:00";

async fn clerk(records: &Records, server: &TestServer, clock: &str) -> Visitor {
    let session = records.officer_since(clock, "Ingrid Berg", District::Oslo, Role::Clerk).await;
    server.at_desk_with(&session)
}

async fn found(clerk: &Visitor, words: &str) -> Vec<String> {
    let answer = clerk.post("/api/desk/search", &json!({ "words": words })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body.as_array().unwrap().iter().map(|one| one["applicant"].as_str().unwrap().to_owned()).collect()
}

/// Search by reference, booking number, name or telephone number, also by a part of it, within the officer's district.
#[tokio::test]
async fn a_clerk_finds_people_however_they_name_themselves() {
    let records = Records::new(1).await;
    let office = passport_office(&records).await;
    let kari =
        has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", Some("+47 22 34 21 07"))
            .await;
    records.person("Åse Ødegård").await;
    records.person("100% Sure_Name").await;
    let server = records.open(MONDAY).await;
    let clerk = clerk(&records, &server, MONDAY).await;
    let number =
        clerk.get(&format!("/api/desk/cases/{}", kari.person.case)).await.body["appointments"][0]["number"].clone();
    for words in [
        "PASS-Kari",
        "pass-kari n",
        "nordmann",
        "KARI",
        "22 34 21 07",
        "+47 22342107",
        "342107",
        "Nordmann kari",
        "kari.nordmann@example",
        &number.as_str().unwrap().replace('-', ""),
        number.as_str().unwrap(),
    ] {
        assert_eq!(found(&clerk, words).await, ["Kari Nordmann"], "{words}");
    }
    for words in ["åse", "Åse Ødegård", "ødegård", "ØDEGÅRD", "ødegård åse"] {
        assert_eq!(found(&clerk, words).await, ["Åse Ødegård"], "{words}");
    }
    assert_eq!(found(&clerk, "100%").await, ["100% Sure_Name"]);
    assert_eq!(found(&clerk, "%%%").await, [] as [&str; 0]);
    assert_eq!(found(&clerk, "____").await, [] as [&str; 0]);
    assert_eq!(clerk.post("/api/desk/search", &json!({ "words": "k" })).await.body["field"], json!("words"));

    let vest = records.officer("Lars Vik", District::Vest, Role::Administrator).await;
    let vest = server.at_desk_with(&vest);
    assert_eq!(found(&vest, "nordmann").await, [] as [&str; 0]);
    for path in [format!("/api/desk/cases/{}", kari.person.case), format!("/api/desk/cases/{}/times", kari.person.case)]
    {
        assert_eq!(vest.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let book = json!({ "case": kari.person.case, "slot": "0198", "reason": "a funeral" });
    assert_eq!(vest.post("/api/desk/appointments", &book).await.status, StatusCode::NOT_FOUND);
    let situation = format!("/api/desk/cases/{}/situation", kari.person.case);
    let told = json!({ "entry": null, "told_to_report_within_week": false, "critical_travel": true });
    assert_eq!(vest.put(&situation, &told).await.status, StatusCode::NOT_FOUND);
    let cancel = format!("/api/desk/appointments/{}/cancel", kari.appointment);
    assert_eq!(vest.post(&cancel, &json!({ "reason": "because" })).await.status, StatusCode::NOT_FOUND);
    server.kill().await;
}

/// During reduced capacity only an officer can book a passport for a critical journey, with a written reason. Other
/// journeys are refused to the officer as well.
#[tokio::test]
async fn a_passport_for_a_critical_journey() {
    let records = Records::new(1).await;
    let office = passport_office(&records).await;
    let kari = has_passport_time(&records, &office, "Kari Nordmann", "2021-03-22T08:00:00+01:00", None).await;
    let free = records.passport_slot(&office, "2021-03-23T10:00:00+01:00").await;
    let server = records.open(REDUCED).await;
    let clerk = clerk(&records, &server, REDUCED).await;
    let book = |reason: &str| json!({ "case": kari.person.case, "slot": free, "reason": reason });
    let refused = clerk.post("/api/desk/appointments", &book("a funeral")).await;
    assert_eq!(refused.code(), "refused");
    assert_eq!(refused.body["decision"]["reasons"][0]["code"], json!("passport-capacity-reduced"));
    let told = json!({ "entry": null, "told_to_report_within_week": false, "critical_travel": true });
    let case = clerk.put(&format!("/api/desk/cases/{}/situation", kari.person.case), &told).await;
    assert_eq!(case.body["situation"]["critical_travel"], json!(true), "{case:?}");
    for reason in ["", "  "] {
        let answer = clerk.post("/api/desk/appointments", &book(reason)).await;
        assert_eq!((answer.code(), answer.body["field"].as_str()), ("reason-missing", Some("reason")));
    }
    let long = clerk.post("/api/desk/appointments", &book(&"x".repeat(501))).await;
    assert_eq!(long.body["field"], json!("reason"));
    let booked = clerk.post_once("by-phone-1", "/api/desk/appointments", &book("a funeral in Bergen")).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let again = clerk.post_once("by-phone-1", "/api/desk/appointments", &book("a funeral in Bergen")).await;
    assert_eq!(again.body, booked.body);

    let seen = clerk.get(&format!("/api/desk/cases/{}", kari.person.case)).await.body;
    assert_eq!(
        (&seen["email"], &seen["case"]["appointment"]["id"]),
        (&json!("kari.nordmann@example.org"), &booked.body["id"])
    );
    assert_eq!(seen["critical"], json!("a funeral in Bergen"));
    assert_eq!(seen["decisions"][0]["decision"]["outcome"], json!("by-phone"), "the newest receipt");
    assert_eq!(seen["messages"][0]["kind"], json!("booked"));
    assert!(seen["messages"][0]["address"].as_str().unwrap().starts_with("k•"), "{seen}");
    let everything = records.everything().await;
    assert!(everything.contains("a funeral in Bergen") && everything.contains("\"book-by-phone\""));
    let looked = everything.lines().filter(|line| line.starts_with("audit") && line.contains("look-at-case")).count();
    assert_eq!(looked, 1, "who looked at a case stands in the log");

    // A cancellation by the office is sent by the channel that the notice names.
    let cancel = format!("/api/desk/appointments/{}/cancel", booked.body["id"].as_str().unwrap());
    assert_eq!(clerk.post(&cancel, &json!({ "reason": " " })).await.code(), "reason-missing");
    let cancelled = clerk.post(&cancel, &json!({ "reason": "the counter is broken" })).await;
    assert_eq!((&cancelled.body["status"], &cancelled.body["cancelled_by"]), (&json!("cancelled"), &json!("office")));
    assert_eq!(clerk.post(&cancel, &json!({ "reason": "again" })).await.code(), "appointment-over");
    let seen = clerk.get(&format!("/api/desk/cases/{}", kari.person.case)).await.body;
    assert_eq!(seen["messages"][0]["kind"], json!("cancelled-at-short-notice"));
    server.kill().await;
}

/// The officer gets the same decision as the applicant, byte for byte.
#[tokio::test]
async fn an_officer_hears_what_the_applicant_hears() {
    let records = Records::new(1).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let slots = records.slots().await;
    let server = records.open(MONDAY).await;
    let (asha_herself, clerk) = (server.signed_in_with(&token), clerk(&records, &server, MONDAY).await);
    let told = json!({ "entry": { "on": "2020-10-26", "quarantine": true }, "told_to_report_within_week": true, "critical_travel": false });
    assert_eq!(clerk.put(&format!("/api/desk/cases/{}/situation", asha.case), &told).await.status, StatusCode::OK);
    let hers = asha_herself.book(&asha.case, &slots[0]).await.body;
    let theirs = clerk.post("/api/desk/appointments", &json!({ "case": asha.case, "slot": slots[0] })).await.body;
    assert_eq!(hers["decision"], theirs["decision"]);
    assert_eq!(hers["decision"]["outcome"], json!("refused"));
    let times = |visitor: Value| (visitor["free"].clone(), visitor["slots"].clone());
    let of_clerk = clerk.get(&format!("/api/desk/cases/{}/times", asha.case)).await.body;
    let of_asha = asha_herself.get(&format!("/api/cases/{}/times", asha.case)).await.body;
    assert_eq!(times(of_clerk), times(of_asha));
    server.kill().await;
}

/// A registered person without an account is found and helped, and is told by SMS. After sign-in everything is in the
/// account.
#[tokio::test]
async fn who_has_never_signed_in_is_helped_too() {
    let records = Records::new(1).await;
    records.on_record("WORK-2020-7", "Tor-Åge Rao", "1985-02-03").await;
    let slot = records.slots().await[0].clone();
    let server = records.open(MONDAY).await;
    let clerk = clerk(&records, &server, MONDAY).await;
    // The reference and the date of birth are found in any spelling.
    for words in
        ["work-2020-7", "tor-åge", "rao tor", "WORK20207", "work 2020 7", "03.02.1985", "3/2/1985", "1985-02-03"]
    {
        let all = clerk.post("/api/desk/search", &json!({ "words": words })).await.body;
        assert_eq!((&all[0]["applicant"], &all[0]["case"]), (&json!("Tor-Åge Rao"), &Value::Null), "{words}: {all}");
    }
    let open = |reference: &str, phone: &str| json!({ "reference": reference, "language": "nb", "phone": phone });
    let vest = server.at_desk_with(&records.officer("Lars Vik", District::Vest, Role::Administrator).await);
    for (who, asked, expected) in [
        (&vest, open("WORK-2020-7", ""), "not-found"),
        (&clerk, open("WORK-2020-8", ""), "not-found"),
        (&clerk, open("WORK-2020-7", "22 34 21 07"), "phone-invalid"),
    ] {
        assert_eq!(who.post("/api/desk/cases", &asked).await.code(), expected, "{asked}");
    }
    let opened = clerk.post("/api/desk/cases", &open("WORK-2020-7", "+47 22 34 21 07")).await.body;
    assert_eq!((&opened["email"], &opened["phone"]), (&json!(""), &json!("+47 22 34 21 07")), "{opened}");
    let again = clerk.post("/api/desk/cases", &open("WORK-2020-7", "")).await.body;
    let case = opened["case"]["id"].as_str().unwrap();
    assert_eq!(again["case"]["id"], case, "it is opened once");
    for words in ["22342107", "3.2.1985", "work20207"] {
        assert_eq!(found(&clerk, words).await, ["Tor-Åge Rao"], "{words}");
    }
    for words in ["04.02.1985", "--"] {
        assert_eq!(found(&clerk, words).await, [] as [&str; 0], "{words}");
    }

    let told = json!({ "entry": null, "told_to_report_within_week": false, "critical_travel": false });
    clerk.put(&format!("/api/desk/cases/{case}/situation"), &told).await;
    let booked = clerk.post("/api/desk/appointments", &json!({ "case": case, "slot": slot })).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let id = booked.body["id"].as_str().unwrap();
    let cancelled = clerk.post(&format!("/api/desk/appointments/{id}/cancel"), &json!({ "reason": "a flood" })).await;
    assert_eq!(cancelled.status, StatusCode::OK);
    // The notice promises e-mail for an immigration office. Without an address the message is sent by SMS, and no call
    // is needed.
    assert_eq!(clerk.get("/api/desk/calls").await.body, json!([]));
    let shown = clerk.get(&format!("/api/desk/cases/{case}")).await.body;
    let told = |kind: &str| {
        let of_kind = |message: &&Value| message["kind"] == kind;
        let message = shown["messages"].as_array().unwrap().iter().find(of_kind).cloned();
        message.map(|message| (message["channel"].clone(), message["address"].clone()))
    };
    let by_sms = Some((json!("sms"), json!("+47 •••• 07")));
    assert_eq!(told("cancelled-by-office"), by_sms, "{shown}");

    let tor = server.visitor();
    tor.ask_for_code("tor@example.org").await;
    let code = server.code_for("tor@example.org").await;
    tor.put("/api/session", &json!({ "email": "tor@example.org", "code": code })).await;
    let added = tor.post("/api/cases", &json!({ "reference": "WORK-2020-7", "born": "1985-02-03" })).await;
    assert_eq!((added.status, &added.body["id"]), (StatusCode::CREATED, &json!(case)), "{added:?}");
    assert_eq!(tor.get(&format!("/api/appointments/{id}")).await.body["cancelled_by"], json!("office"));
    assert!(!records.everything().await.contains("desk 01"), "nobody is left without a case");
}

/// A person who could not be reached stays on the district's call list until somebody has called.
#[tokio::test]
async fn the_call_list_is_worked_off_one_by_one() {
    let records = Records::new(1).await;
    let office = passport_office(&records).await;
    let kari = has_passport_time(&records, &office, "Kari Nordmann", "2020-11-20T10:00:00+01:00", None).await;
    let mut t = records.store().write().await.unwrap();
    sqlx::query("UPDATE persons SET email = '' WHERE id = $1").bind(&kari.person.id).execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let server = records.open(MONDAY).await;
    let clerk = clerk(&records, &server, MONDAY).await;
    let planner = records.officer("Jonas Lie", District::Oslo, Role::Planner).await;
    let planner = server.at_desk_with(&planner);
    let mut asked = json!({ "office": office.id, "first": "2020-11-16", "last": "2020-11-30", "share": 0 });
    let extent = planner.post("/api/desk/closures/preview", &asked).await.body;
    assert_eq!((&extent["to_call"], &extent["lose"]), (&json!(1), &json!(1)));
    asked["seen"] = extent["seen"].clone();
    let closed = planner.post("/api/desk/closures", &asked).await.body;
    let calls = clerk.get("/api/desk/calls").await.body;
    assert_eq!(
        (&calls[0]["applicant"], &calls[0]["fault"]),
        (&json!("Kari Nordmann"), &json!("no-address")),
        "{calls}"
    );
    let done = format!("/api/desk/calls/{}/done", calls[0]["message"].as_str().unwrap());
    let vest = records.officer("Lars Vik", District::Vest, Role::Administrator).await;
    let vest = server.at_desk_with(&vest);
    assert_eq!(vest.get("/api/desk/calls").await.body, json!([]));
    for (who, expected) in [(&vest, 404), (&clerk, 204), (&clerk, 404)] {
        assert_eq!(who.post(&done, &json!({})).await.status.as_u16(), expected);
    }
    assert_eq!(clerk.get("/api/desk/calls").await.body, json!([]));
    let ledger = planner.get(&format!("/api/desk/closures/{}", closed["id"].as_str().unwrap())).await.body;
    assert_eq!((&ledger["ledger"]["called"], &ledger["ledger"]["to_tell"]), (&json!(1), &json!(1)));
    server.kill().await;
}

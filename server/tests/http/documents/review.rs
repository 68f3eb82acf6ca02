//! Review at the desk: pages, archive, acceptance, return, and technical failures.

use api::officers::Role;
use reqwest::{Method, StatusCode};
use rules::District;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Asked, base64, create, create_with, names_in, offset, papers, patch, session_at};
use crate::common::{Records, answer, wait_for};

/// A passport goes all the way: two parts, check, review, acceptance. Its content is not readable in the files.
#[tokio::test]
async fn a_passport_is_sent_checked_looked_at_and_accepted() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let bytes = papers::pdf(&["Passport of Asha Rao", "Second page"]);
    let hash = server::secrets::hex(&Sha256::digest(&bytes));
    let metadata =
        format!("case {},filename {},sha256 {}", base64(&asked.person.case), base64("pass æøå.pdf"), base64(&hash));
    let begun = create_with(&asha, &metadata, &bytes.len().to_string()).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
    assert_eq!(begun.headers["upload-expires"], "Tue, 03 Nov 2020 08:00:00 GMT");
    let upload = begun.headers["location"].to_str().unwrap().to_owned();
    let id = upload.rsplit('/').next().unwrap().to_owned();

    let first = patch(&asha, &upload, 0, bytes[..300].to_vec()).await;
    assert_eq!((first.status, &first.headers["upload-offset"]), (StatusCode::NO_CONTENT, &"300".parse().unwrap()));
    assert_eq!(first.headers["upload-expires"], "Tue, 03 Nov 2020 08:00:00 GMT");
    let head = asha.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(head.headers()["upload-metadata"], metadata.as_str());
    assert_eq!(head.headers()["cache-control"], "no-store");
    assert_eq!(asked.document(&asha, &id).await["state"], "arriving");
    assert_eq!(offset(&asha, &upload).await, 300);
    assert_eq!(patch(&asha, &upload, 300, bytes[300..].to_vec()).await.status, StatusCode::NO_CONTENT);

    let document = asked.checked(&id).await;
    assert_eq!(document["state"], "checked", "{document}");
    assert_eq!((&document["kind"], &document["pages"]), (&json!("pdf"), &json!(2)));
    assert_eq!((&document["name"], &document["sha256"]), (&json!("pass æøå.pdf"), &json!(hash)));
    assert_eq!((&document["scanned"], &document["kept_until"]), (&json!(false), &json!("2021-05-01")));
    wait_for(async || asked.mail("We have received your document").is_some(), "word that it came").await;
    let files = asked.kept();
    assert_eq!(files.len(), 2, "one a part");
    for file in files {
        assert!(file.starts_with(b"age-encryption.org/v1\n"));
        assert!(!file.windows(8).any(|window| window == b"Passport" || window == b"Helvetic"));
    }

    let officer = asked.officer().await;
    let inbox = officer.get("/api/desk/documents").await.body;
    assert_eq!(inbox["documents"][0]["applicant"], "Asha Rao", "{inbox}");
    let page = officer.request(Method::GET, &format!("/api/desk/documents/{id}/pages/2")).send().await.unwrap();
    assert_eq!((page.status(), page.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "image/png"));
    let drawn = image::load_from_memory(&page.bytes().await.unwrap()).unwrap().into_rgb8();
    assert!((1999..=2000).contains(&drawn.height()));
    assert!(drawn.pixels().any(|pixel| pixel.0 == [0, 0, 0]), "there is writing on it");
    for page in ["3", "0", "-1", "x", "%ff"] {
        let none = officer.get(&format!("/api/desk/documents/{id}/pages/{page}")).await;
        assert_eq!((none.status, none.code()), (StatusCode::NOT_FOUND, "not-found"), "{page}");
    }
    let late = asha.request(Method::DELETE, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    let late = answer(late).await;
    assert!(late.body["detail"].as_str().is_some_and(|detail| detail.contains("has arrived")), "{late:?}");
    // No virus scanner has checked it.
    assert_eq!(officer.get(&format!("/api/desk/documents/{id}/original")).await.code(), "not-scanned");
    let archive = officer.request(Method::GET, &format!("/api/desk/cases/{}/documents.zip", asked.person.case));
    let archive = archive.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 pass æøå 1.png", "01 pass æøå 2.png"]);

    let accepted = officer.post(&format!("/api/desk/documents/{id}/accept"), &json!({})).await;
    assert_eq!(accepted.body["document"]["state"], "accepted", "{accepted:?}");
    let again = officer.post(&format!("/api/desk/documents/{id}/accept"), &json!({})).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "review-over"));
    assert_eq!(officer.get("/api/desk/documents").await.body["documents"], json!([]));
    assert_eq!(asked.document(&asha, &id).await["state"], "accepted");
    let everything = asked.records.everything().await;
    for action in ["send-document", "look-at-document", "accept-document", "take-documents"] {
        assert!(everything.contains(&format!("\"action\":\"{action}\"")), "{action} stands in the log");
    }
    let solveig = asked.records.officer("Solveig Dahl", District::Oslo, Role::Administrator).await;
    let log = asked.server.at_desk_with(&solveig).post("/api/desk/audit", &json!({})).await.body;
    let accepted =
        log["entries"].as_array().unwrap().iter().find(|entry| entry["action"] == "accept-document").unwrap();
    assert_eq!((&accepted["document"], &accepted["words"]), (&json!(id), &json!("")), "the log leads to the document");
    // The decision is kept in a receipt.
    assert!(everything.contains("\"about\":\"upload\""));
}

/// A page that cannot be rendered is reported at the desk and in the archive, so that nobody takes the rest for the
/// whole.
#[tokio::test]
async fn a_page_that_cannot_be_drawn_is_not_passed_over() {
    let asked = Asked::new().await;
    let id = asked.send("half.pdf", &papers::half_a_bomb()).await;
    assert_eq!(asked.checked(&id).await["pages"], 3);
    let officer = asked.officer().await;
    let page = officer.get(&format!("/api/desk/documents/{id}/pages/2")).await;
    assert_eq!((page.status, page.code()), (StatusCode::UNPROCESSABLE_ENTITY, "picture-failed"));
    let archive = officer.request(Method::GET, &format!("/api/desk/cases/{}/documents.zip", asked.person.case));
    let archive = archive.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 half 1.png", "01 half 2.txt", "01 half 3.png"]);
    assert!(archive.windows(27).any(|window| window == b"This page could not be draw"));
}

/// An archive is limited in time. It names the pages that were not rendered.
#[tokio::test]
async fn an_archive_has_an_end() {
    let asked = Asked::with(&[("ARCHIVE_SECONDS", "0")]).await;
    let id = asked.send("long.pdf", &papers::pdf(&["x"; 200])).await;
    assert_eq!(asked.checked(&id).await["pages"], 200);
    let archive = format!("/api/desk/cases/{}/documents.zip", asked.person.case);
    let archive = asked.officer().await.request(Method::GET, &archive).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 long 1-200.txt"]);
    assert!(archive.windows(17).any(|window| window == b"There was no time"));
}

/// A technical failure: the applicant gets the district's telephone line with a code that leads an officer to the case.
/// Until it is handled, the rules say by telephone.
#[tokio::test]
async fn a_technical_failure_is_handled_by_phone() {
    let clock = "2021-03-22T09:00:00+01:00";
    let records = Records::new(1).await;
    let (person, _) = records.ready("Asha Rao").await;
    let token = session_at(&records, &person, clock).await;
    let server = records.open(clock).await;
    let clerk = server.at_desk_with(&records.officer_since(clock, "Ingrid Berg", District::Oslo, Role::Clerk).await);
    let invite =
        json!({ "last_day": "2021-04-16", "instructions": { "nb": "Send passet.", "en": "Send the passport." } });
    assert_eq!(clerk.put(&format!("/api/desk/cases/{}/invitation", person.case), &invite).await.status, StatusCode::OK);
    let asha = server.signed_in_with(&token);
    let path = format!("/api/cases/{}/documents/failure", person.case);
    let failed = asha.post(&path, &json!({ "what": "unavailable" })).await;
    assert_eq!(failed.status, StatusCode::CREATED, "{failed:?}");
    let decision = &failed.body["decision"];
    assert_eq!((&decision["outcome"], &decision["contact"]["phone"]), (&json!("by-phone"), &json!("22 34 21 00")));
    assert_eq!(decision["reasons"][0]["code"], "technical-failure");
    let code = failed.body["code"].as_str().unwrap();
    assert_eq!(
        asha.post(&path, &json!({ "what": "unavailable" })).await.body["code"],
        code,
        "told again it is the same"
    );
    assert_eq!(asha.get("/api/cases").await.body[0]["invitation"]["failure"], code);
    let refused = create(&asha, &person.case, "pass.pdf", 10).await;
    assert_eq!(refused.body["decision"]["outcome"], "by-phone", "{refused:?}");
    assert_eq!(asha.post(&path, &json!({ "what": "<script>" })).await.code(), "invalid-field");

    let found = clerk.post("/api/desk/search", &json!({ "words": code.to_lowercase() })).await;
    assert_eq!(found.body[0]["case"], person.case.as_str(), "{found:?}");
    let inbox = clerk.get("/api/desk/documents").await.body;
    assert_eq!((&inbox["failures"][0]["code"], &inbox["failures"][0]["what"]), (&json!(code), &json!("unavailable")));
    let bergen = server.at_desk_with(&records.officer_since(clock, "Kari Nes", District::Vest, Role::Clerk).await);
    let done = format!("/api/desk/cases/{}/failure/done", person.case);
    assert_eq!(bergen.post(&done, &json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(clerk.post(&done, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(clerk.post(&done, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(create(&asha, &person.case, "pass.pdf", 10).await.status, StatusCode::CREATED);
}

/// A document is returned with a reason in both languages. The applicant is told and sends it again.
#[tokio::test]
async fn what_is_returned_is_told_and_sent_again() {
    let asked = Asked::new().await;
    let id = asked.send("blurred.pdf", &papers::pdf(&["x"])).await;
    asked.checked(&id).await;
    let officer = asked.officer().await;
    let path = format!("/api/desk/documents/{id}/return");
    for reason in [json!({ "nb": "", "en": "x" }), json!({ "nb": "x", "en": " " })] {
        assert_eq!(officer.post(&path, &json!({ "reason": reason })).await.code(), "reason-missing");
    }
    let bergen = asked.officer_of(District::Vest).await;
    let reason = json!({ "reason": { "nb": "Bildet er uskarpt.", "en": "The picture is not sharp." } });
    assert_eq!(bergen.post(&path, &reason).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bergen.get(&format!("/api/desk/documents/{id}/pages/1")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(officer.post(&path, &reason).await.status, StatusCode::OK);
    let document = asked.document(&asked.asha(), &id).await;
    assert_eq!(
        (&document["state"], &document["reason"]["en"]),
        (&json!("returned"), &json!("The picture is not sharp."))
    );
    wait_for(async || asked.mail("could not use").is_some(), "they are told").await;
    let mail = asked.mail("could not use").unwrap().body;
    assert!(mail.contains("The picture is not sharp.") && mail.contains("Bildet er uskarpt."), "{mail}");
    assert!(mail.contains("Send it again, on Friday 13 November 2020 at the latest"), "{mail}");
    let again = asked.send("sharp.pdf", &papers::pdf(&["x"])).await;
    assert_eq!(asked.checked(&again).await["state"], "checked");
    // The mail does not ask to send it again after the last day.
    asked.server.kill().await;
    let later = "2020-11-14T09:00:00+01:00";
    let asked = Asked { server: asked.records.open(later).await, ..asked };
    let officer = asked.records.officer_since(later, "Ingrid Berg", District::Oslo, Role::Clerk).await;
    let officer = asked.server.at_desk_with(&officer);
    assert_eq!(officer.post(&format!("/api/desk/documents/{again}/return"), &reason).await.status, StatusCode::OK);
    let told = || {
        let mails = asked.server.mailbox(&asked.person.email);
        mails.into_iter().find(|mail| mail.subject.contains("could not use") && mail.body.contains("sharp.pdf"))
    };
    wait_for(async || told().is_some(), "they are told").await;
    let mail = told().unwrap().body;
    assert!(mail.contains("cannot send documents electronically") && !mail.contains("send it again"), "{mail}");
}

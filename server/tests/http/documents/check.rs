//! The check of a received document: its sandbox, its limits, and what it finds.

use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Asked, clamd, names_in, papers, session_at};
use crate::common::{MONDAY, binary, wait_for};

/// A fault found by the check is reported in the case and by e-mail, and the file is deleted. The virus scanner runs
/// first.
#[tokio::test]
async fn what_the_check_finds_is_told_and_deleted() {
    let clamd = clamd().await;
    let asked = Asked::with(&[("CLAMD", &clamd)]).await;
    let archive = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    let broken = b"%PDF-1.4\nnothing of what there should be\n%%EOF".to_vec();
    let mut half = papers::picture(ImageFormat::Png);
    half.truncate(half.len() / 2);
    let cut_off = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 20);
        bytes
    };
    let mut expected_mails = 0;
    for (name, bytes, fault) in [
        ("locked.pdf", papers::encrypted_pdf(), "encrypted"),
        ("broken.pdf", broken, "broken"),
        ("half.png", half, "broken"),
        ("cut off.jpg", cut_off(papers::picture(ImageFormat::Jpeg)), "broken"),
        ("cut off.pdf", cut_off(papers::pdf(&["x"; 3])), "broken"),
        ("flat.pdf", papers::flat_pdf(), "broken"),
        ("also an archive.pdf", [papers::pdf(&["x"]), archive.clone()].concat(), "disguised"),
        ("also an archive.jpg", [papers::picture(ImageFormat::Jpeg), archive].concat(), "disguised"),
        ("also a page.pdf", [papers::pdf(&["x"]), b"<html><script>alert(1)</script>".to_vec()].concat(), "disguised"),
        ("also a pdf.jpg", papers::commented("%PDF-1.4"), "disguised"),
        ("also a page.jpg", papers::commented("<html><body onload=alert(1)>"), "disguised"),
        (
            "also packed.jpg",
            [papers::picture(ImageFormat::Jpeg), b"7z\xbc\xaf\x27\x1c\xff\xd9".to_vec()].concat(),
            "disguised",
        ),
        ("enormous.png", papers::enormous_png(), "picture-too-large"),
        ("two pages.tif", papers::tiff_of_two_pages(), "several-pages"),
        ("long.pdf", papers::pdf(&["x"; 201]), "too-many-pages"),
        ("bomb.pdf", papers::bomb(), "broken"),
        ("virus.pdf", papers::pdf(&[&papers::eicar()]), "infected"),
        ("virus.jpg", papers::commented(&papers::eicar()), "infected"),
    ] {
        let id = asked.send(name, &bytes).await;
        let document = asked.checked(&id).await;
        assert_eq!((&document["state"], &document["fault"]), (&json!("returned"), &json!(fault)), "{name}");
        expected_mails += 1;
    }
    wait_for(async || asked.kept().is_empty(), "nothing of it is kept").await;
    asked.leaves_nothing("what the check found").await;
    let returned =
        || asked.server.mailbox(&asked.person.email).iter().filter(|m| m.subject.contains("could not use")).count();
    wait_for(async || returned() == expected_mails, "each is told").await;
    let locked = asked.mail("We could not use your document").unwrap();
    assert!(locked.body.contains("13 November 2020"), "{}", locked.body);

    for (name, format) in
        [("red.jpg", ImageFormat::Jpeg), ("red.png", ImageFormat::Png), ("red.tif", ImageFormat::Tiff)]
    {
        let bytes = papers::picture(format);
        let id = asked.send(name, &bytes).await;
        let document = asked.checked(&id).await;
        assert_eq!((&document["state"], &document["scanned"]), (&json!("checked"), &json!(true)), "{name}");
        // A scanned original may be downloaded.
        let officer = asked.officer().await;
        let original =
            officer.request(Method::GET, &format!("/api/desk/documents/{id}/original")).send().await.unwrap();
        assert!(original.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(original.bytes().await.unwrap(), bytes, "{name}");
    }
    let archive =
        asked.officer().await.request(Method::GET, &format!("/api/desk/cases/{}/documents.zip", asked.person.case));
    let archive = archive.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(names_in(&archive), ["01 red.jpg", "02 red.png", "03 red.tif"]);
}

/// Active content is reported to an officer before the original is opened, and in the archive.
#[tokio::test]
async fn what_does_something_when_it_is_opened_is_said() {
    let asked = Asked::with(&[("CLAMD", &clamd().await)]).await;
    let officer = asked.officer().await;
    for (number, (catalog, expected)) in [
        ("", json!([])),
        // An initial page is not an action.
        ("/OpenAction[4 0 R/Fit]", json!([])),
        ("/OpenAction<</S/JavaScript/JS(app.alert(1))>>", json!(["script"])),
        // The same, escaped against a plain text search.
        ("/AA<</WC<</S/J#61vaScript/#4AS(app.alert(1))>>>>", json!(["script"])),
        ("/OpenAction<</S/L#61unch/F(cmd.exe)>>", json!(["program"])),
        ("/Names<</EmbeddedFiles<</Names[(a)<</EF<<>>>>]>>>>", json!(["files"])),
        ("/AcroForm<</XFA[]/Fields[<</A<</S/SubmitForm/F(https://evil.example)>>>>]>>", json!(["script", "address"])),
        ("/OpenAction<</S/Rendition>>", json!(["media"])),
    ]
    .into_iter()
    .enumerate()
    {
        let id = asked.send(&format!("form {number}.pdf"), &papers::active_pdf(catalog)).await;
        assert_eq!(asked.checked(&id).await["state"], "checked", "{catalog}");
        let seen = officer.get(&format!("/api/desk/documents/{id}")).await;
        assert_eq!(seen.body["document"]["active"], expected, "{catalog}");
    }
    let archive = format!("/api/desk/cases/{}/documents.zip", asked.person.case);
    let archive = officer.request(Method::GET, &archive).send().await.unwrap().bytes().await.unwrap();
    let names = names_in(&archive);
    assert_eq!(names[1..4], ["02 form 1.pdf", "03 form 2.pdf", "03 form 2 ADVARSEL WARNING.txt"]);
    assert_eq!(names.iter().filter(|name| name.ends_with("WARNING.txt")).count(), 6);
}

/// A document whose check times out five times counts as broken and is not checked again.
#[tokio::test]
async fn what_runs_out_of_time_five_times_is_broken() {
    let settings = [("CHECK_SECONDS", "1")];
    let asked = Asked::with(&settings).await;
    // A large file without valid objects, which takes long to search.
    let hard = [b"%PDF-1.4\n".as_slice(), &b"1 0 obj <<".repeat(1_900_000), b"%%EOF"].concat();
    let id = asked.send("pass.pdf", &hard).await;
    wait_for(async || asked.number("SELECT overran FROM documents").await == 1, "it runs out of time once").await;
    assert_eq!(asked.document(&asked.asha(), &id).await["state"], "received", "a busy machine may be why");
    asked.server.kill().await;
    let mut t = asked.records.store().write().await.unwrap();
    sqlx::query("UPDATE documents SET overran = 4, due = 0, leased_until = 0").execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let asked = Asked { server: asked.records.open_with(MONDAY, &settings).await, ..asked };
    let document = asked.checked(&id).await;
    assert_eq!((&document["state"], &document["fault"]), (&json!("returned"), &json!("broken")));
    wait_for(async || asked.mail("could not use").is_some(), "Asha is told").await;
}

/// A scanner without an answer delays the document, which is shown as being checked. The check is retried.
#[tokio::test]
async fn a_scanner_that_does_not_answer_is_asked_again() {
    let asked = Asked::with(&[("CLAMD", "127.0.0.1:1")]).await;
    let id = asked.send("pass.pdf", &papers::pdf(&["x"])).await;
    wait_for(async || asked.number("SELECT tried FROM documents").await == 1, "the scanner is asked").await;
    assert_eq!(asked.document(&asked.asha(), &id).await["state"], "received");
    let officer = asked.officer().await;
    assert_eq!(officer.get(&format!("/api/desk/documents/{id}/pages/1")).await.code(), "not-checked");
    assert_eq!(officer.get(&format!("/api/desk/documents/{id}/original")).await.code(), "not-checked");
    asked.server.kill().await;
    // The document is accepted unscanned after an hour of retries.
    let mut t = asked.records.store().write().await.unwrap();
    sqlx::query("UPDATE documents SET tried = 7, due = 0").execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let later = "2020-11-02T10:00:00+01:00";
    let asked = Asked { server: asked.records.open_with(later, &[("CLAMD", "127.0.0.1:1")]).await, ..asked };
    let token = session_at(&asked.records, &asked.person, later).await;
    let document = Asked { token, ..asked }.checked(&id).await;
    assert_eq!((&document["state"], &document["scanned"]), (&json!("checked"), &json!(false)));
}

/// A shutdown during a check also stops the checking program. The document is not blamed.
#[tokio::test]
async fn a_check_that_is_ended_from_outside_says_nothing_of_the_document() {
    let asked = Asked::with(&[]).await;
    // A large file without valid objects, which takes long to search.
    let hard = [b"%PDF-1.4\n".as_slice(), &b"1 0 obj <<".repeat(1_500_000), b"%%EOF"].concat();
    let id = asked.send("pass.pdf", &hard).await;
    wait_for(async || !asked.server.called().is_empty(), "it is looked into").await;
    for program in asked.server.called() {
        std::process::Command::new("kill").args(["-TERM", &program.to_string()]).status().unwrap();
    }
    wait_for(async || asked.server.called().is_empty(), "the program is ended").await;
    let put_off = "SELECT count(*) FROM documents WHERE tried = 1 AND leased_until = 0";
    wait_for(async || asked.number(put_off).await == 1, "the check is over for now").await;
    assert_eq!(asked.document(&asked.asha(), &id).await["state"], "received");
    assert!(!asked.kept().is_empty());
}

/// The program that checks documents is sandboxed against malicious documents.
#[test]
fn the_program_that_looks_into_documents_has_no_open_door() {
    let probed = std::process::Command::new(binary()).arg("probe").output().unwrap();
    let probed: Value = serde_json::from_slice(&probed.stdout).unwrap();
    assert_eq!(probed, json!({ "fault": null, "open": [] }));
}

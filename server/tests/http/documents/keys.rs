//! Keys of documents: rotation, loss, and the end of the retention period, after which nothing can be read.

use std::time::Duration;

use api::officers::Role;
use reqwest::{Method, StatusCode};
use rules::District;

use super::{Asked, papers};
use crate::common::{DOCUMENTS_KEY, MONDAY, Records, binary, wait_for};

/// Document keys can be re-encrypted to a new main key, so that the old one can be deleted.
#[tokio::test]
async fn an_old_key_can_be_retired() {
    let old = DOCUMENTS_KEY.to_owned();
    let new = String::from_utf8(std::process::Command::new(binary()).arg("documents-key").output().unwrap().stdout);
    let new = new.unwrap().trim().to_owned();
    let both = format!("{new}\n{old}");
    let asked = Asked::with(&[("DOCUMENTS_KEY", &old)]).await;
    let id = asked.send("pass.pdf", &papers::pdf(&["Passport"])).await;
    assert_eq!(asked.checked(&id).await["state"], "checked");
    asked.server.kill().await;
    let rewrap = |keys: &str| {
        let mut command = std::process::Command::new(binary());
        command.args(["documents-key", "--rewrap", "--data-dir"]).arg(asked.records.folder());
        command.env("DOCUMENTS_KEY", keys).env("DATABASE_URL", asked.records.url().unwrap_or_default());
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert!(rewrap(&new).contains("encrypted for another house"));
    assert!(rewrap(&both).starts_with("1 of 1 keys"), "the old key opens it, the new one closes it");
    assert!(rewrap(&both).starts_with("0 of 1 keys"), "once is enough");
    let server = asked.records.open_with(MONDAY, &[("DOCUMENTS_KEY", &new)]).await;
    let asked = Asked { server, ..asked };
    let page = asked.officer().await.request(Method::GET, &format!("/api/desk/documents/{id}/pages/1"));
    assert_eq!(page.send().await.unwrap().status(), StatusCode::OK);
}

/// A lost or different key is detected at start, and not later by a person whose documents are unreadable.
#[tokio::test]
async fn a_lost_key_keeps_the_counter_shut() {
    let records = Records::on_sqlite(1).await;
    let (person, token) = records.ready("Asha Rao").await;
    let server = records.open(MONDAY).await;
    let asked = Asked { records, server, person, token };
    asked.invite().await;
    asked.send("pass.pdf", &papers::pdf(&["x"])).await;
    let folder = asked.records.folder().to_owned();
    asked.server.kill().await;
    let serve = async |key: &str| {
        let mut command = tokio::process::Command::new(binary());
        command.args(["serve", "--port", "0", "--dist-dir", "../dist", "--data-dir"]).arg(&folder);
        let output = command.env("DOCUMENTS_KEY", key).stdin(std::process::Stdio::null()).kill_on_drop(true).output();
        let output = tokio::time::timeout(Duration::from_secs(30), output).await.expect("it opened").unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(serve(DOCUMENTS_KEY).await.contains("does not open the documents that are there"));
    let file = folder.join("documents.key");
    let copy = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(serve("").await.contains("put its copy back"));
    assert!(!file.exists(), "no new one is made");
    std::fs::write(&file, copy).unwrap();
    asked.records.open("2020-11-02T09:10:00+01:00").await.kill().await;
}

/// After the retention period nothing readable is left: neither the file, nor its name, nor its key.
#[tokio::test]
async fn what_was_kept_long_enough_is_deleted() {
    let asked = Asked::new().await;
    let id = asked.send("pass.pdf", &papers::pdf(&["x"])).await;
    asked.checked(&id).await;
    assert_eq!(asked.kept().len(), 1);
    asked.server.kill().await;
    // The last day still counts.
    let asked = Asked { server: asked.records.open("2021-05-01T23:00:00+02:00").await, ..asked };
    let tidied = async || asked.records.everything().await.contains("\"delete-document\"");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!tidied().await);
    assert_eq!(asked.kept().len(), 1);
    asked.server.kill().await;
    let asked = Asked { server: asked.records.open("2021-05-02T00:00:01+02:00").await, ..asked };
    wait_for(async || asked.kept().is_empty(), "the file is deleted").await;
    wait_for(async || !asked.records.everything().await.contains("case_keys {"), "the key is deleted").await;
    let everything = asked.records.everything().await;
    assert!(everything.contains("\"delete-document\"") && everything.contains("\"actor\":\"keeping-time\""));
    assert!(!everything.contains("documents {\"arrived\":null") && everything.contains("\"state\":\"deleted\""));
    let row = everything.lines().find(|line| line.starts_with("documents ")).unwrap();
    assert!(!row.contains("pass.pdf"), "{row}");
    // Messages do not contain the name either.
    assert!(!everything.contains("pass.pdf"), "{everything}");
    let clerk =
        asked.records.officer_since("2021-05-02T00:00:01+02:00", "Ingrid Berg", District::Oslo, Role::Clerk).await;
    let clerk = asked.server.at_desk_with(&clerk);
    assert_eq!(clerk.get(&format!("/api/desk/documents/{id}/pages/1")).await.code(), "review-over");
}

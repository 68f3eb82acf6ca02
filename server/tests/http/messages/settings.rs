//! Settings of mail and SMS: each that cannot work is refused at start.

use std::time::Duration;

use tokio::process::Command;

use crate::common::{DOCUMENTS_KEY, Records, binary};

#[tokio::test]
async fn what_could_not_be_sent_is_found_at_start() {
    let records = Records::new(0).await;
    let serve = async |settings: &[(&str, &str)]| {
        let output = Command::new(binary())
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(records.folder())
            .env("DATABASE_URL", records.url().unwrap_or_default())
            .env("DOCUMENTS_KEY", DOCUMENTS_KEY)
            .env("MAIL_INTO_FILES", "true")
            .env("SMS_INTO_FILES", "true")
            .envs(settings.iter().copied())
            .output();
        let output = tokio::time::timeout(Duration::from_secs(10), output).await.expect("it opened").unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    for (settings, says) in [
        (&[("MAIL_URL", "mail.example.org")][..], "MAIL_URL cannot be used"),
        (&[("MAIL_URL", "smtps://skranke:12/34@mail.example.org")], "%2F"),
        (&[("MAIL_FROM", "nobody")], "MAIL_FROM is no address"),
        (&[("MAIL_URL", "smtps://mail.example.org"), ("MAIL_CA", "/nowhere")], "cannot read /nowhere"),
        (&[("SMS_URL", "gateway")], "SMS_URL is no address"),
        (&[("SMS_URL", "http://gateway.example")], "SMS_URL must begin with https://"),
        // A server without mail or SMS refuses to start, instead of failing at the first code.
        (&[("MAIL_INTO_FILES", "false")], "MAIL_URL is not set"),
        (&[("SMS_INTO_FILES", "false")], "SMS_URL is not set"),
        (&[("SMS_URL", "https://gateway"), ("SMS_FIELDS", "whom=to")], "there are to, text, id, sender"),
    ] {
        let said = serve(settings).await;
        assert!(said.contains(says), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    let folder = records.folder().join("messages");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("booked.toml"),
        "[nb]\nsubject = \"a\"\nbody = \"{{ wann }}\"\n[en]\nsubject=\"b\"\nbody=\"c\"\n",
    )
    .unwrap();
    let said = serve(&[]).await;
    assert!(said.contains("booked.toml: [nb] body: there is no {{ wann }} here"), "{said}");
}

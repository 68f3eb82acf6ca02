//! Settings: refusals at start, effects of the site's address, and permissions of written files.

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use reqwest::{Method, StatusCode, header};
use serde_json::Value;
use server::store::{Address, Store};

use crate::common::{DOCUMENTS_KEY, MONDAY, Records, binary, wait_for};

/// Settings with which a server starts without a mail server and a gateway.
const INTO_FILES: [(&str, &str); 2] = [("MAIL_INTO_FILES", "true"), ("SMS_INTO_FILES", "true")];

/// Runs a command that must fail. Returns its error output.
fn refused(command: &str, folder: &Path, settings: &[(&str, &str)]) -> String {
    let output = Command::new("timeout")
        .arg("20")
        .arg(binary())
        .args([command, "--port", "0", "--dist-dir", "../dist", "--data-dir"])
        .arg(folder)
        .env("DATABASE_URL", "")
        .env_remove("CLOCK")
        .envs(INTO_FILES)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(matches!(output.status.code(), Some(1 | 2)), "{settings:?}: {said}");
    said
}

#[test]
fn settings_that_would_harm_keep_the_counter_shut() {
    let folder = tempfile::tempdir().unwrap();
    const HTTPS: (&str, &str) = ("ORIGIN", "https://skranke.example");
    for (command, settings, says) in [
        ("serve", vec![("ORIGIN", "ftp://skranke.example")], "ftp:// is nothing that a browser opens"),
        ("serve", vec![("ORIGIN", "http://skranke.example")], "http:// is for this machine only"),
        ("serve", vec![("ORIGIN", "https://skranke.example/counter")], "without a path"),
        ("serve", vec![("HTTPS", "true")], "HTTPS is no setting any more"),
        ("serve", vec![("LISTEN", "0.0.0.0")], "is open to other machines"),
        ("serve", vec![HTTPS, ("CLOCK", MONDAY)], "the demo and CLOCK are for trying, on this machine only"),
        ("serve", vec![HTTPS, ("LISTEN", "0.0.0.0"), ("CLOCK", MONDAY)], "the demo and CLOCK are for trying"),
        ("demo", vec![HTTPS], "the demo and CLOCK are for trying"),
        ("demo", vec![("LISTEN", "0.0.0.0")], "the demo and CLOCK are for trying"),
        ("serve", vec![("MAIL_INTO_FILES", "false")], "MAIL_URL is not set, so nobody could sign in"),
        ("serve", vec![("SMS_INTO_FILES", "false")], "SMS_URL is not set, so no SMS would reach anybody"),
        ("serve", vec![("SMS_URL", "http://gateway.example/send")], "SMS_URL must begin with https://"),
        ("serve", vec![("CLAMD", "scanner.example:3310")], "clamd is sent documents in the clear"),
        ("serve", vec![("SECURITY_CONTACT", "nobody")], "SECURITY_CONTACT is no address"),
    ] {
        let said = refused(command, folder.path(), &settings);
        assert!(said.contains(says), "{command} {settings:?}: {said}");
    }
}

/// Secrets are read from files. The command line has no option for one, because other users can see it.
#[test]
fn secrets_come_from_files_and_are_never_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    let path = secret.to_str().unwrap();
    fs::write(&secret, "mail.example:hush\n").unwrap();
    for (settings, says) in [
        (vec![("MAIL_URL_FILE", path)], "MAIL_URL cannot be used"),
        (
            vec![("MAIL_URL_FILE", path), ("MAIL_URL", "smtps://mail.example")],
            "MAIL_URL and MAIL_URL_FILE are both set",
        ),
        (
            vec![("SMS_TOKEN_FILE", "/nowhere"), ("SMS_URL", "https://gateway.example")],
            "SMS_TOKEN_FILE: cannot read /nowhere",
        ),
        (vec![("DOCUMENTS_KEY_FILE", path)], "DOCUMENTS_KEY cannot be used"),
        (vec![("DATABASE_URL_FILE", path)], "DATABASE_URL begins with mail.example://"),
    ] {
        let said = refused("serve", folder.path(), &settings);
        assert!(said.contains(says) && !said.contains("hush"), "{settings:?}: {said}");
    }
    for option in
        ["--mail-url", "--sms-url", "--sms-token", "--sms-receipts-secret", "--documents-key", "--database-url"]
    {
        let output = Command::new(binary()).args(["serve", option, "x"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{option}");
    }
    let help = Command::new(binary()).args(["serve", "--help"]).output().unwrap();
    assert!(String::from_utf8(help.stdout).unwrap().contains("SMS_RECEIPTS_SECRET"));
}

/// An HTTPS origin implies secure cookies and HSTS.
#[tokio::test]
async fn https_follows_from_the_address() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &[("ORIGIN", "https://skranke.example"), ("PROXIES", "1")]).await;
    for path in ["/", "/check", "/api/health", "/api/nowhere", "/icon.svg"] {
        let answer = server.visitor().get(path).await;
        assert_eq!(answer.headers["strict-transport-security"], "max-age=63072000; includeSubDomains", "{path}");
    }
    let email = "asha@example.org";
    let visitor = server.visitor();
    let asked = visitor.ask_for_code(email).await;
    let code = server.code_for(email).await;
    let body = serde_json::json!({ "email": email, "code": code });
    let begun = visitor.put("/api/session", &body).await;
    let set =
        [&asked, &begun].map(|answer| answer.headers.get_all(header::SET_COOKIE).iter().collect::<Vec<_>>()).concat();
    assert!(!set.is_empty());
    for cookie in set {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    }

    let plain = records.open(MONDAY).await;
    assert_eq!(plain.visitor().get("/").await.headers.get("strict-transport-security"), None);
}

/// Written files are readable by their owner only, whatever the umask.
#[tokio::test]
async fn what_is_written_is_for_its_owner_only() {
    let records = Records::on_sqlite(0).await;
    let folder = records.folder().to_owned();
    fs::create_dir_all(folder.join("mail")).unwrap();
    fs::set_permissions(folder.join("mail"), fs::Permissions::from_mode(0o755)).unwrap();
    let server = records.open_under(MONDAY, &[], &["sh", "-c", "umask 000; exec \"$@\"", "sh"]).await;
    server.visitor().ask_for_code("asha@example.org").await;
    server.code_for("asha@example.org").await;
    let mut seen = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", entry.path().display());
            seen.push(entry.path().strip_prefix(&folder).unwrap().display().to_string());
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    for name in ["mail", "sms", "files", "documents.key", "skranke.sqlite"] {
        assert!(seen.iter().any(|one| one == name), "{name} is not in {seen:?}");
    }
    assert!(seen.iter().any(|one| one.ends_with(".eml")), "{seen:?}");
}

/// Files with messages are deleted after a day, because they contain codes and names.
#[tokio::test]
async fn messages_in_files_are_deleted_after_a_day() {
    let records = Records::new(0).await;
    let place = |name: &str| records.folder().join(name);
    for (name, hours) in [("mail/old.eml", 25), ("mail/new.eml", 23), ("sms/old.json", 25)] {
        fs::create_dir_all(place(name).parent().unwrap()).unwrap();
        let file = File::create(place(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
    }
    let _server = records.open(MONDAY).await;
    wait_for(async || !place("mail/old.eml").exists() && !place("sms/old.json").exists(), "the old ones go").await;
    assert!(place("mail/new.eml").exists());
}

#[tokio::test]
async fn every_answer_says_what_it_is_and_whose() {
    let records = Records::new(0).await;
    let server = records.open_with(MONDAY, &[("SECURITY_CONTACT", "mailto:security@skranke.example")]).await;
    let visitor = server.visitor();
    let index = visitor.get("/check").await;
    assert_eq!(index.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let page = index.body.as_str().unwrap().to_owned();
    let mut seen = 0;
    for (ending, expected) in [(".css", "text/css; charset=utf-8"), (".js", "text/javascript; charset=utf-8")] {
        let links = page.split(['"', '\'']).filter(|part| part.starts_with('/') && part.ends_with(ending));
        for link in links {
            let file = visitor.request(Method::GET, link).send().await.unwrap();
            assert_eq!(file.headers()[header::CONTENT_TYPE], expected, "{link}");
            seen += 1;
        }
    }
    assert!(seen >= 2, "{page}");
    for path in ["/", "/api/health", "/api/session", "/api/nowhere"] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.headers["cross-origin-resource-policy"], "same-origin", "{path}");
    }
    let security = visitor.get("/.well-known/security.txt").await;
    assert_eq!(security.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    let text = security.body.as_str().unwrap();
    assert!(text.starts_with("Contact: mailto:security@skranke.example\nExpires: 2021-05-01T08:00:0"), "{text}");
    server.kill().await;
    let without = records.open(MONDAY).await;
    assert_eq!(without.visitor().get("/.well-known/security.txt").await.status, StatusCode::NOT_FOUND);
}

/// The log can be written as JSON, one object a line.
#[tokio::test]
async fn the_log_is_written_for_programs_too() {
    let records = Records::new(0).await;
    let mut server = records.open_with(MONDAY, &[("LOG", "json")]).await;
    let answer = server.visitor().get("/api/health").await;
    let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    let line: Value = serde_json::from_str(&server.log_line(&id).await).unwrap();
    assert_eq!((&line["level"], &line["route"], &line["status"]), (&"INFO".into(), &"/api/health".into(), &200.into()));
}

/// Leases use the server's clock, so a server whose clock is wrong refuses to start.
#[tokio::test]
async fn a_server_whose_clock_is_not_the_databases_does_not_open() {
    let records = Records::on_postgres(0).await;
    let url = records.url().unwrap();
    // A wrong database clock, by a function that shadows the built-in one.
    let later = "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
                 $$ SELECT pg_catalog.clock_timestamp() + interval '60 seconds' $$";
    let store = Store::open(&Address::new(Some(url), records.folder()).unwrap()).await.unwrap();
    let mut t = store.write().await.unwrap();
    sqlx::query(later).execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let name = url.rsplit('/').next().unwrap();
    let first = format!("ALTER DATABASE \"{name}\" SET search_path = public, pg_catalog");
    let mut t = store.write().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(first)).execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    store.close().await;
    let settings = [("DATABASE_URL", url), ("DOCUMENTS_KEY", DOCUMENTS_KEY)];
    let said = refused("serve", records.folder(), &settings);
    assert!(said.contains("this server's clock and the database's are -") && said.contains("by NTP"), "{said}");
    // A server with `--clock` does not compare the clocks.
    records.open(MONDAY).await.kill().await;
}

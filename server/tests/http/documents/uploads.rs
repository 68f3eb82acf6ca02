//! Uploads: who may send, what is refused, and connections, disks and servers that fail meanwhile.

use std::time::Duration;

use axum::body::Bytes;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::{StreamExt, stream};
use reqwest::{Body, Method, StatusCode};
use rules::{ApplicationType, Coded};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{io::AsyncReadExt, sync::mpsc};

use super::{Asked, base64, body_of, create, create_with, kept, offset, papers, patch, patching, session_at};
use crate::common::{Answer, answer, wait_for};

/// Only a case with an open invitation may send, and never one for citizenship. Another person's case answers 404.
#[tokio::test]
async fn only_who_is_asked_may_send() {
    let asked = Asked::new().await;
    let (bruno, token) = asked.records.ready("Bruno Costa").await;
    let bruno_there = asked.server.signed_in_with(&token);
    let reasons = |answer: &Answer| {
        let reasons = answer.body["decision"]["reasons"].as_array().cloned().unwrap_or_default();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let refused = create(&bruno_there, &bruno.case, "pass.pdf", 10).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"));
    assert_eq!(reasons(&refused), ["not-invited"]);
    assert_eq!(create(&bruno_there, &asked.person.case, "pass.pdf", 10).await.status, StatusCode::NOT_FOUND);
    assert_eq!(create(&asked.server.visitor(), &asked.person.case, "p.pdf", 10).await.status, StatusCode::UNAUTHORIZED);
    let upload = asked.begin("pass.pdf", 10).await;
    assert_eq!(patch(&bruno_there, &upload, 0, "0123456789").await.status, StatusCode::NOT_FOUND);
    let head = bruno_there.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(head.status(), StatusCode::NOT_FOUND);

    // An invitation for citizenship, which no officer could have created.
    let mut t = asked.records.store().write().await.unwrap();
    let update = sqlx::query("UPDATE cases SET type = $2 WHERE id = $1").bind(&asked.person.case);
    update.bind(ApplicationType::Citizenship.code()).execute(&mut *t).await.unwrap();
    t.commit().await.unwrap();
    let refused = create(&asked.asha(), &asked.person.case, "pass.pdf", 10).await;
    assert_eq!(reasons(&refused), ["citizenship-excluded"]);
    assert_eq!(reasons(&patch(&asked.asha(), &upload, 0, "0123456789").await), ["citizenship-excluded"]);
    let path = format!("/api/cases/{}/documents/failure", asked.person.case);
    let failed = asked.asha().post(&path, &json!({ "what": "no-answer" })).await;
    assert_eq!(failed.code(), "refused", "citizenship is not sent to the information line either");
    asked.leaves_nothing("what was refused").await;
}

/// The invitation's last day counts. After it the rules decide, also about uploads in progress.
#[tokio::test]
async fn after_the_last_day_nothing_goes_on() {
    let mut asked = Asked::new().await;
    let upload = asked.begin("pass.pdf", 10).await;
    asked.server.kill().await;
    for (day, expected) in
        [("2020-11-02T23:50:00+01:00", StatusCode::NO_CONTENT), ("2020-11-14T00:00:01+01:00", StatusCode::CONFLICT)]
    {
        let server = asked.records.open(day).await;
        let token = session_at(&asked.records, &asked.person, day).await;
        let asha = server.signed_in_with(&token);
        if expected == StatusCode::NO_CONTENT {
            assert_eq!(patch(&asha, &upload, 0, "%PDF-").await.status, expected);
        } else {
            let refused = create(&asha, &asked.person.case, "pass.pdf", 10).await;
            assert_eq!(refused.body["decision"]["reasons"][0]["code"], "invitation-expired", "{refused:?}");
            // The upload has ended or was deleted already.
            let over = patch(&asha, &upload, 5, "12345").await;
            assert!(["upload-over", "not-found"].contains(&over.code()), "{over:?}");
        }
        server.kill().await;
    }
    asked.server = asked.records.open("2020-11-14T08:00:00+01:00").await;
    wait_for(async || asked.kept().is_empty(), "what never arrived is deleted").await;
}

/// A file that cannot be accepted is refused with its code, and leaves nothing.
#[tokio::test]
async fn what_cannot_be_taken_leaves_nothing() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let case = &asked.person.case;
    for (name, size, expected) in [
        ("pass.pdf", 0, "file-empty"),
        ("pass.pdf", 20_000_001, "file-too-large"),
        ("", 10, "file-name"),
        ("..", 10, "file-name"),
        ("../../etc/passwd", 10, "file-name"),
        ("..\\pass.pdf", 10, "file-name"),
        ("pass\u{202e}fdp.exe", 10, "file-name"),
        ("pass\u{200f}.pdf", 10, "file-name"),
        ("pass\n.pdf", 10, "file-name"),
        ("pass\0.pdf", 10, "file-name"),
        (".pdf", 10, "file-name"),
        ("\u{3164}.pdf", 10, "file-name"),
        ("pa\u{200b}ss.pdf", 10, "file-name"),
        (&"a".repeat(300), 10, "file-name"),
    ] {
        let refused = create(&asha, case, name, size).await;
        assert_eq!(refused.code(), expected, "{name:?} {size}: {refused:?}");
        assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "{refused:?}");
    }
    let fine = format!("case {},filename {}", base64(case), base64("pass.pdf"));
    for (metadata, size, expected) in [
        (fine.as_str(), "", "invalid-field"),
        (&fine, "-1", "invalid-field"),
        (&fine, "1e3", "invalid-field"),
        (&fine, "99999999999999999999", "invalid-field"),
        (&format!("case {},filename %%%", base64(case)), "10", "invalid-field"),
        (&format!("{fine},sha256 {}", base64("abc")), "10", "checksum-unknown"),
        ("", "10", "not-found"),
    ] {
        assert_eq!(create_with(&asha, metadata, size).await.code(), expected, "{metadata} {size}");
    }
    // Unsupported tus extensions are refused explicitly.
    for (header, value) in [("upload-concat", "partial"), ("upload-defer-length", "1")] {
        let request = asha.request(Method::POST, "/api/uploads").header("tus-resumable", "1.0.0").header(header, value);
        let refused = answer(request.header("upload-metadata", &fine).send().await.unwrap()).await;
        assert_eq!(refused.body["field"], header, "{refused:?}");
    }
    let plain = asha.request(Method::POST, "/api/uploads").header("upload-length", 10).send().await.unwrap();
    assert_eq!(
        (plain.status(), &plain.headers()["tus-version"]),
        (StatusCode::PRECONDITION_FAILED, &"1.0.0".parse().unwrap())
    );
    asked.leaves_nothing("what was not begun").await;

    // An upload that starts correctly and continues incorrectly.
    let upload = asked.begin("pass.pdf", 10).await;
    let sha1 = |hash: &str| patching(&asha, &upload, 0).header("upload-checksum", hash).body("%PDF-12345");
    for (request, expected) in [
        (patching(&asha, &upload, 3).body("%PDF-12"), "offset-wrong"),
        (patching(&asha, &upload, 0).body("%PDF-123456"), "file-too-large"),
        (sha1("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "checksum-wrong"),
        (sha1("md5 AAAAAAAAAAAAAAAAAAAAAA=="), "checksum-unknown"),
        (sha1("sha1 short"), "checksum-unknown"),
        (
            asha.request(Method::PATCH, &upload).header("tus-resumable", "1.0.0").header("upload-offset", 0).body("x"),
            "unsupported-media-type",
        ),
    ] {
        let refused = answer(request.send().await.unwrap()).await;
        assert_eq!(refused.code(), expected, "{refused:?}");
        let names_its_type = || refused.body["detail"].as_str().is_some_and(|it| it.contains("offset+octet-stream"));
        assert!(expected != "unsupported-media-type" || names_its_type(), "{refused:?}");
    }
    // A wrong hash of the whole file is detected by the check.
    let other = format!("{fine},sha256 {}", base64(&"0".repeat(64)));
    let bytes = papers::pdf(&["x"]);
    let begun = create_with(&asha, &other, &bytes.len().to_string()).await;
    let damaged = begun.headers["location"].to_str().unwrap();
    let right = format!("sha256 {}", BASE64_STANDARD.encode(Sha256::digest(&bytes)));
    let sent = patching(&asha, damaged, 0).header("upload-checksum", right).body(bytes).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    assert_eq!(asked.checked(damaged.rsplit('/').next().unwrap()).await["fault"], "damaged");
    wait_for(async || asked.kept().is_empty(), "what is damaged is deleted").await;
    // A body that is longer than announced, without a content length.
    let endless = stream::iter((0..4).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"%PDF-"))));
    let refused = patch(&asha, &upload, 0, Body::wrap_stream(endless)).await;
    assert_eq!(refused.code(), "file-too-large");
    asked.leaves_nothing("what was begun").await;
    assert_eq!(offset(&asha, &upload).await, 0);
    let ended = asha.request(Method::DELETE, &upload).header("tus-resumable", "1.0.0").send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(patch(&asha, &upload, 0, "%PDF-12345").await.status, StatusCode::NOT_FOUND);

    // The content counts, not the file name.
    for (bytes, expected) in [
        (
            b"MZ\x90\0 this program cannot be run in DOS mode, and is long enough to see what it is".to_vec(),
            "not-a-document",
        ),
        (b"<html><script>alert(1)</script></html>".to_vec(), "not-a-document"),
        ([b"#!/bin/sh\nexit\n".to_vec(), papers::pdf(&["x"])].concat(), "not-a-document"),
        ([b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[0; 100]].concat(), "heic"),
    ] {
        let upload = asked.begin("pass.pdf", bytes.len() as u64).await;
        let refused = patch(&asha, &upload, 0, bytes).await;
        assert_eq!(refused.code(), expected, "{refused:?}");
        assert_eq!(patch(&asha, &upload, 0, "x").await.status, StatusCode::NOT_FOUND, "it is given up");
    }
    asked.leaves_nothing("what is no document").await;

    // A case has room for five files of the maximum size.
    for _ in 0..5 {
        asked.begin("pass.pdf", 20_000_000).await;
    }
    assert_eq!(create(&asha, case, "pass.pdf", 1).await.code(), "case-full");
}

/// A slow upload may take longer than the timeout of an idle connection.
#[tokio::test]
async fn a_slow_upload_is_not_cut() {
    let asked = Asked::with(&[("HEAD_SECONDS", "1"), ("IDLE_SECONDS", "1")]).await;
    let bytes = papers::pdf(&["x"]);
    let upload = asked.begin("pass.pdf", bytes.len() as u64).await;
    let (piece, pieces) = mpsc::channel(1);
    let sending = patching(&asked.asha(), &upload, 0).body(body_of(pieces)).send();
    let sending = tokio::spawn(sending);
    let (first, rest) = bytes.split_at(100);
    piece.send(Ok(Bytes::copy_from_slice(first))).await.unwrap();
    for _ in 0..2 {
        // The timeout of an idle connection.
        let address = asked.server.url.strip_prefix("http://").unwrap();
        let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
        assert_eq!(idle.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }
    piece.send(Ok(Bytes::copy_from_slice(rest))).await.unwrap();
    drop(piece);
    assert_eq!(sending.await.unwrap().unwrap().status(), StatusCode::NO_CONTENT);
    let id = upload.rsplit('/').next().unwrap();
    assert_eq!(asked.checked(id).await["state"], "checked");
}

/// Concurrent requests to one upload are refused. A broken connection and a killed server keep what has arrived.
#[tokio::test]
async fn what_breaks_off_goes_on_where_it_was() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let bytes = papers::pdf(&["A long paper"; 200]);
    let upload = asked.begin("long.pdf", bytes.len() as u64).await;
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asha, &upload, 0).body(body_of(taken)).send());
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[..5000]))).await.unwrap();
    let head = async || {
        let request = asha.request(Method::HEAD, &upload).header("tus-resumable", "1.0.0");
        request.send().await.unwrap().status()
    };
    wait_for(async || head().await == StatusCode::LOCKED, "the first has begun").await;
    let second = patch(&asha, &upload, 0, bytes.clone()).await;
    assert_eq!((second.status, second.code()), (StatusCode::LOCKED, "upload-busy"), "{second:?}");
    assert!(second.headers.contains_key("retry-after"));
    // The connection breaks.
    pieces.send(Err(std::io::Error::other("the line is gone"))).await.unwrap();
    assert!(sending.await.unwrap().is_err());
    let there = offset(&asha, &upload).await;
    assert_eq!(there, 5000);

    // A power failure during the next part: that part is lost, and acknowledged parts remain.
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asha, &upload, there).body(body_of(taken)).send());
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[5000..9000]))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    asked.server.kill().await;
    assert!(sending.await.unwrap().is_err());
    let later = "2020-11-02T09:10:00+01:00";
    let asked = Asked { server: asked.records.open(later).await, ..asked };
    let asha = asked.asha();
    assert_eq!(offset(&asha, &upload).await, 5000);
    assert_eq!(patch(&asha, &upload, 5000, bytes[5000..].to_vec()).await.status, StatusCode::NO_CONTENT);
    let id = upload.rsplit('/').next().unwrap();
    assert_eq!(asked.checked(id).await["pages"], 200);
    // The incomplete file of the killed server is deleted.
    wait_for(async || asked.kept().len() == 2, "what was begun is deleted").await;
}

/// A power failure during a part that is already on disk: the unusable data is erased.
#[tokio::test]
async fn what_a_killed_server_was_writing_is_erased() {
    let asked = Asked::new().await;
    let upload = asked.begin("large.pdf", 12_000_000).await;
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asked.asha(), &upload, 0).body(body_of(taken)).send());
    pieces.send(Ok(papers::pdf(&["x"]).into())).await.unwrap();
    for _ in 0..70 {
        pieces.send(Ok(Bytes::from(vec![b'\n'; 100_000]))).await.unwrap();
    }
    wait_for(async || asked.kept().iter().any(|file| !file.is_empty()), "some of it is on the disk").await;
    asked.server.kill().await;
    assert!(sending.await.unwrap().is_err());
    assert!(!kept(asked.records.folder()).is_empty());
    let asked = Asked { server: asked.records.open("2020-11-02T09:10:00+01:00").await, ..asked };
    wait_for(async || asked.kept().is_empty(), "what was begun is erased").await;
    assert_eq!(offset(&asked.asha(), &upload).await, 0);
}

/// A third-party tus client can upload, resume and cancel.
#[tokio::test]
async fn any_client_of_the_protocol_sends() {
    let asked = Asked::new().await;
    let text = "A long paper ".repeat(200);
    let bytes = papers::pdf(&[&*text; 200]);
    let file = asked.records.folder().join("long.pdf");
    std::fs::write(&file, &bytes).unwrap();
    let run = async |how: &str| {
        let wanted = json!({
            "url": asked.server.url, "cookie": format!("skranke={}", asked.token), "case": asked.person.case,
            "file": file, "name": "lang søknad.pdf", "chunk": 100_000, "how": how,
        });
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/documents/tus.mjs");
        let output = tokio::process::Command::new("node").arg(script).arg(wanted.to_string()).output().await.unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    };
    let parts = bytes.len().div_ceil(100_000);
    for (how, expected) in [
        ("whole", [vec!["POST 201"], vec!["PATCH 204"; parts]].concat()),
        ("resume", [vec!["POST 201", "PATCH 204", "HEAD 200"], vec!["PATCH 204"; parts - 1]].concat()),
    ] {
        let said = run(how).await;
        assert_eq!(said["requests"], json!(expected), "{how}: {said}");
        let id = said["address"].as_str().unwrap().rsplit('/').next().unwrap();
        let document = asked.checked(id).await;
        assert_eq!((&document["state"], &document["pages"]), (&json!("checked"), &json!(200)), "{document}");
        assert_eq!(document["name"], "lang søknad.pdf");
    }
    // Data in the first request is not accepted; the client is told so, and one document results.
    let said = run("at once").await;
    assert_eq!(said["requests"], json!([vec!["POST 201"], vec!["PATCH 204"; parts]].concat()), "{said}");
    assert_eq!(asked.kept().len(), parts * 3);
    let said = run("end").await;
    assert_eq!(said["requests"], json!(["POST 201", "PATCH 204", "DELETE 204"]), "{said}");
    assert_eq!(asked.kept().len(), parts * 3, "of what was taken back nothing is left");
    let known = asked.server.visitor().request(Method::OPTIONS, "/api/uploads").send().await.unwrap();
    assert_eq!(known.headers()["tus-extension"], "creation,expiration,checksum,termination");
    assert_eq!(known.headers()["tus-max-size"], "20000000");
}

/// A withdrawn invitation ends an upload in progress and leaves nothing.
#[tokio::test]
async fn an_invitation_that_ends_in_the_middle_ends_the_upload() {
    let asked = Asked::new().await;
    let bytes = papers::pdf(&["x"]);
    let upload = asked.begin("pass.pdf", bytes.len() as u64).await;
    let (pieces, taken) = mpsc::channel(1);
    let sending = tokio::spawn(patching(&asked.asha(), &upload, 0).body(body_of(taken)).send());
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[..200]))).await.unwrap();
    let withdrawn = asked.officer().await.delete(&format!("/api/desk/cases/{}/invitation", asked.person.case)).await;
    assert_eq!(withdrawn.status, StatusCode::OK);
    pieces.send(Ok(Bytes::copy_from_slice(&bytes[200..]))).await.unwrap();
    drop(pieces);
    let refused = answer(sending.await.unwrap().unwrap()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "refused"), "{refused:?}");
    assert_eq!(refused.body["decision"]["reasons"][0]["code"], "not-invited");
    asked.leaves_nothing("an invitation that ended").await;
}

/// A full disk: the upload fails temporarily, leaves nothing half-written, and resumes when there is room.
#[tokio::test]
async fn a_full_disk_leaves_nothing_and_the_upload_goes_on() {
    let asked = Asked::new().await;
    let asha = asked.asha();
    let bytes = [papers::pdf(&["x"]), vec![b'\n'; 12_000_000]].concat();
    let upload = asked.begin("large.pdf", bytes.len() as u64).await;
    asked.server.limit_files(8_000_000);
    let full = patch(&asha, &upload, 0, bytes.clone()).await;
    assert_eq!((full.status, full.code()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"), "{full:?}");
    asked.server.limit_files(u64::MAX);
    asked.leaves_nothing("a full disk").await;
    assert_eq!(offset(&asha, &upload).await, 0);
    assert_eq!(patch(&asha, &upload, 0, bytes).await.status, StatusCode::NO_CONTENT);
}

/// Sixteen concurrent uploads of 64 MB take a few megabytes of memory each, whatever their size.
#[tokio::test]
async fn many_large_uploads_take_little_memory() {
    const LARGE: u64 = 64 * 1024 * 1024;
    let asked = Asked::with(&[("FILE_MB", "1100"), ("CASE_MB", "20000")]).await;
    let before = asked.server.memory();
    let all = (0..16).map(|number| {
        let asked = &asked;
        async move {
            let upload = asked.begin(&format!("large {number}.jpg"), LARGE).await;
            let piece = Bytes::from([b"\xff\xd8\xff\xe0".as_slice(), &[0; 65_532]].concat());
            let body = stream::repeat(piece).take((LARGE / 65_536) as usize).map(Ok::<_, std::io::Error>);
            patch(&asked.asha(), &upload, 0, Body::wrap_stream(body)).await.status
        }
    });
    for status in futures_util::future::join_all(all).await {
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let most = asked.server.most_memory();
    println!("memory: {before} bytes before, {most} at most");
    assert!(most < before + 400_000_000, "{before} bytes before, {most} at most");
}

//! Links of messages: from mail, from an SMS, and from a calendar file.

use api::offices::{Office, OfficeKind, Posting};
use chrono::Weekday;
use reqwest::StatusCode;
use rules::{ApplicationType, District};
use serde_json::{Value, json};
use server::store::{self, new_id};

use super::{ORIGIN, close, first_office, has_come};
use crate::common::{MONDAY, Records, path_of, wait_for};

/// The link in a mail, which has it once in each language.
fn link_in(body: &str) -> String {
    let mut links: Vec<&str> = body.lines().map(str::trim).filter(|line| line.starts_with(ORIGIN)).collect();
    assert_eq!(links.len(), 2, "{body}");
    links.dedup();
    assert_eq!(links.len(), 1, "both languages lead to the same page: {body}");
    links.concat().replace(ORIGIN, "")
}

/// Every mail links to its subject by the service's own address.
#[tokio::test]
async fn a_mail_leads_to_what_it_is_about() {
    let records = Records::new(3).await;
    let asha = records.ready("Asha Rao").await;
    let server = records.open_with(MONDAY, &[("ORIGIN", ORIGIN)]).await;
    let visitor = server.signed_in_with(&asha.1);
    let slots = records.slots().await;
    let link = async |subject: &str| {
        wait_for(async || has_come(&server, &asha.0.email, subject), subject).await;
        let mail = server.mailbox(&asha.0.email).into_iter().find(|mail| mail.subject.starts_with(subject)).unwrap();
        link_in(&mail.body)
    };
    let page = |appointment: &Value| format!("/appointments/{}", appointment["id"].as_str().unwrap());
    server.visitor().ask_for_code(&asha.0.email).await;
    assert_eq!(link("Your code").await, "/sign-in");
    let booked = visitor.book(&asha.0.case, &slots[0]).await.body;
    assert_eq!(link("Your appointment is booked").await, page(&booked));
    let moved = visitor.move_to(&booked, &slots[1]).await.body;
    assert_eq!(link("Your appointment is moved").await, page(&moved));
    let calendar = visitor.get(&path_of(&moved, "/calendar.ics")).await.body.as_str().unwrap().replace("\r\n ", "");
    assert!(calendar.contains(&format!("\r\nURL:{ORIGIN}{}\r\n", page(&moved))), "{calendar}");
    assert!(calendar.contains("BEGIN:VALARM"), "{calendar}");
    visitor.post(&path_of(&moved, "/cancel"), &json!({})).await;
    assert_eq!(link("Your appointment is cancelled").await, format!("/cases/{}/times", asha.0.case));
    visitor.book(&asha.0.case, &slots[0]).await;
    let said = close(&records, "Oslo", ["2020-11-16", "2020-11-16"], MONDAY, true).await;
    assert!(said.contains("1 by e-mail"), "{said}");
    // The command line runs without `ORIGIN` and uses the default address.
    let subject = "We have cancelled your appointment";
    wait_for(async || has_come(&server, &asha.0.email, subject), subject).await;
    let mail = server.mailbox(&asha.0.email).into_iter().find(|mail| mail.subject.starts_with(subject)).unwrap();
    let link = format!("http://localhost:8080/cases/{}/times", asha.0.case);
    assert_eq!(mail.body.lines().filter(|line| **line == link).count(), 2, "{}", mail.body);
    server.kill().await;
}

/// A short link in an SMS leads to the right page and contains no personal data.
#[tokio::test]
async fn a_short_link_leads_to_its_page() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let without_following = crate::common::client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let leads_to = async |path: &str| {
        let answer = without_following.get(format!("{}{path}", server.url)).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to.unwrap_or_default())
    };
    for (path, page) in [
        ("/a/0", "/appointments/00000000-0000-0000-0000-000000000000"),
        ("/c/f5lxx1zz5pnorynqglhzmsp33", "/cases/ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("/t/zz", "/cases/00000000-0000-0000-0000-00000000050f/times"),
        ("/d/zz", "/cases/00000000-0000-0000-0000-00000000050f/documents"),
        // A truncated or malicious link.
        ("/a/f5lxx1zz5pnorynqglhzmsp33a", "/cases"),
        ("/a/%2F%2Fevil.example", "/cases"),
        ("/a/+1", "/cases"),
    ] {
        assert_eq!(leads_to(path).await, (303, page.to_owned()), "{path}");
    }
    server.kill().await;
}

/// An office that posts new times on a schedule offers a calendar reminder in the person's language, without personal
/// data.
#[tokio::test]
async fn anybody_can_be_reminded_of_the_next_posting() {
    let records = Records::new(0).await;
    let quiet = first_office(&records).await;
    let office = Office {
        id: new_id(),
        name: "Bodø".to_owned(),
        kind: OfficeKind::Immigration,
        district: District::Nordland,
        address: "Storgata 2".to_owned(),
        phone: "02800".to_owned(),
        hours: Vec::new(),
        bring: Vec::new(),
        posts: Some(Posting { day: Weekday::Mon, at: 8 * 60 }),
    };
    let mut t = records.store().write().await.unwrap();
    store::offices::add(&mut t, &office, &[ApplicationType::Work]).await.unwrap();
    t.commit().await.unwrap();
    let server = records.open_with(MONDAY, &[("ORIGIN", ORIGIN)]).await;
    let visitor = server.visitor();
    for (language, title) in [("nb", "Nye timer hos politiet: Bodø"), ("en", "New appointments with the police: Bodø")]
    {
        let answer = visitor.get(&format!("/api/offices/{}/posting.ics?lang={language}", office.id)).await;
        assert_eq!(answer.headers["content-type"], "text/calendar; charset=utf-8");
        let file = answer.body.as_str().unwrap().replace("\r\n ", "");
        // Monday at nine is past the posting time, so the next one is on 9 November at 08:00.
        for line in
            [&format!("SUMMARY:{title}"), "DTSTART:20201109T070000Z", &format!("URL:{ORIGIN}/cases"), "BEGIN:VALARM"]
        {
            assert!(file.contains(&format!("\r\n{line}\r\n")), "{line}: {file}");
        }
    }
    for unknown in [quiet.as_str(), "unknown"] {
        let answer = visitor.get(&format!("/api/offices/{unknown}/posting.ics")).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, "not-found"), "{unknown}");
    }
    server.kill().await;
}

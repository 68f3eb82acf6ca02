//! The applicant's side. Here: a person with a case, and what several tests read in an answer.

mod access;
mod account;
mod booking;
mod calendar;
mod cases;
mod families;
mod feedback;
mod holds;
mod moves;
mod sign_in;
mod work;

use std::collections::BTreeMap;

use api::cases::Slot;
use serde_json::{Value, json};

use crate::common::{Answer, Person, Records, TestServer, Visitor};

const MINUTES_LATER_4: &str = "2020-11-02T09:04:00+01:00";
const MINUTES_LATER_6: &str = "2020-11-02T09:06:00+01:00";

/// Status, code and field of a response.
type Seen<'a> = (u16, &'a str, Option<&'a str>);

fn seen(answer: &Answer) -> Seen<'_> {
    (answer.status.as_u16(), answer.code(), answer.body["field"].as_str())
}

fn reasons(answer: &Answer) -> Vec<&str> {
    let reasons = answer.body["decision"]["reasons"].as_array();
    reasons.into_iter().flatten().filter_map(|reason| reason["code"].as_str()).collect()
}

fn in_quarantine() -> Value {
    json!({ "entry": { "on": "2020-10-26", "quarantine": true } })
}

fn ids(slots: Vec<Slot>) -> Vec<String> {
    slots.into_iter().map(|slot| slot.id.into()).collect()
}

/// An applicant with a case who may book.
struct Someone {
    visitor: Visitor,
    token: String,
    id: String,
    email: String,
    case: String,
}

impl Someone {
    async fn comes(records: &Records, server: &TestServer, name: &str) -> Someone {
        let (person, token) = records.ready(name).await;
        let visitor = server.signed_in_with(&token);
        Someone { visitor, token, id: person.id.into(), email: person.email, case: person.case.into() }
    }

    /// The same client at a later server.
    fn at(&self, server: &TestServer) -> Visitor {
        server.signed_in_with(&self.token)
    }

    async fn times(&self) -> Vec<String> {
        ids(self.visitor.times(&self.case).await.slots)
    }

    async fn book(&self, slot: &str) -> Answer {
        self.visitor.book(&self.case, slot).await
    }

    async fn hold(&self, slot: &str) -> Answer {
        self.visitor.hold(&self.case, slot).await
    }

    /// The text of their newest message.
    async fn told(&self) -> String {
        let data = self.visitor.get("/api/account/data").await.body;
        let all = data["messages"].as_array().unwrap();
        let newest = all.iter().rfind(|message| message["kind"] != "reminder").unwrap();
        format!("{}\n{}", newest["subject"].as_str().unwrap(), newest["body"].as_str().unwrap())
    }

    async fn booked(&self) -> Value {
        self.visitor.get("/api/cases").await.body[0]["appointment"].clone()
    }
}

fn person_of(someone: &Someone) -> Person {
    let Someone { id, email, case, .. } = someone;
    Person { id: id.as_str().into(), email: email.clone(), case: case.as_str().into() }
}

/// The properties of the event in a calendar file, unfolded.
fn event(file: &Answer) -> BTreeMap<String, String> {
    let text = file.body.as_str().unwrap();
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "{text:?}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let mut lines: Vec<&str> = unfolded.lines().collect();
    assert_eq!((lines[0], lines[lines.len() - 1]), ("BEGIN:VCALENDAR", "END:VCALENDAR"));
    assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VEVENT").count(), 1);
    // Alarms have properties of the same names.
    while let Some(begin) = lines.iter().position(|line| *line == "BEGIN:VALARM") {
        let end = lines.iter().position(|line| *line == "END:VALARM").unwrap();
        lines.drain(begin..=end);
    }
    lines.iter().map(|line| line.split_once(':').unwrap()).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

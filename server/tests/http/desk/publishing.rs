//! Publication of slots: patterns, single slots, moves, withdrawals and attendance.

use api::officers::Role;
use reqwest::StatusCode;
use rules::District;
use serde_json::{Value, json};

use crate::common::{Answer, MONDAY, Records, TestServer, Visitor};

/// A planner in Oslo, one in Bergen, the server, and the id of Oslo's office.
async fn planners(records: &Records, clock: &str) -> (Visitor, Visitor, TestServer, String) {
    let oslo = records.officer_since(clock, "Jonas Lie", District::Oslo, Role::Planner).await;
    let vest = records.officer_since(clock, "Lars Vik", District::Vest, Role::Planner).await;
    let server = records.open(clock).await;
    (server.at_desk_with(&oslo), server.at_desk_with(&vest), server, records.office().await.id.into())
}

fn pattern(office: &str, first: &str, last: &str) -> Value {
    json!({
        "office": office, "first": first, "last": last, "minutes": 30, "counters": 2, "types": ["work", "study"],
        "week": [{ "day": "mon", "from": "09:00", "to": "10:30" }, { "day": "sun", "from": "01:30", "to": "04:00" }]
    })
}

fn with(pattern: &Value, field: &str, value: Value) -> Value {
    let mut pattern = pattern.clone();
    pattern[field] = value;
    pattern
}

async fn week(planner: &Visitor, office: &str, day: &str) -> Vec<(String, String, u64)> {
    let answer = planner.get(&format!("/api/desk/offices/{office}/weeks/{day}")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let tally = |one: &Value| (text(&one["starts"]), text(&one["state"]), one["count"].as_u64().unwrap());
    answer.body.as_array().unwrap().iter().map(tally).collect()
}

fn tally(starts: &str, state: &str, count: u64) -> (String, String, u64) {
    (starts.to_owned(), state.to_owned(), count)
}

/// A pattern across Easter and the change to summer time: local times stay the same, holidays are left out, and so is
/// the skipped hour.
#[tokio::test]
async fn a_pattern_knows_holidays_and_the_clock() {
    let records = Records::new(0).await;
    // Monday 22 March 2021. Summer time begins on Sunday the 28th, and Easter Monday is 5 April.
    let (planner, other, _server, office) = planners(&records, "2021-03-21T12:00:00+01:00").await;
    let asked = pattern(&office, "2021-03-22", "2021-04-11");
    let preview = planner.post("/api/desk/times/preview", &asked).await;
    // Two counters; two Mondays with three slots, one Sunday with three and one with five.
    let expected = json!({
        "id": null, "times": 2 * (2 * 3 + 3 + 5), "days": 4, "holidays": ["2021-04-04", "2021-04-05"], "already": 0
    });
    assert_eq!(preview.body, expected);
    assert_eq!(week(&planner, &office, "2021-03-24").await, [], "a preview changes nothing");

    let published = planner.post_once("publish-1", "/api/desk/times", &asked).await;
    assert_eq!(published.status, StatusCode::CREATED, "{published:?}");
    let again = planner.post_once("publish-1", "/api/desk/times", &asked).await;
    assert_eq!(again.body, published.body);
    let expected = [
        tally("2021-03-22T08:00:00Z", "free", 2),
        tally("2021-03-22T08:30:00Z", "free", 2),
        tally("2021-03-22T09:00:00Z", "free", 2),
        tally("2021-03-28T00:30:00Z", "free", 2),
        // The time 02:30 does not exist on this day.
        tally("2021-03-28T01:00:00Z", "free", 2),
        tally("2021-03-28T01:30:00Z", "free", 2),
    ];
    assert_eq!(week(&planner, &office, "2021-03-24").await, expected);
    assert_eq!(planner.post("/api/desk/times/preview", &asked).await.body["already"], json!(28));
    let monday = week(&planner, &office, "2021-03-29").await;
    assert_eq!(monday[0], tally("2021-03-29T07:00:00Z", "free", 2), "summer time");

    for path in
        [format!("/api/desk/offices/{office}/weeks/2021-03-22"), format!("/api/desk/offices/{office}/days/2021-03-22")]
    {
        assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND, "another district's");
    }
    assert_eq!(other.post("/api/desk/times", &asked).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_slip_of_the_finger_is_said_at_its_field() {
    let records = Records::new(0).await;
    let (planner, _, _server, office) = planners(&records, MONDAY).await;
    let good = pattern(&office, "2020-11-09", "2020-11-20");
    let windows = |windows: &[(&str, &str)]| {
        json!(windows.iter().map(|(from, to)| json!({ "day": "mon", "from": from, "to": to })).collect::<Vec<_>>())
    };
    for (field, value, at) in [
        ("last", json!("2020-11-08"), "last"),
        ("last", json!("2022-11-08"), "last"),
        ("first", json!("2020-02-30"), "first"),
        ("minutes", json!(0), "minutes"),
        ("minutes", json!(241), "minutes"),
        ("counters", json!(0), "counters"),
        ("counters", json!(51), "counters"),
        ("types", json!([]), "types"),
        ("types", json!(["passport"]), "types"),
        ("types", json!(["work", "work"]), "types"),
        ("types", json!(["fishing"]), "types[0]"),
        ("week", json!([]), "week"),
        ("week", windows(&[("10:00", "09:00")]), "week"),
        ("week", windows(&[("09:00", "12:00"), ("11:00", "13:00")]), "week"),
        ("week", windows(&[("09:00", "24:30")]), "week[0].to"),
        ("publish_at", json!("2020-11-02T07:00:00Z"), "publish_at"),
        ("publish_at", json!("2022-01-01T07:00:00Z"), "publish_at"),
        ("office", json!("0198"), "office"),
    ] {
        let answer = planner.post("/api/desk/times", &with(&good, field, value.clone())).await;
        assert_eq!(answer.body["field"], json!(at), "{field} {value}: {answer:?}");
        assert!(answer.status.is_client_error());
    }
    let many = json!({
        "office": office, "first": "2020-11-09", "last": "2021-11-08", "minutes": 5, "counters": 50, "types": ["work"],
        "week": (["mon", "tue", "wed", "thu", "fri"].map(|day| json!({ "day": day, "from": "08:00", "to": "16:00" })))
    });
    assert_eq!(planner.post("/api/desk/times/preview", &many).await.body["field"], json!("last"));
    // A local time that is skipped on this day.
    let skipped = json!({ "office": office, "day": "2021-03-28", "time": "02:30", "minutes": 30, "types": ["work"] });
    assert_eq!(planner.post("/api/desk/slots", &skipped).await.body["field"], json!("time"));
}

/// Slots with a later publication are neither visible nor bookable before it.
#[tokio::test]
async fn times_come_when_they_are_published() {
    let records = Records::new(0).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let (planner, _, server, office) = planners(&records, MONDAY).await;
    let asked = with(&pattern(&office, "2020-11-16", "2020-11-16"), "publish_at", json!("2020-11-02T08:50:00Z"));
    assert_eq!(planner.post("/api/desk/times", &asked).await.status, StatusCode::CREATED);
    assert_eq!(week(&planner, &office, "2020-11-16").await[0], tally("2020-11-16T08:00:00Z", "planned", 2));
    let day = planner.get(&format!("/api/desk/offices/{office}/days/2020-11-16")).await.body;
    let slot = day[0]["id"].as_str().unwrap().to_owned();
    let visitor = server.signed_in_with(&token);
    assert_eq!(visitor.times(&asha.case).await.free, 0);
    assert_eq!(visitor.book(&asha.case, &slot).await.code(), "refused", "there are no free appointments");
    server.kill().await;
    let server = records.open("2020-11-02T09:55:00+01:00").await;
    let visitor = server.signed_in_with(&token);
    assert_eq!(visitor.times(&asha.case).await.free, 6);
    assert_eq!(visitor.book(&asha.case, &slot).await.status, StatusCode::CREATED);
}

/// A single slot can be added, and moved or deleted while it is not booked.
#[tokio::test]
async fn single_times_are_moved_and_taken_back() {
    let records = Records::new(2).await;
    let (asha, asha_token) = records.ready("Asha Rao").await;
    let (omar, omar_token) = records.ready("Omar Haddad").await;
    let slots = records.slots().await;
    let (planner, other, server, office) = planners(&records, MONDAY).await;
    let booked = server.signed_in_with(&asha_token).book(&asha.case, &slots[0]).await.body;
    server.signed_in_with(&omar_token).hold(&omar.case, &slots[1]).await;

    let add = json!({ "office": office, "day": "2020-11-20", "time": "14:00", "minutes": 30, "types": ["work"] });
    assert_eq!(planner.post("/api/desk/slots", &add).await.status, StatusCode::NO_CONTENT);
    for (field, value) in [("day", json!("2020-11-01")), ("minutes", json!(3)), ("types", json!(["passport"]))] {
        let answer = planner.post("/api/desk/slots", &with(&add, field, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let day = async |day: &str| planner.get(&format!("/api/desk/offices/{office}/days/{day}")).await.body;
    let added = day("2020-11-20").await[0]["id"].as_str().unwrap().to_owned();
    let to = json!({ "day": "2020-11-20", "time": "15:00" });
    for (slot, expected) in [(&added, 204), (&slots[0], 409), (&slots[1], 409), (&"0198".to_owned(), 404)] {
        let answer = planner.post(&format!("/api/desk/slots/{slot}/move"), &to).await;
        assert_eq!(answer.status.as_u16(), expected, "{answer:?}");
        assert_eq!(other.post(&format!("/api/desk/slots/{slot}/move"), &to).await.status, StatusCode::NOT_FOUND);
    }
    let states = |day: &Value| {
        let state =
            |one: &Value| (one["starts"].as_str().unwrap().to_owned(), one["state"].as_str().unwrap().to_owned());
        day.as_array().unwrap().iter().map(state).collect::<Vec<_>>()
    };
    let at = |starts: &str, state: &str| (starts.to_owned(), state.to_owned());
    assert_eq!(states(&day("2020-11-20").await), [at("2020-11-20T14:00:00Z", "free")]);
    let monday = day("2020-11-16").await;
    assert_eq!(states(&monday), [at("2020-11-16T08:00:00Z", "booked"), at("2020-11-16T09:00:00Z", "held")]);
    assert_eq!(
        (&monday[0]["taken"]["applicant"], &monday[0]["taken"]["number"]),
        (&json!("Asha Rao"), &booked["number"])
    );

    for (slot, expected) in [(&added, 204), (&added, 409), (&slots[0], 409), (&slots[1], 409)] {
        let answer: Answer = planner.delete(&format!("/api/desk/slots/{slot}")).await;
        assert_eq!(answer.status.as_u16(), expected, "{answer:?}");
    }
    assert_eq!(states(&day("2020-11-20").await), [at("2020-11-20T14:00:00Z", "withdrawn")]);

    // Attendance can be recorded on the day of the appointment, not before.
    let attendance = format!("/api/desk/appointments/{}/attendance", booked["id"].as_str().unwrap());
    let early = planner.put(&attendance, &json!({ "attended": true })).await;
    assert_eq!((early.code(), early.body["field"].as_str()), ("invalid-field", Some("attended")));
    server.kill().await;
    let clock = "2020-11-16T08:55:00+01:00";
    let clerk = records.officer_since(clock, "Ingrid Berg", District::Oslo, Role::Clerk).await;
    let server = records.open(clock).await;
    let clerk = server.at_desk_with(&clerk);
    // Five minutes before the start, a person can be marked as attended, not as missed.
    assert_eq!(clerk.put(&attendance, &json!({ "attended": false })).await.body["field"], json!("attended"));
    assert_eq!(clerk.put(&attendance, &json!({ "attended": true })).await.status, StatusCode::NO_CONTENT);
    let day = clerk.get(&format!("/api/desk/offices/{office}/days/2020-11-16")).await.body;
    assert_eq!(day[0]["state"], json!("attended"));
}

/// Fifty thousand slots in one publication: a week, a day and an applicant's list still load quickly.
#[tokio::test]
async fn fifty_thousand_times_stay_usable() {
    let records = Records::new(0).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let (planner, _, server, office) = planners(&records, MONDAY).await;
    let asked = json!({
        "office": office, "first": "2020-11-03", "last": "2021-06-11", "minutes": 10, "counters": 8, "types": ["work", "study"],
        "week": (["mon", "tue", "wed", "thu", "fri"].map(|day| json!({ "day": day, "from": "08:30", "to": "15:30" })))
    });
    let published = planner.post("/api/desk/times", &asked).await;
    assert_eq!(published.status, StatusCode::CREATED, "{published:?}");
    let times = published.body["times"].as_u64().unwrap();
    assert!(times >= 48_000, "{times}");
    assert_eq!(week(&planner, &office, "2020-11-09").await.len(), 5 * 42);
    assert_eq!(server.signed_in_with(&token).times(&asha.case).await.free, times);
}

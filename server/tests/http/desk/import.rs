//! Import of the case register from files by planners.

use std::time::Instant;

use api::officers::Role;
use reqwest::{Method, StatusCode};
use rules::District;
use serde_json::{Value, json};

use crate::common::{Answer, MONDAY, Records, Visitor, answer};

const HEADER: &str = "reference,born,applicant,type,district,submitted,citizenships\n";

async fn send(visitor: &Visitor, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = visitor.request(Method::POST, path).header("content-type", kind).body(body);
    answer(request.send().await.unwrap()).await
}

async fn preview(visitor: &Visitor, body: impl Into<reqwest::Body>) -> Value {
    let answer = send(visitor, "/api/desk/imports/preview", "text/csv", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

async fn take(visitor: &Visitor, body: impl Into<reqwest::Body>) -> Value {
    let answer = send(visitor, "/api/desk/imports", "text/csv; charset=utf-8", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

/// The counts of new, changed, unchanged and bad rows.
fn counts(answer: &Value) -> [u64; 4] {
    ["new", "changed", "unchanged", "bad"].map(|name| answer[name].as_u64().unwrap())
}

/// All records except rate limits and the officers' last activity.
async fn on_record(records: &Records) -> Vec<String> {
    let all = records.everything().await;
    let counted = |line: &&str| !line.starts_with("uses") && !line.starts_with("desk_sessions");
    all.lines().filter(counted).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_file_fills_the_register_once() {
    let records = Records::new(1).await;
    let (asha, token) = records.ready("Asha Rao").await;
    let planner = records.officer("Ingrid Berg", District::Oslo, Role::Planner).await;
    let server = records.open(MONDAY).await;
    let planner = server.at_desk_with(&planner);
    let file = format!(
        "{HEADER}A-1,1990-05-17,Bo Li,study,oslo,yes,CN\nA-2,17.05.1990,Cy Twombly,work,oslo,nei,US + IT\n\
         A-3,32.13.1990,D,work,oslo,yes,\nA-4,1990-05-17,E,work,vest,yes,\nA-5,17/05/1990,\"F\r\nG\",passport,oslo,1,\n"
    );
    let before = on_record(&records).await;
    let expected = json!([
        { "line": 4, "column": "born", "code": "no-such-day", "value": "32.13.1990" },
        { "line": 5, "column": "district", "code": "other-district", "value": "vest" },
    ]);
    let seen = preview(&planner, file.clone()).await;
    assert_eq!((counts(&seen), &seen["faults"]), ([3, 0, 0, 2], &expected));
    assert_eq!(on_record(&records).await, before, "a preview changes nothing");

    let taken = take(&planner, file.clone()).await;
    assert_eq!((counts(&taken), &taken["faults"]), ([3, 0, 0, 2], &expected));
    let after = on_record(&records).await;
    for part in [r#""citizenships":"US IT""#, r#""applicant":"F G","born":"1990-05-17""#, r#""action":"import""#] {
        assert!(after.iter().any(|line| line.contains(part)), "{part} is not in {after:#?}");
    }
    assert_eq!(after.iter().filter(|line| line.contains(r#""import""#)).count(), 1);
    assert_eq!(counts(&take(&planner, file.clone()).await), [0, 0, 3, 2]);
    assert_eq!(on_record(&records).await, after, "the same file again changes nothing");

    // A registered case can be added by its applicant.
    let visitor = server.signed_in_with(&token);
    let added = visitor.post("/api/cases", &json!({ "reference": "a-2", "born": "1990-05-17" })).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert_eq!(added.body["submitted"], false);

    // A case in an account follows the register.
    let file = format!("{HEADER}A-1,1990-05-17,Bo Li,study,oslo,yes,CN\nA-2,1990-05-17,Cy Rao,study,oslo,ja,IT\n");
    assert_eq!(counts(&preview(&planner, file.clone()).await), [0, 1, 1, 0]);
    assert_eq!(counts(&take(&planner, file.clone()).await), [0, 1, 1, 0]);
    let cases = visitor.get("/api/cases").await.body;
    let case = cases.as_array().unwrap().iter().find(|case| case["reference"] == "A-2").unwrap();
    assert_eq!(
        ["applicant", "application_type", "submitted", "citizenships"].map(|name| case[name].clone()),
        [json!("Cy Rao"), json!("study"), json!(true), json!(["IT"])]
    );
    let other = cases.as_array().unwrap().iter().find(|case| case["id"] == asha.case.as_str()).unwrap();
    assert_eq!(other["applicant"], "Asha Rao");
}

#[tokio::test]
async fn what_is_another_districts_stays_theirs() {
    let records = Records::new(1).await;
    let oslo = records.officer("Ingrid Berg", District::Oslo, Role::Planner).await;
    let vest = records.officer("Lars Vik", District::Vest, Role::Planner).await;
    let server = records.open(MONDAY).await;
    let (oslo, vest) = (server.at_desk_with(&oslo), server.at_desk_with(&vest));
    let file = format!("{HEADER}A-1,1990-05-17,A,work,oslo,yes,\n");
    assert_eq!(counts(&take(&oslo, file.clone()).await), [1, 0, 0, 0]);
    assert_eq!(counts(&take(&vest, file.clone()).await), [0, 0, 0, 1]);
    let taken = take(&vest, file.replace("oslo", "vest") + "A-2,1990-05-17,B,work,vest,yes,\n").await;
    assert_eq!(counts(&taken), [1, 0, 0, 1]);
    assert_eq!(taken["faults"], json!([{ "line": 2, "column": "reference", "code": "elsewhere", "value": "A-1" }]));
    assert_eq!(counts(&preview(&oslo, file).await), [0, 0, 1, 0]);
}

#[tokio::test]
async fn a_file_in_whatever_form() {
    let records = Records::new(1).await;
    let planner = records.officer("Ingrid Berg", District::Oslo, Role::Planner).await;
    let server = records.open(MONDAY).await;
    let planner = server.at_desk_with(&planner);
    let good = "A-1,1990-05-17,A,work,oslo,yes,\n";
    let many = format!("{HEADER}{}", "A-1,1990-05-17,A,lunch,oslo,yes,\n".repeat(300));
    let long =
        format!("{HEADER}A-1,1990-05-17,{},work,oslo,yes,\n{}", "x".repeat(1_000_000), good.replace("A-1", "A-2"));
    let latin = [HEADER.as_bytes(), b"A-1,1990-05-17,Bj\xf8rn,work,oslo,yes,\n", good.replace("A-1", "A-2").as_bytes()]
        .concat();
    let damaged = [&latin[..], "A-3,1990-05-17,Bjørn,work,oslo,yes,\n".as_bytes()].concat();
    let nul = format!("{HEADER}A-1,1990-05-17,A\0B,work,oslo,yes,\n{}", good.replace("A-1", "A-2"));
    let utf16: Vec<u8> = format!("\u{feff}{HEADER}{good}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (what, file, expected, faults) in [
        ("nothing", Vec::new(), [0, 0, 0, 0], vec![]),
        ("a header", HEADER.into(), [0, 0, 0, 0], vec![]),
        ("byte-order mark", format!("\u{feff}{HEADER}{good}").into(), [1, 0, 0, 0], vec![]),
        ("semicolons", format!("{HEADER}{good}").replace(',', ";").into(), [1, 0, 0, 0], vec![]),
        ("windows", format!("{HEADER}{good}").replace('\n', "\r\n").into(), [1, 0, 0, 0], vec![]),
        ("header in capitals", format!("{}{good}", HEADER.to_uppercase()).into(), [1, 0, 0, 0], vec![]),
        ("no such type, often", many.into(), [0, 0, 0, 300], vec!["2 type unknown-type"; 1]),
        ("a value without end", long.into(), [1, 0, 0, 1], vec!["2 - number-of-fields"]),
        ("Windows-1252", latin, [2, 0, 0, 0], vec![]),
        ("UTF-8 in one row and not in another", damaged, [2, 0, 0, 1], vec!["2 applicant not-utf-8"]),
        ("a NUL", nul.into(), [1, 0, 0, 1], vec!["2 applicant not-text"]),
        (
            "an open quotation",
            format!("{HEADER}A-0,1990-05-17,\"A,work,oslo,yes,\n{good}").into(),
            [1, 0, 0, 1],
            vec!["2 - quote-open"],
        ),
        ("a row too short", format!("{HEADER}A-0,1990\n{good}").into(), [1, 0, 0, 1], vec!["2 - number-of-fields"]),
        ("the same twice", format!("{HEADER}{good}{good}").into(), [1, 0, 0, 1], vec!["3 reference repeated"]),
        ("UTF-16", utf16, [1, 0, 0, 0], vec![]),
    ] {
        let seen = preview(&planner, file).await;
        let all = seen["faults"].as_array().unwrap();
        let got = all.iter().take(faults.len()).map(|fault| {
            let text = |name: &str| fault[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", fault["line"], text("column"), text("code"))
        });
        assert_eq!(
            (counts(&seen), got.collect::<Vec<_>>()),
            (expected, faults.iter().map(|fault| (*fault).to_owned()).collect()),
            "{what}"
        );
        assert_eq!(all.len() as u64, expected[3].min(200), "{what}");
        let counted = seen["kinds"].as_array().unwrap().iter().map(|kind| kind["count"].as_u64().unwrap()).sum::<u64>();
        assert_eq!(counted, expected[3], "{what}");
        let encoding = match what {
            "Windows-1252" => "windows-1252",
            "UTF-16" => "utf-16",
            _ => "utf-8",
        };
        assert_eq!(seen["encoding"], json!(encoding), "{what}");
    }
    let seen =
        preview(&planner, "reference,birthday,applicant,type,district,submitted\nA-1,1990-05-17,A,work,oslo,yes\n")
            .await;
    assert_eq!(
        (counts(&seen), &seen["missing_columns"], &seen["unknown_columns"]),
        ([0, 0, 0, 0], &json!(["born", "citizenships"]), &json!(["birthday"]))
    );

    let lines = "{\"reference\":\"A-1\",\"born\":\"1990-05-17\",\"applicant\":\"A\",\"type\":\"work\",\"district\":\"oslo\",\"submitted\":true,\"citizenships\":[\"IN\"]}\n{\n";
    let seen = send(&planner, "/api/desk/imports/preview", "application/x-ndjson", lines).await.body;
    assert_eq!((counts(&seen), &seen["faults"][0]["code"]), ([1, 0, 0, 1], &json!("unreadable")));

    let refused = send(&planner, "/api/desk/imports", "application/json", "{}").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type"));
    let refused = send(&planner, "/api/desk/imports/preview", "text/csv", vec![b'x'; 33 * 1024 * 1024]).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"));
    // The size limit of all other requests is unchanged.
    let refused = planner.post("/api/desk/officers", &json!({ "name": "x".repeat(2_000_000), "role": "clerk" })).await;
    assert_eq!(refused.code(), "not-allowed");
}

/// A file as large as a whole district's register is imported within seconds, and other requests are served meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows() {
    const ROWS: u64 = 100_000;
    let records = Records::new(1).await;
    let planner = records.officer("Ingrid Berg", District::Oslo, Role::Planner).await;
    let server = records.open(MONDAY).await;
    let planner = server.at_desk_with(&planner);
    let file = (0..ROWS).fold(HEADER.to_owned(), |file, number| {
        file + &format!(
            "OSL-2020-{number:06},{:02}.05.1990,Fornavn Mellomnavn Etternavn {number},work,oslo,ja,IN GB\n",
            number % 28 + 1
        )
    });
    println!("{} bytes", file.len());
    for (what, expected) in [("preview", [ROWS, 0, 0, 0]), ("take", [ROWS, 0, 0, 0]), ("take again", [0, 0, ROWS, 0])] {
        let began = Instant::now();
        let answer =
            if what == "preview" { preview(&planner, file.clone()).await } else { take(&planner, file.clone()).await };
        println!("{what}: {:?}", began.elapsed());
        assert_eq!(counts(&answer), expected, "{what}");
        assert!(began.elapsed().as_secs() < 25, "{what}: {:?}", began.elapsed());
    }
    let changed = file.replace(",ja,", ",nei,");
    let began = Instant::now();
    assert_eq!(counts(&take(&planner, changed).await), [0, ROWS, 0, 0]);
    println!("changed: {:?}", began.elapsed());
}

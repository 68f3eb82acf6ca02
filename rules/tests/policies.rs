//! Policy documents: what is accepted, what is refused with a line number, and the effect of an office's own document.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

use rules::{
    Policy,
    document::{self, PolicyDocument},
    published::NOTICES,
};

fn notices() -> Vec<PolicyDocument> {
    NOTICES.iter().map(|text| document::read(text).unwrap()).collect()
}

/// A document of the district Vest with these entries after its eleven header lines.
fn vest(entries: &str) -> String {
    format!(
        r#"id = "vest-2021-05-03"
version = 1
publisher = "Vest politidistrikt"
published = 2021-05-03
changed = 2021-05-03
original = "nb"
title = {{ nb = "Passkontorene i Bergen", en = "The passport offices in Bergen" }}
[[sentence]]
id = "window"
says = "forbids"
nb = "Vi nedskalerer."
en = "We reduce our capacity."
{entries}"#
    )
}

/// The line and message of each fault of a document that is added to the notices.
fn faults(text: &str) -> Vec<(usize, String)> {
    let faults = match document::read(text) {
        Err(faults) => faults,
        Ok(document) => {
            let mut documents = notices();
            documents.push(document);
            document::combine(&documents).err().unwrap_or_default()
        }
    };
    faults.into_iter().map(|fault| (fault.line, fault.message)).collect()
}

#[test]
fn the_notices_make_the_published_policy() {
    assert_eq!(document::combine(&notices()).unwrap(), Policy::published());
}

#[test]
fn a_fault_is_named_with_its_line() {
    #[rustfmt::skip]
    let cases: &[(&str, &[(usize, &str)])] = &[
        ("[[reduced-passport-capacity]]\ndistricts = [\"vest\"]\nfirst = 2021-05-10\nlast = 2021-05-21\nsentence = \"window\"", &[]),
        ("[[reduced-passport-capacity]]\ndistricts = [\"vest\"]\nfirst = 2021-05-21\nlast = 2021-05-10\nsentence = \"window\"", &[(13, "the end, 2021-05-10, lies before the start")]),
        ("[[reduced-passport-capacity]]\ndistricts = [\"oslo\"]\nfirst = 2021-04-09\nlast = 2021-04-20\nsentence = \"window\"", &[(13, "this overlaps with line")]),
        ("[[reduced-passport-capacity]]\ndistricts = [\"oslo\"]\nfirst = 2021-03-01\nsentence = \"window\"", &[(13, "this overlaps with line")]),
        ("[[reduced-passport-capacity]]\ndistricts = [\"vest\", \"vest\"]\nfirst = 2021-03-01\nsentence = \"window\"", &[(13, "this overlaps with line 13")]),
        ("[[reduced-passport-capacity]]\ndistricts = [\"bergen\"]\nfirst = 2021-03-01\nsentence = \"window\"", &[(14, "`bergen` is no police district")]),
        ("[[reduced-passport-capacity]]\ndistricts = []\nsentence = \"windo\"", &[(13, "no sentence `windo`"), (14, "`districts` is empty")]),
        ("[[quarantine]]\ndays = 7\nfirst = 2022-02-10\nsource = \"x\"", &[(13, "nothing holds between this and line")]),
        ("[[quarantine]]\ndays = 7\nfirst = 2022-01-26\nsource = \"x\"", &[]),
        ("[[quarantine]]\ndays = -1\nfirst = 2022-01-26\nsource = \"x\"", &[(14, "`days` is to be a whole number from 0 to 365")]),
        ("[[quarantine]]\ndays = 7\nfirst = 2021-02-30\nsource = \"x\"", &[(15, "this is not TOML: invalid date")]),
        ("[[quarantine]]\ndays = 7\nfirst = 2022-01-26T10:00:00\nsource = \"x\"", &[(15, "`first` is to be a day that exists")]),
        ("[[digital]]\ntypes = [\"holiday\"]\nsource = \"x\"", &[(14, "`holiday` is no application type")]),
        ("[[digital]]\ntypes = [\"citizenship\"]\nsource = \"x\"", &[(13, "citizenship is never delivered electronically")]),
        ("[[digital]]\ntypes = [\"visa\"]\nsource = \"x\"\nsentence = \"window\"", &[(13, "by `sentence` or by `source`, and not by both")]),
        ("[[digital]]\ntypes = [\"visa\"]", &[(13, "by `sentence` or by `source`")]),
        ("[[information-line]]\ndistricts = [\"vest\"]\nphone = \"call us\"\nsource = \"x\"", &[(15, "`phone` is to be a phone number")]),
        ("[[eea]]\ncountries = [\"XX\", 7]\nsource = \"x\"", &[(14, "`XX` is no country"), (14, "this is no country")]),
        ("[[holiday]]\nx = 1", &[(13, "`holiday` is not known here")]),
        ("quarantine = 3", &[(13, "`quarantine` is not known here")]),
        ("x = = 1\ny = [", &[(13, "this is not TOML"), (14, "this is not TOML")]),
    ];
    for (entries, expected) in cases {
        let found = faults(&vest(entries));
        assert_eq!(found.len(), expected.len(), "{entries}: {found:#?}");
        for ((line, message), (expected_line, part)) in found.iter().zip(*expected) {
            assert!(line == expected_line && message.contains(part), "{entries}: {line}: {message}");
        }
    }
}

/// The highest version of a document is in force, whatever the order of the files.
#[test]
fn the_newest_version_holds() {
    let longer = NOTICES
        .iter()
        .find(|text| text.contains("id = \"oslo-2021-03-16\""))
        .unwrap()
        .replace("version = 1", "version = 2")
        .replace("last = 2021-04-09", "last = 2021-04-16");
    let mut documents = vec![document::read(&longer).unwrap()];
    documents.extend(notices());
    let policy = document::combine(&documents).unwrap();
    assert_eq!(policy.reduced_passport_capacity[0].last.unwrap().to_string(), "2021-04-16");
    documents.push(document::read(&longer).unwrap());
    assert!(document::combine(&documents).unwrap_err()[0].message.contains("stands twice in version 2"));
}

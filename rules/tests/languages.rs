//! Differences between the two languages of the notices, sentence by sentence. Numbers, dates, phone numbers, negations
//! and ends of periods are compared. Each difference must be listed in `rules/differences.toml`, with the reading that
//! the rules follow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

use std::collections::BTreeMap;

use rules::notice::{self, Sentence};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    difference: Vec<Difference>,
}

/// A listed difference with both wordings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    sentence: String,
    /// The kind that this test can detect; `None` if only a reader can see the difference.
    kind: Option<Kind>,
    nb: String,
    en: String,
    /// The reading that the rules follow, and why it is the cautious one.
    reading: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Numbers,
    Dates,
    Phones,
    Negations,
    Ends,
}

const KINDS: [Kind; 5] = [Kind::Numbers, Kind::Dates, Kind::Phones, Kind::Negations, Kind::Ends];

fn known() -> Vec<Difference> {
    toml::from_str::<Known>(include_str!("../differences.toml")).unwrap().difference
}

/// The words of a text in lower case, without punctuation.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The values of one kind in a text, normalised for comparison.
fn said(kind: Kind, text: &str) -> Vec<String> {
    let words = words(text);
    let phone = |at: usize| words.get(at..at + 4).filter(|part| part.iter().all(|word| is_pair(word)));
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_str();
        if let Some(pairs) = phone(at) {
            if kind == Kind::Phones {
                found.push(pairs.concat());
            }
            at += 4;
            continue;
        }
        match kind {
            Kind::Phones => {}
            Kind::Dates => found.extend(date(&words, at)),
            // The name of the disease contains a number.
            Kind::Numbers if at > 0 && words[at - 1] == "covid" => {}
            Kind::Numbers => found.extend(number(word).filter(|_| date(&words, at).is_none())),
            Kind::Negations => {
                if ["not", "cannot", "no", "none", "without", "ikke", "ingen", "intet", "uten"].contains(&word) {
                    found.push("not".to_owned());
                }
            }
            Kind::Ends => found.extend(end(&words, at)),
        }
        at += 1;
    }
    found.sort();
    found
}

fn is_pair(word: &str) -> bool {
    word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date such as `17. mars`, `17th of march` or `april 2021`; `None` if there is none at this word.
fn date(words: &[String], at: usize) -> Option<String> {
    const MONTHS: [(&str, &str); 12] = [
        ("januar", "january"),
        ("februar", "february"),
        ("mars", "march"),
        ("april", "april"),
        ("mai", "may"),
        ("juni", "june"),
        ("juli", "july"),
        ("august", "august"),
        ("september", "september"),
        ("oktober", "october"),
        ("november", "november"),
        ("desember", "december"),
    ];
    let day: u32 = words[at].trim_end_matches(|c: char| c.is_alphabetic()).parse().ok()?;
    let month = words[at + 1..].iter().find(|word| *word != "of")?;
    let month = MONTHS.iter().position(|(nb, en)| month == nb || month == en)?;
    Some(format!("{day}.{}", month + 1))
}

fn number(word: &str) -> Option<String> {
    const NAMES: [(&str, &str); 9] = [
        ("to", "two"),
        ("tre", "three"),
        ("fire", "four"),
        ("fem", "five"),
        ("seks", "six"),
        ("sju", "seven"),
        ("åtte", "eight"),
        ("ni", "nine"),
        ("ti", "ten"),
    ];
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        return Some(digits);
    }
    // The English "to" is a preposition. The Norwegian "to" is the number two.
    let named = |(nb, en): &(&str, &str)| word == *en || (word == *nb && *nb != "to");
    NAMES.iter().position(named).map(|index| (index + 2).to_string())
}

/// The end of a period: `til og med` includes the last day, `until` excludes it.
fn end(words: &[String], at: usize) -> Option<String> {
    let next = |count: usize| words.get(at..at + count).map(|part| part.join(" "));
    if next(3).as_deref() == Some("til og med") {
        return Some("the last day belongs to it".to_owned());
    }
    let date_follows = (at + 1..words.len().min(at + 3)).any(|at| date(words, at).is_some());
    (["until", "til"].contains(&words[at].as_str()) && date_follows).then(|| "it is not said".to_owned())
}

/// Every sentence with a difference, and the differing values.
fn differing() -> BTreeMap<(String, Kind), (Vec<String>, Vec<String>)> {
    let mut differing = BTreeMap::new();
    for sentence in notice::ALL.iter().flat_map(|notice| notice.sentences) {
        for kind in KINDS {
            let (nb, en) = (said(kind, sentence.text.nb), said(kind, sentence.text.en));
            if nb != en {
                differing.insert((sentence.reference.to_owned(), kind), (nb, en));
            }
        }
    }
    differing
}

#[test]
fn every_difference_is_known() {
    let found = differing();
    let mut listed: Vec<_> = known().iter().filter_map(|one| Some((one.sentence.clone(), one.kind?))).collect();
    listed.sort();
    let unknown: Vec<_> = found.iter().filter(|(which, _)| !listed.contains(which)).collect();
    assert!(unknown.is_empty(), "the languages differ, and nobody has said how to read it: {unknown:#?}");
    let gone: Vec<_> = listed.iter().filter(|which| !found.contains_key(which)).collect();
    assert!(gone.is_empty(), "no longer differ: {gone:?}");
}

#[test]
fn the_list_quotes_what_is_there() {
    for difference in known() {
        let (_, sentence): (_, &Sentence) = notice::find(&difference.sentence).expect(&difference.sentence);
        assert!(sentence.text.nb.contains(&difference.nb), "{}: {}", difference.sentence, difference.nb);
        assert!(sentence.text.en.contains(&difference.en), "{}: {}", difference.sentence, difference.en);
        assert!(difference.reading.len() > 20, "{}: say how it is read", difference.sentence);
    }
}

/// Guards against a comparison that finds nothing.
#[test]
fn differences_are_seen() {
    for (kind, nb, en, differs) in [
        (Kind::Numbers, "i ti dager", "for ten days", false),
        (Kind::Numbers, "i ti dager", "for nine days", true),
        (Kind::Numbers, "15 dager", "15 days to go", false),
        (Kind::Dates, "17. mars", "the 17th of march", false),
        (Kind::Dates, "17. mars", "the 18th of March", true),
        (Kind::Phones, "på 22 34 21 00", "on 22 34 21 00", false),
        (Kind::Phones, "på 22 34 21 00", "on 22 34 21 01", true),
        (Kind::Negations, "kan ikke", "cannot", false),
        (Kind::Negations, "kan ikke", "can", true),
        (Kind::Ends, "til og med 9. april", "until the 9th of april", true),
    ] {
        assert_eq!(said(kind, nb) != said(kind, en), differs, "{nb} / {en}");
    }
}

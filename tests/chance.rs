//! Random facts that are the same on every machine: line number n is always the same line, natively and in a browser.

use api::facts::QuestionCode;
use fastrand::Rng;
use rules::{ApplicationType, Coded, Country, District};
use serde_json::{Map, Value, json};

/// The line of this number. About one in twenty is invalid.
pub fn line(number: u64) -> String {
    let mut chance = Rng::with_seed(number);
    let mut facts = facts(&mut chance);
    facts.insert("id".to_owned(), json!(number.to_string()));
    match chance.u32(0..100) {
        0 => spoil(&mut chance, facts),
        1 => Value::Object(facts).to_string().replacen(',', ";", 1),
        2 => {
            facts.insert("colour".to_owned(), json!("red"));
            Value::Object(facts).to_string()
        }
        3 => {
            facts.insert("entry".to_owned(), json!({ "on": "2021-02-30", "quarantine": true }));
            Value::Object(facts).to_string()
        }
        _ => Value::Object(facts).to_string(),
    }
}

/// Replaces one field by a value of a wrong type.
fn spoil(chance: &mut Rng, mut facts: Map<String, Value>) -> String {
    let names: Vec<String> = facts.keys().cloned().collect();
    let name = &names[below(chance, names.len())];
    let wrong = [json!(7), json!("nonsense"), json!([true]), json!({ "a": 1 })];
    facts.insert(name.clone(), wrong[below(chance, wrong.len())].clone());
    Value::Object(facts).to_string()
}

fn facts(chance: &mut Rng) -> Map<String, Value> {
    let mut facts = Map::new();
    let mut put = |name: &str, value: Value| facts.insert(name.to_owned(), value);
    put("at", instant(chance));
    put("question", one_of::<QuestionCode>(chance));
    put(
        "application",
        json!({
            "type": one_of::<ApplicationType>(chance),
            "district": if chance.bool() { json!("oslo") } else { one_of::<District>(chance) },
            "submitted": chance.u32(0..4) > 0,
        }),
    );
    if chance.bool() {
        let countries: Vec<Country> = Country::all().collect();
        let some: Value =
            (0..below(chance, 3)).map(|_| countries[below(chance, countries.len())].code().to_owned()).collect();
        put("citizenships", some);
    }
    if chance.bool() {
        put("entry", json!({ "on": date(chance), "quarantine": chance.bool() }));
        put("told_to_report_within_week", json!(chance.bool()));
    }
    if chance.bool() {
        put("availability", json!({ "type_open": maybe(chance), "free": chance.u32(0..3) }));
    }
    if chance.bool() {
        let status = ["booked", "cancelled"][below(chance, 2)];
        put("appointment", json!({ "starts": instant(chance), "status": status }));
    }
    if chance.bool() {
        let problem = [Value::Null, json!("technical")][below(chance, 2)].clone();
        let expires = if chance.bool() { json!(date(chance)) } else { Value::Null };
        put("invitation", json!({ "issued": date(chance), "expires": expires, "problem": problem }));
    }
    if chance.bool() {
        let reported = if chance.bool() { json!(date(chance)) } else { Value::Null };
        put("work", json!({ "starts": date(chance), "reported": reported }));
    }
    if chance.bool() {
        put("critical_travel", json!(chance.bool()));
    }
    facts
}

/// A random index. Drawn as `u64`, because random `usize` values differ between 64-bit machines and WebAssembly.
fn below(chance: &mut Rng, length: usize) -> usize {
    chance.u64(0..length as u64) as usize
}

fn one_of<T: Coded>(chance: &mut Rng) -> Value {
    json!(T::ALL[below(chance, T::ALL.len())].code())
}

fn maybe(chance: &mut Rng) -> Value {
    [Value::Null, json!(true), json!(false)][below(chance, 3)].clone()
}

/// A day from March 2020 to April 2022, mostly near a change of the rules.
fn date(chance: &mut Rng) -> String {
    const NEAR: &[&str] = &["2020-05-06", "2020-10-26", "2021-01-01", "2021-03-17", "2021-04-10", "2022-01-25"];
    let (first, range) =
        if chance.bool() { (NEAR[below(chance, NEAR.len())], -20..20) } else { ("2020-03-01", 0..760) };
    let first: chrono::NaiveDate = first.parse().unwrap_or_default();
    (first + chrono::TimeDelta::days(chance.i64(range))).to_string()
}

/// An instant, often seconds from midnight in Oslo, with various offsets.
fn instant(chance: &mut Rng) -> Value {
    let date = date(chance);
    let time = ["00:00:00", "23:59:59", "22:30:00", "09:00:00", "12:34:56.789"][below(chance, 5)];
    let offset = ["+01:00", "+02:00", "Z", "-05:00"][below(chance, 4)];
    json!(format!("{date}T{time}{offset}"))
}

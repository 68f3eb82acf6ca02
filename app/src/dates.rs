//! Days and times as people read them, by the browser's own Intl, always in Norway's time.

use chrono::{DateTime, NaiveDate, Utc};
use js_sys::{Date, Object, Reflect};
use rules::notice::Language;
use wasm_bindgen::JsValue;

/// `Monday 22 March 2021`, `mandag 22. mars 2021`.
pub fn day(day: NaiveDate, language: Language) -> String {
    let noon = day.and_hms_opt(12, 0, 0).map_or(0, |noon| noon.and_utc().timestamp());
    format(noon, language, &[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")])
}

/// `22 March 2021`.
pub fn short_day(day: NaiveDate, language: Language) -> String {
    let noon = day.and_hms_opt(12, 0, 0).map_or(0, |noon| noon.and_utc().timestamp());
    format(noon, language, &[("day", "numeric"), ("month", "long"), ("year", "numeric")])
}

/// `09:00`.
pub fn time(at: DateTime<Utc>, language: Language) -> String {
    format(at.timestamp(), language, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// `Monday 22 March 2021, 09:00`, `mandag 22. mars 2021 kl. 09:00`.
pub fn day_and_time(at: DateTime<Utc>, language: Language) -> String {
    let joint = match language {
        Language::Nb => " kl. ",
        Language::En => ", ",
    };
    format!("{}{joint}{}", day(rules::day::in_oslo(at), language), time(at, language))
}

/// A day as it is typed: `22.03.2021`.
pub fn typed(day: NaiveDate) -> String {
    use chrono::Datelike;
    format!("{:02}.{:02}.{}", day.day(), day.month(), day.year())
}

fn format(seconds: i64, language: Language, parts: &[(&str, &str)]) -> String {
    let locale = match language {
        Language::Nb => "nb-NO",
        Language::En => "en-GB",
    };
    let options = Object::new();
    for (name, value) in parts.iter().chain(&[("timeZone", "Europe/Oslo"), ("hourCycle", "h23")]) {
        // Setting a field of a fresh object cannot fail.
        Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)).ok();
    }
    let date = Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    let text = String::from(date.to_locale_string(locale, &options));
    // English puts a comma after the weekday; Norwegian already says "kl." in some browsers and not in others.
    text.trim_start_matches("kl. ").replace(',', "")
}

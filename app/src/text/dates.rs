//! Days and times as people read them, by the browser's own Intl, always in Norway's time.

use chrono::{DateTime, NaiveDate, Utc};
use js_sys::{Date, Object, Reflect};
use rules::notice::Language;
use wasm_bindgen::{JsCast, JsValue};

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

/// `Mar`, `mars`.
pub fn month(day: NaiveDate, language: Language) -> String {
    let noon = day.and_hms_opt(12, 0, 0).map_or(0, |noon| noon.and_utc().timestamp());
    format(noon, language, &[("month", "short")])
}

/// The name of a country by its code, as the browser knows it; else the code.
pub fn country(code: &str, language: Language) -> String {
    let name = || {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let names: js_sys::Function = Reflect::get(&intl, &"DisplayNames".into()).ok()?.dyn_into().ok()?;
        let options = Object::new();
        Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
        let arguments = js_sys::Array::of2(&JsValue::from_str(locale(language)), &options);
        let names = Reflect::construct(&names, &arguments).ok()?;
        let of: js_sys::Function = Reflect::get(&names, &"of".into()).ok()?.dyn_into().ok()?;
        of.call1(&names, &JsValue::from_str(code)).ok()?.as_string()
    };
    name().unwrap_or_else(|| code.to_owned())
}

/// Which of two names comes first in a language.
pub fn in_order(a: &str, b: &str, language: Language) -> std::cmp::Ordering {
    let options = Object::new();
    js_sys::JsString::from(a).locale_compare(b, &js_sys::Array::of1(&locale(language).into()), &options).cmp(&0)
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

/// The number of a day's week, as calendars in Norway count (ISO 8601).
pub fn week(day: NaiveDate) -> u32 {
    use chrono::Datelike;
    day.iso_week().week()
}

/// A day as it is typed: `22.03.2021`.
pub fn typed(day: NaiveDate) -> String {
    use chrono::Datelike;
    format!("{:02}.{:02}.{}", day.day(), day.month(), day.year())
}

fn locale(language: Language) -> &'static str {
    match language {
        Language::Nb => "nb-NO",
        Language::En => "en-GB",
    }
}

fn format(seconds: i64, language: Language, parts: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in parts.iter().chain(&[("timeZone", "Europe/Oslo"), ("hourCycle", "h23")]) {
        // Setting a field of a fresh object cannot fail.
        Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)).ok();
    }
    let date = Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    let text = String::from(date.to_locale_string(locale(language), &options));
    // English puts a comma after the weekday; Norwegian already says "kl." in some browsers and not in others.
    text.trim_start_matches("kl. ").replace(',', "")
}

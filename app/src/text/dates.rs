//! Dates and times for people, formatted by the browser's `Intl` in Norwegian time.

use chrono::{DateTime, NaiveDate, Utc};
use js_sys::{Date, Object, Reflect};
use rules::notice::Language;
use wasm_bindgen::{JsCast, JsValue};

/// A day such as `Monday 22 March 2021` or `mandag 22. mars 2021`.
pub fn day(day: NaiveDate, language: Language) -> String {
    let noon = day.and_hms_opt(12, 0, 0).map_or(0, |noon| noon.and_utc().timestamp());
    format(noon, language, &[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")])
}

/// A day such as `22 March 2021`.
pub fn short_day(day: NaiveDate, language: Language) -> String {
    let noon = day.and_hms_opt(12, 0, 0).map_or(0, |noon| noon.and_utc().timestamp());
    format(noon, language, &[("day", "numeric"), ("month", "long"), ("year", "numeric")])
}

/// A month such as `Mar` or `mars`.
pub fn month(day: NaiveDate, language: Language) -> String {
    let noon = day.and_hms_opt(12, 0, 0).map_or(0, |noon| noon.and_utc().timestamp());
    format(noon, language, &[("month", "short")])
}

/// A country's name by its code, from the browser; the code itself if the browser has no name.
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

/// Collation order of two names in a language.
pub fn in_order(a: &str, b: &str, language: Language) -> std::cmp::Ordering {
    let options = Object::new();
    js_sys::JsString::from(a).locale_compare(b, &js_sys::Array::of1(&locale(language).into()), &options).cmp(&0)
}

/// A time such as `09:00`.
pub fn time(at: DateTime<Utc>, language: Language) -> String {
    format(at.timestamp(), language, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// A day and time such as `Monday 22 March 2021, 09:00` or `mandag 22. mars 2021 kl. 09:00`.
pub fn day_and_time(at: DateTime<Utc>, language: Language) -> String {
    let joint = match language {
        Language::Nb => " kl. ",
        Language::En => ", ",
    };
    format!("{}{joint}{}", day(rules::day::in_oslo(at), language), time(at, language))
}

/// ISO 8601 week number, as in Norwegian calendars.
pub fn week(day: NaiveDate) -> u32 {
    use chrono::Datelike;
    day.iso_week().week()
}

/// A day in the format of the date fields: `22.03.2021`.
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
        // Setting a property of a new object cannot fail.
        Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)).ok();
    }
    let date = Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    let text = String::from(date.to_locale_string(locale(language), &options));
    // English has a comma after the weekday. In Norwegian some browsers put "kl." before the time and others do not.
    text.trim_start_matches("kl. ").replace(',', "")
}

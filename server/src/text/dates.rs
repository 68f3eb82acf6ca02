//! Dates and times in words, in either language. Times are by the clock in Norway.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use rules::notice::Language;

const MONTHS_NB: [&str; 12] = [
    "januar",
    "februar",
    "mars",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "desember",
];

/// `22 March 2021`, `22. mars 2021`.
pub fn day(day: NaiveDate, language: Language) -> String {
    format!("{} {}", day_and_month(day, language), day.year())
}

/// `Monday 22 March 2021`, `mandag 22. mars 2021`.
pub fn whole_day(at: NaiveDate, language: Language) -> String {
    format!("{} {}", weekday(at.weekday(), language), day(at, language))
}

/// `Monday 22 March 2021 at 09:00`, `mandag 22. mars 2021 kl. 09:00`, by the clock in Norway.
pub fn day_and_time(at: DateTime<Utc>, language: Language) -> String {
    let at = rules::day::oslo_time(at);
    let (day, time) = (whole_day(at.date_naive(), language), at.format("%H:%M"));
    match language {
        Language::Nb => format!("{day} kl. {time}"),
        Language::En => format!("{day} at {time}"),
    }
}

/// Returns the shortest form: `22 Mar 09:00`, `22.3. kl. 09:00`.
pub fn short(at: DateTime<Utc>, language: Language) -> String {
    let at = rules::day::oslo_time(at);
    match language {
        Language::Nb => at.format("%-d.%-m. kl. %H:%M").to_string(),
        Language::En => at.format("%-d %b %H:%M").to_string(),
    }
}

/// Returns a period with both days included; an open end is left out.
/// `from 17 March up to and including 9 April 2021`, `fra og med 17. mars til og med 9. april 2021`.
pub fn period(first: Option<NaiveDate>, last: Option<NaiveDate>, language: Language) -> String {
    let (from, to) = match language {
        Language::Nb => ("fra og med", "til og med"),
        Language::En => ("from", "up to and including"),
    };
    let first = first.map(|first| {
        let same_year = last.is_some_and(|last| last.year() == first.year());
        let first = if same_year { day_and_month(first, language) } else { day(first, language) };
        format!("{from} {first}")
    });
    let last = last.map(|last| format!("{to} {}", day(last, language)));
    [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Returns a period with both days included, for records that are read in either language: `2021-03-17 – 2021-04-09`.
pub fn span(first: NaiveDate, last: NaiveDate) -> String {
    if first == last { first.to_string() } else { format!("{first} – {last}") }
}

/// `Monday`, `mandag`.
pub fn weekday(day: Weekday, language: Language) -> &'static str {
    let (nb, en) = match day {
        Weekday::Mon => ("mandag", "Monday"),
        Weekday::Tue => ("tirsdag", "Tuesday"),
        Weekday::Wed => ("onsdag", "Wednesday"),
        Weekday::Thu => ("torsdag", "Thursday"),
        Weekday::Fri => ("fredag", "Friday"),
        Weekday::Sat => ("lørdag", "Saturday"),
        Weekday::Sun => ("søndag", "Sunday"),
    };
    match language {
        Language::Nb => nb,
        Language::En => en,
    }
}

fn day_and_month(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Nb => format!("{}. {}", day.day(), MONTHS_NB.get(day.month0() as usize).unwrap_or(&"")),
        Language::En => day.format("%-d %B").to_string(),
    }
}

//! The sentences of the start page: today's situation, what changed with each notice, and when an office is open and posts slots.
//!
//! Numbers and dates come from the policy. `start_page` draws the page from these sentences.

use api::{
    fields::minute_text,
    offices::{Hours, Office},
    policy::Notice,
};
use chrono::{Days, NaiveDate};
use rules::{
    Reason,
    notice::Language,
    policy::{Dated, Source},
};

use crate::{
    policy::Loaded,
    text::{
        dates::{day, period, weekday},
        names::district,
    },
};

/// The data of the start page.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    pub policy: &'a Loaded,
    pub offices: &'a [Office],
    pub today: NaiveDate,
    pub language: Language,
}

impl<'a> Start<'a> {
    /// Returns the text in the page's language.
    pub(super) fn say<'t>(self, nb: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Nb => nb,
            Language::En => en,
        }
    }

    /// Returns today's situation in three sentences.
    pub(super) fn sentences(self) -> [String; 3] {
        let appointment = self.say(
            "Du kan bare møte hos politiet når du har time, og det kan ta tid å finne en ledig time.",
            "You can only come to the police with an appointment, and it can take time to find a free one.",
        );
        [appointment.to_owned(), self.quarantine(), self.passport_offices()]
    }

    /// Returns the sentence about the quarantine after entry.
    fn quarantine(self) -> String {
        let Some(Dated { value: days, .. }) = self.policy.policy.quarantine_on(self.today) else {
            let none = self.say(
                "Ingen må vente på grunn av karantene: det er ingen karantene etter innreise til Norge nå.",
                "Nobody has to wait because of quarantine: there is no quarantine after entry to Norway now.",
            );
            return none.to_owned();
        };
        match self.language {
            Language::Nb => format!(
                "Hvis du må i karantene når du kommer til Norge, må du vente {days} hele dager etter dagen du reiste inn, \
                 før du kan bestille time og møte opp."
            ),
            Language::En => format!(
                "If you must be in quarantine when you come to Norway, you have to wait {days} whole days after the day \
                 you entered before you can book an appointment and come."
            ),
        }
    }

    /// Returns the sentence about the passport offices that receive fewer people, now or as announced.
    fn passport_offices(self) -> String {
        let mut periods: Vec<(Option<NaiveDate>, Option<NaiveDate>, Vec<String>)> = Vec::new();
        for window in &self.policy.policy.reduced_passport_capacity {
            if !self.is_announced(window) {
                continue;
            }
            let name = district(window.value, self.language).to_owned();
            match periods.iter_mut().find(|(first, last, _)| (*first, *last) == (window.first, window.last)) {
                Some((_, _, names)) => names.push(name),
                None => periods.push((window.first, window.last, vec![name])),
            }
        }
        let places = periods.into_iter().map(|(first, last, names)| {
            format!("{} {}", self.list(&names), period(first, last, self.language)).trim_end().to_owned()
        });
        let places = self.list(&places.collect::<Vec<_>>());
        if places.is_empty() {
            let usual = self.say(
                "På passkontorene bestiller du time som vanlig: ingen av dem har varslet at de tar imot færre.",
                "At the passport offices you book as usual: none of them has announced that it receives fewer people.",
            );
            return usual.to_owned();
        }
        match self.language {
            Language::Nb => format!(
                "Passkontorene tar imot færre i {places}; i den tiden får du bare time til en kritisk reise, og den \
                 avtaler du på telefon."
            ),
            Language::En => format!(
                "The passport offices receive fewer people in {places}; in that time you only get an appointment for a \
                 critical journey, and you make it by phone."
            ),
        }
    }

    /// Returns `true` if an entry of the policy is relevant today: it holds, or a published notice announces it.
    fn is_announced<T>(self, entry: &Dated<T>) -> bool {
        let ahead = entry.first.is_some_and(|first| self.today < first);
        entry.holds_on(self.today) || ahead && self.published().any(|notice| rests_on(entry, notice))
    }

    /// Returns the notices whose present text is published by today, newest first.
    pub(super) fn published(self) -> impl Iterator<Item = &'a Notice> {
        self.policy.notices.iter().filter(move |notice| notice.changed <= self.today)
    }

    /// Joins names as in a sentence: "a, b and c".
    fn list(self, parts: &[String]) -> String {
        let and = self.say(" og ", " and ");
        match parts.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{}{and}{last}", before.join(", ")),
            _ => parts.concat(),
        }
    }

    /// Returns the origin of the notice's text.
    pub(super) fn standing(self, notice: &Notice, in_both: bool) -> &'static str {
        let translated = notice.sentences.first().is_some_and(|first| first.original.is_translated_in(self.language));
        let (nb, en) = if in_both {
            (
                "Tekstene på begge språk slik de ble publisert. De sier ikke helt det samme.",
                "The texts in both languages as they were published. They do not say quite the same.",
            )
        } else if translated {
            ("Vår oversettelse.", "Our translation.")
        } else {
            ("Teksten slik den ble publisert.", "The text as it was published.")
        };
        self.say(nb, en)
    }

    /// Returns the changes since a notice, as far as the policy knows them. They are the entries that rest on its
    /// sentences. A notice about the quarantine also has its lengths between the notice's publication and last change.
    pub(super) fn changes(self, notice: &Notice) -> Vec<String> {
        let policy = &self.policy.policy;
        let mut changes = Vec::new();
        if Reason::QuarantineNotOver.sentences().iter().any(|sentence| is_of(sentence.reference, notice)) {
            let begins = policy.quarantine.iter().filter_map(|length| length.first);
            let between = begins.filter(|first| notice.published < *first && *first <= notice.changed);
            changes.extend(between.filter_map(|first| self.new_length(first)));
        }
        for window in policy.reduced_passport_capacity.iter().filter(|window| rests_on(window, notice)) {
            let when = period(window.first, window.last, self.language);
            let place = district(window.value, self.language);
            changes.push(match self.language {
                Language::Nb => format!("Passkontorene i {place} tar imot færre {when}."),
                Language::En => format!("The passport offices in {place} receive fewer people {when}."),
            });
        }
        if policy.digital.iter().any(|kind| rests_on(kind, notice)) {
            let digital = self.say(
                "Politiet kan be noen søkere om å levere papirene elektronisk.",
                "The police can ask some applicants to deliver their papers electronically.",
            );
            changes.push(digital.to_owned());
        }
        for line in policy.information_lines.iter().filter(|line| rests_on(*line, notice)) {
            let (place, phone) = &line.value;
            let (place, when) = (district(*place, self.language), period(line.first, line.last, self.language));
            changes.push(match self.language {
                Language::Nb => format!("{place} har en informasjonstelefon {when}: {phone}."),
                Language::En => format!("{place} has an information phone {when}: {phone}."),
            });
        }
        changes
    }

    /// Returns a sentence about the change of the quarantine on a day; `None` if there was no quarantine on it.
    fn new_length(self, from: NaiveDate) -> Option<String> {
        let length = |on| self.policy.policy.quarantine_on(on).map(|length| length.value);
        let (before, after) = (length(from.checked_sub_days(Days::new(1))?), length(from)?);
        let from = day(from, self.language);
        Some(match (before, self.language) {
            (Some(before), Language::Nb) => {
                format!("Karantenen ble {after} dager {from}. Før det var den {before} dager.")
            }
            (Some(before), Language::En) => {
                format!("On {from} the quarantine became {after} days. Before, it was {before} days.")
            }
            (None, Language::Nb) => format!("En karantene på {after} dager begynte {from}."),
            (None, Language::En) => format!("On {from} a quarantine of {after} days began."),
        })
    }

    /// Returns the opening hours; consecutive days with the same hours are merged.
    pub(super) fn opening(self, hours: &[Hours]) -> String {
        let mut groups: Vec<(Hours, Hours)> = Vec::new();
        for one in hours {
            match groups.last_mut() {
                Some((_, last)) if (last.day.succ(), last.from, last.to) == (one.day, one.from, one.to) => *last = *one,
                _ => groups.push((*one, *one)),
            }
        }
        let written = groups.iter().map(|(first, last)| {
            let days = match first == last {
                true => weekday(first.day, self.language).to_owned(),
                false => format!(
                    "{}{}{}",
                    weekday(first.day, self.language),
                    self.say(" til ", " to "),
                    weekday(last.day, self.language)
                ),
            };
            format!("{days} {}–{}", minute_text(first.from), minute_text(first.to))
        });
        written.collect::<Vec<_>>().join(", ")
    }

    /// Returns when an office posts new slots.
    pub(super) fn posting(self, office: &Office) -> String {
        match (office.posts, self.language) {
            (None, Language::Nb) => "ikke til faste tider".to_owned(),
            (None, Language::En) => "at no set time".to_owned(),
            (Some(posting), Language::Nb) => {
                format!("{}er kl. {}", weekday(posting.day, self.language), minute_text(posting.at))
            }
            (Some(posting), Language::En) => {
                format!("{}s at {}", weekday(posting.day, self.language), minute_text(posting.at))
            }
        }
    }
}

/// Returns `true` if an entry of the policy rests on a sentence of the notice.
fn rests_on<T>(entry: &Dated<T>, notice: &Notice) -> bool {
    matches!(&entry.source, Source::Sentence(reference) if is_of(reference, notice))
}

/// Returns `true` if a reference names a sentence of the notice.
fn is_of(reference: &str, notice: &Notice) -> bool {
    reference.split('#').next() == Some(notice.id.as_str())
}

#[cfg(test)]
mod tests {
    use rules::District;

    use super::*;

    fn start<'a>(policy: &'a Loaded, today: &str, language: Language) -> Start<'a> {
        Start { policy, offices: &[], today: today.parse().unwrap(), language }
    }

    #[test]
    fn three_sentences_say_what_applies_today() {
        let policy = crate::policy::load(None).unwrap();
        let en = |today| start(&policy, today, Language::En).sentences();
        let nb = |today| start(&policy, today, Language::Nb).sentences();

        assert!(en("2020-04-01")[1].contains("you have to wait 14 whole days"));
        assert!(nb("2020-04-01")[1].contains("må du vente 14 hele dager"));

        for today in ["2020-11-02", "2021-03-15"] {
            assert!(en(today)[1].contains("you have to wait 10 whole days"), "{today}");
            assert!(nb(today)[1].contains("må du vente 10 hele dager"), "{today}");
            assert!(en(today)[2].contains("you book as usual"), "{today}");
            assert!(nb(today)[2].contains("bestiller du time som vanlig"), "{today}");
        }

        // The first of these days only announces it.
        for today in ["2021-03-16", "2021-03-22", "2021-04-09"] {
            let place = "in Oslo from 17 March up to and including 9 April 2021;";
            assert!(en(today)[2].contains(place), "{today}: {}", en(today)[2]);
            let place = "i Oslo fra og med 17. mars til og med 9. april 2021;";
            assert!(nb(today)[2].contains(place), "{today}: {}", nb(today)[2]);
        }
        assert!(en("2021-04-10")[2].contains("as usual"));

        assert!(en("2022-02-01")[1].contains("there is no quarantine"));
        assert!(nb("2022-02-01")[1].contains("det er ingen karantene"));
    }

    #[test]
    fn windows_of_several_districts_are_one_sentence() {
        let mut policy = crate::policy::load(None).unwrap();
        let oslo = policy.policy.reduced_passport_capacity[0].clone();
        let mut add = |value, first: Option<&str>, last: Option<&str>| {
            let [first, last] = [first, last].map(|day| day.map(|day| day.parse().unwrap()));
            policy.policy.reduced_passport_capacity.push(Dated { value, first, last, ..oslo.clone() });
        };
        add(District::Ost, Some("2021-03-17"), Some("2021-04-09"));
        add(District::SorVest, Some("2020-12-21"), Some("2021-04-01"));
        add(District::Troms, None, None);
        let [.., sentence] = start(&policy, "2021-03-22", Language::En).sentences();
        let places = "in Oslo and East from 17 March up to and including 9 April 2021, South West from 21 December 2020 up \
                      to and including 1 April 2021 and Troms;";
        assert!(sentence.contains(places), "{sentence}");
    }
}

//! The start page: what applies today, the notices that it rests on, and the offices.
//!
//! The server renders it for the document of a first visit and for `GET /api/start`; the app shows that content unchanged. Numbers
//! and dates come from the policy.

use api::{
    fields::minute_text,
    offices::{Hours, Office},
    policy::{Notice, Sentence},
};
use chrono::{Days, NaiveDate};
use maud::{Markup, html};
use rules::{
    Coded, District, Reason,
    notice::Language,
    policy::{Dated, Source},
    sentence::Original,
};

use crate::{
    policy::Loaded,
    text::{
        dates::{day, period, weekday, whole_day},
        names::{self, district},
    },
};

/// The data from which the page is rendered.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    pub policy: &'a Loaded,
    pub offices: &'a [Office],
    pub today: NaiveDate,
    pub language: Language,
}

/// Returns the page's heading. The app uses the same one.
pub fn title(language: Language) -> &'static str {
    match language {
        Language::Nb => "Time hos politiets utlendingsseksjon",
        Language::En => "Appointments with the police immigration office",
    }
}

/// Returns the header around the content until the app has loaded; it looks like the app's.
pub fn frame(language: Language, content: &Markup) -> Markup {
    let (sign_in, group, me, skip) = match language {
        Language::Nb => ("Logg inn", "Språk", "Mine sider", "Hopp til innholdet"),
        Language::En => ("Sign in", "Language", "My pages", "Skip to the content"),
    };
    html! {
        a class="ds-skip-link" href="#main" { (skip) }
        header class="band" {
            div class="bar" {
                a class="brand" href="/" { "Skranke" }
                div class="row" role="group" aria-label=(group) {
                    @for (choice, name) in [(Language::Nb, "Norsk"), (Language::En, "English")] {
                        a class="ds-button" data-size="sm" data-variant="tertiary" href={ "/?lang=" (choice.code()) }
                            lang=(choice.code()) hreflang=(choice.code())
                            aria-current=[(choice == language).then_some("true")] { (name) }
                    }
                }
                nav class="row" aria-label=(me) { a class="ds-link" href="/sign-in" { (sign_in) } }
            }
        }
        main id="main" class="page" tabindex="-1" {
            h1 class="ds-heading" data-size="md" { (title(language)) }
            (content)
        }
    }
}

impl<'a> Start<'a> {
    /// Returns everything below the heading.
    pub fn content(self) -> Markup {
        html! {
            div id="start" class="stack wide" lang=(self.language.code()) {
                (self.situation())
                (self.notices())
                (self.places())
            }
        }
    }

    fn say<'t>(self, nb: &'t str, en: &'t str) -> &'t str {
        match self.language {
            Language::Nb => nb,
            Language::En => en,
        }
    }

    fn situation(self) -> Markup {
        html! {
            section class="stack" aria-labelledby="today" {
                h2 id="today" class="ds-heading" data-size="sm" {
                    (self.say("I dag er det ", "Today is ")) (whole_day(self.today, self.language))
                }
                @for sentence in self.sentences() {
                    p class="ds-paragraph" { (sentence) }
                }
                div class="row" {
                    a class="ds-button" href="/cases" { (self.say("Bestill time", "Book an appointment")) }
                    a class="ds-button" data-variant="secondary" href="/check" {
                        (self.say("Sjekk situasjonen din", "Check your situation"))
                    }
                }
            }
        }
    }

    /// Returns today's situation in three sentences.
    fn sentences(self) -> [String; 3] {
        let appointment = self.say(
            "Du kan bare møte hos politiet når du har time, og det kan ta tid å finne en ledig time.",
            "You can only come to the police with an appointment, and it can take time to find a free one.",
        );
        [appointment.to_owned(), self.quarantine(), self.passport_offices()]
    }

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
    fn published(self) -> impl Iterator<Item = &'a Notice> {
        self.policy.notices.iter().filter(move |notice| notice.changed <= self.today)
    }

    fn list(self, parts: &[String]) -> String {
        let and = self.say(" og ", " and ");
        match parts.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{}{and}{last}", before.join(", ")),
            _ => parts.concat(),
        }
    }

    fn notices(self) -> Markup {
        html! {
            section class="stack" aria-labelledby="notices" {
                h2 id="notices" class="ds-heading" data-size="sm" {
                    (self.say("Kunngjøringene dette bygger på", "The notices this rests on"))
                }
                @if self.published().next().is_none() {
                    p class="ds-paragraph" {
                        (self.say("Det er ingen kunngjøringer i dag.", "There are no notices today."))
                    }
                }
                @for notice in self.published() { (self.notice(notice)) }
            }
        }
    }

    fn notice(self, notice: &Notice) -> Markup {
        let changes = self.changes(notice);
        let in_both = notice.sentences.iter().any(|sentence| sentence.original == Original::Both);
        html! {
            article class="ds-card" data-variant="default" {
                div class="stack" {
                    div {
                        h3 class="ds-heading" data-size="xs" { (self.say(&notice.title.nb, &notice.title.en)) }
                        p class="ds-paragraph quiet" data-size="sm" {
                            span lang=[self.norwegian()] { (notice.publisher) } ". "
                            (self.say("Publisert ", "Published ")) (day(notice.published, self.language))
                            @if notice.changed != notice.published {
                                (self.say(", sist endret ", ", last changed ")) (day(notice.changed, self.language))
                            }
                            ". " (self.standing(notice, in_both))
                        }
                    }
                    @if !changes.is_empty() {
                        div {
                            h4 class="ds-heading" data-size="2xs" { (self.say("Dette ble endret", "What changed")) }
                            ul { @for change in &changes { li { (change) } } }
                        }
                    }
                    details class="ds-details" data-variant="tinted" {
                        summary { (self.say("Les hele kunngjøringen", "Read the whole notice")) }
                        div class="stack" {
                            @for sentence in &notice.sentences {
                                p class="ds-paragraph" { (self.reading(sentence, in_both)) }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the origin of the notice's text.
    fn standing(self, notice: &Notice, in_both: bool) -> &'static str {
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

    /// Renders a sentence. If the notice was published in both languages, a sentence that was not is marked as translated.
    fn reading(self, sentence: &Sentence, in_both: bool) -> Markup {
        html! {
            (self.say(&sentence.text.nb, &sentence.text.en))
            @if in_both && sentence.original.is_translated_in(self.language) {
                (self.say(" (vår oversettelse)", " (our translation)"))
            }
        }
    }

    /// Returns the changes since a notice, as far as the policy knows them. They are the entries that rest on its
    /// sentences. A notice about the quarantine also has its lengths between the notice's publication and last change.
    fn changes(self, notice: &Notice) -> Vec<String> {
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

    fn places(self) -> Markup {
        let mut districts: Vec<District> = self.offices.iter().map(|office| office.district).collect();
        districts.sort_by_key(|one| one.code());
        districts.dedup();
        html! {
            section class="stack" aria-labelledby="places" {
                h2 id="places" class="ds-heading" data-size="sm" { (self.say("Hvor du møter", "Where to meet")) }
                @if districts.is_empty() {
                    p class="ds-paragraph" {
                        (self.say("Det er ikke lagt inn noen kontorer ennå.", "No offices have been entered yet."))
                    }
                } @else {
                    p class="ds-paragraph" {
                        (self.say(
                            "Møt opp på kontoret der du har time. Lenken i en adresse åpner et kart på openstreetmap.org.",
                            "Come to the office that your appointment names. The link in an address opens a map at openstreetmap.org.",
                        ))
                    }
                }
                @for one in districts {
                    section class="stack" aria-labelledby={ "places-" (one.code()) } {
                        h3 id={ "places-" (one.code()) } class="ds-heading" data-size="xs" {
                            (self.say("Politidistrikt: ", "Police district: ")) (district(one, self.language))
                        }
                        ul class="plain stack" {
                            @for office in self.offices.iter().filter(|office| office.district == one) {
                                li class="ds-card" data-variant="default" { (self.office(office)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn office(self, office: &Office) -> Markup {
        let map: String = url::form_urlencoded::byte_serialize(office.address.as_bytes()).collect();
        let tel: String = office.phone.chars().filter(|one| one.is_ascii_digit() || *one == '+').collect();
        html! {
            div class="stack" {
                h4 class="ds-heading" data-size="2xs" lang=[self.norwegian()] { (office.name) }
                dl class="facts" {
                    dt { (self.say("Adresse", "Address")) }
                    dd {
                        a class="ds-link" rel="noreferrer" lang=[self.norwegian()]
                            href={ "https://www.openstreetmap.org/search?query=" (map) } { (office.address) }
                    }
                    dt { (self.say("Telefon", "Phone")) }
                    dd { a class="ds-link" href={ "tel:" (tel) } { (office.phone) } }
                    @if !office.hours.is_empty() {
                        dt { (self.say("Åpent", "Open")) }
                        dd { (self.opening(&office.hours)) }
                    }
                    @if !office.bring.is_empty() {
                        dt { (self.say("Ta med", "Bring")) }
                        dd { ul class="plain" { @for what in &office.bring { li { (names::bring(*what, self.language)) } } } }
                    }
                    dt { (self.say("Nye timer legges ut", "New times are posted")) }
                    dd { (self.posting(office)) }
                }
            }
        }
    }

    /// Returns the opening hours; consecutive days with the same hours are merged.
    fn opening(self, hours: &[Hours]) -> String {
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

    fn posting(self, office: &Office) -> String {
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

    /// Returns the `lang` attribute of names that are Norwegian in every language; `None` in a Norwegian text.
    fn norwegian(self) -> Option<&'static str> {
        (self.language != Language::Nb).then_some(Language::Nb.code())
    }
}

fn rests_on<T>(entry: &Dated<T>, notice: &Notice) -> bool {
    matches!(&entry.source, Source::Sentence(reference) if is_of(reference, notice))
}

/// Returns `true` if a reference names a sentence of the notice.
fn is_of(reference: &str, notice: &Notice) -> bool {
    reference.split('#').next() == Some(notice.id.as_str())
}

#[cfg(test)]
mod tests {
    use api::offices::Bring;
    use chrono::Weekday;

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

    #[test]
    fn a_notice_stands_there_from_its_day_on_with_what_changed() {
        let policy = crate::policy::load(None).unwrap();
        let text = |today, language| start(&policy, today, language).content().into_string();
        assert!(text("2020-10-25", Language::En).contains("There are no notices today."));

        let before = text("2020-11-02", Language::En);
        assert!(
            before.contains("Published 20 April 2020, last changed 26 October 2020. The text as it was published.")
        );
        assert!(before.contains("On 7 May 2020 the quarantine became 10 days. Before, it was 14 days."));
        assert!(!before.contains("fewer people from"), "{before}");

        let nb = text("2021-03-22", Language::Nb);
        assert!(nb.contains("Publisert 20. april 2020, sist endret 26. oktober 2020. Vår oversettelse."));
        assert!(nb.contains("Karantenen ble 10 dager 7. mai 2020. Før det var den 14 dager."));
        assert!(nb.contains("Oslo har en informasjonstelefon fra og med 16. mars 2021: 22 34 21 00."));
        assert!(nb.contains("koronaviruset (covid-19). (vår oversettelse)"));
        let (oslo, udi) = (nb.find("Oslo politidistrikt").unwrap(), nb.find("UDI").unwrap());
        assert!(oslo < udi, "the newest comes first");
    }

    #[test]
    fn offices_say_where_and_when_and_what_to_bring() {
        let policy = crate::policy::load(None).unwrap();
        let hours = |day| Hours { day, from: 9 * 60, to: 15 * 60 };
        let office = Office {
            id: "1".into(),
            name: "Kontoret <i>her</i>".to_owned(),
            kind: api::offices::OfficeKind::Immigration,
            district: District::SorOst,
            address: "Eksempelgata 4 & 5, 3015 Drammen".to_owned(),
            phone: "+47 22 34 21 00".to_owned(),
            hours: [Weekday::Mon, Weekday::Tue, Weekday::Wed].map(hours).to_vec(),
            bring: vec![Bring::Passport, Bring::Number],
            posts: Some(api::offices::Posting { day: Weekday::Mon, at: 8 * 60 }),
        };
        let mut other = Office { posts: None, ..office.clone() };
        other.hours[1].to = 18 * 60 + 30;
        let offices = [office, other];
        let text = |language| {
            let today = "2021-03-22".parse().unwrap();
            Start { policy: &policy, offices: &offices, today, language }.content().into_string()
        };
        for part in [
            "Police district: South East",
            "<h4 class=\"ds-heading\" data-size=\"2xs\" lang=\"nb\">Kontoret &lt;i&gt;her&lt;/i&gt;</h4>",
            "query=Eksempelgata+4+%26+5%2C+3015+Drammen\"",
            "href=\"tel:+4722342100\">+47 22 34 21 00<",
            "<dd>Monday to Wednesday 09:00–15:00</dd>",
            "<dd>Monday 09:00–15:00, Tuesday 09:00–18:30, Wednesday 09:00–15:00</dd>",
            "<li>passport</li><li>the booking number</li>",
            "<dd>Mondays at 08:00</dd>",
            "<dd>at no set time</dd>",
        ] {
            assert!(text(Language::En).contains(part), "{part} is not in {}", text(Language::En));
        }
        for part in ["Politidistrikt: Sør-Øst", "<dd>mandager kl. 08:00</dd>", "<dd>mandag til onsdag 09:00–15:00</dd>"]
        {
            assert!(text(Language::Nb).contains(part), "{part} is not in {}", text(Language::Nb));
        }
        assert_eq!(text(Language::En).matches("<h3 id=\"places-").count(), 1);
    }
}

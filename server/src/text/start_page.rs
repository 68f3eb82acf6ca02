//! The start page as HTML: what applies today, the notices that it rests on, and the offices. Its sentences are in `start_sentences`.
//!
//! The server renders it for the document of a first visit and for `GET /api/start`; the app shows that content unchanged.

use api::{
    offices::Office,
    policy::{Notice, Sentence},
};
use maud::{Markup, html};
use rules::{Coded, District, notice::Language, sentence::Original};

pub use crate::text::start_sentences::Start;

use crate::text::{
    dates::{day, whole_day},
    names::{self, district},
};

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

impl Start<'_> {
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

    /// Renders a sentence. If the notice was published in both languages, a sentence that was not is marked as translated.
    fn reading(self, sentence: &Sentence, in_both: bool) -> Markup {
        html! {
            (self.say(&sentence.text.nb, &sentence.text.en))
            @if in_both && sentence.original.is_translated_in(self.language) {
                (self.say(" (vår oversettelse)", " (our translation)"))
            }
        }
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

    /// Returns the `lang` attribute of names that are Norwegian in every language; `None` in a Norwegian text.
    fn norwegian(self) -> Option<&'static str> {
        (self.language != Language::Nb).then_some(Language::Nb.code())
    }
}

#[cfg(test)]
mod tests {
    use api::offices::{Bring, Hours};
    use chrono::Weekday;

    use super::*;
    use crate::policy::Loaded;

    fn start<'a>(policy: &'a Loaded, today: &str, language: Language) -> Start<'a> {
        Start { policy, offices: &[], today: today.parse().unwrap(), language }
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

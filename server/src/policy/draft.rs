//! Drafts of policy documents: whether a draft fits, its scope, and its effect on the standard people. The desk's handlers call
//! this; the approval is in `four_eyes` and the store.

use api::policies::{Preview, Scope};
use chrono::NaiveDate;
use rules::{
    Coded, District,
    document::{self, PolicyDocument, PolicyFault},
};

use crate::policy::{
    Written,
    effect::{self, Effect, MOST_DAYS, Unfit, unlike},
    timeline::{days_after, in_force},
};
use crate::{canonical_json::canonical, secrets};

/// The reason why a draft is refused.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The document has faults or conflicts with others.
    Faulty(Vec<PolicyFault>),
    /// A version with this number or a higher one exists.
    VersionTooLow,
}

/// Returns the preview of a draft by an officer of this district, beside the documents in force or coming, or the reason for
/// refusing it. Runs on a blocking thread, because it takes some time. Fails only on an internal error.
pub async fn examine(
    known: Vec<Written>,
    body: String,
    from: NaiveDate,
    district: District,
) -> anyhow::Result<Result<Preview, Refused>> {
    tokio::task::spawn_blocking(move || look(&known, &body, from, district)).await?
}

/// Does the work of `examine`.
fn look(
    known: &[Written],
    body: &str,
    from: NaiveDate,
    district: District,
) -> anyhow::Result<Result<Preview, Refused>> {
    let document = match document::read(body) {
        Ok(document) => document,
        Err(faults) => return Ok(Err(Refused::Faulty(faults))),
    };
    if newest(known, &document.id).is_some_and(|newest| document.version <= newest.document.version) {
        return Ok(Err(Refused::VersionTooLow));
    }
    let among = |day| {
        let others: Vec<PolicyDocument> = in_force(known, day).into_iter().map(|written| written.document).collect();
        effect::of(&document, &others)
            .map_err(|(Unfit::Others(faults) | Unfit::Document(faults))| Refused::Faulty(faults))
    };
    let effect = match among(from) {
        Ok(effect) => effect,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut is_own = changes_own_only(&effect, &document, district);
    // The draft must also fit the approved documents that come later.
    for day in days_after(known, from) {
        match among(day) {
            Ok(later) => is_own &= changes_own_only(&later, &document, district),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    let days = effect.days(&document, Some(from));
    let changes = effect.changes(&days, Some(from));
    let seen = secrets::hash(&[body, &from.to_string(), &canonical(&changes)?]);
    Ok(Ok(Preview {
        document: document.id,
        version: document.version,
        scope: if is_own { Scope::District } else { Scope::Country },
        people: effect::people(),
        changes,
        cut: days.len() == MOST_DAYS,
        seen,
    }))
}

/// Returns `true` if the document's id names the district and it changes nothing outside the district.
fn changes_own_only(effect: &Effect, document: &PolicyDocument, district: District) -> bool {
    let Effect { old, new } = effect;
    document.id.starts_with(&format!("{}-", district.code()))
        && unlike(&old.quarantine, &new.quarantine).next().is_none()
        && unlike(&old.eea, &new.eea).next().is_none()
        && unlike(&old.digital, &new.digital).next().is_none()
        && unlike(&old.reduced_passport_capacity, &new.reduced_passport_capacity).all(|window| window.value == district)
        && unlike(&old.information_lines, &new.information_lines).all(|line| line.value.0 == district)
}

/// Returns the known documents without a draft that is approved already.
pub fn without(known: Vec<Written>, draft: &str) -> Vec<Written> {
    known.into_iter().filter(|written| written.draft != draft).collect()
}

/// Returns `true` if the documents fit together on `today` and on each later day on which one of them comes into force.
pub fn fit_from(known: &[Written], today: NaiveDate) -> bool {
    let fit = |day| {
        let documents: Vec<PolicyDocument> = in_force(known, day).into_iter().map(|written| written.document).collect();
        document::combine(&documents).is_ok()
    };
    fit(today) && days_after(known, today).into_iter().all(fit)
}

/// Returns the text of the newest version of a document with the version raised by one; `None` if there is no such document.
pub fn next_version(known: &[Written], id: &str) -> Option<String> {
    let Written { document, text, .. } = newest(known, id)?;
    let (old, new) = (document.version.to_string(), (document.version + 1).to_string());
    let mut raised = String::new();
    let mut is_raised = false;
    for line in text.split_inclusive('\n') {
        // The document's own fields come before the first table.
        is_raised |= line.trim_start().starts_with('[');
        match line.split_once('=') {
            Some((name, value)) if !is_raised && name.trim() == "version" => {
                raised += &format!("{name}={}", value.replacen(&old, &new, 1));
                is_raised = true;
            }
            _ => raised += line,
        }
    }
    Some(raised)
}

/// Returns the newest version of a document; `None` if there is none.
fn newest<'w>(known: &'w [Written], id: &str) -> Option<&'w Written> {
    known.iter().filter(|written| written.document.id == id).max_by_key(|written| written.document.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VEST: &str = r#"id = "vest-2021-05-03"
version = 1
publisher = "Vest politidistrikt"
published = 2021-05-03
changed = 2021-05-03
original = "nb"
title = { nb = "Passkontorene i Bergen", en = "The passport offices in Bergen" }

[[sentence]]
id = "window"
says = "forbids"
nb = "Vi nedskalerer passkontorene."
en = "We reduce the capacity of the passport offices."

[[reduced-passport-capacity]]
districts = ["vest"]
first = 2021-05-10
last = 2021-05-21
sentence = "window"
"#;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn seen(known: &[Written], body: &str, from: &str, district: District) -> Result<Preview, Refused> {
        look(known, body, day(from), district).unwrap()
    }

    #[test]
    fn what_holds_for_others_is_the_countrys() {
        let known = super::super::published().unwrap();
        let digital =
            VEST.to_owned() + "\n[[digital]]\ntypes = [\"visa\"]\nfirst = 2021-05-10\nsentence = \"window\"\n";
        for (body, district, scope) in [
            (VEST.to_owned(), District::Vest, Scope::District),
            (VEST.to_owned(), District::Oslo, Scope::Country),
            (VEST.replace("\"vest\"", "\"agder\""), District::Vest, Scope::Country),
            (VEST.replace("vest-2021", "west-2021"), District::Vest, Scope::Country),
            (VEST.replace("vest-2021", "sor-vest-2021"), District::Vest, Scope::Country),
            (digital, District::Vest, Scope::Country),
        ] {
            assert_eq!(seen(&known, &body, "2021-05-04", district).unwrap().scope, scope, "{body}");
        }
        // A notice by UDI has the scope of the country, even if it changes no value.
        let udi = next_version(&known, "udi-2020-10-26").unwrap();
        let udi = seen(&known, &udi, "2021-05-04", District::Oslo).unwrap();
        assert_eq!((udi.scope, udi.changes, udi.version), (Scope::Country, Vec::new(), 2));
    }

    #[test]
    fn nobody_is_answered_differently_before_the_day() {
        let known = super::super::published().unwrap();
        let preview = seen(&known, VEST, "2021-05-12", District::Vest).unwrap();
        assert_eq!(preview.changes.len(), 2);
        for change in &preview.changes {
            let days: Vec<_> = change.spans.iter().map(|span| (span.first, span.last)).collect();
            assert_eq!(days, [(Some(day("2021-05-12")), Some(day("2021-05-21")))]);
        }
        let over = seen(&known, VEST, "2021-05-22", District::Vest).unwrap();
        assert_eq!(over.changes, []);
        assert_ne!(over.seen, preview.seen);
    }

    #[test]
    fn it_must_fit_what_comes_later_too() {
        let mut known = super::super::published().unwrap();
        let rival = VEST.replace("vest-2021-05-03", "vest-2021-05-04");
        known.push(Written::of_desk("0198", rival, day("2021-05-08")).unwrap());
        for from in ["2021-05-04", "2021-05-08"] {
            let Err(Refused::Faulty(faults)) = seen(&known, VEST, from, District::Vest) else { panic!("{from}") };
            assert!(faults[0].message.starts_with("this overlaps with line 15 of vest-2021-05-04"), "{faults:?}");
        }
        assert!(seen(&without(known, "0198"), VEST, "2021-05-08", District::Vest).is_ok());
    }

    #[test]
    fn the_version_is_raised_where_it_stands() {
        let next = |text: &str| {
            let known = [Written::of_desk("0198", text.to_owned(), day("2021-05-08")).unwrap()];
            next_version(&known, "vest-2021-05-03").unwrap()
        };
        assert_eq!(next(VEST), VEST.replace("version = 1", "version = 2"));
        let commented = VEST.replace("version = 1", "version=19 # the 19th");
        assert_eq!(next(&commented), VEST.replace("version = 1", "version=20 # the 19th"));
        let sentence = VEST.replace("id = \"window\"", "id = \"version-1\"").replace("\"window\"", "\"version-1\"");
        assert_eq!(next(&sentence), sentence.replace("version = 1", "version = 2"));
    }
}

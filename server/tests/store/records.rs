//! The register, receipts, policies, feedback, and the export of every table.

use api::{
    cases::Case,
    feedback::{Feedback, Page},
    receipts::About,
};
use rules::{Coded, notice::Language};
use server::store::{Address, Store, cases, feedback, new_id, persons, policies, receipts, records};

use crate::fixture::{OSLO, WORK, now, on_both, person};

#[tokio::test]
async fn records_of_the_office() {
    on_both(async |store| {
        let (asha, known) = person(&store, "asha").await;
        let (omar, _) = person(&store, "omar").await;
        let mut t = store.write().await.unwrap();
        let mut case = cases::find(&mut t, &asha, &known, now()).await.unwrap().unwrap();
        (case.reference, case.submitted) = ("WORK-2020-7".to_owned(), false);
        let born = "2015-02-03".parse().unwrap();
        records::add(&mut t, &case, born).await.unwrap();
        let (found, proof) = records::find(&mut t, "WORK-2020-7").await.unwrap().unwrap();
        assert_ne!(found.id, case.id, "it becomes a case of its own");
        case.id = found.id.clone();
        assert_eq!((&found, proof.born, proof.letter_code), (&case, born, None));
        assert!(records::find(&mut t, "work-2020-7").await.unwrap().is_none());
        assert_eq!(cases::by_reference(&mut t, "WORK-2020-7").await.unwrap(), None);
        assert!(cases::add(&mut t, &asha, &found).await.unwrap());
        // A reference belongs to one case only.
        let again = Case { id: new_id(), ..found.clone() };
        assert!(!cases::add(&mut t, &omar, &again).await.unwrap());
        let whose = cases::by_reference(&mut t, "WORK-2020-7").await.unwrap();
        assert_eq!(whose, Some((found.id.clone(), asha.clone())));
        // The case can be taken over only after she has left it, and only by its reference.
        assert_eq!(cases::take_over(&mut t, &omar, "WORK-2020-7").await.unwrap(), None);
        persons::empty(&mut t, &asha, "asha@example.org", "2025-11-02".parse().unwrap()).await.unwrap();
        assert_eq!(cases::take_over(&mut t, &omar, "WORK-2020-8").await.unwrap(), None);
        assert_eq!(cases::take_over(&mut t, &omar, "WORK-2020-7").await.unwrap(), Some(found.id.clone()));
        assert_eq!(cases::by_reference(&mut t, "WORK-2020-7").await.unwrap(), Some((found.id, omar)));
        t.commit().await.unwrap();
    })
    .await;
}

/// An import without a letter code keeps the recorded code.
#[tokio::test]
async fn a_letters_code_stays_on_record() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        let record = |letter_code: Option<&str>| records::Record {
            reference: "WORK-2020-7".to_owned(),
            born: "2015-02-03".parse().unwrap(),
            applicant: "Vikram Rao".to_owned(),
            kind: WORK,
            district: OSLO,
            submitted: true,
            citizenships: Vec::new(),
            letter_code: letter_code.map(str::to_owned),
        };
        for (given, before, after) in [
            (None, None, None),
            (Some("one"), Some(false), Some("one")),
            (None, Some(true), Some("one")),
            (Some("one"), Some(true), Some("one")),
            (Some("two"), Some(false), Some("two")),
        ] {
            let record = record(given);
            let (on_record, _) = records::known(&mut t, &["WORK-2020-7"]).await.unwrap();
            assert_eq!(on_record.get("WORK-2020-7").map(|known| known.says(&record)), before, "{given:?}");
            records::put_all(&mut t, &[&record]).await.unwrap();
            let (_, proof) = records::find(&mut t, "WORK-2020-7").await.unwrap().unwrap();
            assert_eq!(proof.letter_code.as_deref(), after, "{given:?}");
        }
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn receipts_and_policies() {
    on_both(async |store| {
        let (_, case) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let policy = serde_json::to_string(&api::policy::Policy::from(&rules::Policy::published())).unwrap();
        for _ in 0..2 {
            policies::store(&mut t, "hash", &policy).await.unwrap();
        }
        let line = r#"{"at":"2020-11-02T09:00:00Z","question":"duties"}"#;
        let decision = tests::answer(&rules::Policy::published(), line);
        let receipt = receipts::NewReceipt {
            case: &case,
            about: About::Refusal,
            facts: line,
            decision: &decision,
            policy: "hash",
            sha256: "x",
        };
        receipts::add(&mut t, &receipt, now()).await.unwrap();
        let kept = receipts::of_case(&mut t, &case).await.unwrap();
        assert_eq!((kept.len(), &*kept[0].case, kept[0].about, kept[0].made), (1, "WORK-asha", About::Refusal, now()));
        for (reference, count) in [(None, 1), (Some("WORK-asha"), 1), (Some("WORK-omar"), 0)] {
            assert_eq!(receipts::list(&mut t, reference).await.unwrap().len(), count, "{reference:?}");
        }
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn answers_of_visitors() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        for (page, found, words) in [(Page::Times, true, ""), (Page::Start, false, "Hvor er Bodø? 'Her' \"der\"")] {
            let given = Feedback { page, found, language: Language::Nb, words: words.to_owned() };
            feedback::put(&mut t, &Coded::code(page).into(), &given, now()).await.unwrap();
        }
        // A comment replaces the answer under the same id.
        let given = Feedback { page: Page::Times, found: true, language: Language::Nb, words: "Takk".to_owned() };
        feedback::put(&mut t, &Coded::code(Page::Times).into(), &given, now()).await.unwrap();
        let kept = feedback::list(&mut t, 9).await.unwrap();
        let short: Vec<_> = kept.iter().map(|one| (one.page, one.found, one.language, &*one.words)).collect();
        assert_eq!(
            short,
            [
                (Page::Start, false, Language::Nb, "Hvor er Bodø? 'Her' \"der\""),
                (Page::Times, true, Language::Nb, "Takk")
            ]
        );
        assert_eq!(feedback::list(&mut t, 1).await.unwrap().len(), 1);
        t.commit().await.unwrap();
    })
    .await;
}

/// Guards against a table that the export leaves out.
#[tokio::test]
async fn every_table_is_exported() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Address::new(None, folder.path()).unwrap()).await.unwrap();
    let mut connection = store.read().await.unwrap();
    let mut there: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut exported = server::store::tables::ALL.to_vec();
    there.sort();
    exported.sort();
    assert_eq!(there, exported);
}

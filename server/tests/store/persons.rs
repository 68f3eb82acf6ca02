//! Persons, their cases, what they tell, and the deletion of an account.

use api::{cases::Work, facts::EntryFacts, messages::State, receipts::About, situation::Situation};
use rules::notice::Language;
use server::store::{
    answers, appointments, audit, cases, holds, known_browsers,
    locks::{self, Lock},
    messages, outbox, persons, policies, receipts, records, sessions, sign_in_codes, situations, tables, works,
};

use crate::fixture::{email_at, later, message, new_code, now, office, on_both, person};

#[tokio::test]
async fn persons_cases_and_what_they_told() {
    on_both(async |store| {
        let (asha, case) = person(&store, "asha").await;
        let (omar, _) = person(&store, "omar").await;
        let mut t = store.write().await.unwrap();
        let again = persons::find_or_add(&mut t, "asha@example.org", Language::Nb, now()).await.unwrap();
        assert_eq!(again, asha);
        let found = cases::find(&mut t, &asha, &case, now()).await.unwrap().unwrap();
        assert_eq!(found.citizenships.len(), 2);
        assert_eq!(cases::list(&mut t, &asha, now()).await.unwrap(), [found]);
        assert!(cases::find(&mut t, &omar, &case, now()).await.unwrap().is_none(), "another's case does not exist");
        let on = "2020-10-26".parse().unwrap();
        for entry in [Some(EntryFacts { on, quarantine: true }), None] {
            let told = Situation { entry, told_to_report_within_week: true, critical_travel: false };
            situations::set(&mut t, &case, &told, now()).await.unwrap();
            assert_eq!(cases::find(&mut t, &asha, &case, now()).await.unwrap().unwrap().situation, Some(told));
        }
        audit::add(&mut t, audit::Actor::Applicant(&asha), audit::Action::Tell, &case, now()).await.unwrap();
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_person_changes_and_sees_their_sessions() {
    on_both(async |store| {
        let ((asha, _), (omar, _)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        for (token, person, began) in [("old", &asha, -2), ("new", &asha, 0), ("over", &asha, -4), ("his", &omar, 0)] {
            sessions::add(&mut t, token, person, "Firefox, Linux", later(began), later(began + 4)).await.unwrap();
        }
        for (language, phone) in [(Language::Nb, Some("+47 22 34 21 00")), (Language::En, None)] {
            persons::change(&mut t, &asha, language, phone).await.unwrap();
            let session = sessions::find(&mut t, "old").await.unwrap().unwrap();
            assert_eq!((session.language, session.phone.as_deref()), (language, phone));
        }
        assert_eq!(sessions::find(&mut t, "his").await.unwrap().unwrap().language, Language::En);

        let seen = sessions::of_person(&mut t, &asha, "old", now()).await.unwrap();
        let short: Vec<_> = seen.iter().map(|one| (&*one.id, one.began, one.ends, &*one.device, one.this)).collect();
        assert_eq!(
            short,
            [
                ("new", later(0), later(4), "Firefox, Linux", false),
                ("old", later(-2), later(2), "Firefox, Linux", true),
            ]
        );
        sessions::extend(&mut t, "old", later(9)).await.unwrap();
        assert_eq!(sessions::find(&mut t, "old").await.unwrap().unwrap().expires, later(9));
        assert_eq!(sessions::find(&mut t, "new").await.unwrap().unwrap().expires, later(4));
        sessions::end_of_person(&mut t, &omar, "old").await.unwrap();
        assert!(sessions::find(&mut t, "old").await.unwrap().is_some(), "nobody ends another's");
        sessions::end_of_person(&mut t, &asha, "old").await.unwrap();
        assert!(sessions::find(&mut t, "old").await.unwrap().is_none());
        assert_eq!(sessions::of_person(&mut t, &asha, "old", now()).await.unwrap().len(), 1);
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn work_is_told_and_taken_back() {
    on_both(async |store| {
        let (asha, case) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let starts = "2020-11-09".parse().unwrap();
        let reported = Some("2020-11-02".parse().unwrap());
        for work in [
            Some(Work { starts, reported: None }),
            Some(Work { starts, reported }),
            Some(Work { starts, reported: None }),
            None,
        ] {
            works::set(&mut t, &case, work, now()).await.unwrap();
            assert_eq!(cases::find(&mut t, &asha, &case, now()).await.unwrap().unwrap().work, work);
            assert_eq!(cases::list(&mut t, &asha, now()).await.unwrap()[0].work, work);
        }
        t.commit().await.unwrap();
    })
    .await;
}

/// The tables with a row that contains this text.
pub async fn tables_with(t: &mut server::store::Connection, text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for table in tables::ALL {
        let each = |row: serde_json::Map<String, serde_json::Value>| {
            if serde_json::Value::Object(row).to_string().contains(text) {
                found.push(*table);
            }
            Ok::<_, sqlx::Error>(())
        };
        tables::read(t, table, each).await.unwrap();
    }
    found
}

#[tokio::test]
async fn a_person_is_emptied_and_forgotten() {
    on_both(async |store| {
        let (slots, others) = (office(&store, 2).await, office(&store, 2).await);
        let ((asha, hers), (omar, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        let policy = serde_json::to_string(&api::policy::Policy::from(&rules::Policy::published())).unwrap();
        policies::store(&mut t, "hash", &policy).await.unwrap();
        for (number, person, case, name) in [(0, &asha, &hers, "asha"), (1, &omar, &his, "omar")] {
            let (slot, other) = (&slots[number], &others[number]);
            let address = format!("{name}@example.org");
            persons::change(&mut t, person, Language::En, Some("+47 22 34 21 00")).await.unwrap();
            sessions::add(&mut t, name, person, "", now(), later(4)).await.unwrap();
            sign_in_codes::replace(&mut t, &new_code(&address, name), |_| String::new(), now()).await.unwrap();
            known_browsers::learn(&mut t, None, name, &address, now()).await.unwrap();
            let answer = answers::Answer { request: "r".to_owned(), status: 201, body: address.clone() };
            answers::add(&mut t, person, "key", &answer, now()).await.unwrap();
            locks::acquire(&mut t, Lock::Person(person), now()).await.unwrap();
            situations::set(&mut t, case, &Situation::default(), now()).await.unwrap();
            works::set(&mut t, case, Some(Work { starts: "2020-11-09".parse().unwrap(), reported: None }), now())
                .await
                .unwrap();
            let record = cases::find(&mut t, person, case, now()).await.unwrap().unwrap();
            records::add(&mut t, &record, "1990-05-17".parse().unwrap()).await.unwrap();
            appointments::claim(&mut t, slot, case, None, now()).await.unwrap();
            assert!(!holds::take(&mut t, &slot.id, case, now(), later(1)).await.unwrap(), "what is booked is not kept");
            assert!(holds::take(&mut t, &other.id, case, now(), later(1)).await.unwrap());
            let line = r#"{"at":"2020-11-02T09:00:00Z","question":"duties"}"#;
            let decision = tests::answer(&rules::Policy::published(), line);
            let receipt = receipts::NewReceipt {
                case,
                about: About::Booking,
                facts: line,
                decision: &decision,
                policy: "hash",
                sha256: "x",
            };
            receipts::add(&mut t, &receipt, now()).await.unwrap();
            for subject in ["one", "two"] {
                outbox::add(&mut t, &message(case, &address, subject), now()).await.unwrap();
                if subject == "one" {
                    for leased in outbox::lease(&mut t, email_at(now()), later(1), 9).await.unwrap() {
                        if (leased.address == address) && leased.subject == "one" {
                            outbox::sent(&mut t, &[&leased.id], now()).await.unwrap();
                        }
                    }
                }
            }
            audit::add(&mut t, audit::Actor::Applicant(person), audit::Action::Book, case, now()).await.unwrap();
        }
        let told = messages::of_person(&mut t, &asha).await.unwrap();
        let short: Vec<_> = told.iter().map(|one| (&*one.address, &*one.subject, &*one.body, one.state)).collect();
        assert_eq!(
            short,
            [
                ("asha@example.org", "one", "Dear reader", State::Sent),
                ("asha@example.org", "two", "Dear reader", State::Queued)
            ]
        );
        assert_eq!(told[0].made, now());

        let until = "2025-11-02".parse().unwrap();
        persons::empty(&mut t, &asha, "asha@example.org", until).await.unwrap();
        assert_eq!(tables_with(&mut t, "asha@example.org").await, [""; 0]);
        assert!(sessions::find(&mut t, "asha").await.unwrap().is_none());
        assert_eq!(holds::of_case(&mut t, &hers, now()).await.unwrap(), None);
        let states: Vec<_> =
            messages::of_person(&mut t, &asha).await.unwrap().into_iter().map(|one| (one.body, one.state)).collect();
        assert_eq!(states, [(String::new(), State::Sent), (String::new(), State::Withdrawn)]);
        let kept = ["cases", "situations", "works", "appointments", "receipts", "messages", "messages", "audit"];
        assert_eq!(tables_with(&mut t, &hers).await, kept);
        let anew = persons::find_or_add(&mut t, "asha@example.org", Language::Nb, now()).await.unwrap();
        assert_ne!(anew, asha, "the address is free");

        // The last day is part of the retention period.
        persons::forget(&mut t, until).await.unwrap();
        assert_eq!(tables_with(&mut t, &hers).await, kept);
        persons::forget(&mut t, until.succ_opt().unwrap()).await.unwrap();
        assert_eq!(tables_with(&mut t, &hers).await, ["audit"]);
        assert_eq!(tables_with(&mut t, &asha).await, ["audit"]);
        assert_eq!(tables_with(&mut t, "WORK-asha").await, [""; 0]);
        let his_own =
            ["cases", "situations", "works", "appointments", "receipts", "holds", "messages", "messages", "audit"];
        assert_eq!(tables_with(&mut t, &his).await, his_own, "another's stays");
        let his_account = ["persons", "sign_in_codes", "known_browsers", "answers", "messages", "messages"];
        assert_eq!(tables_with(&mut t, "omar@example.org").await, his_account);
        assert_eq!(tables_with(&mut t, "WORK-omar").await, ["cases", "records"]);
        t.commit().await.unwrap();
    })
    .await;
}

//! The store on both engines: every function does the same on SQLite and PostgreSQL, also under concurrency.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test, an unwrap that fails is a finding"
)]

#[path = "common/database.rs"]
mod database;

use std::{future::Future, sync::Arc};

use api::{
    appointments::{CancelledBy, Status},
    cases::{Case, Slot, Work},
    facts::EntryFacts,
    feedback::{Feedback, Page},
    holds::Hold,
    messages::{Delivery, Fault, Kind, State},
    offices::{Bring, Hours, Office, OfficeKind, Posting},
    receipts::About,
    situation::Situation,
};
use chrono::{DateTime, TimeDelta, Utc, Weekday};
use rules::{ApplicationType, Channel, Coded, Country, District, closure::Share, notice::Language};
use server::store::{
    Address, Connection, Store, Use, answers, appointments,
    appointments::{Claim, Event},
    audit, bulk_actions, cases, closures, feedback, holds, known_browsers,
    messages::{self, NewMessage, Sendable},
    new_id, offices, persons, policies, receipts, records, sessions, sign_in_codes, situations,
    slots::{self, Meant, Span, Wanted},
    tables, uses, works,
};
use tokio::{sync::Barrier, task::JoinSet};

/// Runs a check on a new database of each engine.
async fn on_both<F: Future<Output = ()>>(check: impl Fn(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let postgres = database::new_on_postgres().await;
    for url in [None, Some(postgres.as_str())] {
        let store = Store::open(&Address::new(url, folder.path()).unwrap()).await.unwrap();
        check(store.clone()).await;
        store.close().await;
    }
}

fn now() -> DateTime<Utc> {
    "2020-11-02T08:00:00Z".parse().unwrap()
}

/// The instant this many hours after `now`.
fn later(hours: i64) -> DateTime<Utc> {
    now() + TimeDelta::hours(hours)
}

const WORK: ApplicationType = ApplicationType::Work;
const OSLO: District = District::Oslo;
const WANTED: Wanted = Wanted { kind: WORK, district: OSLO, case: "" };

/// An office in Oslo with this many slots for work, one an hour. Returns the slots.
async fn office(store: &Store, slots_from_now: i64) -> Vec<Slot> {
    let office = Office {
        id: new_id(),
        name: "Oslo".to_owned(),
        kind: OfficeKind::Immigration,
        district: OSLO,
        address: "Storgata 1".to_owned(),
        phone: "1".to_owned(),
        hours: vec![Hours { day: Weekday::Mon, from: 540, to: 905 }, Hours { day: Weekday::Sun, from: 0, to: 1 }],
        bring: vec![Bring::Passport, Bring::Number],
        posts: Some(Posting { day: Weekday::Mon, at: 480 }),
    };
    let mut transaction = store.write().await.unwrap();
    offices::add(&mut transaction, &office, &[WORK]).await.unwrap();
    let mut all = Vec::new();
    for hour in 1..=slots_from_now {
        let slot = Slot { id: new_id(), office: office.id.clone(), starts: later(hour), minutes: 30 };
        slots::add(&mut transaction, &slot, &[WORK]).await.unwrap();
        all.push(slot);
    }
    transaction.commit().await.unwrap();
    all
}

/// A person with a case. Returns the ids of both.
async fn person(store: &Store, name: &str) -> (String, String) {
    let mut transaction = store.write().await.unwrap();
    let email = format!("{name}@example.org");
    let person = persons::find_or_add(&mut transaction, &email, Language::En, now()).await.unwrap();
    let case = Case {
        id: new_id(),
        reference: format!("WORK-{name}"),
        applicant: name.to_owned(),
        application_type: WORK,
        district: OSLO,
        submitted: true,
        citizenships: ["IN", "GB"].map(|code| Country::from_code(code).unwrap()).to_vec(),
        situation: None,
        work: None,
        appointment: None,
        lost: None,
        invitation: None,
    };
    assert!(cases::add(&mut transaction, &person, &case).await.unwrap());
    transaction.commit().await.unwrap();
    (person, case.id)
}

#[tokio::test]
async fn offices_and_slots() {
    on_both(async |store| {
        let slots = office(&store, 3).await;
        let mut c = store.read().await.unwrap();
        assert_eq!(offices::count(&mut c).await.unwrap(), 1);
        let all = offices::list(&mut c).await.unwrap();
        assert_eq!((all.len(), all[0].kind, &*all[0].phone), (1, OfficeKind::Immigration, "1"));
        assert_eq!(offices::open_for(&mut c, WORK, OSLO).await.unwrap(), all);
        assert_eq!(offices::open_for(&mut c, WORK, District::Vest).await.unwrap(), []);
        assert_eq!(offices::open_for(&mut c, ApplicationType::Visa, OSLO).await.unwrap(), []);
        assert_eq!(slots::free(&mut c, WANTED, now(), 10).await.unwrap(), slots);
        assert_eq!(slots::free(&mut c, WANTED, later(1), 1).await.unwrap(), slots[1..2]);
        assert_eq!(slots::count_free(&mut c, WANTED, later(1)).await.unwrap(), 2);
        assert!(slots::is_any_free(&mut c, WANTED, later(2)).await.unwrap());
        assert!(!slots::is_any_free(&mut c, WANTED, later(3)).await.unwrap());
        let found = slots::find_for(&mut c, &slots[0].id, WANTED, now()).await.unwrap();
        assert_eq!(found, Some(Meant { slot: slots[0].clone(), office: all[0].clone(), free: true }));
        assert_eq!(
            slots::find_for(&mut c, &slots[0].id, Wanted { district: District::Vest, ..WANTED }, now()).await.unwrap(),
            None
        );
    })
    .await;
}

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
        audit::add(&mut t, &asha, audit::Action::Tell, &case, now()).await.unwrap();
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sessions_codes_and_answers() {
    on_both(async |store| {
        let (asha, _) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        sessions::add(&mut t, "token", &asha, "Firefox, Linux", now(), later(4)).await.unwrap();
        let session = sessions::find(&mut t, "token").await.unwrap().unwrap();
        assert_eq!((session.person, session.language, session.expires), (asha, Language::En, later(4)));
        sessions::end(&mut t, "token").await.unwrap();
        assert!(sessions::find(&mut t, "token").await.unwrap().is_none());

        let email = "asha@example.org";
        let mut earlier = None;
        for code in ["first", "second"] {
            let new = new_code(email, "hers");
            let replaced = sign_in_codes::replace(&mut t, &new, |_| code.to_owned(), now()).await.unwrap();
            let sign_in_codes::Replaced { id, before } = replaced.unwrap();
            assert_eq!(before, earlier);
            earlier = Some(id);
        }
        // A second browser asks for a code to the same address. The two codes are independent.
        let other =
            sign_in_codes::replace(&mut t, &new_code(email, "his"), |_| "third".to_owned(), now()).await.unwrap();
        assert_eq!(other.unwrap().before, None);
        let take = async |t: &mut server::store::Connection, ask: &str, at: DateTime<Utc>| {
            let code = sign_in_codes::take_try(t, ask, email, at, at + TimeDelta::hours(1)).await.unwrap();
            code.map(|code| code.hash)
        };
        assert_eq!(take(&mut t, "his", now()).await.as_deref(), Some("third"));
        assert_eq!(take(&mut t, "hers", now()).await.as_deref(), Some("second"));
        assert_eq!(take(&mut t, "", now()).await, None);
        assert_eq!(take(&mut t, "hers", later(1)).await, None, "over");
        assert_eq!(take(&mut t, "hers", later(-1)).await, None, "made by a clock that was ahead");
        assert!(take(&mut t, "hers", now()).await.is_some());
        assert_eq!(take(&mut t, "hers", now()).await, None, "no try left");
        assert!(take(&mut t, "his", now()).await.is_some());

        let answer = |body: &str| answers::Answer { request: "r".to_owned(), status: 201, body: body.to_owned() };
        answers::add(&mut t, "asha", "key", &answer("old"), later(-30)).await.unwrap();
        assert!(answers::find(&mut t, "asha", "key", later(-24)).await.unwrap().is_none(), "too old");
        answers::add(&mut t, "asha", "key", &answer("new"), now()).await.unwrap();
        let found = answers::find(&mut t, "asha", "key", later(-24)).await.unwrap().unwrap();
        assert_eq!((&*found.body, found.status, &*found.request), ("new", 201, "r"));
        assert!(answers::find(&mut t, "omar", "key", later(-24)).await.unwrap().is_none());
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn uses_are_counted_by_whom_and_since_when() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        for (who, what, since, expected) in [
            ("asha", "change", now(), 1),
            ("asha", "change", now(), 2),
            ("asha", "code", now(), 1),
            ("omar", "change", now(), 1),
            ("asha", "change", later(1), 1),
            ("asha", "change", later(1), 2),
        ] {
            assert_eq!(uses::count(&mut t, who, what, since).await.unwrap(), expected, "{who} {what}");
        }
        uses::give_back(&mut t, "asha", "change").await.unwrap();
        let counted = uses::counted(&mut t, "asha", "change", later(1), TimeDelta::hours(1)).await.unwrap();
        assert_eq!(counted, 1);
        t.commit().await.unwrap();
    })
    .await;
}

/// A clock that was ahead by more than a span does not block later counts; a small difference is tolerated.
#[tokio::test]
async fn a_clock_that_was_ahead_freezes_no_count() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        let hour = TimeDelta::hours(1);
        for (since, expected) in [
            (later(24 * 3650), 1),
            (later(24 * 3650), 2),
            (now(), 1),
            (now(), 2),
            (later(1), 1),
            (now(), 2),
            (later(2), 1),
            (now(), 1),
        ] {
            let seen = uses::counted(&mut t, "asha", "change", since, hour).await.unwrap();
            let count = uses::count_within(&mut t, "asha", "change", since, hour).await.unwrap();
            assert_eq!((count, seen), (expected, expected - 1), "{since}");
        }
        t.commit().await.unwrap();
    })
    .await;
}

/// A rolled-back transaction still counts towards the rate limit.
#[tokio::test]
async fn what_fails_is_counted() {
    on_both(async |store| {
        let one = || Use { who: "asha".to_owned(), what: "change", since: now(), span: TimeDelta::hours(1) };
        let counted = async || {
            let mut c = store.read().await.unwrap();
            uses::counted(&mut c, "asha", "change", now(), TimeDelta::hours(1)).await.unwrap()
        };
        let begin = async || {
            let mut t = store.write().await.unwrap();
            let Use { who, what, since, span } = one();
            uses::count_within(&mut t, &who, what, since, span).await.unwrap();
            t.count_anyhow(one());
            t
        };
        begin().await.commit().await.unwrap();
        assert_eq!(counted().await, 1, "once, if it succeeds");
        server::store::settling(&store, async { drop(begin().await) }).await;
        assert_eq!(counted().await, 2, "before the request is answered");
        // A client that disconnects during the request is counted as well.
        let begun = tokio::sync::Notify::new();
        let request = server::store::settling(&store, async {
            let _transaction = begin().await;
            begun.notify_one();
            std::future::pending::<()>().await;
        });
        tokio::select! { () = request => {}, () = begun.notified() => {} }
        drop(begin().await);
        for _ in 0..400 {
            if counted().await == 4 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{} are counted", counted().await);
    })
    .await;
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    on_both(async |store| {
        let slot = office(&store, 1).await.remove(0).id;
        let ((asha, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        // Everything expires after an hour: cleanup before that deletes nothing, and after it deletes everything.
        for (at, kept) in [(later(1), true), (later(2), false)] {
            let answer = answers::Answer { request: "r".to_owned(), status: 201, body: String::new() };
            answers::add(&mut t, "asha", "key", &answer, later(1)).await.unwrap();
            sessions::add(&mut t, &format!("token {kept}"), &asha, "", now(), later(1)).await.unwrap();
            let code = new_code("asha@example.org", "hers");
            sign_in_codes::replace(&mut t, &code, |_| String::new(), now()).await.unwrap();
            holds::take(&mut t, &slot, &hers, now(), later(1)).await.unwrap();
            uses::count(&mut t, "asha", "change", later(1)).await.unwrap();

            answers::forget(&mut t, at, later(9)).await.unwrap();
            sessions::forget(&mut t, at, later(9)).await.unwrap();
            sign_in_codes::forget(&mut t, at, later(9)).await.unwrap();
            holds::forget(&mut t, at, later(9)).await.unwrap();
            uses::forget(&mut t, at, later(9)).await.unwrap();

            let found = answers::find(&mut t, "asha", "key", now()).await.unwrap().is_some();
            let session = sessions::find(&mut t, &format!("token {kept}")).await.unwrap().is_some();
            let codes =
                sign_in_codes::take_try(&mut t, "hers", "asha@example.org", now(), later(1)).await.unwrap().is_some();
            let held = !holds::take(&mut t, &slot, &his, now(), now()).await.unwrap();
            let counted = uses::count(&mut t, "asha", "change", later(1)).await.unwrap() > 1;
            assert_eq!([found, session, codes, held, counted], [kept; 5]);
        }
        t.commit().await.unwrap();
    })
    .await;
}

/// Rows written by a clock that was ten years ahead do not last ten years.
#[tokio::test]
async fn what_a_clock_wrote_that_was_ahead_is_forgotten() {
    on_both(async |store| {
        let slot = office(&store, 1).await.remove(0).id;
        let ((asha, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        let ahead = later(24 * 3650);
        let answer = answers::Answer { request: "r".to_owned(), status: 201, body: String::new() };
        answers::add(&mut t, "asha", "key", &answer, ahead).await.unwrap();
        sessions::add(&mut t, "token", &asha, "", ahead, ahead).await.unwrap();
        holds::take(&mut t, &slot, &hers, ahead, ahead).await.unwrap();
        assert!(!holds::take(&mut t, &slot, &his, now(), later(1)).await.unwrap());
        let late = NewMessage {
            due: ahead,
            expires: ahead + TimeDelta::hours(1),
            ..message(&hers, "asha@example.org", "one")
        };
        messages::add(&mut t, &late, ahead).await.unwrap();
        assert_eq!(messages::lease(&mut t, email_at(ahead), ahead + TimeDelta::minutes(1), 9).await.unwrap().len(), 1);

        answers::forget(&mut t, now(), later(24)).await.unwrap();
        sessions::forget(&mut t, now(), later(24)).await.unwrap();
        holds::forget(&mut t, now(), later(24)).await.unwrap();
        assert_eq!(messages::lease(&mut t, email_at(now()), later(1), 9).await.unwrap().len(), 0);
        messages::wake(&mut t, now(), later(24)).await.unwrap();
        assert!(answers::find(&mut t, "asha", "key", now()).await.unwrap().is_none());
        assert!(sessions::find(&mut t, "token").await.unwrap().is_none());
        assert!(holds::take(&mut t, &slot, &his, now(), later(1)).await.unwrap());
        assert_eq!(messages::lease(&mut t, email_at(now()), later(1), 9).await.unwrap().len(), 1);
        t.commit().await.unwrap();
    })
    .await;
}

/// An account without a case is deleted after some days, unless it has a session.
#[tokio::test]
async fn accounts_without_a_case_are_forgotten() {
    on_both(async |store| {
        let (asha, _) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let add = async |t: &mut server::store::Connection, name: &str, at: DateTime<Utc>| {
            persons::find_or_add(t, &format!("{name}@example.org"), Language::En, at).await.unwrap()
        };
        let (idle, here, new) =
            (add(&mut t, "idle", now()).await, add(&mut t, "here", now()).await, add(&mut t, "new", later(2)).await);
        persons::add_at_desk(&mut t, Language::Nb, None, now()).await.unwrap();
        sessions::add(&mut t, "token", &here, "", now(), later(4)).await.unwrap();
        uses::count(&mut t, &idle, "change", now()).await.unwrap();
        known_browsers::learn(&mut t, None, "browser", "idle@example.org", now()).await.unwrap();
        persons::forget_without_case(&mut t, later(1)).await.unwrap();
        assert_eq!(tables_with(&mut t, &idle).await, [""; 0]);
        assert_eq!(tables_with(&mut t, "idle@example.org").await, [""; 0]);
        for kept in [&*asha, &*here, &*new, "desk "] {
            assert!(tables_with(&mut t, kept).await.contains(&"persons"), "{kept}");
        }
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_browser_is_known_by_its_newest_token() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        let knows = async |t: &mut server::store::Connection, token: &str, name: &str| {
            known_browsers::is_known(t, token, &format!("{name}@example.org"), now()).await.unwrap()
        };
        known_browsers::learn(&mut t, None, "one", "asha@example.org", now()).await.unwrap();
        assert!(knows(&mut t, "one", "asha").await && !knows(&mut t, "one", "omar").await);
        known_browsers::learn(&mut t, Some("one"), "two", "omar@example.org", now()).await.unwrap();
        assert!(!knows(&mut t, "one", "asha").await, "a token that was copied is worth nothing any more");
        assert!(knows(&mut t, "two", "asha").await && knows(&mut t, "two", "omar").await);
        known_browsers::learn(&mut t, Some("two"), "three", "asha@example.org", later(1)).await.unwrap();
        assert!(!knows(&mut t, "three", "asha").await, "seen by a clock that was ahead");
        known_browsers::forget(&mut t, later(1)).await.unwrap();
        assert!(!knows(&mut t, "three", "omar").await);
        t.commit().await.unwrap();
    })
    .await;
}

fn new_code<'c>(email: &'c str, ask: &'c str) -> sign_in_codes::NewCode<'c> {
    sign_in_codes::NewCode { email, ask, tries: 2, expires: later(1) }
}

#[tokio::test]
async fn appointments_are_claimed_cancelled_and_missed() {
    on_both(async |store| {
        let slots = office(&store, 2).await;
        let ((asha, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        let Claim::Booked { id, number } = appointments::claim(&mut t, &slots[0], &hers, None, now()).await.unwrap()
        else {
            panic!("nobody else is there")
        };
        assert!(matches!(appointments::claim(&mut t, &slots[0], &his, None, now()).await.unwrap(), Claim::SlotTaken));
        assert!(matches!(appointments::claim(&mut t, &slots[1], &hers, None, now()).await.unwrap(), Claim::CaseHasOne));
        let booked = appointments::booked_for(&mut t, &hers, now()).await.unwrap().unwrap();
        assert_eq!(
            (&booked.id, &booked.number, booked.starts, booked.status),
            (&id, &number, later(1), Status::Booked)
        );
        assert_eq!(slots::count_free(&mut t, WANTED, now()).await.unwrap(), 1);
        let taken = slots::find_for(&mut t, &slots[0].id, WANTED, now()).await.unwrap().unwrap();
        assert!(!taken.free);
        appointments::cancel(&mut t, &id, CancelledBy::Applicant, now()).await.unwrap();
        assert_eq!(appointments::find(&mut t, &asha, &id).await.unwrap().unwrap().status, Status::Cancelled);
        assert!(matches!(
            appointments::claim(&mut t, &slots[0], &his, None, now()).await.unwrap(),
            Claim::Booked { .. }
        ));
        assert!(appointments::booked_for(&mut t, &his, later(2)).await.unwrap().is_none(), "over");
        appointments::close_past(&mut t, &his, later(2)).await.unwrap();
        assert!(matches!(
            appointments::claim(&mut t, &slots[1], &his, None, later(1)).await.unwrap(),
            Claim::Booked { .. }
        ));
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn holds_last_for_a_while() {
    on_both(async |store| {
        let slots = office(&store, 2).await;
        let ((_, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        let [slot, other] = &slots[..] else { panic!("two slots") };
        assert!(holds::take(&mut t, &slot.id, &hers, now(), later(1)).await.unwrap());
        assert!(holds::take(&mut t, &slot.id, &hers, now(), later(2)).await.unwrap(), "one's own is made longer");
        assert!(!holds::take(&mut t, &slot.id, &his, later(1), later(3)).await.unwrap());
        let claim = appointments::claim(&mut t, slot, &his, None, later(1)).await.unwrap();
        assert!(matches!(claim, Claim::SlotTaken), "nobody books what another keeps");
        assert!(holds::take(&mut t, &slot.id, &his, later(2), later(3)).await.unwrap(), "hers is over");
        assert!(holds::take(&mut t, &other.id, &his, later(2), later(3)).await.unwrap(), "one hold a case, the latest");
        assert!(holds::take(&mut t, &slot.id, &hers, later(2), later(3)).await.unwrap());
        holds::release(&mut t, &hers).await.unwrap();
        let claim = appointments::claim(&mut t, other, &his, None, later(2)).await.unwrap();
        assert!(matches!(claim, Claim::Booked { .. }), "what one keeps one may book");

        // A hold of one family member blocks no other member of the same account.
        let (asha, _) =
            cases::by_reference(&mut t, "WORK-asha").await.unwrap().map(|(id, person)| (person, id)).unwrap();
        let (born, mut child) =
            ("2015-02-03".parse().unwrap(), cases::find(&mut t, &asha, &hers, now()).await.unwrap().unwrap());
        child.reference = "WORK-child".to_owned();
        records::add(&mut t, &child, born).await.unwrap();
        let (child, _) = records::find(&mut t, "WORK-child").await.unwrap().unwrap();
        assert!(cases::add(&mut t, &asha, &child).await.unwrap());
        assert!(holds::take(&mut t, &slot.id, &child.id, later(2), later(3)).await.unwrap());
        let seen = async |t: &mut server::store::Connection, case: &str| {
            let wanted = Wanted { case, ..WANTED };
            let found = slots::find_for(t, &slot.id, wanted, now()).await.unwrap().unwrap().free;
            let counted = slots::count_free(t, wanted, now()).await.unwrap();
            let listed = slots::free(t, wanted, now(), 9).await.unwrap().len() as u64;
            assert_eq!((counted, listed), (found.into(), found.into()));
            assert_eq!(slots::is_any_free(t, wanted, now()).await.unwrap(), found);
            found
        };
        assert!(!seen(&mut t, &his).await && seen(&mut t, &hers).await && seen(&mut t, &child.id).await);
        assert!(holds::take(&mut t, &slot.id, &hers, later(2), later(3)).await.unwrap(), "it goes over to her");
        assert!(holds::of_case(&mut t, &child.id, later(2)).await.unwrap().is_none());
        let claim = appointments::claim(&mut t, slot, &child.id, None, later(2)).await.unwrap();
        assert!(matches!(claim, Claim::Booked { .. }), "what is kept for one of a family another of it may book");
        t.commit().await.unwrap();
    })
    .await;
}

/// An e-mail about the appointment of a case, due now and valid for ten hours.
fn message(case: &str, address: &str, subject: &str) -> messages::NewMessage {
    messages::NewMessage {
        case: Some(case.to_owned()),
        about: "an appointment".to_owned(),
        kind: Kind::Booked,
        channel: Channel::Email,
        bulk_action: None,
        address: address.to_owned(),
        subject: subject.to_owned(),
        body: "Dear reader".to_owned(),
        sms: String::new(),
        fault: None,
        any_time: false,
        must_arrive: false,
        due: now(),
        expires: later(10),
    }
}

/// A message without a case, such as a code. It is not ordered with other messages.
fn of_no_case(subject: &str) -> messages::NewMessage {
    messages::NewMessage { case: None, ..message("", "a", subject) }
}

/// An SMS of a kind that must be delivered.
fn sms(case: &str, subject: &str) -> messages::NewMessage {
    messages::NewMessage {
        kind: Kind::CancelledByOffice,
        channel: Channel::Sms,
        must_arrive: true,
        ..message(case, "+47 22 34 21 07", subject)
    }
}

fn email_at(now: DateTime<Utc>) -> Sendable {
    Sendable { channel: Channel::Email, now, quiet: false }
}

fn sms_at(now: DateTime<Utc>, quiet: bool) -> Sendable {
    Sendable { channel: Channel::Sms, now, quiet }
}

/// The states of a person's messages, in the order of creation.
async fn states(connection: &mut Connection, person: &str) -> Vec<State> {
    messages::of_person(connection, person).await.unwrap().into_iter().map(|told| told.state).collect()
}

#[tokio::test]
async fn messages_wait_expire_and_are_withdrawn() {
    on_both(async |store| {
        let (asha, case) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let urgent = messages::NewMessage { any_time: true, ..sms(&case, "urgent") };
        let short = messages::NewMessage { expires: later(1), ..sms(&case, "short") };
        let nowhere = messages::NewMessage { fault: Some(Fault::NoAddress), ..sms(&case, "nowhere") };
        let other = messages::NewMessage { about: "another".to_owned(), ..message(&case, "a", "e-mail") };
        messages::add_all(&mut t, &[urgent, short, nowhere, other, sms(&case, "calm")], now()).await.unwrap();
        use State::*;
        assert_eq!(states(&mut t, &asha).await, [Queued, Queued, Failed, Queued, Queued]);

        // Urgent messages are leased at night, all others by day only. Channels are independent.
        let subjects = |leased: Vec<messages::Leased>| {
            let mut all: Vec<String> = leased.into_iter().map(|one| one.subject).collect();
            all.sort();
            all
        };
        let leased = messages::lease(&mut t, sms_at(now(), true), later(1), 9).await.unwrap();
        let first = leased[0].clone();
        let id = first.id.clone();
        assert_eq!(subjects(leased), ["urgent"]);
        assert!(!messages::any_due(&mut t, sms_at(now(), true)).await.unwrap());
        assert!(messages::any_due(&mut t, sms_at(now(), false)).await.unwrap());
        assert!(messages::any_due(&mut t, sms_at(later(1), true)).await.unwrap(), "one is over");
        messages::expire(&mut t, sms_at(later(1), true)).await.unwrap();
        assert_eq!(states(&mut t, &asha).await, [Queued, Failed, Failed, Queued, Queued]);

        // The end of an appointment withdraws its messages, also one with a lease. The leased one may still be sent.
        assert!(messages::is_still_leased(&mut t, &first, now()).await.unwrap());
        let of_another = messages::Leased { attempts: 2, ..first.clone() };
        assert!(!messages::is_still_leased(&mut t, &of_another, now()).await.unwrap());
        assert!(!messages::is_still_leased(&mut t, &first, later(1)).await.unwrap(), "the lease is over");
        messages::withdraw(&mut t, "an appointment").await.unwrap();
        assert!(!messages::is_still_leased(&mut t, &first, now()).await.unwrap());
        assert_eq!(states(&mut t, &asha).await, [Withdrawn, Failed, Failed, Queued, Withdrawn]);
        assert_eq!(messages::lease(&mut t, sms_at(later(2), false), later(3), 9).await.unwrap(), []);
        messages::sent(&mut t, &[&id], later(2)).await.unwrap();
        assert_eq!(states(&mut t, &asha).await, [Sent, Failed, Failed, Queued, Withdrawn]);

        // The call list and the reasons on it.
        let calls = messages::calls(&mut t, None).await.unwrap();
        let reasons: Vec<_> = calls.iter().map(|call| (call.fault, &*call.applicant, &*call.reference)).collect();
        assert_eq!(reasons, [(Fault::NoAddress, "asha", "WORK-asha"), (Fault::Expired, "asha", "WORK-asha")]);
        assert!(messages::called(&mut t, &calls[0].message, later(3)).await.unwrap());
        assert!(!messages::called(&mut t, &calls[0].message, later(3)).await.unwrap(), "once");
        assert!(!messages::called(&mut t, &id, later(3)).await.unwrap(), "was not on the list");
        assert_eq!(messages::calls(&mut t, None).await.unwrap().len(), 1);
    })
    .await;
}

/// Delivery receipts may be late, repeated and out of order.
#[tokio::test]
async fn what_has_arrived_has_arrived() {
    on_both(async |store| {
        use Delivery::{Delivered, Failed};
        let (asha, case) = person(&store, "asha").await;
        for (number, (receipts, ends)) in [
            (&[Delivered][..], State::Delivered),
            (&[Delivered, Delivered], State::Delivered),
            (&[Failed], State::Failed),
            (&[Failed, Delivered], State::Delivered),
            (&[Delivered, Failed], State::Delivered),
        ]
        .into_iter()
        .enumerate()
        {
            for early in [false, true] {
                let mut t = store.write().await.unwrap();
                messages::add(&mut t, &sms(&case, &number.to_string()), now()).await.unwrap();
                let id = messages::lease(&mut t, sms_at(now(), false), later(1), 1).await.unwrap().remove(0).id;
                // A gateway may report delivery before the worker has recorded the sending.
                if !early {
                    messages::sent(&mut t, &[&id], now()).await.unwrap();
                }
                for receipt in receipts {
                    assert!(messages::settle(&mut t, &id, *receipt, now()).await.unwrap());
                }
                if early {
                    messages::sent(&mut t, &[&id], now()).await.unwrap();
                }
                assert_eq!(states(&mut t, &asha).await.pop(), Some(ends), "{number}, early: {early}");
                assert!(!messages::settle(&mut t, "another", Delivered, now()).await.unwrap());
                t.commit().await.unwrap();
            }
        }
        // A message that was never sent cannot be delivered.
        let mut t = store.write().await.unwrap();
        messages::add(&mut t, &sms(&case, "never"), now()).await.unwrap();
        let row: (String,) =
            sqlx::query_as("SELECT id FROM messages WHERE subject = 'never'").fetch_one(&mut *t).await.unwrap();
        messages::settle(&mut t, &row.0, Delivered, now()).await.unwrap();
        assert_eq!(states(&mut t, &asha).await.pop(), Some(State::Queued));
    })
    .await;
}

/// A closure takes booked, held and free slots alike, and none of them can be booked any more.
#[tokio::test]
async fn an_office_takes_times_back() {
    on_both(async |store| {
        let slots = office(&store, 4).await;
        let ((asha, hers), (_, his), (_, theirs)) =
            (person(&store, "asha").await, person(&store, "omar").await, person(&store, "kari").await);
        let mut t = store.write().await.unwrap();
        for (slot, case) in [(&slots[0], &hers), (&slots[1], &his)] {
            assert!(matches!(
                appointments::claim(&mut t, slot, case, None, now()).await.unwrap(),
                Claim::Booked { .. }
            ));
        }
        assert!(holds::take(&mut t, &slots[2].id, &theirs, now(), later(1)).await.unwrap());
        let his_id = appointments::booked_for(&mut t, &his, now()).await.unwrap().unwrap().id;
        let about =
            messages::NewMessage { about: his_id.clone(), kind: Kind::Reminder, ..message(&his, "a", "reminder") };
        messages::add_all(&mut t, &[about, message(&hers, "a", "kept")], now()).await.unwrap();
        persons::change(&mut t, &asha, Language::Nb, Some("+47 22 34 21 07")).await.unwrap();

        // A span from the second slot up to, but without, the fourth.
        let span = Span { office: &slots[0].office, from: slots[1].starts, until: slots[3].starts };
        let district = Some(District::Oslo);
        let close = bulk_actions::Kind::Close;
        let action = bulk_actions::add(&mut t, close, "Oslo", "somebody", district, now()).await.unwrap();
        let booked = appointments::booked_in(&mut t, span).await.unwrap();
        slots::lock_all(&mut t, span).await.unwrap();
        slots::withdraw(&mut t, span, &action).await.unwrap();
        let days = ("2020-11-02".parse().unwrap(), "2020-11-02".parse().unwrap());
        closures::add(&mut t, &action, &slots[0].office, days, Share::CLOSED).await.unwrap();
        closures::record(&mut t, &action).await.unwrap();
        let told: Vec<_> = booked.iter().map(|one| (&*one.applicant, &*one.email, one.language)).collect();
        assert_eq!(told, [("omar", "omar@example.org", Language::En)]);
        let withdrawn = appointments::cancel_of(&mut t, &action, later(1)).await.unwrap();
        assert_eq!(withdrawn.len(), 1);
        closures::record_messages(&mut t, &action, &withdrawn).await.unwrap();
        assert_eq!(closures::unsaid(&mut t, &action, now()).await.unwrap()[0].kind, Kind::Reminder);
        let nowhere = messages::NewMessage { fault: Some(Fault::NoAddress), ..sms(&his, "nowhere") };
        let of_action = |message| messages::NewMessage { bulk_action: Some(action.clone()), ..message };
        // At most one message of a case is leased at a time.
        let all = [("a", &hers), ("b", &his), ("c", &theirs), ("d", &his)];
        let all = all.map(|(subject, case)| of_action(sms(case, subject)));
        messages::add_all(&mut t, &all, now()).await.unwrap();
        messages::add(&mut t, &of_action(nowhere), now()).await.unwrap();

        assert_eq!(slots::free(&mut t, WANTED, now(), 9).await.unwrap(), slots[3..]);
        assert_eq!(holds::of_case(&mut t, &theirs, now()).await.unwrap(), None);
        assert!(matches!(
            appointments::claim(&mut t, &slots[2], &theirs, None, now()).await.unwrap(),
            Claim::SlotTaken
        ));
        assert!(!holds::take(&mut t, &slots[2].id, &theirs, now(), later(1)).await.unwrap(), "it is no time any more");
        let kept = appointments::booked_for(&mut t, &hers, now()).await.unwrap().unwrap();
        assert_eq!((kept.status, kept.cancelled_by), (Status::Booked, None));
        assert_eq!(appointments::lost(&mut t, &hers, now()).await.unwrap(), None);
        let lost = appointments::lost(&mut t, &his, now()).await.unwrap().unwrap();
        assert_eq!((&lost.id, lost.status, lost.cancelled_by), (&his_id, Status::Cancelled, Some(CancelledBy::Office)));
        assert_eq!(appointments::lost(&mut t, &his, slots[1].starts).await.unwrap(), None, "it would be over");
        let subjects: Vec<_> = messages::about(&mut t, &his_id).await.unwrap().iter().map(|one| one.kind).collect();
        assert_eq!(subjects, [], "the reminder is withdrawn");

        // A new booking clears the notice about the lost appointment.
        assert!(matches!(
            appointments::claim(&mut t, &slots[3], &his, None, now()).await.unwrap(),
            Claim::Booked { .. }
        ));
        assert_eq!(appointments::lost(&mut t, &his, now()).await.unwrap(), None);

        // The ledger counts each message once.
        let ids: Vec<String> = messages::lease(&mut t, sms_at(now(), false), later(1), 3)
            .await
            .unwrap()
            .into_iter()
            .map(|one| one.id)
            .collect();
        messages::sent(&mut t, &[&ids[0], &ids[1]], now()).await.unwrap();
        messages::settle(&mut t, &ids[1], Delivery::Delivered, now()).await.unwrap();
        messages::failed(&mut t, &ids[2], Fault::AddressRefused, now()).await.unwrap();
        messages::called(&mut t, &ids[2], now()).await.unwrap();
        let ledger = bulk_actions::list(&mut t).await.unwrap().remove(0).ledger;
        let parts = (ledger.waiting, ledger.sent, ledger.delivered, ledger.to_call, ledger.called, ledger.withdrawn);
        assert_eq!((ledger.to_tell, parts), (5, (1, 1, 1, 1, 1, 0)));
    })
    .await;
}

/// Bookings that race with a closure: every appointment is cancelled and counted by the closure, and no one keeps one.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_books_past_an_office_that_closes() {
    on_both(async |store| {
        let slots = Arc::new(office(&store, 40).await);
        let mut people = Vec::new();
        for number in 0..40 {
            people.push(person(&store, &format!("p{number}")).await.1);
        }
        let people = Arc::new(people);
        let closed = Arc::new(std::sync::Mutex::new(0));
        race(41, |number| {
            let (store, slots, people, closed) = (store.clone(), slots.clone(), people.clone(), closed.clone());
            async move {
                let mut t = store.write().await.unwrap();
                if number < 40 {
                    appointments::claim(&mut t, &slots[number], &people[number], None, now()).await.unwrap();
                    t.commit().await.unwrap();
                    return true;
                }
                let span = Span { office: &slots[0].office, from: now(), until: later(1000) };
                slots::lock_all(&mut t, span).await.unwrap();
                let close = bulk_actions::Kind::Close;
                let action = bulk_actions::add(&mut t, close, "Oslo", "somebody", None, now()).await.unwrap();
                let days = ("2020-11-02".parse().unwrap(), "2020-12-31".parse().unwrap());
                closures::add(&mut t, &action, &slots[0].office, days, Share::CLOSED).await.unwrap();
                slots::withdraw(&mut t, span, &action).await.unwrap();
                closures::record(&mut t, &action).await.unwrap();
                let booked = appointments::booked_in(&mut t, span).await.unwrap().len();
                appointments::cancel_of(&mut t, &action, now()).await.unwrap();
                t.commit().await.unwrap();
                *closed.lock().unwrap() = booked;
                true
            }
        })
        .await;
        let mut c = store.read().await.unwrap();
        let count =
            async |sql: &'static str, c: &mut Connection| sqlx::query_scalar::<_, i64>(sql).fetch_one(c).await.unwrap();
        assert_eq!(count("SELECT count(*) FROM appointments WHERE status = 'booked'", &mut c).await, 0);
        let cancelled = count("SELECT count(*) FROM appointments WHERE cancelled_by = 'office'", &mut c).await;
        assert_eq!(cancelled as usize, *closed.lock().unwrap());
    })
    .await;
}

#[tokio::test]
async fn messages_are_leased_and_end() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        assert!(!messages::any_due(&mut t, email_at(now())).await.unwrap());
        for subject in ["one", "two", "three"] {
            messages::add(&mut t, &of_no_case(subject), now()).await.unwrap();
        }
        assert!(messages::any_due(&mut t, email_at(now())).await.unwrap());
        let mut leased = messages::lease(&mut t, email_at(now()), later(1), 2).await.unwrap();
        leased.sort_by(|a, b| a.id.cmp(&b.id));
        let subjects: Vec<&str> = leased.iter().map(|message| &*message.subject).collect();
        assert_eq!((subjects, leased[0].attempts), (vec!["one", "two"], 1));
        assert_eq!(
            messages::lease(&mut t, email_at(now()), later(1), 9).await.unwrap().len(),
            1,
            "the others are leased"
        );
        assert!(!messages::any_due(&mut t, email_at(now())).await.unwrap(), "each is leased");
        let almost = later(1) - TimeDelta::seconds(1);
        assert_eq!(
            messages::lease(&mut t, email_at(almost), later(2), 9).await.unwrap(),
            [],
            "until the lease is over"
        );
        messages::sent(&mut t, &[], now()).await.unwrap();
        messages::sent(&mut t, &[&leased[0].id], now()).await.unwrap();
        messages::release(&mut t, &leased[1]).await.unwrap();
        messages::later(&mut t, &leased[1], later(3)).await.unwrap();
        // An expired lease is leased again; a message that is due later is not.
        let again = messages::lease(&mut t, email_at(later(2)), later(3), 9).await.unwrap();
        assert_eq!((again.len(), &*again[0].subject, again[0].attempts), (1, "three", 2));
        messages::failed(&mut t, &again[0].id, Fault::AddressRefused, later(2)).await.unwrap();
        let last = messages::lease(&mut t, email_at(later(9)), later(10), 9).await.unwrap();
        assert_eq!((last.len(), &*last[0].subject), (1, "two"));
        // The holder of an expired lease cannot change the message for the next holder.
        messages::release(&mut t, &leased[1]).await.unwrap();
        messages::later(&mut t, &leased[1], later(1)).await.unwrap();
        assert!(!messages::any_due(&mut t, email_at(later(9))).await.unwrap());
        t.commit().await.unwrap();
    })
    .await;
}

/// Messages of a case wait for the leased one, whatever its channel and outcome.
#[tokio::test]
async fn of_a_case_one_message_is_on_its_way_at_a_time() {
    on_both(async |store| {
        let ((_, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        let urgent = messages::NewMessage { any_time: true, ..message(&his, "a", "his second") };
        let about = |about: &str, message| messages::NewMessage { about: about.to_owned(), ..message };
        for one in [
            message(&hers, "a", "booked"),
            about("another", message(&hers, "a", "moved")),
            message(&his, "a", "his first"),
            about("another", sms(&hers, "by SMS")),
            urgent,
        ] {
            messages::add(&mut t, &one, now()).await.unwrap();
        }
        let lease = async |t: &mut Connection, what, until| {
            let mut all = messages::lease(t, what, until, 9).await.unwrap();
            all.sort_by(|a, b| a.id.cmp(&b.id));
            all
        };
        let subjects = |all: &[messages::Leased]| all.iter().map(|one| one.subject.clone()).collect::<Vec<_>>();

        let first = lease(&mut t, email_at(now()), later(1)).await;
        assert_eq!(subjects(&first), ["booked", "his first"]);
        assert_eq!(lease(&mut t, sms_at(now(), false), later(1)).await, []);
        // A leased message is withdrawn and may be delivered all the same.
        messages::withdraw(&mut t, "an appointment").await.unwrap();
        assert_eq!(lease(&mut t, email_at(now()), later(1)).await, []);
        messages::sent(&mut t, &[&first[0].id], now()).await.unwrap();
        let second = lease(&mut t, email_at(now()), later(1)).await;
        assert_eq!(subjects(&second), ["moved"]);
        // A postponed message is not in transit, and neither is one that was given up.
        messages::release(&mut t, &second[0]).await.unwrap();
        messages::later(&mut t, &second[0], later(2)).await.unwrap();
        assert_eq!(subjects(&lease(&mut t, sms_at(now(), false), later(1)).await), ["by SMS"]);
        assert_eq!(subjects(&lease(&mut t, email_at(later(2)), later(3)).await), ["moved"]);
        t.commit().await.unwrap();
    })
    .await;
}

/// Several servers send at once, and the messages of each case keep their order.
#[tokio::test(flavor = "multi_thread")]
async fn no_message_overtakes_another_of_its_case() {
    on_both(async |store| {
        let mut cases = Vec::new();
        for number in 0..10 {
            cases.push(person(&store, &format!("p{number}")).await.1);
        }
        let mut t = store.write().await.unwrap();
        for number in 0..6 {
            for case in &cases {
                messages::add(&mut t, &message(case, case, &number.to_string()), now()).await.unwrap();
            }
        }
        t.commit().await.unwrap();
        let sent = Arc::new(std::sync::Mutex::new(Vec::<(String, String)>::new()));
        race(6, |_| {
            let (store, sent) = (store.clone(), sent.clone());
            async move {
                while sent.lock().unwrap().len() < 60 {
                    let mut t = store.write().await.unwrap();
                    let leased = messages::lease(&mut t, email_at(now()), later(1), 7).await.unwrap();
                    t.commit().await.unwrap();
                    for message in &leased {
                        tokio::task::yield_now().await;
                        sent.lock().unwrap().push((message.address.clone(), message.subject.clone()));
                    }
                    let ids: Vec<&str> = leased.iter().map(|message| &*message.id).collect();
                    let mut t = store.write().await.unwrap();
                    messages::sent(&mut t, &ids, now()).await.unwrap();
                    t.commit().await.unwrap();
                }
                true
            }
        })
        .await;
        let sent = sent.lock().unwrap();
        assert_eq!(sent.len(), 60);
        for case in &cases {
            let order: Vec<&str> = sent.iter().filter(|(to, _)| to == case).map(|(_, number)| &**number).collect();
            assert_eq!(order, ["0", "1", "2", "3", "4", "5"]);
        }
    })
    .await;
}

/// A code is deleted from the outbox once it was sent or has failed.
#[tokio::test]
async fn a_code_is_kept_no_longer_than_it_may_be_sent() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        for what in ["sent", "failed", "expired", "withdrawn", "waits"] {
            let body = format!("Your code is {what}");
            let expires = if what == "expired" { later(1) } else { later(10) };
            let code =
                messages::NewMessage { kind: Kind::Code, about: what.to_owned(), body, expires, ..of_no_case(what) };
            messages::add(&mut t, &code, now()).await.unwrap();
        }
        let leased = messages::lease(&mut t, email_at(now()), later(1), 9).await.unwrap();
        let id = |what: &str| leased.iter().find(|one| one.subject == what).unwrap().id.clone();
        messages::sent(&mut t, &[&id("sent")], now()).await.unwrap();
        messages::failed(&mut t, &id("failed"), Fault::AddressRefused, now()).await.unwrap();
        messages::withdraw(&mut t, "withdrawn").await.unwrap();
        messages::expire(&mut t, email_at(later(1))).await.unwrap();
        let kept: Vec<(String,)> =
            sqlx::query_as("SELECT body FROM messages WHERE body <> ''").fetch_all(&mut *t).await.unwrap();
        assert_eq!(kept, [("Your code is waits".to_owned(),)]);
        t.commit().await.unwrap();
    })
    .await;
}

/// A deleted account is removed from the call list, whatever happens to its leased messages. The ledgers still add up.
#[tokio::test]
async fn who_has_gone_is_not_called() {
    on_both(async |store| {
        let (asha, hers) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let action =
            bulk_actions::add(&mut t, bulk_actions::Kind::Close, "Oslo", "somebody", None, now()).await.unwrap();
        let of_action = |message| messages::NewMessage { bulk_action: Some(action.clone()), ..message };
        let nowhere = messages::NewMessage { fault: Some(Fault::NoAddress), ..sms(&hers, "nowhere") };
        for one in [nowhere, sms(&hers, "called"), sms(&hers, "on its way"), sms(&hers, "waits")] {
            messages::add(&mut t, &of_action(one), now()).await.unwrap();
        }
        let called = messages::lease(&mut t, sms_at(now(), false), later(1), 1).await.unwrap().remove(0);
        messages::failed(&mut t, &called.id, Fault::AddressRefused, now()).await.unwrap();
        assert!(messages::called(&mut t, &called.id, now()).await.unwrap());
        let sent = messages::lease(&mut t, sms_at(now(), false), later(1), 1).await.unwrap().remove(0);
        messages::sent(&mut t, &[&sent.id], now()).await.unwrap();
        assert_eq!(messages::calls(&mut t, None).await.unwrap().len(), 1);

        persons::empty(&mut t, &asha, "asha@example.org", "2025-11-02".parse().unwrap()).await.unwrap();
        assert!(messages::settle(&mut t, &sent.id, Delivery::Failed, later(1)).await.unwrap());
        assert_eq!(messages::calls(&mut t, None).await.unwrap(), []);
        let ledger = bulk_actions::list(&mut t).await.unwrap().remove(0).ledger;
        let parts = (ledger.waiting, ledger.sent, ledger.delivered, ledger.to_call, ledger.called, ledger.withdrawn);
        assert_eq!((ledger.to_tell, parts), (4, (0, 1, 0, 0, 1, 2)));
        t.commit().await.unwrap();
    })
    .await;
}

/// A waiting message is rewritten in place; a leased one is left as it is.
#[tokio::test]
async fn a_message_is_written_anew() {
    on_both(async |store| {
        let (asha, hers) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let action =
            bulk_actions::add(&mut t, bulk_actions::Kind::Close, "Oslo", "somebody", None, now()).await.unwrap();
        let old = messages::NewMessage { bulk_action: Some(action.clone()), due: later(1), ..sms(&hers, "old") };
        for one in [message(&hers, "a", "on its way"), message(&hers, "a", "tried"), old] {
            messages::add(&mut t, &one, now()).await.unwrap();
        }
        let tried = messages::lease(&mut t, email_at(now()), later(1), 1).await.unwrap().remove(0);
        messages::sent(&mut t, &[&tried.id], now()).await.unwrap();
        let tried = messages::lease(&mut t, email_at(now()), later(1), 1).await.unwrap().remove(0);
        messages::release(&mut t, &tried).await.unwrap();
        messages::later(&mut t, &tried, later(5)).await.unwrap();
        let waiting = messages::waiting(&mut t, &asha, now()).await.unwrap();
        assert_eq!(
            waiting.iter().map(|one| one.kind).collect::<Vec<_>>(),
            [Kind::Booked, Kind::CancelledByOffice],
            "in the order of writing"
        );
        let anew = messages::NewMessage { body: "anew".to_owned(), ..message(&hers, "b", "anew") };
        for one in &waiting {
            messages::rewrite(&mut t, &one.id, &anew, now()).await.unwrap();
        }
        // The rewritten message counts as a new one and is due at once; the other one keeps its due time.
        assert!(!messages::is_still_leased(&mut t, &tried, now()).await.unwrap());
        let leased = messages::lease(&mut t, email_at(now()), later(1), 9).await.unwrap();
        assert_eq!((leased.len(), leased[0].attempts, &*leased[0].address, &*leased[0].body), (1, 1, "b", "anew"));
        assert_ne!(leased[0].id, tried.id);
        assert_eq!(messages::waiting(&mut t, &asha, now()).await.unwrap().len(), 1, "one is on its way");
        messages::rewrite(&mut t, &leased[0].id, &message(&hers, "c", "too late"), now()).await.unwrap();
        messages::sent(&mut t, &[&leased[0].id], now()).await.unwrap();
        let last = messages::lease(&mut t, email_at(later(1)), later(2), 9).await.unwrap();
        assert_eq!((last.len(), &last[0].id, &*last[0].subject), (1, &waiting[1].id, "anew"));
        let told: Vec<_> = messages::of_person(&mut t, &asha).await.unwrap();
        assert!(told.iter().all(|one| one.address != "c"));
        let ledger = bulk_actions::list(&mut t).await.unwrap().remove(0).ledger;
        assert_eq!((ledger.to_tell, ledger.waiting), (1, 1), "it is the same message");
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
            policies::keep(&mut t, "hash", &policy).await.unwrap();
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

/// Runs all tasks at once. Returns how many returned `true`.
async fn race<F>(count: usize, run: impl Fn(usize) -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let start = Arc::new(Barrier::new(count));
    let mut running = JoinSet::new();
    for number in 0..count {
        let (start, run) = (start.clone(), run(number));
        running.spawn(async move {
            start.wait().await;
            run.await
        });
    }
    running.join_all().await.into_iter().filter(|won| *won).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_who_claim_one_slot_one_gets_it() {
    on_both(async |store| {
        let slot = office(&store, 1).await.remove(0);
        let mut all = Vec::new();
        for number in 0..200 {
            all.push(person(&store, &format!("p{number}")).await.1);
        }
        let won = race(200, |number| {
            let (store, slot, case) = (store.clone(), slot.clone(), all[number].clone());
            async move {
                let mut t = store.write().await.unwrap();
                let claim = appointments::claim(&mut t, &slot, &case, None, now()).await.unwrap();
                t.commit().await.unwrap();
                matches!(claim, Claim::Booked { .. })
            }
        });
        assert_eq!(won.await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_holds_one_holds() {
    on_both(async |store| {
        let slot = office(&store, 1).await.remove(0);
        let all = [person(&store, "asha").await.1, person(&store, "omar").await.1];
        let held = race(2, |number| {
            let (store, slot, case) = (store.clone(), slot.id.clone(), all[number].clone());
            async move {
                let mut t = store.write().await.unwrap();
                let held = holds::take(&mut t, &slot, &case, now(), later(1)).await.unwrap();
                t.commit().await.unwrap();
                held
            }
        });
        assert_eq!(held.await, 1);
    })
    .await;
}

/// A hold races with a booking of the same slot: exactly one wins.
#[tokio::test(flavor = "multi_thread")]
async fn hold_against_book() {
    on_both(async |store| {
        let ((_, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        for slot in office(&store, 20).await {
            let got_it = race(2, |number| {
                let (store, slot, hers, his) = (store.clone(), slot.clone(), hers.clone(), his.clone());
                async move {
                    let mut t = store.write().await.unwrap();
                    let got_it = if number == 0 {
                        holds::take(&mut t, &slot.id, &hers, now(), later(1)).await.unwrap()
                    } else {
                        let claim = appointments::claim(&mut t, &slot, &his, None, now()).await.unwrap();
                        matches!(claim, Claim::Booked { .. })
                    };
                    t.commit().await.unwrap();
                    got_it
                }
            });
            assert_eq!(got_it.await, 1);
            let mut t = store.write().await.unwrap();
            holds::release(&mut t, &hers).await.unwrap();
            if let Some(booked) = appointments::booked_for(&mut t, &his, now()).await.unwrap() {
                appointments::cancel(&mut t, &booked.id, CancelledBy::Applicant, now()).await.unwrap();
            }
            t.commit().await.unwrap();
        }
    })
    .await;
}

/// Two people swap their expired holds at once: both succeed, and neither deadlocks.
#[tokio::test(flavor = "multi_thread")]
async fn holds_change_hands() {
    on_both(async |store| {
        let slots = office(&store, 2).await;
        let cases = [person(&store, "asha").await.1, person(&store, "omar").await.1];
        for round in 0..30 {
            let mut t = store.write().await.unwrap();
            for (slot, case) in slots.iter().zip(&cases) {
                assert!(holds::take(&mut t, &slot.id, case, later(2 * round), later(2 * round + 1)).await.unwrap());
            }
            t.commit().await.unwrap();
            let taken = race(2, |number| {
                let (store, slot, case) = (store.clone(), slots[1 - number].id.clone(), cases[number].clone());
                async move {
                    let mut t = store.write().await.unwrap();
                    let now = later(2 * round + 1);
                    let taken = holds::take(&mut t, &slot, &case, now, later(2 * round + 2)).await.unwrap();
                    t.commit().await.unwrap();
                    taken
                }
            });
            assert_eq!(taken.await, 2, "round {round}");
        }
    })
    .await;
}

/// A cancellation races with a booking: the second person gets the slot or is refused; never do both have it.
#[tokio::test(flavor = "multi_thread")]
async fn cancel_against_book() {
    on_both(async |store| {
        let slot = office(&store, 1).await.remove(0);
        let ((_, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        for _ in 0..20 {
            let mut t = store.write().await.unwrap();
            let Claim::Booked { id, .. } = appointments::claim(&mut t, &slot, &hers, None, now()).await.unwrap() else {
                panic!("it was free")
            };
            t.commit().await.unwrap();
            let he_has_it = race(2, |number| {
                let (store, slot, his, id) = (store.clone(), slot.clone(), his.clone(), id.clone());
                async move {
                    let mut t = store.write().await.unwrap();
                    let booked = if number == 0 {
                        appointments::cancel(&mut t, &id, CancelledBy::Applicant, now()).await.unwrap();
                        false
                    } else {
                        matches!(
                            appointments::claim(&mut t, &slot, &his, None, now()).await.unwrap(),
                            Claim::Booked { .. }
                        )
                    };
                    t.commit().await.unwrap();
                    booked
                }
            })
            .await;
            let mut t = store.write().await.unwrap();
            assert!(appointments::booked_for(&mut t, &hers, now()).await.unwrap().is_none());
            let of_him = appointments::booked_for(&mut t, &his, now()).await.unwrap();
            assert_eq!(usize::from(of_him.is_some()), he_has_it);
            if let Some(appointment) = of_him {
                appointments::cancel(&mut t, &appointment.id, CancelledBy::Applicant, now()).await.unwrap();
            }
            t.commit().await.unwrap();
        }
    })
    .await;
}

/// Two cases of one person book at once: each gets its own slot, and no case gets two.
#[tokio::test(flavor = "multi_thread")]
async fn two_cases_of_one_person() {
    on_both(async |store| {
        let slots = office(&store, 8).await;
        let (asha, first) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let mut second = cases::find(&mut t, &asha, &first, now()).await.unwrap().unwrap();
        (second.id, second.reference) = (new_id(), "WORK-second".to_owned());
        cases::add(&mut t, &asha, &second).await.unwrap();
        t.commit().await.unwrap();
        let won = race(8, |number| {
            let (store, slot, asha) = (store.clone(), slots[number].clone(), asha.clone());
            let case = if number % 2 == 0 { first.clone() } else { second.id.clone() };
            async move {
                let mut t = store.write().await.unwrap();
                uses::count(&mut t, &asha, "change", now()).await.unwrap();
                let claim = appointments::claim(&mut t, &slot, &case, None, now()).await.unwrap();
                t.commit().await.unwrap();
                matches!(claim, Claim::Booked { .. })
            }
        });
        assert_eq!(won.await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_leased_twice() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        for number in 0..200 {
            messages::add(&mut t, &of_no_case(&number.to_string()), now()).await.unwrap();
        }
        t.commit().await.unwrap();
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        race(8, |_| {
            let (store, seen) = (store.clone(), seen.clone());
            async move {
                loop {
                    let mut t = store.write().await.unwrap();
                    let leased = messages::lease(&mut t, email_at(now()), later(1), 7).await.unwrap();
                    t.commit().await.unwrap();
                    if leased.is_empty() {
                        return true;
                    }
                    seen.lock().unwrap().extend(leased.into_iter().map(|message| message.id));
                }
            }
        })
        .await;
        let mut seen = seen.lock().unwrap().clone();
        assert_eq!(seen.len(), 200);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 200);
    })
    .await;
}

#[tokio::test]
async fn what_another_keeps_is_not_free() {
    on_both(async |store| {
        let slots = office(&store, 2).await;
        let ((_, hers), (_, his)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        holds::take(&mut t, &slots[0].id, &hers, now(), later(1)).await.unwrap();
        let hold = Hold { slot: slots[0].id.clone(), expires: later(1) };
        assert_eq!(holds::of_case(&mut t, &hers, now()).await.unwrap(), Some(hold));
        assert_eq!(holds::of_case(&mut t, &hers, later(1)).await.unwrap(), None, "over");
        assert_eq!(holds::of_case(&mut t, &his, now()).await.unwrap(), None);
        // The case that looks, the time, and the slots that are available to it.
        for (case, at, expected) in [
            (&hers, now(), &slots[..]),
            (&his, now(), &slots[1..]),
            (&his, later(1), &slots[1..]),
            (&his, later(0), &slots[1..]),
        ] {
            let wanted = Wanted { case, ..WANTED };
            assert_eq!(slots::free(&mut t, wanted, at, 10).await.unwrap(), expected);
            assert_eq!(slots::count_free(&mut t, wanted, at).await.unwrap(), expected.len() as u64);
            assert!(slots::is_any_free(&mut t, wanted, at).await.unwrap());
        }
        for (case, at, free) in [(&hers, now(), true), (&his, now(), false), (&his, later(1), true)] {
            let wanted = Wanted { case, ..WANTED };
            assert_eq!(slots::find_for(&mut t, &slots[0].id, wanted, at).await.unwrap().unwrap().free, free);
        }
        holds::take(&mut t, &slots[1].id, &hers, now(), later(2)).await.unwrap();
        holds::take(&mut t, &slots[0].id, &his, now(), later(2)).await.unwrap();
        let third = Wanted { case: "", ..WANTED };
        assert!(!slots::is_any_free(&mut t, third, now()).await.unwrap());
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_appointment_that_is_moved_is_one_event() {
    on_both(async |store| {
        let slots = office(&store, 2).await;
        let ((asha, hers), (omar, _)) = (person(&store, "asha").await, person(&store, "omar").await);
        let mut t = store.write().await.unwrap();
        let Claim::Booked { id: first, .. } = appointments::claim(&mut t, &slots[0], &hers, None, now()).await.unwrap()
        else {
            panic!("nobody else is there")
        };
        let (event, newest) = appointments::event(&mut t, &first).await.unwrap().unwrap();
        assert_eq!((&event, &newest), (&Event { id: first.clone(), sequence: 0 }, &first));
        appointments::cancel(&mut t, &first, CancelledBy::Applicant, now()).await.unwrap();
        assert_eq!(appointments::event(&mut t, &first).await.unwrap().unwrap().0.sequence, 1);
        let next = Event { sequence: 2, ..event };
        let claim = appointments::claim(&mut t, &slots[1], &hers, Some(next.clone()), now()).await.unwrap();
        let Claim::Booked { id: second, .. } = claim else { panic!("it was free") };
        for id in [&first, &second] {
            assert_eq!(appointments::event(&mut t, id).await.unwrap(), Some((next.clone(), second.clone())));
        }
        assert_eq!(appointments::event(&mut t, "nothing").await.unwrap(), None);
        let all = appointments::of_person(&mut t, &asha).await.unwrap();
        let short: Vec<_> = all.iter().map(|one| (&one.id, one.status)).collect();
        assert_eq!(short, [(&first, Status::Cancelled), (&second, Status::Booked)]);
        assert_eq!(appointments::of_person(&mut t, &omar).await.unwrap(), []);
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

#[tokio::test]
async fn answers_of_visitors() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        for (page, found, words) in [(Page::Times, true, ""), (Page::Start, false, "Hvor er Bodø? 'Her' \"der\"")] {
            let given = Feedback { page, found, language: Language::Nb, words: words.to_owned() };
            feedback::put(&mut t, Coded::code(page), &given, now()).await.unwrap();
        }
        // A comment replaces the answer under the same id.
        let given = Feedback { page: Page::Times, found: true, language: Language::Nb, words: "Takk".to_owned() };
        feedback::put(&mut t, Coded::code(Page::Times), &given, now()).await.unwrap();
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
        sessions::keep(&mut t, "old", later(9)).await.unwrap();
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

/// The tables with a row that contains this text.
async fn tables_with(t: &mut server::store::Connection, text: &str) -> Vec<&'static str> {
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
        policies::keep(&mut t, "hash", &policy).await.unwrap();
        for (number, person, case, name) in [(0, &asha, &hers, "asha"), (1, &omar, &his, "omar")] {
            let (slot, other) = (&slots[number], &others[number]);
            let address = format!("{name}@example.org");
            persons::change(&mut t, person, Language::En, Some("+47 22 34 21 00")).await.unwrap();
            sessions::add(&mut t, name, person, "", now(), later(4)).await.unwrap();
            sign_in_codes::replace(&mut t, &new_code(&address, name), |_| String::new(), now()).await.unwrap();
            known_browsers::learn(&mut t, None, name, &address, now()).await.unwrap();
            let answer = answers::Answer { request: "r".to_owned(), status: 201, body: address.clone() };
            answers::add(&mut t, person, "key", &answer, now()).await.unwrap();
            uses::count(&mut t, person, "change", now()).await.unwrap();
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
                messages::add(&mut t, &message(case, &address, subject), now()).await.unwrap();
                if subject == "one" {
                    for leased in messages::lease(&mut t, email_at(now()), later(1), 9).await.unwrap() {
                        if (leased.address == address) && leased.subject == "one" {
                            messages::sent(&mut t, &[&leased.id], now()).await.unwrap();
                        }
                    }
                }
            }
            audit::add(&mut t, person, audit::Action::Book, case, now()).await.unwrap();
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

/// Two people add the same case at once: one gets it, and the other is refused.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_add_a_case_one_has_it() {
    on_both(async |store| {
        let all = [person(&store, "asha").await, person(&store, "omar").await];
        for number in 0..10 {
            let added = race(2, |who| {
                let (store, (person, known)) = (store.clone(), all[who].clone());
                async move {
                    let mut t = store.write().await.unwrap();
                    let case = cases::find(&mut t, &person, &known, now()).await.unwrap().unwrap();
                    let case = Case { id: new_id(), reference: format!("WORK-2020-{number}"), ..case };
                    let added = cases::add(&mut t, &person, &case).await.unwrap();
                    t.commit().await.unwrap();
                    added
                }
            });
            assert_eq!(added.await, 1);
        }
    })
    .await;
}

/// A deletion races with a sign-in to the same account: the session is never one of an emptied account.
#[tokio::test(flavor = "multi_thread")]
async fn empty_against_sign_in() {
    on_both(async |store| {
        for number in 0..20 {
            let name = format!("asha{number}");
            let email = format!("{name}@example.org");
            let (asha, _) = person(&store, &name).await;
            race(2, |who| {
                let (store, asha, email) = (store.clone(), asha.clone(), email.clone());
                async move {
                    let mut t = store.write().await.unwrap();
                    if who == 0 {
                        persons::empty(&mut t, &asha, &email, "2025-11-02".parse().unwrap()).await.unwrap();
                    } else {
                        let person = persons::find_or_add(&mut t, &email, Language::En, now()).await.unwrap();
                        sessions::add(&mut t, &email, &person, "", now(), later(4)).await.unwrap();
                    }
                    t.commit().await.unwrap();
                    true
                }
            })
            .await;
            let mut c = store.read().await.unwrap();
            assert_eq!(sessions::of_person(&mut c, &asha, "", now()).await.unwrap(), []);
        }
    })
    .await;
}

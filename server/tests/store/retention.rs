//! Retention: rows that are deleted when they are over.

use chrono::{DateTime, TimeDelta, Utc};
use rules::notice::Language;
use server::store::{
    answers, holds, known_browsers,
    locks::{self, Lock},
    outbox::{self, NewMessage},
    persons, rate_limits, sessions, sign_in_codes,
};

use crate::{
    fixture::{email_at, later, message, new_code, now, office, on_both, person},
    persons::tables_with,
};

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
            rate_limits::count(&mut t, "asha", "change", later(1), TimeDelta::days(1)).await.unwrap();

            answers::forget(&mut t, at, later(9)).await.unwrap();
            sessions::forget(&mut t, at, later(9)).await.unwrap();
            sign_in_codes::forget(&mut t, at, later(9)).await.unwrap();
            holds::forget(&mut t, at, later(9)).await.unwrap();
            rate_limits::forget(&mut t, at, later(9)).await.unwrap();

            let found = answers::find(&mut t, "asha", "key", now()).await.unwrap().is_some();
            let session = sessions::find(&mut t, &format!("token {kept}")).await.unwrap().is_some();
            let codes =
                sign_in_codes::take_try(&mut t, "hers", "asha@example.org", now(), later(1)).await.unwrap().is_some();
            let held = !holds::take(&mut t, &slot, &his, now(), now()).await.unwrap();
            let counted = rate_limits::count(&mut t, "asha", "change", later(1), TimeDelta::days(1)).await.unwrap() > 1;
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
        outbox::add(&mut t, &late, ahead).await.unwrap();
        assert_eq!(outbox::lease(&mut t, email_at(ahead), ahead + TimeDelta::minutes(1), 9).await.unwrap().len(), 1);

        answers::forget(&mut t, now(), later(24)).await.unwrap();
        sessions::forget(&mut t, now(), later(24)).await.unwrap();
        holds::forget(&mut t, now(), later(24)).await.unwrap();
        assert_eq!(outbox::lease(&mut t, email_at(now()), later(1), 9).await.unwrap().len(), 0);
        outbox::wake(&mut t, now(), later(24)).await.unwrap();
        assert!(answers::find(&mut t, "asha", "key", now()).await.unwrap().is_none());
        assert!(sessions::find(&mut t, "token").await.unwrap().is_none());
        assert!(holds::take(&mut t, &slot, &his, now(), later(1)).await.unwrap());
        assert_eq!(outbox::lease(&mut t, email_at(now()), later(1), 9).await.unwrap().len(), 1);
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
        locks::acquire(&mut t, Lock::Person(&idle), now()).await.unwrap();
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

//! Sessions, sign-in codes, stored answers and known browsers.

use chrono::{DateTime, TimeDelta, Utc};
use rules::notice::Language;
use server::store::{answers, known_browsers, sessions, sign_in_codes};

use crate::fixture::{later, new_code, now, on_both, person};

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

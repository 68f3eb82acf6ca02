//! Counts of uses, by which requests are limited.

use chrono::TimeDelta;
use server::store::{Use, rate_limits};

use crate::fixture::{later, now, on_both};

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
            assert_eq!(
                rate_limits::count(&mut t, who, what, since, TimeDelta::days(1)).await.unwrap(),
                expected,
                "{who} {what}"
            );
        }
        rate_limits::give_back(&mut t, "asha", "change").await.unwrap();
        let counted = rate_limits::counted(&mut t, "asha", "change", later(1), TimeDelta::hours(1)).await.unwrap();
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
            let seen = rate_limits::counted(&mut t, "asha", "change", since, hour).await.unwrap();
            let count = rate_limits::count(&mut t, "asha", "change", since, hour).await.unwrap();
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
            rate_limits::counted(&mut c, "asha", "change", now(), TimeDelta::hours(1)).await.unwrap()
        };
        let begin = async || {
            let mut t = store.write().await.unwrap();
            let Use { who, what, since, span } = one();
            rate_limits::count(&mut t, &who, what, since, span).await.unwrap();
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

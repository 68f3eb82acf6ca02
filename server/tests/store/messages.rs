//! Messages: states, leases, order within a case, and rewriting.

use std::sync::Arc;

use api::{
    ids::MessageId,
    messages::{Delivery, DeliveryFailure, Kind, State},
};
use chrono::TimeDelta;
use server::store::{
    Connection, audit, bulk_actions, messages,
    outbox::{self, NewMessage},
    persons,
};

use crate::fixture::{email_at, later, message, now, of_no_case, on_both, person, race, sms, sms_at, states};

#[tokio::test]
async fn messages_wait_expire_and_are_withdrawn() {
    on_both(async |store| {
        let (asha, case) = person(&store, "asha").await;
        let mut t = store.write().await.unwrap();
        let urgent = NewMessage { any_time: true, ..sms(&case, "urgent") };
        let short = NewMessage { expires: later(1), ..sms(&case, "short") };
        let nowhere = NewMessage { fault: Some(DeliveryFailure::NoAddress), ..sms(&case, "nowhere") };
        let other = NewMessage { about: "another".to_owned(), ..message(&case, "a", "e-mail") };
        outbox::add_all(&mut t, &[urgent, short, nowhere, other, sms(&case, "calm")], now()).await.unwrap();
        use State::*;
        assert_eq!(states(&mut t, &asha).await, [Queued, Queued, Failed, Queued, Queued]);

        // Urgent messages are leased at night, all others by day only. Channels are independent.
        let subjects = |leased: Vec<outbox::Leased>| {
            let mut all: Vec<String> = leased.into_iter().map(|one| one.subject).collect();
            all.sort();
            all
        };
        let leased = outbox::lease(&mut t, sms_at(now(), true), later(1), 9).await.unwrap();
        let first = leased[0].clone();
        let id = first.id.clone();
        assert_eq!(subjects(leased), ["urgent"]);
        assert!(!outbox::any_due(&mut t, sms_at(now(), true)).await.unwrap());
        assert!(outbox::any_due(&mut t, sms_at(now(), false)).await.unwrap());
        assert!(outbox::any_due(&mut t, sms_at(later(1), true)).await.unwrap(), "one is over");
        outbox::expire(&mut t, sms_at(later(1), true)).await.unwrap();
        assert_eq!(states(&mut t, &asha).await, [Queued, Failed, Failed, Queued, Queued]);

        // The end of an appointment withdraws its messages, also one with a lease. The leased one may still be sent.
        assert!(outbox::is_still_leased(&mut t, &first, now()).await.unwrap());
        let of_another = outbox::Leased { attempts: 2, ..first.clone() };
        assert!(!outbox::is_still_leased(&mut t, &of_another, now()).await.unwrap());
        assert!(!outbox::is_still_leased(&mut t, &first, later(1)).await.unwrap(), "the lease is over");
        outbox::withdraw(&mut t, "an appointment").await.unwrap();
        assert!(!outbox::is_still_leased(&mut t, &first, now()).await.unwrap());
        assert_eq!(states(&mut t, &asha).await, [Withdrawn, Failed, Failed, Queued, Withdrawn]);
        assert_eq!(outbox::lease(&mut t, sms_at(later(2), false), later(3), 9).await.unwrap(), []);
        outbox::sent(&mut t, &[&id], later(2)).await.unwrap();
        assert_eq!(states(&mut t, &asha).await, [Sent, Failed, Failed, Queued, Withdrawn]);

        // The call list and the reasons on it.
        let calls = messages::calls(&mut t, None).await.unwrap();
        let reasons: Vec<_> = calls.iter().map(|call| (call.fault, &*call.applicant, &*call.reference)).collect();
        assert_eq!(
            reasons,
            [(DeliveryFailure::NoAddress, "asha", "WORK-asha"), (DeliveryFailure::Expired, "asha", "WORK-asha")]
        );
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
                outbox::add(&mut t, &sms(&case, &number.to_string()), now()).await.unwrap();
                let id = outbox::lease(&mut t, sms_at(now(), false), later(1), 1).await.unwrap().remove(0).id;
                // A gateway may report delivery before the worker has recorded the sending.
                if !early {
                    outbox::sent(&mut t, &[&id], now()).await.unwrap();
                }
                for receipt in receipts {
                    assert!(outbox::settle(&mut t, &id, *receipt, now()).await.unwrap());
                }
                if early {
                    outbox::sent(&mut t, &[&id], now()).await.unwrap();
                }
                assert_eq!(states(&mut t, &asha).await.pop(), Some(ends), "{number}, early: {early}");
                assert!(!outbox::settle(&mut t, &"another".into(), Delivered, now()).await.unwrap());
                t.commit().await.unwrap();
            }
        }
        // A message that was never sent cannot be delivered.
        let mut t = store.write().await.unwrap();
        outbox::add(&mut t, &sms(&case, "never"), now()).await.unwrap();
        let row: (String,) =
            sqlx::query_as("SELECT id FROM messages WHERE subject = 'never'").fetch_one(&mut *t).await.unwrap();
        outbox::settle(&mut t, &row.0.into(), Delivered, now()).await.unwrap();
        assert_eq!(states(&mut t, &asha).await.pop(), Some(State::Queued));
    })
    .await;
}

#[tokio::test]
async fn messages_are_leased_and_end() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        assert!(!outbox::any_due(&mut t, email_at(now())).await.unwrap());
        for subject in ["one", "two", "three"] {
            outbox::add(&mut t, &of_no_case(subject), now()).await.unwrap();
        }
        assert!(outbox::any_due(&mut t, email_at(now())).await.unwrap());
        let mut leased = outbox::lease(&mut t, email_at(now()), later(1), 2).await.unwrap();
        leased.sort_by(|a, b| a.id.cmp(&b.id));
        let subjects: Vec<&str> = leased.iter().map(|message| &*message.subject).collect();
        assert_eq!((subjects, leased[0].attempts), (vec!["one", "two"], 1));
        assert_eq!(
            outbox::lease(&mut t, email_at(now()), later(1), 9).await.unwrap().len(),
            1,
            "the others are leased"
        );
        assert!(!outbox::any_due(&mut t, email_at(now())).await.unwrap(), "each is leased");
        let almost = later(1) - TimeDelta::seconds(1);
        assert_eq!(outbox::lease(&mut t, email_at(almost), later(2), 9).await.unwrap(), [], "until the lease is over");
        outbox::sent(&mut t, &[], now()).await.unwrap();
        outbox::sent(&mut t, &[&leased[0].id], now()).await.unwrap();
        outbox::release(&mut t, &leased[1]).await.unwrap();
        outbox::later(&mut t, &leased[1], later(3)).await.unwrap();
        // An expired lease is leased again; a message that is due later is not.
        let again = outbox::lease(&mut t, email_at(later(2)), later(3), 9).await.unwrap();
        assert_eq!((again.len(), &*again[0].subject, again[0].attempts), (1, "three", 2));
        outbox::failed(&mut t, &again[0].id, DeliveryFailure::AddressRefused, later(2)).await.unwrap();
        let last = outbox::lease(&mut t, email_at(later(9)), later(10), 9).await.unwrap();
        assert_eq!((last.len(), &*last[0].subject), (1, "two"));
        // The holder of an expired lease cannot change the message for the next holder.
        outbox::release(&mut t, &leased[1]).await.unwrap();
        outbox::later(&mut t, &leased[1], later(1)).await.unwrap();
        assert!(!outbox::any_due(&mut t, email_at(later(9))).await.unwrap());
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
        let urgent = NewMessage { any_time: true, ..message(&his, "a", "his second") };
        let about = |about: &str, message| NewMessage { about: about.to_owned(), ..message };
        for one in [
            message(&hers, "a", "booked"),
            about("another", message(&hers, "a", "moved")),
            message(&his, "a", "his first"),
            about("another", sms(&hers, "by SMS")),
            urgent,
        ] {
            outbox::add(&mut t, &one, now()).await.unwrap();
        }
        let lease = async |t: &mut Connection, what, until| {
            let mut all = outbox::lease(t, what, until, 9).await.unwrap();
            all.sort_by(|a, b| a.id.cmp(&b.id));
            all
        };
        let subjects = |all: &[outbox::Leased]| all.iter().map(|one| one.subject.clone()).collect::<Vec<_>>();

        let first = lease(&mut t, email_at(now()), later(1)).await;
        assert_eq!(subjects(&first), ["booked", "his first"]);
        assert_eq!(lease(&mut t, sms_at(now(), false), later(1)).await, []);
        // A leased message is withdrawn and may be delivered all the same.
        outbox::withdraw(&mut t, "an appointment").await.unwrap();
        assert_eq!(lease(&mut t, email_at(now()), later(1)).await, []);
        outbox::sent(&mut t, &[&first[0].id], now()).await.unwrap();
        let second = lease(&mut t, email_at(now()), later(1)).await;
        assert_eq!(subjects(&second), ["moved"]);
        // A postponed message is not in transit, and neither is one that was given up.
        outbox::release(&mut t, &second[0]).await.unwrap();
        outbox::later(&mut t, &second[0], later(2)).await.unwrap();
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
                outbox::add(&mut t, &message(case, case, &number.to_string()), now()).await.unwrap();
            }
        }
        t.commit().await.unwrap();
        let sent = Arc::new(std::sync::Mutex::new(Vec::<(String, String)>::new()));
        race(6, |_| {
            let (store, sent) = (store.clone(), sent.clone());
            async move {
                while sent.lock().unwrap().len() < 60 {
                    let mut t = store.write().await.unwrap();
                    let leased = outbox::lease(&mut t, email_at(now()), later(1), 7).await.unwrap();
                    t.commit().await.unwrap();
                    for message in &leased {
                        tokio::task::yield_now().await;
                        sent.lock().unwrap().push((message.address.clone(), message.subject.clone()));
                    }
                    let ids: Vec<&MessageId> = leased.iter().map(|message| &message.id).collect();
                    let mut t = store.write().await.unwrap();
                    outbox::sent(&mut t, &ids, now()).await.unwrap();
                    t.commit().await.unwrap();
                }
                true
            }
        })
        .await;
        let sent = sent.lock().unwrap();
        assert_eq!(sent.len(), 60);
        for case in &cases {
            let order: Vec<&str> = sent.iter().filter(|(to, _)| *to == **case).map(|(_, number)| &**number).collect();
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
            let code = NewMessage { kind: Kind::Code, about: what.to_owned(), body, expires, ..of_no_case(what) };
            outbox::add(&mut t, &code, now()).await.unwrap();
        }
        let leased = outbox::lease(&mut t, email_at(now()), later(1), 9).await.unwrap();
        let id = |what: &str| leased.iter().find(|one| one.subject == what).unwrap().id.clone();
        outbox::sent(&mut t, &[&id("sent")], now()).await.unwrap();
        outbox::failed(&mut t, &id("failed"), DeliveryFailure::AddressRefused, now()).await.unwrap();
        outbox::withdraw(&mut t, "withdrawn").await.unwrap();
        outbox::expire(&mut t, email_at(later(1))).await.unwrap();
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
            bulk_actions::add(&mut t, bulk_actions::Kind::Close, "Oslo", audit::Actor::CommandLine, None, now())
                .await
                .unwrap();
        let of_action = |message| NewMessage { bulk_action: Some(action.clone()), ..message };
        let nowhere = NewMessage { fault: Some(DeliveryFailure::NoAddress), ..sms(&hers, "nowhere") };
        for one in [nowhere, sms(&hers, "called"), sms(&hers, "on its way"), sms(&hers, "waits")] {
            outbox::add(&mut t, &of_action(one), now()).await.unwrap();
        }
        let called = outbox::lease(&mut t, sms_at(now(), false), later(1), 1).await.unwrap().remove(0);
        outbox::failed(&mut t, &called.id, DeliveryFailure::AddressRefused, now()).await.unwrap();
        assert!(messages::called(&mut t, &called.id, now()).await.unwrap());
        let sent = outbox::lease(&mut t, sms_at(now(), false), later(1), 1).await.unwrap().remove(0);
        outbox::sent(&mut t, &[&sent.id], now()).await.unwrap();
        assert_eq!(messages::calls(&mut t, None).await.unwrap().len(), 1);

        persons::empty(&mut t, &asha, "asha@example.org", "2025-11-02".parse().unwrap()).await.unwrap();
        assert!(outbox::settle(&mut t, &sent.id, Delivery::Failed, later(1)).await.unwrap());
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
            bulk_actions::add(&mut t, bulk_actions::Kind::Close, "Oslo", audit::Actor::CommandLine, None, now())
                .await
                .unwrap();
        let old = NewMessage { bulk_action: Some(action.clone()), due: later(1), ..sms(&hers, "old") };
        for one in [message(&hers, "a", "on its way"), message(&hers, "a", "tried"), old] {
            outbox::add(&mut t, &one, now()).await.unwrap();
        }
        let tried = outbox::lease(&mut t, email_at(now()), later(1), 1).await.unwrap().remove(0);
        outbox::sent(&mut t, &[&tried.id], now()).await.unwrap();
        let tried = outbox::lease(&mut t, email_at(now()), later(1), 1).await.unwrap().remove(0);
        outbox::release(&mut t, &tried).await.unwrap();
        outbox::later(&mut t, &tried, later(5)).await.unwrap();
        let waiting = outbox::waiting(&mut t, &asha, now()).await.unwrap();
        assert_eq!(
            waiting.iter().map(|one| one.kind).collect::<Vec<_>>(),
            [Kind::Booked, Kind::CancelledByOffice],
            "in the order of writing"
        );
        let anew = NewMessage { body: "anew".to_owned(), ..message(&hers, "b", "anew") };
        for one in &waiting {
            outbox::rewrite(&mut t, &one.id, &anew, now()).await.unwrap();
        }
        // The rewritten message counts as a new one and is due at once; the other one keeps its due time.
        assert!(!outbox::is_still_leased(&mut t, &tried, now()).await.unwrap());
        let leased = outbox::lease(&mut t, email_at(now()), later(1), 9).await.unwrap();
        assert_eq!((leased.len(), leased[0].attempts, &*leased[0].address, &*leased[0].body), (1, 1, "b", "anew"));
        assert_ne!(leased[0].id, tried.id);
        assert_eq!(outbox::waiting(&mut t, &asha, now()).await.unwrap().len(), 1, "one is on its way");
        outbox::rewrite(&mut t, &leased[0].id, &message(&hers, "c", "too late"), now()).await.unwrap();
        outbox::sent(&mut t, &[&leased[0].id], now()).await.unwrap();
        let last = outbox::lease(&mut t, email_at(later(1)), later(2), 9).await.unwrap();
        assert_eq!((last.len(), &last[0].id, &*last[0].subject), (1, &waiting[1].id, "anew"));
        let told: Vec<_> = messages::of_person(&mut t, &asha).await.unwrap();
        assert!(told.iter().all(|one| one.address != "c"));
        let ledger = bulk_actions::list(&mut t).await.unwrap().remove(0).ledger;
        assert_eq!((ledger.to_tell, ledger.waiting), (1, 1), "it is the same message");
        t.commit().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_leased_twice() {
    on_both(async |store| {
        let mut t = store.write().await.unwrap();
        for number in 0..200 {
            outbox::add(&mut t, &of_no_case(&number.to_string()), now()).await.unwrap();
        }
        t.commit().await.unwrap();
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        race(8, |_| {
            let (store, seen) = (store.clone(), seen.clone());
            async move {
                loop {
                    let mut t = store.write().await.unwrap();
                    let leased = outbox::lease(&mut t, email_at(now()), later(1), 7).await.unwrap();
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

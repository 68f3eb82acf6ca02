//! Closures: an office takes its slots back.

use std::sync::Arc;

use api::{
    appointments::{CancelledBy, Status},
    ids::{ClosureId, MessageId},
    messages::{Delivery, DeliveryFailure, Kind},
};
use rules::{District, closure::Share, notice::Language};
use server::store::{
    Connection,
    appointments::{self, Claim},
    audit, bulk_actions, closures, holds, messages,
    outbox::{self, NewMessage},
    persons,
    slots::{self, Span},
};

use crate::fixture::{later, message, now, office, on_both, person, race, sms, sms_at, wanted};

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
        let about = NewMessage { about: his_id.to_string(), kind: Kind::Reminder, ..message(&his, "a", "reminder") };
        outbox::add_all(&mut t, &[about, message(&hers, "a", "kept")], now()).await.unwrap();
        persons::change(&mut t, &asha, Language::Nb, Some("+47 22 34 21 07")).await.unwrap();

        // A span from the second slot up to, but without, the fourth.
        let span = Span { office: &slots[0].office, from: slots[1].starts, until: slots[3].starts };
        let district = Some(District::Oslo);
        let close = bulk_actions::Kind::Close;
        let action =
            bulk_actions::add(&mut t, close, "Oslo", audit::Actor::CommandLine, district, now()).await.unwrap();
        let closure = ClosureId::from(action.clone());
        let booked = appointments::booked_in(&mut t, span).await.unwrap();
        slots::lock_all(&mut t, span).await.unwrap();
        slots::withdraw(&mut t, span, &closure).await.unwrap();
        let days = ("2020-11-02".parse().unwrap(), "2020-11-02".parse().unwrap());
        closures::add(&mut t, &closure, &slots[0].office, days, Share::CLOSED).await.unwrap();
        closures::record(&mut t, &closure).await.unwrap();
        let told: Vec<_> = booked.iter().map(|one| (&*one.applicant, &*one.email, one.language)).collect();
        assert_eq!(told, [("omar", "omar@example.org", Language::En)]);
        let withdrawn = appointments::cancel_of(&mut t, &closure, later(1)).await.unwrap();
        assert_eq!(withdrawn.len(), 1);
        closures::record_messages(&mut t, &closure, &withdrawn).await.unwrap();
        assert_eq!(closures::unsaid(&mut t, &closure, now()).await.unwrap()[0].kind, Kind::Reminder);
        let nowhere = NewMessage { fault: Some(DeliveryFailure::NoAddress), ..sms(&his, "nowhere") };
        let of_action = |message| NewMessage { bulk_action: Some(action.clone()), ..message };
        // At most one message of a case is leased at a time.
        let all = [("a", &hers), ("b", &his), ("c", &theirs), ("d", &his)];
        let all = all.map(|(subject, case)| of_action(sms(case, subject)));
        outbox::add_all(&mut t, &all, now()).await.unwrap();
        outbox::add(&mut t, &of_action(nowhere), now()).await.unwrap();

        assert_eq!(slots::free(&mut t, wanted(), now(), 9).await.unwrap(), slots[3..]);
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
        let ids: Vec<MessageId> = outbox::lease(&mut t, sms_at(now(), false), later(1), 3)
            .await
            .unwrap()
            .into_iter()
            .map(|one| one.id)
            .collect();
        outbox::sent(&mut t, &[&ids[0], &ids[1]], now()).await.unwrap();
        outbox::settle(&mut t, &ids[1], Delivery::Delivered, now()).await.unwrap();
        outbox::failed(&mut t, &ids[2], DeliveryFailure::AddressRefused, now()).await.unwrap();
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
                let action =
                    bulk_actions::add(&mut t, close, "Oslo", audit::Actor::CommandLine, None, now()).await.unwrap();
                let closure = ClosureId::from(action.clone());
                let days = ("2020-11-02".parse().unwrap(), "2020-12-31".parse().unwrap());
                closures::add(&mut t, &closure, &slots[0].office, days, Share::CLOSED).await.unwrap();
                slots::withdraw(&mut t, span, &closure).await.unwrap();
                closures::record(&mut t, &closure).await.unwrap();
                let booked = appointments::booked_in(&mut t, span).await.unwrap().len();
                appointments::cancel_of(&mut t, &closure, now()).await.unwrap();
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

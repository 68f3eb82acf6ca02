//! Appointments and holds.

use api::{
    appointments::{CancelledBy, Status},
    ids::CaseId,
};
use server::store::{
    appointments::{self, Claim, Event},
    cases, holds, records,
    slots::{self, Wanted},
};

use crate::fixture::{later, now, office, on_both, person, wanted};

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
        assert_eq!(slots::count_free(&mut t, wanted(), now()).await.unwrap(), 1);
        let taken = slots::find_for(&mut t, &slots[0].id, wanted(), now()).await.unwrap().unwrap();
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
        assert_eq!((&event, &newest), (&Event { id: first.to_string(), sequence: 0 }, &first));
        appointments::cancel(&mut t, &first, CancelledBy::Applicant, now()).await.unwrap();
        assert_eq!(appointments::event(&mut t, &first).await.unwrap().unwrap().0.sequence, 1);
        let next = Event { sequence: 2, ..event };
        let claim = appointments::claim(&mut t, &slots[1], &hers, Some(next.clone()), now()).await.unwrap();
        let Claim::Booked { id: second, .. } = claim else { panic!("it was free") };
        for id in [&first, &second] {
            assert_eq!(appointments::event(&mut t, id).await.unwrap(), Some((next.clone(), second.clone())));
        }
        assert_eq!(appointments::event(&mut t, &"nothing".into()).await.unwrap(), None);
        let all = appointments::of_person(&mut t, &asha).await.unwrap();
        let short: Vec<_> = all.iter().map(|one| (&one.id, one.status)).collect();
        assert_eq!(short, [(&first, Status::Cancelled), (&second, Status::Booked)]);
        assert_eq!(appointments::of_person(&mut t, &omar).await.unwrap(), []);
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
        let seen = async |t: &mut server::store::Connection, case: &CaseId| {
            let wanted = Wanted { case, ..wanted() };
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

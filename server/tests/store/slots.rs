//! Offices and their slots.

use api::{holds::Hold, offices::OfficeKind};
use rules::{ApplicationType, District};
use server::store::{
    holds, offices,
    slots::{self, Meant, Wanted},
};

use crate::fixture::{OSLO, WORK, later, now, office, on_both, person, wanted};

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
        assert_eq!(slots::free(&mut c, wanted(), now(), 10).await.unwrap(), slots);
        assert_eq!(slots::free(&mut c, wanted(), later(1), 1).await.unwrap(), slots[1..2]);
        assert_eq!(slots::count_free(&mut c, wanted(), later(1)).await.unwrap(), 2);
        assert!(slots::is_any_free(&mut c, wanted(), later(2)).await.unwrap());
        assert!(!slots::is_any_free(&mut c, wanted(), later(3)).await.unwrap());
        let found = slots::find_for(&mut c, &slots[0].id, wanted(), now()).await.unwrap();
        assert_eq!(found, Some(Meant { slot: slots[0].clone(), office: all[0].clone(), free: true }));
        assert_eq!(
            slots::find_for(&mut c, &slots[0].id, Wanted { district: District::Vest, ..wanted() }, now())
                .await
                .unwrap(),
            None
        );
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
            let wanted = Wanted { case, ..wanted() };
            assert_eq!(slots::free(&mut t, wanted, at, 10).await.unwrap(), expected);
            assert_eq!(slots::count_free(&mut t, wanted, at).await.unwrap(), expected.len() as u64);
            assert!(slots::is_any_free(&mut t, wanted, at).await.unwrap());
        }
        for (case, at, free) in [(&hers, now(), true), (&his, now(), false), (&his, later(1), true)] {
            let wanted = Wanted { case, ..wanted() };
            assert_eq!(slots::find_for(&mut t, &slots[0].id, wanted, at).await.unwrap().unwrap().free, free);
        }
        holds::take(&mut t, &slots[1].id, &hers, now(), later(2)).await.unwrap();
        holds::take(&mut t, &slots[0].id, &his, now(), later(2)).await.unwrap();
        let nobody = "".into();
        let third = Wanted { case: &nobody, ..wanted() };
        assert!(!slots::is_any_free(&mut t, third, now()).await.unwrap());
        t.commit().await.unwrap();
    })
    .await;
}

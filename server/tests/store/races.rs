//! Races: of several transactions that want the same, one gets it.

use api::{appointments::CancelledBy, cases::Case};
use rules::notice::Language;
use server::store::{
    appointments::{self, Claim},
    cases, holds,
    locks::{self, Lock},
    new_id, persons, sessions,
};

use crate::fixture::{later, now, office, on_both, person, race};

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
                locks::acquire(&mut t, Lock::Person(&asha), now()).await.unwrap();
                let claim = appointments::claim(&mut t, &slot, &case, None, now()).await.unwrap();
                t.commit().await.unwrap();
                matches!(claim, Claim::Booked { .. })
            }
        });
        assert_eq!(won.await, 2);
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

//! The demo: people, offices and slots to try the service with, on this machine only. `main` calls it. Their data is in `data`,
//! the mailbox page in `http/demo.rs`.

mod data;

use std::process::ExitCode;

use api::{
    cases::Slot,
    offices::{Hours, Office},
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use rules::notice::Language;

use crate::{
    cli::{Options, open},
    demo::data::{OFFICERS, OFFICES, PEOPLE, PHONE, RECORDS},
    http, serve,
    state::Mode,
    store::{
        Store, cases,
        locks::{self, Lock},
        new_id, officers, offices, persons, records, slots,
    },
};

/// Serves the demo, after filling an empty database. Fails if a setting is wrong.
pub async fn run(mut options: Options) -> anyhow::Result<ExitCode> {
    serve::begin_log(options.log);
    // Files, because the mailbox page reads them.
    options.transports.mail_into_files = true;
    options.transports.sms_into_files = true;
    let state = open::open(&options, Mode::Demo).await?;
    seed(&state.store, state.clock.now()).await?;
    let now = rules::day::oslo_time(state.clock.now()).format("%A %-d %B %Y, %H:%M");
    let more = http::demo::router(&state);
    serve::serve(&options, state, more, |address| {
        println!("The clock started at {now} in Oslo.\n");
        println!("Sign in as one of these; their e-mails are at http://{address}/demo/mail");
        for person in PEOPLE {
            println!("  {:<20} {}", person.email, person.tries);
        }
        println!();
    })
    .await
}

/// Fills an empty database; one with offices is left unchanged. Fails if the database does.
pub async fn seed(store: &Store, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut transaction = store.write().await?;
    // Several servers may start at once: one fills the database and the others wait.
    locks::acquire(&mut transaction, Lock::Demo, now).await?;
    if offices::count(&mut transaction).await? > 0 {
        return Ok(());
    }
    for demo in OFFICES {
        let office = Office {
            id: new_id(),
            name: demo.name.to_owned(),
            kind: demo.kind,
            district: demo.district,
            address: demo.address.to_owned(),
            phone: PHONE.to_owned(),
            hours: demo.hours.iter().map(|day| Hours { day: *day, from: 9 * 60, to: 15 * 60 }).collect(),
            bring: demo.bring.to_vec(),
            posts: demo.posts,
        };
        offices::add(&mut transaction, &office, demo.types).await?;
        for day in working_days_after(rules::day::in_oslo(now)).take(demo.days) {
            for (hour, minute) in demo.times {
                let Some(starts) = rules::day::from_oslo(day, *hour, *minute) else { continue };
                let slot = Slot { id: new_id(), office: office.id.clone(), starts, minutes: 30 };
                slots::add(&mut transaction, &slot, demo.types).await?;
            }
        }
    }
    for (name, district, role) in OFFICERS {
        officers::add(&mut transaction, name, *district, *role, now).await?;
    }
    for (demo, (year, month, day)) in RECORDS {
        let Some(born) = NaiveDate::from_ymd_opt(*year, *month, *day) else { continue };
        records::add(&mut transaction, &demo.case(), born).await?;
    }
    for demo in PEOPLE {
        let person = persons::find_or_add(&mut transaction, demo.email, Language::En, now).await?;
        for demo in demo.cases {
            cases::add(&mut transaction, &person, &demo.case()).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

fn working_days_after(day: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (1..)
        .map_while(move |count| day.checked_add_days(Days::new(count)))
        .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !rules::holiday::is_holiday(*day))
}

//! Downloads of an appointment: the calendar file and the QR code.

use reqwest::StatusCode;

use super::{Someone, event, seen};
use crate::common::{MONDAY, Records, path_of};

#[tokio::test]
async fn an_appointment_goes_into_a_calendar() {
    let records = Records::new(0).await;
    // The change to summer time lies between the two days.
    let (friday, monday) =
        (records.slot_at("2021-03-26T09:00:00+01:00").await, records.slot_at("2021-03-29T09:00:00+02:00").await);
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let omar = Someone::comes(&records, &server, "Omar Haddad").await;
    let first = asha.book(&friday).await.body;
    let file = asha.visitor.get(&path_of(&first, "/calendar.ics")).await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    let name = format!("attachment; filename=\"{}.ics\"", first["number"].as_str().unwrap());
    assert_eq!(file.headers["content-disposition"], name);
    let number = format!(
        "Booking number {}\\nBring: passport\\, the booking number\\nhttp://localhost:0/appointments/{}",
        first["number"].as_str().unwrap(),
        first["id"].as_str().unwrap()
    );
    for (name, value) in [
        ("VERSION", "2.0"),
        ("METHOD", "PUBLISH"),
        ("DTSTART", "20210326T080000Z"),
        ("DTEND", "20210326T083000Z"),
        ("STATUS", "CONFIRMED"),
        ("SUMMARY", "Appointment with the police: Asha Rao"),
        ("DESCRIPTION", &number),
        ("LOCATION", "Oslo\\, Storgata 1"),
    ] {
        assert_eq!(event(&file)[name], value);
    }
    assert!(event(&file)["DTSTAMP"].starts_with("20201102T080"), "{file:?}");
    assert!(event(&file)["PRODID"].len() > 1);

    let second = asha.visitor.move_to(&first, &monday).await.body;
    let file = event(&asha.visitor.get(&path_of(&second, "/calendar.ics")).await);
    assert_eq!((&*file["DTSTART"], &*file["DTEND"]), ("20210329T070000Z", "20210329T073000Z"));
    assert!(asha.told().await.contains("29 March 2021 at 09:00"), "in both it is nine in Oslo");

    let qr = asha.visitor.get(&path_of(&second, "/qr.svg")).await;
    let svg = qr.body.as_str().unwrap();
    assert_eq!((qr.status, &qr.headers["content-type"]), (StatusCode::OK, &"image/svg+xml".parse().unwrap()));
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && svg.contains("<path"), "{svg:.200}");
    for of in ["", "/calendar.ics", "/qr.svg"] {
        assert_eq!(seen(&omar.visitor.get(&path_of(&second, of)).await), (404, "not-found", None), "{of}");
    }
}

//! Contact details of UDI, as published on udi.no under "Contact us". The notice of 26.10.2020 says to call or to
//! write, and names neither number nor address.

/// UDI's telephone number, as displayed.
pub const PHONE: &str = "23 35 16 00";
/// `tel:` link of the same number.
pub const CALL: &str = "tel:+4723351600";
/// The Application Portal, in which applications are submitted.
pub const PORTAL: &str = "https://selfservice.udi.no/";
const ADDRESS: &str = "udi@udi.no";

/// `mailto:` link with a subject and a body.
pub fn mail(subject: &str, body: &str) -> String {
    let encoded = |text: &str| String::from(js_sys::encode_uri_component(text));
    format!("mailto:{ADDRESS}?subject={}&body={}", encoded(subject), encoded(body))
}

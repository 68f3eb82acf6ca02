//! Every URL of the page.

pub const START: &str = "/";
pub const CHECK: &str = "/check";
pub const SIGN_IN: &str = "/sign-in";
pub const CASES: &str = "/cases";
pub const PROFILE: &str = "/profile";
pub const MY_DATA: &str = "/api/account/data";
pub const DEMO_MAIL: &str = "/demo/mail";

pub fn times(case: &str) -> String {
    format!("/cases/{case}/times")
}

pub fn case(case: &str) -> String {
    format!("/cases/{case}")
}

/// The free times for an appointment that is to be moved.
pub fn change(case: &str) -> String {
    format!("/cases/{case}/change")
}

pub fn confirm_change(case: &str, slot: &str) -> String {
    format!("/cases/{case}/change/{slot}")
}

/// The slots and cases of several who book together, the first of whom is in the path.
pub fn confirm_together(case: &str, slot: &str, others: &[(String, String)]) -> String {
    let others: Vec<String> = others.iter().map(|(case, slot)| format!("{case}_{slot}")).collect();
    format!("/cases/{case}/times/{slot}/with/{}", others.join("_"))
}

/// The others in such a path: case and slot.
pub fn others(part: &str) -> Vec<(String, String)> {
    let ids: Vec<&str> = part.split('_').collect();
    ids.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

pub fn calendar(appointment: &str) -> String {
    format!("/api/appointments/{appointment}/calendar.ics")
}

pub fn qr(appointment: &str) -> String {
    format!("/api/appointments/{appointment}/qr.svg")
}

/// A map with an address in the middle.
pub fn map(address: &str) -> String {
    format!("https://www.openstreetmap.org/search?query={}", js_sys::encode_uri_component(address))
}

pub fn confirm(case: &str, slot: &str) -> String {
    format!("/cases/{case}/times/{slot}")
}

pub fn receipt(appointment: &str) -> String {
    format!("/appointments/{appointment}")
}

/// Sign-in that leads back to where one was.
pub fn sign_in_to(path: &str) -> String {
    format!("{SIGN_IN}?to={path}")
}

/// Where sign-in may lead back to: this page only, never another site. Our paths are made of few characters, and none
/// of the tricks with dots, percent signs, tabs or backslashes is among them.
pub fn is_own(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains("//")
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[wasm_bindgen_test::wasm_bindgen_test]
    fn sign_in_leads_to_no_other_site() {
        for (path, own) in [
            ("/cases", true),
            ("/cases/0198-a/times", true),
            ("/", true),
            ("", false),
            ("//evil", false),
            ("https://evil", false),
            ("/\\evil", false),
            ("/\t/evil", false),
            ("/%09/evil", false),
            ("/.//evil", false),
        ] {
            assert_eq!(is_own(path), own, "{path}");
        }
    }
}

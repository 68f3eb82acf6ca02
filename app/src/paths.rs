//! Every URL of the page.

/// A page, with what its address names.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Start,
    Check,
    SignIn,
    Cases,
    Times { case: String },
    Confirm { case: String, slot: String },
    Receipt { appointment: String },
    Nowhere,
}

impl Place {
    pub fn of(path: &str) -> Place {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let named = |segment: &str| segment.to_owned();
        match segments[..] {
            [] => Place::Start,
            ["check"] => Place::Check,
            ["sign-in"] => Place::SignIn,
            ["cases"] => Place::Cases,
            ["cases", case, "times"] => Place::Times { case: named(case) },
            ["cases", case, "times", slot] => Place::Confirm { case: named(case), slot: named(slot) },
            ["appointments", id] => Place::Receipt { appointment: named(id) },
            _ => Place::Nowhere,
        }
    }
}

pub const START: &str = "/";
pub const CHECK: &str = "/check";
pub const SIGN_IN: &str = "/sign-in";
pub const CASES: &str = "/cases";
pub const DEMO_MAIL: &str = "/demo/mail";

pub fn times(case: &str) -> String {
    format!("/cases/{case}/times")
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
    fn every_path_leads_to_its_page() {
        let (case, slot, appointment) = ("0198-a".to_owned(), "0198-b".to_owned(), "0198-c".to_owned());
        for (path, place) in [
            (START, Place::Start),
            (CHECK, Place::Check),
            ("/check/", Place::Check),
            (SIGN_IN, Place::SignIn),
            (CASES, Place::Cases),
            (&times(&case), Place::Times { case: case.clone() }),
            (&confirm(&case, &slot), Place::Confirm { case, slot }),
            (&receipt(&appointment), Place::Receipt { appointment }),
            ("/appointments", Place::Nowhere),
            ("/nothing", Place::Nowhere),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }

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

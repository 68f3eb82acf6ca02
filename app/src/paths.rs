//! Every URL of the app and of the files it links to. `Place::of` parses a path; the functions build one.
//! `api::pages::is_page` is the server's list of the same pages, and a test compares the two.

/// A page with the parameters of its path.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Start,
    Check,
    SignIn,
    Cases,
    Case {
        case: String,
    },
    /// Sending documents, and their state.
    Documents {
        case: String,
    },
    Times {
        case: String,
        purpose: Purpose,
    },
    /// `others` are the people who book together: their cases and slots.
    Confirm {
        case: String,
        purpose: Purpose,
        slot: String,
        others: Vec<(String, String)>,
    },
    Profile,
    Receipt {
        appointment: String,
    },
    Desk(Desk),
    Nowhere,
}

/// A page of the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum Desk {
    Home,
    SignIn,
    /// Passkey registration, for an officer with a link.
    Join,
    Times,
    Close,
    /// A closure and the progress of its messages.
    Closure {
        closure: String,
    },
    Invite,
    /// A request for documents to many cases.
    Asking {
        asking: String,
    },
    Find,
    Case {
        case: String,
    },
    Calls,
    /// Received documents, and cases whose sending has failed.
    Inbox,
    Document {
        document: String,
    },
    Import,
    Numbers,
    Audit,
    Officers,
    /// An officer's passkeys and sessions, for administrators.
    Access {
        officer: String,
    },
    /// The officer's own passkeys and sessions.
    Account,
    Notices,
    /// A draft of a policy document.
    Draft {
        draft: String,
    },
}

/// The purpose of choosing a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Book,
    /// A move of the existing appointment.
    Change,
}

impl Place {
    /// The page of a path; `Place::Nowhere` for an unknown path.
    pub fn of(path: &str) -> Place {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let named = |segment: &str| segment.to_owned();
        match segments[..] {
            [] => Place::Start,
            ["check"] => Place::Check,
            ["sign-in"] => Place::SignIn,
            ["cases"] => Place::Cases,
            ["profile"] => Place::Profile,
            ["cases", case] => Place::Case { case: named(case) },
            ["cases", case, "documents"] => Place::Documents { case: named(case) },
            ["cases", case, "times"] => Place::Times { case: named(case), purpose: Purpose::Book },
            ["cases", case, "change"] => Place::Times { case: named(case), purpose: Purpose::Change },
            ["cases", case, "change", slot] => {
                Place::Confirm { case: named(case), purpose: Purpose::Change, slot: named(slot), others: Vec::new() }
            }
            ["cases", case, "times", slot, ref rest @ ..] => {
                let others = match *rest {
                    [] => Vec::new(),
                    ["with", others] => others_in(others),
                    _ => return Place::Nowhere,
                };
                Place::Confirm { case: named(case), purpose: Purpose::Book, slot: named(slot), others }
            }
            ["desk", ref rest @ ..] => Desk::of(rest).map_or(Place::Nowhere, Place::Desk),
            ["appointments", id] => Place::Receipt { appointment: named(id) },
            _ => Place::Nowhere,
        }
    }
}

impl Place {
    /// Returns `true` if the page needs an applicant's session.
    pub fn is_applicants(&self) -> bool {
        match self {
            Place::Cases
            | Place::Case { .. }
            | Place::Documents { .. }
            | Place::Times { .. }
            | Place::Confirm { .. }
            | Place::Profile
            | Place::Receipt { .. } => true,
            Place::Start | Place::Check | Place::SignIn | Place::Desk(_) | Place::Nowhere => false,
        }
    }

    /// Returns `true` if the page needs an officer's session.
    pub fn is_officers(&self) -> bool {
        matches!(self, Place::Desk(place) if !matches!(place, Desk::SignIn | Desk::Join))
    }
}

impl Desk {
    fn of(segments: &[&str]) -> Option<Desk> {
        let place = match *segments {
            [] => Desk::Home,
            ["sign-in"] => Desk::SignIn,
            ["join"] => Desk::Join,
            ["times"] => Desk::Times,
            ["close"] => Desk::Close,
            ["closures", closure] => Desk::Closure { closure: closure.to_owned() },
            ["invite"] => Desk::Invite,
            ["invitations", asking] => Desk::Asking { asking: asking.to_owned() },
            ["find"] => Desk::Find,
            ["cases", case] => Desk::Case { case: case.to_owned() },
            ["calls"] => Desk::Calls,
            ["documents"] => Desk::Inbox,
            ["documents", document] => Desk::Document { document: document.to_owned() },
            ["import"] => Desk::Import,
            ["numbers"] => Desk::Numbers,
            ["audit"] => Desk::Audit,
            ["officers"] => Desk::Officers,
            ["officers", officer] => Desk::Access { officer: officer.to_owned() },
            ["account"] => Desk::Account,
            ["notices"] => Desk::Notices,
            ["notices", draft] => Desk::Draft { draft: draft.to_owned() },
            _ => return None,
        };
        Some(place)
    }
}

/// Paths of the desk's pages.
pub const DESK: &str = "/desk";
pub const DESK_SIGN_IN: &str = "/desk/sign-in";
pub const DESK_TIMES: &str = "/desk/times";
pub const DESK_CLOSE: &str = "/desk/close";
pub const DESK_INVITE: &str = "/desk/invite";
pub const DESK_FIND: &str = "/desk/find";
pub const DESK_CALLS: &str = "/desk/calls";
pub const DESK_DOCUMENTS: &str = "/desk/documents";
pub const DESK_IMPORT: &str = "/desk/import";
pub const DESK_NUMBERS: &str = "/desk/numbers";
pub const DESK_AUDIT: &str = "/desk/audit";
pub const DESK_OFFICERS: &str = "/desk/officers";
pub const DESK_NOTICES: &str = "/desk/notices";
pub const DESK_ACCOUNT: &str = "/desk/account";

/// CSV file of the statistics.
pub const DESK_NUMBERS_CSV: &str = "/api/desk/numbers.csv";

/// JSON file of a receipt of the audit log.
pub fn desk_receipt(receipt: &str) -> String {
    format!("/api/desk/audit/receipts/{receipt}")
}

/// Path of a closure.
pub fn desk_closure(closure: &str) -> String {
    format!("/desk/closures/{closure}")
}

/// Path of a request for documents to many cases.
pub fn desk_asking(asking: &str) -> String {
    format!("/desk/invitations/{asking}")
}

/// Path of a draft of a policy document.
pub fn desk_draft(draft: &str) -> String {
    format!("/desk/notices/{draft}")
}

/// Path of an officer's passkeys and sessions.
pub fn desk_access(officer: &str) -> String {
    format!("{DESK_OFFICERS}/{officer}")
}

/// Path of a case at the desk.
pub fn desk_case(case: &str) -> String {
    format!("/desk/cases/{case}")
}

/// Path of a document's review.
pub fn desk_document(document: &str) -> String {
    format!("{DESK_DOCUMENTS}/{document}")
}

/// Image of one page of a document. Pages count from 1.
pub fn desk_page(document: &str, page: u64) -> String {
    format!("/api/desk/documents/{document}/pages/{page}")
}

/// The document as it was sent.
pub fn desk_original(document: &str) -> String {
    format!("/api/desk/documents/{document}/original")
}

/// All documents of a case as a ZIP file.
pub fn desk_archive(case: &str) -> String {
    format!("/api/desk/cases/{case}/documents.zip")
}

/// Paths of the public pages and the applicants' pages.
pub const START: &str = "/";
/// The list of offices on the start page.
pub const PLACES: &str = "/#places";
pub const CHECK: &str = "/check";
pub const SIGN_IN: &str = "/sign-in";
pub const CASES: &str = "/cases";
pub const PROFILE: &str = "/profile";
/// JSON file with the applicant's own data.
pub const MY_DATA: &str = "/api/account/data";
/// The demo's mailbox, rendered by the server.
pub const DEMO_MAIL: &str = "/demo/mail";

/// Path of a case.
pub fn case(case: &str) -> String {
    format!("/cases/{case}")
}

/// Path of a case's documents.
pub fn documents(case: &str) -> String {
    format!("/cases/{case}/documents")
}

/// Path of the available slots of a case.
pub fn times(case: &str, purpose: Purpose) -> String {
    format!("/cases/{case}/{}", word(purpose))
}

fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Book => "times",
        Purpose::Change => "change",
    }
}

/// Path to the confirmation for several people. The first one's case and slot are in the path, the others follow
/// `with`.
pub fn confirm_together(case: &str, slot: &str, others: &[(String, String)]) -> String {
    let others: Vec<String> = others.iter().map(|(case, slot)| format!("{case}_{slot}")).collect();
    format!("/cases/{case}/times/{slot}/with/{}", others.join("_"))
}

fn others_in(part: &str) -> Vec<(String, String)> {
    let ids: Vec<&str> = part.split('_').collect();
    ids.chunks_exact(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect()
}

/// Calendar file of an appointment.
pub fn calendar(appointment: &str) -> String {
    format!("/api/appointments/{appointment}/calendar.ics")
}

/// QR code of an appointment's number, as SVG.
pub fn qr(appointment: &str) -> String {
    format!("/api/appointments/{appointment}/qr.svg")
}

/// Calendar file of the day on which an office posts new times.
pub fn posting(office: &str, language: rules::notice::Language) -> String {
    use rules::Coded;
    format!("/api/offices/{office}/posting.ics?lang={}", language.code())
}

/// `tel:` link of a telephone number.
pub fn call(phone: &str) -> String {
    format!("tel:{}", phone.replace(' ', ""))
}

/// OpenStreetMap link to an address.
pub fn map(address: &str) -> String {
    format!("https://www.openstreetmap.org/search?query={}", js_sys::encode_uri_component(address))
}

/// Path to the confirmation of a slot.
pub fn confirm(case: &str, purpose: Purpose, slot: &str) -> String {
    format!("/cases/{case}/{}/{slot}", word(purpose))
}

/// Path of an appointment's receipt.
pub fn receipt(appointment: &str) -> String {
    format!("/appointments/{appointment}")
}

/// Path of sign-in that leads back to `path`.
pub fn sign_in_to(path: &str) -> String {
    format!("{SIGN_IN}?to={path}")
}

/// Like `sign_in_to`, for officers.
pub fn desk_sign_in_to(path: &str) -> String {
    format!("{DESK_SIGN_IN}?to={path}")
}

/// Open-redirect check for the `to` parameter of sign-in: returns `true` for a path of this app only. The allowed
/// characters are those of our own paths; dots, percent signs, tabs and backslashes are not among them.
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
        let family = vec![("0198-d".to_owned(), "0198-e".to_owned()), ("0198-f".to_owned(), "0198-0".to_owned())];
        let confirmed = |purpose, others| Place::Confirm { case: case.clone(), purpose, slot: slot.clone(), others };
        for (path, place) in [
            (START, Place::Start),
            (CHECK, Place::Check),
            ("/check/", Place::Check),
            (SIGN_IN, Place::SignIn),
            (CASES, Place::Cases),
            (PROFILE, Place::Profile),
            (&super::case(&case), Place::Case { case: case.clone() }),
            (&documents(&case), Place::Documents { case: case.clone() }),
            (&times(&case, Purpose::Book), Place::Times { case: case.clone(), purpose: Purpose::Book }),
            (&times(&case, Purpose::Change), Place::Times { case: case.clone(), purpose: Purpose::Change }),
            (&confirm(&case, Purpose::Change, &slot), confirmed(Purpose::Change, Vec::new())),
            (&confirm(&case, Purpose::Book, &slot), confirmed(Purpose::Book, Vec::new())),
            (&confirm_together(&case, &slot, &family), confirmed(Purpose::Book, family.clone())),
            ("/cases/0198-a/times/0198-b/0198-c", Place::Nowhere),
            (&receipt(&appointment), Place::Receipt { appointment: appointment.clone() }),
            ("/appointments", Place::Nowhere),
            (DESK, Place::Desk(Desk::Home)),
            (DESK_SIGN_IN, Place::Desk(Desk::SignIn)),
            ("/desk/join", Place::Desk(Desk::Join)),
            (DESK_TIMES, Place::Desk(Desk::Times)),
            (DESK_CLOSE, Place::Desk(Desk::Close)),
            (&desk_closure(&case), Place::Desk(Desk::Closure { closure: case.clone() })),
            (DESK_INVITE, Place::Desk(Desk::Invite)),
            (&desk_asking(&case), Place::Desk(Desk::Asking { asking: case.clone() })),
            (DESK_FIND, Place::Desk(Desk::Find)),
            (&desk_case(&case), Place::Desk(Desk::Case { case: case.clone() })),
            (DESK_CALLS, Place::Desk(Desk::Calls)),
            (DESK_DOCUMENTS, Place::Desk(Desk::Inbox)),
            (&desk_document(&case), Place::Desk(Desk::Document { document: case.clone() })),
            (DESK_IMPORT, Place::Desk(Desk::Import)),
            (DESK_NUMBERS, Place::Desk(Desk::Numbers)),
            (DESK_AUDIT, Place::Desk(Desk::Audit)),
            (DESK_OFFICERS, Place::Desk(Desk::Officers)),
            (DESK_NOTICES, Place::Desk(Desk::Notices)),
            (&desk_draft(&case), Place::Desk(Desk::Draft { draft: case.clone() })),
            ("/desk/nothing", Place::Nowhere),
            ("/nothing", Place::Nowhere),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
            assert_eq!(::api::pages::is_page(path), place != Place::Nowhere, "the server answers otherwise: {path}");
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

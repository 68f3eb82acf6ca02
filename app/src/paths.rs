//! Every URL of the app and of the files it links to. `Place::of` parses a path; the functions build one.
//! `api::pages::is_page` is the server's list of the same pages, and a test compares the two.

use ::api::ids::{
    AppointmentId, CaseId, ClosureId, DocumentId, DraftId, OfficeId, OfficerId, ReceiptId, RoundId, SlotId,
};

/// A page with the parameters of its path.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    Start,
    Check,
    SignIn,
    Cases,
    Case {
        case: CaseId,
    },
    /// Sending documents, and their state.
    Documents {
        case: CaseId,
    },
    Times {
        case: CaseId,
        purpose: Purpose,
    },
    /// `others` are the people who book together: their cases and slots.
    Confirm {
        case: CaseId,
        purpose: Purpose,
        slot: SlotId,
        others: Vec<(CaseId, SlotId)>,
    },
    Profile,
    Receipt {
        appointment: AppointmentId,
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
        closure: ClosureId,
    },
    Invite,
    /// A request for documents to many cases.
    Asking {
        asking: RoundId,
    },
    Find,
    Case {
        case: CaseId,
    },
    Calls,
    /// Received documents, and cases whose sending has failed.
    Inbox,
    Document {
        document: DocumentId,
    },
    Import,
    Numbers,
    Audit,
    Officers,
    /// An officer's passkeys and sessions, for administrators.
    Access {
        officer: OfficerId,
    },
    /// The officer's own passkeys and sessions.
    Account,
    Notices,
    /// A draft of a policy document.
    Draft {
        draft: DraftId,
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
        match segments[..] {
            [] => Place::Start,
            ["check"] => Place::Check,
            ["sign-in"] => Place::SignIn,
            ["cases"] => Place::Cases,
            ["profile"] => Place::Profile,
            ["cases", case] => Place::Case { case: case.into() },
            ["cases", case, "documents"] => Place::Documents { case: case.into() },
            ["cases", case, "times"] => Place::Times { case: case.into(), purpose: Purpose::Book },
            ["cases", case, "change"] => Place::Times { case: case.into(), purpose: Purpose::Change },
            ["cases", case, "change", slot] => {
                Place::Confirm { case: case.into(), purpose: Purpose::Change, slot: slot.into(), others: Vec::new() }
            }
            ["cases", case, "times", slot, ref rest @ ..] => {
                let others = match *rest {
                    [] => Vec::new(),
                    ["with", others] => others_in(others),
                    _ => return Place::Nowhere,
                };
                Place::Confirm { case: case.into(), purpose: Purpose::Book, slot: slot.into(), others }
            }
            ["desk", ref rest @ ..] => Desk::of(rest).map_or(Place::Nowhere, Place::Desk),
            ["appointments", id] => Place::Receipt { appointment: id.into() },
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
            ["closures", closure] => Desk::Closure { closure: closure.into() },
            ["invite"] => Desk::Invite,
            ["invitations", asking] => Desk::Asking { asking: asking.into() },
            ["find"] => Desk::Find,
            ["cases", case] => Desk::Case { case: case.into() },
            ["calls"] => Desk::Calls,
            ["documents"] => Desk::Inbox,
            ["documents", document] => Desk::Document { document: document.into() },
            ["import"] => Desk::Import,
            ["numbers"] => Desk::Numbers,
            ["audit"] => Desk::Audit,
            ["officers"] => Desk::Officers,
            ["officers", officer] => Desk::Access { officer: officer.into() },
            ["account"] => Desk::Account,
            ["notices"] => Desk::Notices,
            ["notices", draft] => Desk::Draft { draft: draft.into() },
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
pub fn desk_receipt(receipt: &ReceiptId) -> String {
    format!("/api/desk/audit/receipts/{receipt}")
}

/// Path of a closure.
pub fn desk_closure(closure: &ClosureId) -> String {
    format!("/desk/closures/{closure}")
}

/// Path of a request for documents to many cases.
pub fn desk_asking(asking: &RoundId) -> String {
    format!("/desk/invitations/{asking}")
}

/// Path of a draft of a policy document.
pub fn desk_draft(draft: &DraftId) -> String {
    format!("/desk/notices/{draft}")
}

/// Path of an officer's passkeys and sessions.
pub fn desk_access(officer: &OfficerId) -> String {
    format!("{DESK_OFFICERS}/{officer}")
}

/// Path of a case at the desk.
pub fn desk_case(case: &CaseId) -> String {
    format!("/desk/cases/{case}")
}

/// Path of a document's review.
pub fn desk_document(document: &DocumentId) -> String {
    format!("{DESK_DOCUMENTS}/{document}")
}

/// Image of one page of a document. Pages count from 1.
pub fn desk_page(document: &DocumentId, page: u64) -> String {
    format!("/api/desk/documents/{document}/pages/{page}")
}

/// The document as it was sent.
pub fn desk_original(document: &DocumentId) -> String {
    format!("/api/desk/documents/{document}/original")
}

/// All documents of a case as a ZIP file.
pub fn desk_archive(case: &CaseId) -> String {
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
pub fn case(case: &CaseId) -> String {
    format!("/cases/{case}")
}

/// Path of a case's documents.
pub fn documents(case: &CaseId) -> String {
    format!("/cases/{case}/documents")
}

/// Path of the available slots of a case.
pub fn times(case: &CaseId, purpose: Purpose) -> String {
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
pub fn confirm_together(case: &CaseId, slot: &SlotId, others: &[(CaseId, SlotId)]) -> String {
    let others: Vec<String> = others.iter().map(|(case, slot)| format!("{case}_{slot}")).collect();
    format!("/cases/{case}/times/{slot}/with/{}", others.join("_"))
}

fn others_in(part: &str) -> Vec<(CaseId, SlotId)> {
    let ids: Vec<&str> = part.split('_').collect();
    ids.chunks_exact(2).map(|pair| (pair[0].into(), pair[1].into())).collect()
}

/// Calendar file of an appointment.
pub fn calendar(appointment: &AppointmentId) -> String {
    format!("/api/appointments/{appointment}/calendar.ics")
}

/// QR code of an appointment's number, as SVG.
pub fn qr(appointment: &AppointmentId) -> String {
    format!("/api/appointments/{appointment}/qr.svg")
}

/// Calendar file of the day on which an office posts new times.
pub fn posting(office: &OfficeId, language: rules::notice::Language) -> String {
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
pub fn confirm(case: &CaseId, purpose: Purpose, slot: &SlotId) -> String {
    format!("/cases/{case}/{}/{slot}", word(purpose))
}

/// Path of an appointment's receipt.
pub fn receipt(appointment: &AppointmentId) -> String {
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
        let id = "0198-0";
        let (case, slot, appointment) = (CaseId::from("0198-a"), SlotId::from("0198-b"), AppointmentId::from("0198-c"));
        let family = vec![("0198-d".into(), "0198-e".into()), ("0198-f".into(), "0198-0".into())];
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
            (&desk_closure(&id.into()), Place::Desk(Desk::Closure { closure: id.into() })),
            (DESK_INVITE, Place::Desk(Desk::Invite)),
            (&desk_asking(&id.into()), Place::Desk(Desk::Asking { asking: id.into() })),
            (DESK_FIND, Place::Desk(Desk::Find)),
            (&desk_case(&case), Place::Desk(Desk::Case { case: case.clone() })),
            (DESK_CALLS, Place::Desk(Desk::Calls)),
            (DESK_DOCUMENTS, Place::Desk(Desk::Inbox)),
            (&desk_document(&id.into()), Place::Desk(Desk::Document { document: id.into() })),
            (DESK_IMPORT, Place::Desk(Desk::Import)),
            (DESK_NUMBERS, Place::Desk(Desk::Numbers)),
            (DESK_AUDIT, Place::Desk(Desk::Audit)),
            (DESK_OFFICERS, Place::Desk(Desk::Officers)),
            (DESK_NOTICES, Place::Desk(Desk::Notices)),
            (&desk_draft(&id.into()), Place::Desk(Desk::Draft { draft: id.into() })),
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

//! Links in messages: the page that a message is about, by its path, and by a short path for SMS.
//!
//! Links contain no personal data: ids are random, and every page requires sign-in and returns to the link.

use api::messages::Kind;
use uuid::Uuid;

/// A page that messages lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page<'p> {
    SignIn,
    Cases,
    Case(&'p str),
    Times(&'p str),
    Documents(&'p str),
    Appointment(&'p str),
}

impl<'p> Page<'p> {
    /// Returns the page on which the reader acts on a message. `about` is the appointment, if the message is about one.
    ///
    /// Without an e-mail address there is no account yet. The link then leads to "My cases", where the case is added to an account.
    pub fn of(kind: Kind, case: Option<&'p str>, about: &'p str, has_account: bool) -> Page<'p> {
        let Some(case) = case.filter(|_| has_account) else {
            return if kind == Kind::Code { Page::SignIn } else { Page::Cases };
        };
        match kind {
            Kind::Code => Page::SignIn,
            Kind::Booked | Kind::Moved | Kind::Restored | Kind::Reminder => Page::Appointment(about),
            Kind::Cancelled | Kind::CancelledByOffice | Kind::CancelledAtShortNotice => Page::Times(case),
            Kind::Invited | Kind::DocumentReceived | Kind::DocumentReturned => Page::Documents(case),
            Kind::InvitationWithdrawn | Kind::CaseTried => Page::Case(case),
        }
    }

    pub fn path(self) -> String {
        match self {
            Page::SignIn => "/sign-in".to_owned(),
            Page::Cases => "/cases".to_owned(),
            Page::Case(case) => format!("/cases/{case}"),
            Page::Times(case) => format!("/cases/{case}/times"),
            Page::Documents(case) => format!("/cases/{case}/documents"),
            Page::Appointment(id) => format!("/appointments/{id}"),
        }
    }

    /// Returns a path to the same page that is some twenty characters shorter. An id that is not a UUID has no short path, so it
    /// returns the full one.
    pub fn short_path(self) -> String {
        let (letter, id) = match self {
            Page::SignIn | Page::Cases => return self.path(),
            Page::Case(id) => ('c', id),
            Page::Times(id) => ('t', id),
            Page::Documents(id) => ('d', id),
            Page::Appointment(id) => ('a', id),
        };
        match id.parse::<Uuid>() {
            Ok(id) => format!("/{letter}/{}", in_base_36(id)),
            Err(_) => self.path(),
        }
    }
}

/// Returns the id in a short path; `None` if it is not one of ours.
pub fn id(short: &str) -> Option<String> {
    let digits = !short.is_empty() && short.bytes().all(|byte| byte.is_ascii_alphanumeric());
    u128::from_str_radix(short, 36).ok().filter(|_| digits).map(|id| Uuid::from_u128(id).to_string())
}

/// Encodes an id in base 36. Lower-case letters and digits survive being read aloud, and no mail program ends a link at one of
/// them.
fn in_base_36(id: Uuid) -> String {
    let mut left = id.as_u128();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((left % 36) as u32, 36).unwrap_or('0'));
        left /= 36;
        if left == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use rules::Coded;

    use super::*;

    #[test]
    fn a_short_path_names_the_same_id() {
        for known in [Uuid::nil(), Uuid::max(), Uuid::now_v7(), Uuid::new_v4()] {
            let known = known.to_string();
            let path = Page::Appointment(&known).short_path();
            assert!(path.len() <= 28, "{path}");
            assert_eq!(id(path.strip_prefix("/a/").unwrap()), Some(known));
        }
        for wrong in ["", "+1", "-1", "ø", "f5lxx1zz5pnorynqglhzmsp34", "0".repeat(2000).as_str(), "a/b", "%2e"] {
            assert!(id(wrong).is_none_or(|id| id == Uuid::nil().to_string()), "{wrong}");
        }
    }

    #[test]
    fn every_message_leads_to_a_page() {
        for kind in Kind::ALL {
            for (case, has_account) in [(Some("c"), true), (Some("c"), false), (None, true), (None, false)] {
                let page = Page::of(*kind, case, "a", has_account);
                assert!(page.path().starts_with('/'), "{}", kind.code());
                let own = has_account && case.is_some();
                assert_eq!(matches!(page, Page::SignIn | Page::Cases), !own || *kind == Kind::Code, "{}", kind.code());
            }
        }
        assert_eq!(Page::of(Kind::CancelledByOffice, Some("c"), "a", true).path(), "/cases/c/times");
        assert_eq!(Page::of(Kind::Booked, Some("c"), "a", true).path(), "/appointments/a");
        assert_eq!(Page::of(Kind::DocumentReturned, Some("c"), "d", true).path(), "/cases/c/documents");
    }
}

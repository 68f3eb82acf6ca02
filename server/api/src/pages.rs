//! The addresses of the page. The server answers 404 to every other one that names no file.

/// Paths without their first slash; `*` is one segment of any name.
const PAGES: &[&str] = &[
    "",
    "check",
    "sign-in",
    "profile",
    "cases",
    "cases/*",
    "cases/*/documents",
    "cases/*/times",
    "cases/*/times/*",
    "cases/*/times/*/with/*",
    "cases/*/change",
    "cases/*/change/*",
    "appointments/*",
    "desk",
    "desk/sign-in",
    "desk/account",
    "desk/join",
    "desk/times",
    "desk/close",
    "desk/closings/*",
    "desk/invite",
    "desk/invitations/*",
    "desk/find",
    "desk/cases/*",
    "desk/calls",
    "desk/documents",
    "desk/documents/*",
    "desk/import",
    "desk/numbers",
    "desk/audit",
    "desk/officers",
    "desk/officers/*",
    "desk/notices",
    "desk/notices/*",
];

/// Returns whether a path leads to a page. Slashes at the end and doubled ones are left out, as the page does.
pub fn is_page(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    PAGES.iter().any(|pattern| {
        let pattern: Vec<&str> = pattern.split('/').filter(|segment| !segment.is_empty()).collect();
        pattern.len() == segments.len()
            && pattern.iter().zip(&segments).all(|(pattern, segment)| *pattern == "*" || pattern == segment)
    })
}

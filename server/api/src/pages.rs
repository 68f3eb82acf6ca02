//! The routes of the page. The server answers 404 to any other path that is not a file.

/// The routes without their leading slash; `*` matches one segment.
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
    "desk/closures/*",
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

/// Returns `true` if a path is a route of the page. Trailing and doubled slashes are ignored, as the page's router does.
pub fn is_page(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    PAGES.iter().any(|pattern| {
        let pattern: Vec<&str> = pattern.split('/').filter(|segment| !segment.is_empty()).collect();
        pattern.len() == segments.len()
            && pattern.iter().zip(&segments).all(|(pattern, segment)| *pattern == "*" || pattern == segment)
    })
}

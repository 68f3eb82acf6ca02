//! Access control of every route: without a session, and from another site.

use reqwest::Method;
use serde_json::json;

use super::{Someone, seen};
use crate::common::{MONDAY, Records, answer};

/// Every route of the OpenAPI document. A route that is not public checks the session before anything else.
#[tokio::test]
async fn nobody_who_is_not_signed_in_and_no_other_site_gets_further() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let asha = Someone::comes(&records, &server, "Asha Rao").await;
    let visitor = server.visitor();
    let for_anyone = [
        "GET /api/health",
        "POST /api/decide",
        "GET /api/policy",
        "GET /api/start",
        "GET /api/offices",
        "POST /api/sign-in-codes",
        "GET /api/session",
        "PUT /api/session",
        "DELETE /api/session",
        "PUT /api/feedback/{id}",
        // Receipts are signed by their sender; `messages.rs` tests that.
        "POST /api/messages/receipts",
        "OPTIONS /api/uploads",
        "GET /api/offices/{office}/posting.ics",
    ];
    let described = visitor.get("/api/openapi.json").await.body;
    let mut seen_routes = 0;
    // The routes of the desk are tested in `desk.rs`.
    let of_applicants =
        described["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.starts_with("/api/desk/"));
    for (path, methods) in of_applicants {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let route = format!("{method} {path}");
            let filled: String = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part })
                .collect::<Vec<_>>()
                .join("/");
            seen_routes += 1;
            if !for_anyone.contains(&&*route) {
                let request = visitor.request(method.clone(), &filled).json(&json!({}));
                let refused = answer(request.send().await.unwrap()).await;
                // An answer to HEAD has no body.
                let says = |code| if method == Method::HEAD { "" } else { code };
                assert_eq!(seen(&refused), (401, says("not-signed-in"), None), "{route}");
                let wrong = server.signed_in_with("nonsense").request(method.clone(), &filled).json(&json!({}));
                let refused = answer(wrong.send().await.unwrap()).await;
                assert_eq!(seen(&refused), (401, says("session-over"), None), "{route}");
            }
            if !method.is_safe() {
                for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
                    let request = asha.visitor.request(method.clone(), &filled).header(name, value).json(&json!({}));
                    let refused = answer(request.send().await.unwrap()).await;
                    assert_eq!(seen(&refused), (403, "foreign-origin", None), "{route}");
                }
            }
        }
    }
    assert_eq!(seen_routes, 44, "every route is looked at");
    assert_eq!(asha.visitor.get("/api/cases").await.body.as_array().unwrap().len(), 1, "her account is still there");
}

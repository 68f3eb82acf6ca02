//! The server-rendered start page: readable before the app has loaded, and without scripts.

use reqwest::{Method, StatusCode};

use crate::common::{Answer, FRIDAY, MONDAY, Records, TestServer, answer};

const EN: &str = "you have to wait 10 whole days";
const NB: &str = "må du vente 10 hele dager";

async fn get(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = server.visitor().request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request.send().await.unwrap()).await
}

#[tokio::test]
async fn the_language_is_the_addresss_then_the_cookies_then_the_browsers() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    for (path, headers, code) in [
        ("/", vec![], "nb"),
        ("/?lang=en", vec![("cookie", "language=nb"), ("accept-language", "nb")], "en"),
        ("/?lang=nb", vec![("accept-language", "en-GB,en;q=0.9")], "nb"),
        ("/", vec![("cookie", "a=b; language=en; c=d"), ("accept-language", "nb")], "en"),
        ("/", vec![("accept-language", "en-GB,en;q=0.9")], "en"),
        ("/", vec![("accept-language", "nn-NO,en;q=0.9")], "nb"),
        ("/?lang=klingon", vec![], "nb"),
        ("/?lang=%22%3E%3Cscript%3E", vec![("cookie", "language=xx")], "nb"),
        ("/?lang", vec![("cookie", "language=%00"), ("accept-language", "en")], "en"),
        ("/?%ff&&lang=en", vec![], "en"),
    ] {
        let page = get(&server, path, &headers).await;
        assert_eq!(page.status, StatusCode::OK, "{path} {headers:?}");
        let html = page.body.as_str().unwrap();
        assert!(html.contains(&format!("<html lang=\"{code}\"")), "{path} {headers:?}");
        let (here, not_here) = if code == "en" { (EN, NB) } else { (NB, EN) };
        assert!(html.contains(here) && !html.contains(not_here), "{path} {headers:?}");

        let content = get(&server, &path.replacen('/', "/api/start", 1), &headers).await;
        assert!(content.body.as_str().unwrap().contains(here), "{path} {headers:?}");
        // A language in the URL is kept in a cookie.
        let chosen = matches!(path.split("lang=").nth(1), Some("en" | "nb"));
        let kept = page.headers.get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        assert_eq!(kept.is_some(), chosen, "{path} {kept:?}");
        assert!(kept.is_none_or(|cookie| cookie.starts_with(&format!("language={code}; Path=/; SameSite=Lax; "))));
    }
}

#[tokio::test]
async fn the_document_holds_the_text_the_notices_and_the_offices() {
    let records = Records::new(0).await;
    let server = records.open(FRIDAY).await;
    let page = get(&server, "/?lang=en", &[]).await;
    let html = page.body.as_str().unwrap();
    for part in [
        "<title>Appointments with the police immigration office – Skranke</title>",
        "Today is Friday 6 November 2020",
        "You can only come to the police with an appointment",
        "At the passport offices you book as usual",
        "Published 20 April 2020, last changed 26 October 2020.",
        "until you have been quarantined for ten days.",
        "href=\"https://www.openstreetmap.org/search?query=Storgata+1\"",
        "href=\"/?lang=nb\"",
        "<noscript>",
        "<script type=\"module\">",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(!html.contains("The counter is opening"));
    assert_eq!(page.headers["cache-control"], "no-cache");
    let vary: Vec<_> = page.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(vary.join(", ").contains("Accept-Language, Cookie"), "{vary:?}");

    // The pages at other URLs are rendered by the app alone.
    let other = get(&server, "/cases", &[]).await;
    assert!(other.body.as_str().unwrap().contains("The counter is opening"));

    let small = get(&server, "/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(small.headers["content-encoding"], "br");
}

#[tokio::test]
async fn offices_are_data_too() {
    let records = Records::new(0).await;
    let server = records.open(MONDAY).await;
    let offices = get(&server, "/offices.json", &[]).await;
    let office = &offices.body[0];
    assert_eq!((office["name"].as_str(), office["district"].as_str()), (Some("Oslo"), Some("oslo")));
    assert_eq!((office["address"].as_str(), office["phone"].as_str()), (Some("Storgata 1"), Some("1")));
    assert!(office["hours"].is_array() && office["bring"].is_array() && office["posts"].is_null());
    let content = get(&server, "/api/start?lang=en", &[]).await;
    assert!(content.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    for part in ["Police district: Oslo", ">Storgata 1</a>", "href=\"tel:1\"", "at no set time"] {
        assert!(content.body.as_str().unwrap().contains(part), "{part}");
    }
}

//! What all pages have in common.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;

use crate::{
    list::{shop, trace},
    peer::{Page, Peer},
};

const PAGES: [&str; 5] = [
    "/ui/orders",
    "/ui/orders/new",
    "/ui/nowhere",
    "/ui/orders/none",
    "/ui/ops",
];

/// The addresses of everything that a page loads.
fn loaded(page: &Page) -> BTreeSet<String> {
    let attributes = page.html.split(['"', '\'']);
    let assets = attributes.filter(|value| value.starts_with("/ui/assets/"));
    assets.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_page_allows_only_what_this_server_serves() {
    let peer = shop(&[trace("Coffee")], None);
    for path in PAGES {
        let page = peer.get(path).await;
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert!(page.header("vary").contains("HX-Request"), "{path}");
    }
}

#[tokio::test]
async fn nothing_in_a_page_needs_more_than_that() {
    let peer = shop(&[trace("Coffee")], None);
    for path in PAGES {
        let page = peer.get(path).await;
        for forbidden in [
            " style=",
            "<style",
            " onclick=",
            " onload=",
            "hx-on",
            "javascript:",
            "http://",
            "https://",
        ] {
            page.has_no(forbidden);
        }
        let inline = page
            .html
            .split("<script")
            .skip(1)
            .filter(|script| !script.contains(" src="));
        assert_eq!(inline.count(), 0, "{path}");
    }
}

/// The addresses of what a file loads itself: modules of a script, fonts of a style sheet.
fn loaded_by(file: &str, text: &str) -> Vec<String> {
    let folder = file.rsplit_once('/').unwrap().0;
    let above = folder.rsplit_once('/').unwrap().0;
    let beside = |name: &str| Some(format!("{folder}/{}", name.strip_prefix("./")?));
    let elsewhere = |name: &str| Some(format!("{above}/{}", name.strip_prefix("../")?));
    let names = text.split('"');
    names
        .filter_map(|name| beside(name).or_else(|| elsewhere(name)))
        .collect()
}

#[tokio::test]
async fn every_file_of_a_page_is_served_and_kept_for_good() {
    const MEDIA_TYPES: [&str; 4] = ["text/css", "text/javascript", "image/svg+xml", "font/woff2"];
    let peer = shop(&[], None);
    let mut due: Vec<_> = loaded(&peer.get("/ui/orders").await).into_iter().collect();
    let mut served = BTreeSet::new();
    while let Some(file) = due.pop() {
        let answer = peer.get(&file).await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(
            answer.header("cache-control").contains("immutable"),
            "{file}"
        );
        let media_type = answer.header("content-type");
        assert!(
            MEDIA_TYPES
                .iter()
                .any(|known| media_type.starts_with(known)),
            "{file}"
        );
        if file.ends_with(".css") || file.contains("/js/") {
            due.extend(loaded_by(&file, &answer.html));
        }
        served.insert(file);
        due.retain(|file| !served.contains(file));
    }
    assert!(
        served.iter().any(|file| file.ends_with("/js/live.js")),
        "{served:?}"
    );
    assert!(
        served.iter().any(|file| file.ends_with(".woff2")),
        "{served:?}"
    );
}

#[tokio::test]
async fn a_file_of_another_build_or_of_none_is_not_there() {
    let peer = shop(&[], None);
    let file = loaded(&peer.get("/ui/orders").await).pop_first().unwrap();
    let hash = file.split('/').nth(3).unwrap();
    for path in [
        file.replace(hash, "0000000000000000"),
        file.replace(hash, &hash[..4]),
        format!("/ui/assets/{hash}/vendor/VENDOR.md"),
        format!("/ui/assets/{hash}/%2e%2e/Cargo.toml"),
        format!("/ui/assets/{hash}/css/"),
    ] {
        assert_eq!(peer.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let page = Peer::default().get("/ui/nowhere").await;
    assert_eq!(page.status, 404);
    page.has("There is nothing here").has("href=\"/ui/orders\"");
}

#[tokio::test]
async fn the_root_is_the_list_for_a_browser_and_the_index_for_a_program() {
    let peer = shop(&[trace("Coffee")], None);
    peer.answers(
        "GET /",
        &json!({ "_links": { "orders": { "href": "/orders" } } }),
    );
    let as_sent_by = |accept: &str| {
        Request::get("/")
            .header(header::ACCEPT, accept)
            .body(Body::empty())
            .unwrap()
    };
    let page = peer
        .send(as_sent_by(
            "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        ))
        .await;
    page.has("<bdi>Coffee</bdi>");
    assert!(
        page.headers
            .get_all(header::VARY)
            .iter()
            .any(|vary| vary == "Accept")
    );
    let index = peer.send(as_sent_by("*/*")).await;
    assert_eq!(
        index.html,
        "{\"_links\":{\"orders\":{\"href\":\"/orders\"}}}"
    );
}

#[tokio::test]
async fn what_tells_who_asks_is_handed_on_and_nothing_else() {
    let peer = shop(&[], None);
    let request = Request::get("/ui/orders")
        .header("x-request-id", "r-1")
        .header("authorization", "Bearer t")
        .header("cookie", "s=1")
        .header("if-none-match", "\"x\"")
        .header("accept", "text/html");
    peer.send(request.body(Body::empty()).unwrap()).await;
    let call = peer.call("GET /orderTraces");
    let handed_on =
        ["x-request-id", "authorization", "cookie"].map(|name| call.header(name).to_owned());
    assert_eq!(handed_on, ["r-1", "Bearer t", ""]);
    assert_eq!(
        (call.header("accept"), call.header("if-none-match")),
        ("application/json", "")
    );
}

#[tokio::test]
async fn a_failure_names_the_request_under_which_it_is_in_the_log() {
    let peer = Peer::default();
    peer.refuses(
        "GET /orderTraces",
        503,
        "log-unavailable",
        "the log is away",
    );
    let request = Request::get("/ui/orders").header("x-request-id", "r-17");
    let page = peer.send(request.body(Body::empty()).unwrap()).await;
    page.has("<code>r-17</code>").has("Nothing was changed");
}

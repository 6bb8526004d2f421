//! The log-in: who gets past it, and how everybody else is sent there.

use std::sync::Arc;

use axum::{body::Body, extract::Request};
use ordertrace_auth::Authenticator;
use rstest::rstest;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    list,
    peer::{Page, Peer},
    site::{Site, csrf},
    story::ID,
};

#[rstest]
#[case("/ui/orders", "/ui/login?next=%2Fui%2Forders")]
#[case(
    "/ui/orders?state=placed&cursor=a",
    "/ui/login?next=%2Fui%2Forders%3Fstate%3Dplaced%26cursor%3Da"
)]
#[case("/ui/ops", "/ui/login?next=%2Fui%2Fops")]
#[case("/ui/nowhere", "/ui/login?next=%2Fui%2Fnowhere")]
#[tokio::test]
async fn a_page_asked_for_by_nobody_leads_to_the_log_in_and_back(
    #[case] path: &str,
    #[case] location: &str,
) {
    let peer = list::shop(&[list::trace("Coffee")], None);
    let page = Site::over(&peer).get(path, &[]).await;
    assert_eq!(
        (page.status.as_u16(), page.header("location")),
        (303, location)
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(peer.calls().is_empty(), "the API was asked nothing");
    let form = Site::over(&peer).get(location, &[]).await;
    let next = form_urlencoded::parse(location.split_once('?').unwrap().1.as_bytes());
    let next = next.into_iter().next().unwrap().1.replace('&', "&#38;");
    form.has(&format!("name=\"next\" value=\"{next}\""));
}

#[tokio::test]
async fn a_script_is_told_in_a_way_that_it_understands() {
    let site = Site::over(&Peer::default());
    let part = [
        ("hx-request", "true"),
        ("hx-current-url", "http://localhost/ui/orders?state=placed"),
    ];
    let page = site.get("/ui/orders/summary", &part).await;
    assert_eq!(page.status, 401);
    let back = "/ui/login?next=%2Fui%2Forders%3Fstate%3Dplaced";
    assert_eq!(page.header("hx-redirect"), back);
    assert!(page.header("www-authenticate").starts_with("Bearer"));
    for stream in ["/ui/orders/stream", &format!("/ui/orders/{ID}/stream")] {
        let told = site.get(stream, &[]).await;
        assert_eq!(told.header("content-type"), "text/event-stream");
        assert_eq!(told.html, "event: login\ndata: {}\n\n");
    }
}

#[tokio::test]
async fn a_form_of_nobody_leads_to_the_log_in_and_changes_nothing() {
    let peer = Peer::default();
    let site = Site::over(&peer);
    let path = format!("/ui/orders/{ID}/actions/cancel");
    let page = site.post(&path, "", "key=k&version=2").await;
    assert_eq!(page.status, 303);
    assert!(page.header("location").starts_with("/ui/login?next="));
    assert!(peer.calls().is_empty());
}

#[tokio::test]
async fn what_is_for_everybody_needs_no_log_in() {
    let peer = Peer::default();
    peer.answers("GET /", &json!({ "_links": {} }));
    let site = Site::over(&peer);
    let form = site.get("/ui/login", &[]).await;
    assert_eq!(form.status, 200);
    form.has("type=\"password\"")
        .has("autocomplete=\"off\"")
        .has("name=\"next\" value=\"/ui/orders\"")
        .has_no("href=\"/ui/ops\"")
        .has_no("href=\"/docs\"");
    let sheet = form.html.split('"').find(|it| it.ends_with("base.css"));
    let sheet = site.get(sheet.unwrap(), &[]).await;
    assert_eq!(sheet.status, 200);
    assert!(sheet.header("cache-control").contains("immutable"));
    assert_eq!(site.get("/", &[("accept", "*/*")]).await.status, 200);
    let browser = site.get("/", &[("accept", "text/html")]).await;
    assert_eq!(browser.header("location"), "/ui/login?next=%2F");
}

#[tokio::test]
async fn who_has_logged_in_is_shown_to_the_api_by_their_key_and_not_by_the_cookie() {
    let peer = list::shop(&[list::trace("Coffee")], None);
    let site = Site::over(&peer);
    let cookie = site.log_in().await;
    let page = site.get("/ui/orders", &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), "no-store");
    page.has("<bdi>Coffee</bdi>")
        .has("apikey:shop")
        .has("action=\"/ui/logout\"")
        .has("hx-headers='{\"x-csrf-token\":\"");
    let call = peer.call("GET /orderTraces");
    assert_eq!(call.header("authorization"), format!("Bearer {}", site.key));
    assert_eq!(call.header("cookie"), "");
}

#[tokio::test]
async fn every_form_of_a_session_sends_its_token_along() {
    let steps = crate::story::STARTED;
    let peer = crate::look::shop(&crate::story::Story::of("cash", &steps));
    let site = Site::over(&peer);
    let cookie = site.log_in().await;
    for path in ["/ui/orders/new", &crate::look::page()] {
        let page = site.get(path, &[("cookie", &cookie)]).await;
        let csrf = csrf(&page);
        let forms = page.html.matches("method=\"post\"").count();
        let field = format!("name=\"csrf\" value=\"{csrf}\"");
        assert_eq!(page.html.matches(&field).count(), forms, "{path}");
        assert!(forms >= 2, "{path}");
    }
}

#[tokio::test]
async fn a_form_without_the_session_s_token_does_nothing() {
    let peer = Peer::default();
    let site = Site::over(&peer);
    let cookie = site.log_in().await;
    let csrf = csrf(&site.get("/ui/orders/new", &[("cookie", &cookie)]).await);
    let form = "key=k&paymentType=cash&currency=EUR&productName=Coffee&productId=1&qty=1&price=1";
    let refused = site.post("/ui/orders/new", &cookie, form).await;
    assert_eq!(refused.status, 403);
    let wrong = format!("{form}&csrf={}", csrf.replace(&csrf[..4], "AAAA"));
    let refused = site.post("/ui/orders/new", &cookie, &wrong).await;
    assert_eq!(refused.status, 403);
    assert!(peer.calls().is_empty());
    site.post("/ui/orders/new", &cookie, &format!("{form}&csrf={csrf}"))
        .await;
    assert_eq!(peer.call("POST /orders").header("idempotency-key"), "k");
}

#[tokio::test]
async fn what_does_not_count_is_told_in_one_sentence_whatever_is_wrong_with_it() {
    let site = Site::over(&Peer::default());
    site.revoke();
    let revoked = site.key.clone();
    let long = format!("ot_{}", "a".repeat(9_000));
    let mut told = std::collections::BTreeSet::new();
    for wrong in ["", " ", "ot_nobody", "a.b.c", "caf\u{e9}", &long, &revoked] {
        let page = site.try_with(wrong, "/ui/orders?state=placed").await;
        assert_eq!(page.status, 401, "{wrong}");
        assert_eq!(page.header("set-cookie"), "");
        assert!(page.header("www-authenticate").starts_with("Bearer"));
        page.has("role=\"alert\"").has("state=placed");
        if wrong.trim().len() > 4 {
            page.has_no(wrong);
        }
        told.insert(page.html);
    }
    assert_eq!(told.len(), 1, "all are told the same");
}

#[rstest]
#[case("/ui/ops?done=resumed", "/ui/ops?done=resumed")]
#[case("/", "/")]
#[case("", "/ui/orders")]
#[case("//evil.example", "/ui/orders")]
#[case("/\\evil.example", "/ui/orders")]
#[case("https://evil.example/ui/orders", "/ui/orders")]
#[case("/ui/orders\r\nx: y", "/ui/orders")]
#[tokio::test]
async fn one_goes_on_to_a_page_of_this_site_alone(#[case] next: &str, #[case] location: &str) {
    let site = Site::over(&Peer::default());
    let page = site.try_with(&format!(" {}\n", site.key), next).await;
    assert_eq!(
        (page.status.as_u16(), page.header("location")),
        (303, location)
    );
    let cookie = page.header("set-cookie");
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"));
}

#[tokio::test]
async fn who_logs_out_is_nobody_again() {
    let site = Site::over(&list::shop(&[], None));
    let cookie = site.log_in().await;
    let csrf = csrf(&site.get("/ui/orders", &[("cookie", &cookie)]).await);
    let link = site.get("/ui/logout", &[("cookie", &cookie)]).await;
    assert_eq!(
        (link.header("location"), link.header("set-cookie")),
        ("/ui/orders", "")
    );
    assert_eq!(site.post("/ui/logout", &cookie, "").await.status, 403);
    let form = format!("csrf={csrf}");
    let left = site.post("/ui/logout", &cookie, &form).await;
    assert_eq!(
        (left.status.as_u16(), left.header("location")),
        (303, "/ui/login")
    );
    let forget = left.header("set-cookie");
    assert!(forget.starts_with("ordertrace=;") && forget.contains("Max-Age=0"));
    // Twice is as good as once.
    let again = site.post("/ui/logout", "", "").await;
    assert_eq!(again.header("location"), "/ui/login");
}

#[rstest]
#[case::list("/ui/orders")]
#[case::order("/ui/orders/0bff1311-4371-507b-bccd-aa96e86ad0f3")]
#[tokio::test]
async fn a_session_that_the_api_does_not_take_any_more_leads_to_the_log_in(#[case] path: &str) {
    let peer = Peer::default();
    for call in ["/orderTraces", &format!("/orderTraces/{ID}"), "/orders"] {
        peer.refuses(&format!("GET {call}"), 401, "invalid-token", "log in");
        peer.refuses(&format!("POST {call}"), 401, "invalid-token", "log in");
    }
    let site = Site::over(&peer);
    let cookie = site.log_in().await;
    let page = site.get(path, &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 303);
    assert!(page.header("location").starts_with("/ui/login?next="));
    let part = [("cookie", cookie.as_str()), ("hx-request", "true")];
    let part = site.get(path, &part).await;
    assert_eq!(part.status, 401);
    assert!(part.header("hx-redirect").starts_with("/ui/login?next="));
    let form = csrf(&site.get("/ui/orders/new", &[("cookie", &cookie)]).await);
    let form = format!("csrf={form}&key=k&productName=Coffee");
    let form = site.post("/ui/orders/new", &cookie, &form).await;
    assert_eq!(
        form.header("location"),
        "/ui/login?next=%2Fui%2Forders%2Fnew"
    );
}

#[tokio::test]
async fn a_stream_that_the_api_refuses_for_want_of_a_log_in_says_so() {
    let peer = Peer::default();
    peer.refuses("GET /orderTraces/stream", 401, "invalid-token", "log in");
    let site = Site::over(&peer);
    let cookie = site.log_in().await;
    let told = site.get("/ui/orders/stream", &[("cookie", &cookie)]).await;
    assert_eq!(told.html, "event: login\ndata: {}\n\n");
}

#[tokio::test]
async fn where_nobody_has_to_log_in_there_is_no_log_in() {
    let peer = list::shop(&[list::trace("Coffee")], None);
    let open = Arc::new(Authenticator::open());
    let routes = ordertrace_web::router_alone(peer.api(), open);
    for (path, status) in [("/ui/orders", 200), ("/ui/login", 404)] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let page = Page::of(routes.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(page.status, status, "{path}");
        page.has_no("Log out").has_no("href=\"/docs\"");
    }
}

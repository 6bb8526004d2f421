//! `/ui/orders/new`: placing an order.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::peer::{Page, Peer};

const FORM: &str = "key=k-1&currency=EUR&paymentType=cash&paymentMethod=&productName=Coffee&productId=1&qty=2&price=4.50&action=place";

fn placed() -> Peer {
    let peer = Peer::default();
    let position = [("ordertrace-position", "a-42")];
    let order = json!({ "orderId": "0bff1311-4371-507b-bccd-aa96e86ad0f3" });
    peer.with("POST /orders", StatusCode::CREATED, &position, &order);
    peer
}

fn refused(status: StatusCode, problem: &Value) -> Peer {
    let peer = Peer::default();
    peer.with("POST /orders", status, &[], problem);
    peer
}

/// What is between a text and the next quotation mark.
fn after<'a>(page: &'a Page, text: &str) -> &'a str {
    page.html
        .split(text)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
}

#[tokio::test]
async fn an_order_is_placed_and_shown_as_far_as_the_log_has_it() {
    let peer = placed();
    let answer = peer.post("/ui/orders/new", FORM).await;
    assert_eq!(answer.status, 303);
    let order = "/ui/orders/0bff1311-4371-507b-bccd-aa96e86ad0f3?after=a-42";
    assert_eq!(answer.header("location"), order);
    let call = peer.call("POST /orders");
    assert_eq!(call.header("idempotency-key"), "k-1");
    let body: Value = serde_json::from_str(&call.body).unwrap();
    let line = json!({ "productId": "1", "productName": "Coffee", "qty": "2", "price": "450" });
    assert_eq!(
        body,
        json!({ "currency": "EUR", "paymentType": "cash", "lines": [line] })
    );
}

#[tokio::test]
async fn a_form_has_a_key_of_its_own_which_stays_with_it() {
    let peer = Peer::default();
    let (one, other) = (
        peer.get("/ui/orders/new").await,
        peer.get("/ui/orders/new").await,
    );
    let key = "name=\"key\" value=\"";
    assert!(after(&one, key).len() >= 32);
    assert_ne!(after(&one, key), after(&other, key));
    let unknown = json!({ "type": "urn:ordertrace:problem:outcome-unknown", "title": "The outcome is not known yet" });
    let again = refused(StatusCode::SERVICE_UNAVAILABLE, &unknown)
        .post("/ui/orders/new", FORM)
        .await;
    assert_eq!(again.status, 503);
    again
        .has("name=\"key\" value=\"k-1\"")
        .has("The outcome is not known yet");
}

#[tokio::test]
async fn a_form_whose_key_is_used_up_can_be_sent_as_another_order() {
    let problem = json!({
        "type": "urn:ordertrace:problem:key-reuse", "title": "The idempotency key was used for another request",
        "detail": "the command id is taken",
    });
    let peer = refused(StatusCode::UNPROCESSABLE_ENTITY, &problem);
    let changed = FORM.replace("qty=2", "qty=3");
    let page = peer.post("/ui/orders/new", &changed).await;
    assert_eq!(page.status, 422);
    page.has("This form has placed an order already")
        .has("Sent again, it is a second order")
        .has("value=\"Coffee\"")
        .has_no("idempotency key")
        .has_no("value=\"k-1\"");
    assert!(after(&page, "name=\"key\" value=\"").len() >= 32);
}

#[tokio::test]
async fn each_fault_is_told_at_its_field_and_in_all_and_what_was_written_stays() {
    let problem = json!({
        "type": "urn:ordertrace:problem:validation", "title": "The content is not valid", "detail": "3 fields are not valid",
        "errors": [
            { "pointer": "/currency", "detail": "not a currency code of ISO 4217, such as EUR" },
            { "pointer": "/lines/1/qty", "detail": "a quantity is a whole number from 1 to 1000000" },
            { "pointer": "/lines/0/price", "detail": "must be a whole number of minor units" },
        ],
    });
    let form = "key=k-1&currency=EUR&paymentType=card&paymentMethod=pm_1&productName=%3Cb%3E&productId=1&qty=2&price=4.505&productName=Cake&productId=2&qty=none&price=1";
    let page = refused(StatusCode::UNPROCESSABLE_ENTITY, &problem)
        .post("/ui/orders/new", form)
        .await;
    assert_eq!(page.status, 422);
    page.has("role=\"alert\" tabindex=\"-1\" autofocus")
        .has("<a href=\"#line-1-qty\">Line 2, quantity</a>: a quantity is a whole number")
        .has("<p class=\"field-error\" id=\"line-1-qty-error\">")
        .has("aria-invalid=\"true\" aria-describedby=\"line-1-qty-error\"")
        .has("An amount in EUR is digits with at most 2 after a point, such as 10.50")
        .has_no("minor units")
        .has("value=\"none\"")
        .has("value=\"4.505\"")
        .has("value=\"pm_1\"")
        .has("value=\"card\" checked")
        .has("value=\"&#60;b&#62;\"");
}

#[tokio::test]
async fn each_fault_of_a_page_points_to_a_field_that_is_there() {
    let pointers = [
        "/currency",
        "/paymentType",
        "/paymentMethod",
        "/lines/0/productId",
        "/lines/0/productName",
        "/lines/0/qty",
        "/lines/0/price",
        "/lines",
        "/cost",
    ];
    let errors = pointers.map(|pointer| json!({ "pointer": pointer, "detail": "is wrong" }));
    let problem = json!({ "title": "The content is not valid", "errors": errors });
    let page = refused(StatusCode::UNPROCESSABLE_ENTITY, &problem)
        .post("/ui/orders/new", FORM)
        .await;
    let links: Vec<_> = page
        .html
        .split("<a href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let from_top_to_bottom = [
        "line-0-productName",
        "line-0-productId",
        "line-0-qty",
        "line-0-price",
        "paymentType",
        "currency",
        "paymentMethod",
    ];
    assert_eq!(links, from_top_to_bottom);
    for field in links {
        page.has(&format!("id=\"{field}\""))
            .has(&format!("id=\"{field}-error\""));
    }
    page.has("<li>The order: is wrong</li>");
}

#[tokio::test]
async fn lines_come_and_go_without_a_script_and_without_the_api() {
    let peer = Peer::default();
    let more = peer
        .post(
            "/ui/orders/new",
            &FORM.replace("action=place", "action=add-line"),
        )
        .await;
    assert_eq!(more.status, 200);
    more.has("id=\"line-1-productName\"")
        .has("value=\"remove-line-1\"")
        .has("value=\"4.50\"");
    let two = "key=k&productName=Coffee&price=1&productName=Cake&price=2&action=remove-line-0";
    let fewer = peer.post("/ui/orders/new", two).await;
    fewer
        .has("value=\"Cake\"")
        .has_no("value=\"Coffee\"")
        .has_no("remove-line");
    assert!(peer.calls().is_empty());
}

#[tokio::test]
async fn a_form_beyond_all_measure_is_refused() {
    let peer = placed();
    let flood = format!("{FORM}&note={}", "x".repeat(200_000));
    assert_eq!(peer.post("/ui/orders/new", &flood).await.status, 413);
    assert!(peer.calls().is_empty());
}

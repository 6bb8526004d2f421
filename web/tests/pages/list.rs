//! `/ui/orders`: the list.

use serde_json::{Value, json};

use crate::peer::Peer;

pub(crate) const ID: &str = "0bff1311-4371-507b-bccd-aa96e86ad0f3";

/// A trace as the API lists it.
pub(crate) fn trace(product: &str) -> Value {
    json!({
        "orderId": ID, "productId": 1, "productName": product, "qty": 3, "cost": 1050, "currency": "EUR",
        "paymentType": "cash", "customerId": "anonymous", "status": "DELIVERY START", "state": "delivery_started",
        "version": 5, "placedAt": "2026-11-23T09:14:02.000000Z", "changedAt": "2026-11-23T09:14:06.000000Z",
        "position": "a-9",
        "lines": [{"productId": 1, "productName": product, "qty": 2, "cost": 900}, {"productId": 2, "productName": "Cake", "qty": 1, "cost": 150}],
    })
}

fn list(traces: &[Value], next: Option<&str>) -> Value {
    let links = match next {
        Some(next) => json!({ "self": { "href": "/orderTraces" }, "next": { "href": next } }),
        None => json!({ "self": { "href": "/orderTraces" } }),
    };
    let page = json!({ "size": 50, "totalElements": 1234, "totalPages": 25, "number": 0 });
    json!({ "_embedded": { "orderTraces": traces }, "_links": links, "page": page })
}

fn stats() -> Value {
    json!({
        "states": [{ "state": "delivery_started", "count": 1200 }, { "state": "refund_failed", "count": 3 }, { "state": "rejected", "count": 0 }],
        "hours": [{ "begins": "2026-11-23T09:00:00Z", "total": 7, "states": { "delivery_started": 4, "refund_failed": 3 } }],
        "from": "2026-11-22T09:31:00Z", "to": "2026-11-23T09:31:00Z",
    })
}

/// An API with these orders.
pub(crate) fn shop(traces: &[Value], next: Option<&str>) -> Peer {
    let peer = Peer::default();
    peer.answers("GET /orderTraces", &list(traces, next))
        .answers("GET /orderTraces/stats", &stats());
    peer
}

#[tokio::test]
async fn a_row_says_what_was_ordered_for_how_much_and_how_far_it_has_come() {
    let page = shop(&[trace("Coffee")], None).get("/ui/orders").await;
    assert_eq!(page.status, 200);
    page.has(&format!("href=\"/ui/orders/{ID}\">e86ad0f3</a>"))
        .has(&format!("data-copy=\"{ID}\""))
        .has("<bdi>Coffee</bdi> <span class=\"quiet\">+1 more</span>")
        .has("<span class=\"amount\">10.50</span> <span class=\"currency\">EUR</span>")
        .has("On the way")
        .has("23 Nov 09:14:06</time>")
        .has("1,234 orders");
}

#[tokio::test]
async fn a_row_in_quarantine_says_so_to_readers_and_to_scripts() {
    let mut damaged = trace("Coffee");
    damaged["quarantined"] = json!({ "position": "a-11", "reason": "unreadable" });
    let row = "data-version=\"5\"";
    let page = shop(&[damaged], None).get("/ui/orders").await;
    page.has("In quarantine")
        .has(&format!("{row} data-quarantined"));
    let sound = shop(&[trace("Coffee")], None).get("/ui/orders").await;
    sound.has(row).has_no("data-quarantined");
}

#[tokio::test]
async fn a_hostile_name_is_text_and_stays_in_its_place() {
    let name = "<script>alert(1)</script>\u{202e}\"'&";
    let page = shop(&[trace(name)], None).get("/ui/orders").await;
    page.has_no("<script>alert")
        .has("<bdi>&#60;script&#62;alert(1)&#60;/script&#62;\u{202e}&#34;&#39;&#38;</bdi>");
}

#[tokio::test]
async fn the_filter_of_the_address_is_the_query_of_the_api() {
    let peer = shop(&[], None);
    let path = "/ui/orders?state=placed&status=&productId=7&customerId=a%26b&paymentType=card&from=2026-11-23T09:31&sort=placedAt,asc&cursor=ab";
    let page = peer.get(path).await;
    let lines: Vec<_> = peer.calls().into_iter().map(|call| call.line).collect();
    let expected = "GET /orderTraces?state=placed&productId=7&customerId=a%26b&paymentType=card&from=2026-11-23T09%3A31%3A00Z&sort=placedAt%2Casc&cursor=ab";
    assert!(lines.iter().any(|line| line == expected), "{lines:?}");
    page.has("<option value=\"placed\" selected>")
        .has("name=\"customerId\" autocomplete=\"off\" value=\"a&#38;b\"")
        .has("value=\"2026-11-23T09:31\"");
}

#[tokio::test]
async fn the_form_is_open_when_it_alone_shows_what_is_looked_for() {
    let form = "<details class=\"filters\" data-filters";
    for (path, is_open) in [
        ("/ui/orders", false),
        ("/ui/orders?state=placed&cursor=ab", false),
        ("/ui/orders?sort=placedAt,asc", true),
        ("/ui/orders?state=placed&productId=7", true),
    ] {
        let end = if is_open { " open>" } else { ">" };
        shop(&[], None).get(path).await.has(&format!("{form}{end}"));
    }
}

#[tokio::test]
async fn what_the_api_refuses_to_look_for_is_a_page_that_says_so() {
    let peer = Peer::default();
    peer.refuses(
        "GET /orderTraces",
        400,
        "invalid-request",
        "colour is not known",
    );
    let page = peer.get("/ui/orders?colour=red").await;
    assert_eq!(page.status, 400);
    page.has("colour is not known")
        .has("Title of invalid-request")
        .has_no("Try again");
}

#[tokio::test]
async fn a_view_that_is_away_is_told_and_can_be_tried_again() {
    let peer = Peer::default();
    peer.refuses("GET /orderTraces", 503, "view-behind", "the view is behind");
    let page = peer.get("/ui/orders").await;
    assert_eq!(page.status, 503);
    page.has("Try again").has("has not caught up");
    // A script that asked for a part of the page puts it in the place of the whole.
    let part = peer.get_part("/ui/orders").await;
    assert_eq!(
        (part.header("hx-retarget"), part.header("hx-reselect")),
        ("#main", "#main")
    );
}

#[tokio::test]
async fn states_are_links_with_counts_by_kind() {
    let page = shop(&[], None).get("/ui/orders?paymentType=cash").await;
    page.has("href=\"/ui/orders?state=refund_failed&#38;paymentType=cash\"")
        .has("Refund failed <span class=\"count\">3</span>")
        .has("On the way <span class=\"count\">1,200</span>")
        .has("All <span class=\"count\">1,203</span>")
        .has_no("id=\"chip-rejected\"");
}

#[tokio::test]
async fn the_counts_are_of_what_is_looked_for_and_can_be_fetched_alone() {
    let peer = shop(&[trace("Coffee")], None);
    let page = peer.get("/ui/orders?state=placed&sort=placedAt,asc").await;
    page.has("data-path=\"/ui/orders/summary?state=placed&#38;sort=placedAt%2Casc\"");
    let part = peer
        .get("/ui/orders/summary?state=placed&sort=placedAt,asc")
        .await;
    part.has("<h2 class=\"extent\">1,234 orders</h2>")
        .has_no("<html");
    assert_eq!(
        peer.call("GET /orderTraces?").line,
        "GET /orderTraces?state=placed&limit=1"
    );
}

#[tokio::test]
async fn counts_of_all_orders_above_a_list_of_some_say_so() {
    let said = "the counts and the chart above are of all orders";
    for (path, is_said) in [
        ("/ui/orders?state=placed&sort=placedAt,asc", false),
        ("/ui/orders?state=placed&productId=7", true),
    ] {
        let page = shop(&[trace("Coffee")], None).get(path).await;
        assert_eq!(page.html.contains(said), is_said, "{path}");
    }
}

#[tokio::test]
async fn the_chart_tells_in_words_what_it_draws() {
    let page = shop(&[], None).get("/ui/orders").await;
    page.has("<title>09:00 UTC: 7 orders – 4 in flow, 3 in trouble</title>")
        .has("<title>08:00 UTC: no orders</title>")
        .has("<td class=\"num\">4</td>");
}

#[tokio::test]
async fn without_counts_there_is_still_the_list() {
    let peer = shop(&[trace("Coffee")], None);
    peer.refuses("GET /orderTraces/stats", 503, "view-behind", "behind");
    let page = peer.get("/ui/orders").await;
    assert_eq!(page.status, 200);
    page.has("Coffee")
        .has("The counts are not available just now");
}

#[tokio::test]
async fn a_view_far_behind_is_told_and_a_few_events_are_not() {
    let behind = |events: u64| async move {
        let peer = shop(&[], None);
        peer.answers(
            "GET /ops/views",
            &json!({ "views": { "behind": events }, "rebuild": null }),
        );
        peer.get("/ui/orders").await
    };
    behind(1_500).await.has("1,500 events behind");
    behind(2).await.has_no("events behind");
}

#[tokio::test]
async fn no_orders_and_no_order_that_is_meant_are_different_things() {
    shop(&[], None)
        .get("/ui/orders")
        .await
        .has("No orders yet")
        .has("Place an order");
    let narrow = shop(&[], None).get("/ui/orders?state=placed").await;
    narrow
        .has("No order meets these filters")
        .has("Clear the filters");
    let short = shop(&[], Some("/orderTraces?state=placed&cursor=cd"))
        .get("/ui/orders?state=placed")
        .await;
    short.has("There may be more further back");
}

#[tokio::test]
async fn pages_follow_the_apis_cursor_and_lead_back() {
    let next = "/orderTraces?state=placed&cursor=c%2Bd";
    let first = shop(&[trace("Coffee")], Some(next))
        .get("/ui/orders?state=placed")
        .await;
    first
        .has("href=\"/ui/orders?state=placed&#38;cursor=c%2Bd\"")
        .has_no("Back to the first page");
    let second = shop(&[trace("Coffee")], None)
        .get("/ui/orders?state=placed&cursor=ab")
        .await;
    second
        .has("href=\"/ui/orders?state=placed\">Back to the first page")
        .has_no("rel=\"next\"");
}

#[tokio::test]
async fn a_page_without_a_next_one_has_room_for_the_way_there() {
    let last = format!("data-after=\"order-{ID}\"");
    let alone = shop(&[trace("Coffee")], None).get("/ui/orders").await;
    alone
        .has("<nav id=\"paging\"")
        .has(&format!("{last} hidden>"));
    let followed = shop(&[trace("Coffee")], Some("/orderTraces?cursor=cd"))
        .get("/ui/orders")
        .await;
    followed.has(&format!("{last}>"));
}

//! What each role is offered, and what it gets by an address all the same.

use ordertrace_http::{Role, Roles};
use rstest::rstest;
use serde_json::json;

use crate::{
    list, look,
    operations::calm,
    peer::Peer,
    story::{ID, REQUESTED, STARTED, Step, Story},
};

/// What the frame leads to.
fn offered(html: &str) -> Vec<&str> {
    let nav = html.split("<nav class=\"nav\"").nth(1).unwrap();
    let nav = nav.split("</nav>").next().unwrap();
    let links = nav.split("<a href=\"").skip(1);
    links.map(|link| link.split('"').next().unwrap()).collect()
}

fn only(role: Role) -> Roles {
    Roles::NONE.and(role)
}

#[rstest]
#[case(Role::Customer, &["/ui/orders", "/ui/orders/new", "/docs"])]
#[case(Role::Operator, &["/ui/orders", "/ui/ops", "/ui/orders/new", "/docs"])]
#[case(Role::Auditor, &["/ui/orders", "/ui/ops", "/docs"])]
#[case(Role::Courier, &["/ui/deliveries", "/docs"])]
#[tokio::test]
async fn the_frame_leads_where_one_may_go_and_says_who_one_is(
    #[case] role: Role,
    #[case] links: &[&str],
) {
    let page = Peer::default().get_as(only(role), "/ui/nowhere").await;
    assert_eq!(offered(&page.html), links);
    page.has("<bdi title=\"ann\">ann</bdi>")
        .has(&format!("<span>{}</span>", role.name()))
        // Without a session there is nothing to log out of.
        .has_no("/ui/logout");
}

#[tokio::test]
async fn who_has_several_roles_is_offered_what_each_is() {
    let roles = only(Role::Customer).and(Role::Courier);
    let page = Peer::default().get_as(roles, "/ui/nowhere").await;
    assert_eq!(
        offered(&page.html),
        ["/ui/orders", "/ui/orders/new", "/docs"]
    );
    page.has("<span>customer, courier</span>");
}

#[tokio::test]
async fn nobody_is_named_where_nobody_logs_in() {
    let page = Peer::default().get("/ui/nowhere").await;
    page.has_no("class=\"who\"").has_no("anonymous");
    assert_eq!(offered(&page.html).len(), 4);
}

#[rstest]
#[case(Role::Customer, "cash", &REQUESTED, &["cancel"])]
#[case(Role::Operator, "cash", &REQUESTED, &["approve", "decline", "cancel"])]
#[case(Role::Auditor, "cash", &REQUESTED, &[])]
#[case(Role::Customer, "cash", &STARTED, &["cancel"])]
#[case(Role::Operator, "cash", &STARTED, &["complete", "fail", "refund", "cancel"])]
#[tokio::test]
async fn an_order_offers_what_one_may_do_about_it(
    #[case] role: Role,
    #[case] payment: &str,
    #[case] steps: &[Step],
    #[case] actions: &[&str],
) {
    let peer = look::shop(&Story::of(payment, steps));
    let page = peer.get_as(only(role), &look::page()).await;
    let found = page.html.split("/actions/").skip(1);
    let found: Vec<_> = found.map(|it| it.split('"').next().unwrap()).collect();
    assert_eq!(found, actions);
    // Whether it is stuck is asked for by those alone who are told.
    let asked = peer.calls().into_iter().map(|call| call.line);
    let asks = asked.into_iter().any(|line| line.starts_with("GET /ops/"));
    assert_eq!(asks, role == Role::Operator);
}

#[tokio::test]
async fn a_customer_sees_their_orders_and_no_totals() {
    let peer = list::shop(&[list::trace("Coffee")], None);
    let page = peer.get_as(only(Role::Customer), "/ui/orders").await;
    page.has("<bdi>Coffee</bdi>")
        .has("1,234 orders")
        .has("data-stream=\"/ui/orders/stream\"")
        .has_no("chip-all")
        .has_no("<figure class=\"chart")
        .has_no("filter-customer")
        .has_no("not available");
    let calls = peer.calls();
    assert!(
        calls
            .iter()
            .all(|call| call.line.starts_with("GET /orderTraces?")
                || call.line == "GET /orderTraces"),
        "{calls:?}"
    );
    let staff = peer.get_as(only(Role::Auditor), "/ui/orders").await;
    staff.has("chip-all").has("filter-customer");
}

#[rstest]
#[case(Role::Customer, "/ui/ops")]
#[case(Role::Courier, "/ui/ops")]
#[case(Role::Courier, "/ui/orders/new")]
#[case(Role::Auditor, "/ui/orders/new")]
#[tokio::test]
async fn what_is_forced_by_its_address_is_refused_in_plain_words(
    #[case] role: Role,
    #[case] path: &str,
) {
    let peer = calm();
    let page = peer.get_as(only(role), path).await;
    assert_eq!(page.status, 403);
    page.has("Not allowed").has("may not see or do this");
    assert!(peer.calls().is_empty(), "nothing was asked");
}

#[tokio::test]
async fn an_auditor_sees_which_orders_are_stuck_and_no_other_section() {
    let peer = calm();
    let row = json!({ "orderId": ID, "reason": "idle", "state": "placed", "idleSeconds": 900 });
    peer.answers(
        "GET /ops/stuck",
        &json!({ "_embedded": { "stuckOrders": [row] }, "_links": {} }),
    );
    let page = peer.get_as(only(Role::Auditor), "/ui/ops").await;
    assert_eq!(page.status, 200);
    page.has("Stuck orders")
        .has(&format!("id=\"stuck-{ID}\""))
        .has_no("Resume")
        .has_no("Rebuild")
        .has_no("Parked messages");
    let operator = peer.get_as(only(Role::Operator), "/ui/ops").await;
    operator.has("Resume").has("Parked messages");
}

/// What is to be delivered.
fn deliveries() -> serde_json::Value {
    let delivery = |state: &str| json!({ "deliveryId": ID, "orderId": ID, "productName": "Coffee", "qty": 2, "state": state, "version": 4 });
    json!({
        "_embedded": { "deliveries": [delivery("delivery_started"), delivery("delivered")] },
        "_links": { "next": { "href": "/deliveries?cursor=ab" } },
    })
}

#[tokio::test]
async fn a_courier_sees_what_is_to_be_delivered_and_says_how_far_it_has_come() {
    let peer = Peer::default();
    peer.answers("GET /deliveries", &deliveries());
    let courier = only(Role::Courier);
    let sent = peer.get_as(courier, "/ui/orders").await;
    assert_eq!(sent.header("location"), "/ui/deliveries");
    let page = peer.get_as(courier, "/ui/deliveries").await;
    page.has("2 × <bdi>Coffee</bdi>")
        .has("On the way")
        .has(&format!("/ui/orders/{ID}/actions/complete"))
        .has(&format!("/ui/orders/{ID}/actions/fail"))
        .has_no("/actions/refund")
        .has_no("/actions/cancel")
        .has("href=\"/ui/deliveries?cursor=ab\"");
    assert_eq!(page.html.matches("/actions/").count(), 2);
}

#[tokio::test]
async fn an_auditor_who_looks_at_deliveries_is_offered_nothing_to_do() {
    let peer = Peer::default();
    peer.answers("GET /deliveries", &deliveries());
    let page = peer.get_as(only(Role::Auditor), "/ui/deliveries").await;
    page.has("<bdi>Coffee</bdi>").has_no("/actions/");
}

#[tokio::test]
async fn who_works_for_the_shop_has_a_capacity_and_no_name_to_a_customer() {
    let mut trace = Story::of("cash", &REQUESTED).trace();
    trace["timeline"][1]["actor"] = json!({ "kind": "operator" });
    let peer = look::shop(&Story::of("cash", &REQUESTED));
    peer.answers(format!("GET /orderTraces/{ID}"), &trace);
    let page = peer.get_as(only(Role::Customer), &look::page()).await;
    page.has("by <bdi>operator</bdi>");
}

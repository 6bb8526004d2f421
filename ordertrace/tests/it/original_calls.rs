//! The original system's calls, with the bodies that httpie sends for them, through the whole of a running `dev`.

use serde_json::{Value, json};

use crate::harness::{Dev, cash_order};

/// `http put …/payments/<id> cost=1000 orderId=<id> paymentStatus="END" paymentType="cash" productId=1
/// productName="coffee" qty=1`
fn paid(order: &str) -> Value {
    json!({"cost": "1000", "orderId": order, "paymentStatus": "END", "paymentType": "cash",
        "productId": "1", "productName": "coffee", "qty": "1"})
}

async fn first_of(dev: &Dev, collection: &str) -> Value {
    let page = dev
        .api
        .get(format!("/{collection}"))
        .await
        .expect(200)
        .json();
    assert_eq!(page["page"]["number"], 0);
    assert_eq!(page["_links"]["self"]["href"], format!("/{collection}"));
    page["_embedded"][collection][0].clone()
}

/// The fields that the original's answers had, with what was ordered.
fn assert_goods(resource: &Value, order: &str) {
    assert_eq!(resource["orderId"], order);
    assert_eq!(resource["productId"], 1);
    assert_eq!(resource["productName"], "Coffee");
    assert_eq!(resource["qty"], 1);
    assert_eq!(resource["cost"], 1000);
    assert_eq!(resource["paymentType"], "cash");
}

#[tokio::test]
async fn an_order_goes_from_order_end_over_pay_end_to_delivery_start_and_is_cancelled() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;

    let placed = dev.api.post("/orders", cash_order()).await.expect(201);
    let order = placed.order_id();
    assert_eq!(placed.header("location"), format!("/orders/{order}"));
    assert_goods(&placed.json(), &order);
    assert_eq!(placed.json()["status"], "Order END");
    assert_eq!(
        placed.json()["_links"]["self"]["href"],
        format!("/orders/{order}")
    );

    dev.api.trace_at(&order, "payment_requested").await;
    let trace = first_of(&dev, "orderTraces").await;
    assert_goods(&trace, &order);
    assert_eq!(trace["status"], "Order END");
    let payment = first_of(&dev, "payments").await;
    assert_goods(&payment, &order);
    assert_eq!(payment["paymentId"], order);
    assert_eq!(payment["paymentStatus"], "REQUEST");

    let answer = dev
        .api
        .put(format!("/payments/{order}"), paid(&order))
        .await;
    assert_eq!(answer.expect(200).json()["paymentStatus"], "END");
    let trace = dev.api.trace_at(&order, "delivery_started").await;
    assert_eq!(trace["status"], "DELIVERY START");
    let delivery = first_of(&dev, "deliveries").await;
    assert_goods(&delivery, &order);
    assert_eq!(delivery["deliveryId"], order);
    assert_eq!(delivery["deliveryStatus"], "START");

    dev.api.delete(format!("/orders/{order}")).await.expect(202);
    let trace = dev.api.trace_at(&order, "cancelled").await;
    assert_eq!(trace["status"], "ORDER CANCEL");
    assert_eq!(trace["paymentState"], "refunded");
    assert_eq!(trace["deliveryState"], "delivery_cancelled");
    assert_eq!(
        first_of(&dev, "deliveries").await["deliveryStatus"],
        "CANCEL"
    );
    assert_eq!(first_of(&dev, "payments").await["paymentStatus"], "CANCEL");
}

#[tokio::test]
async fn each_status_of_the_original_is_passed_through_in_turn() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    let answer = dev
        .api
        .put(format!("/payments/{order}"), paid(&order))
        .await
        .expect(200);
    // The answer to the payment is the moment between: paid, and the goods not on their way yet.
    assert_eq!(answer.json()["state"], "payment_approved");
    dev.api.trace_at(&order, "delivery_started").await;
    let reader = crate::harness::LogReader::of_server(&dev.nats()).await;
    let log = reader.read().await;
    let expected = [
        "OrderPlaced",
        "PaymentRequested",
        "PaymentApproved",
        "DeliveryPrepared",
        "DeliveryStarted",
    ];
    assert_eq!(log.order(&order).event_names(), expected);
}

#[tokio::test]
async fn a_cancellation_before_the_payment_voids_it() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    dev.api.delete(format!("/orders/{order}")).await.expect(202);
    let trace = dev.api.trace_at(&order, "cancelled").await;
    assert_eq!(trace["status"], "ORDER CANCEL");
    assert_eq!(trace["paymentState"], "payment_voided");
    assert_eq!(trace["deliveryState"], "delivery_not_prepared");
    let deliveries = dev.api.get("/deliveries").await.expect(200).json();
    assert_eq!(deliveries["_embedded"]["deliveries"], json!([]));
}

#[tokio::test]
async fn a_delivered_order_is_completed_and_can_not_be_cancelled_any_more() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
    dev.api
        .put(format!("/payments/{order}"), paid(&order))
        .await
        .expect(200);
    dev.api.trace_at(&order, "delivery_started").await;
    let delivered = json!({"deliveryStatus": "END"});
    dev.api
        .put(format!("/deliveries/{order}"), delivered)
        .await
        .expect(200);
    let trace = dev.api.trace_at(&order, "completed").await;
    assert_eq!(trace["status"], "DELIVERY END");
    let refused = dev.api.delete(format!("/orders/{order}")).await.expect(409);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(
        refused.json()["type"],
        "urn:ordertrace:problem:illegal-transition"
    );
}

#[tokio::test]
async fn a_trace_is_found_by_its_order() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let placed = dev.api.post("/orders", cash_order()).await.expect(201);
    let (order, position) = (placed.order_id(), placed.header("ordertrace-position"));
    // A query that names the position of a command sees what the command did, without waiting for anything else.
    let path = format!("/orderTraces/search/findByOrderId?orderId={order}&after={position}");
    assert_goods(&dev.api.get(path).await.expect(200).json(), &order);
}

#[tokio::test]
async fn payments_by_card_go_by_themselves_and_are_charged_once() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let well = dev.api.place_by_card(1_000).await;
    let declined = dev.api.place_by_card(40_200).await;
    let lost_request = dev.api.place_by_card(50_300).await;
    let lost_answer = dev.api.place_by_card(50_400).await;
    for order in [&well, &lost_request, &lost_answer] {
        let trace = dev.api.trace_at(order, "delivery_started").await;
        assert_eq!(trace["paymentState"], "payment_approved");
    }
    let trace = dev.api.trace_at(&declined, "rejected").await;
    assert_eq!(trace["status"], "ORDER CANCEL");
    assert_eq!(trace["paymentState"], "payment_declined");
    let journal = data.path().join("simulated-payments.journal");
    let charged = |order: &str| crate::crash::charged(&journal, order);
    assert_eq!(charged(&well), [(1_000, 0)]);
    assert_eq!(charged(&declined), [(0, 0)]);
    assert_eq!(charged(&lost_request), [(50_300, 0)]);
    assert_eq!(charged(&lost_answer), [(50_400, 0)]);
}

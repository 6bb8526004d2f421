//! What an order may consist of.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Api;

async fn place(body: Value) -> crate::support::Answer {
    Api::new().call("POST", "/orders").json(&body).send().await
}

fn line(product_id: u64, qty: u32, price: i64) -> Value {
    json!({"productId": product_id, "productName": "Tea", "qty": qty, "price": price})
}

#[tokio::test]
async fn numbers_may_be_numbers() {
    let body = json!({"productId": 7, "qty": 3, "paymentType": "cash", "cost": 999, "productName": "커피"});
    let answer = place(body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.body["cost"], 999,
        "the cost is the total, not that of one item"
    );
    assert_eq!(answer.body["qty"], 3);
    assert_eq!(answer.body["productName"], "커피");
}

#[tokio::test]
async fn an_order_has_its_own_currency() {
    let body = json!({
        "productId": 1, "qty": 1, "paymentType": "cash", "cost": 4500, "productName": "Coffee", "currency": "KRW"
    });
    assert_eq!(place(body).await.body["currency"], "KRW");
}

#[tokio::test]
async fn a_card_is_named_by_the_provider() {
    let mut body = json!({
        "productId": 1, "qty": 1, "paymentType": "card", "cost": 1000, "productName": "Coffee"
    });
    let without = place(body.clone()).await;
    without.assert_problem(422, "validation");
    assert_eq!(without.pointers(), ["/paymentMethod"]);
    let detail = without.body["detail"].as_str().expect("a detail");
    assert!(detail.contains("pm_card_visa"), "{detail}");

    body["paymentMethod"] = json!("pm_card_visa");
    let answer = place(body).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["paymentType"], "card");
    assert!(
        !answer.body.to_string().contains("pm_card"),
        "the token is nobody's business"
    );
}

#[tokio::test]
async fn lines_are_summed_up() {
    let lines = json!([line(1, 2, 450), line(2, 1, 300)]);
    let answer = place(json!({"paymentType": "cash", "lines": lines})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.body["cost"], 1200);
    assert_eq!(answer.body["qty"], 3);
    assert_eq!(
        answer.body["productId"], 1,
        "the flat fields show the first line"
    );
    let shown = json!([
        {"productId": 1, "productName": "Tea", "qty": 2, "cost": 900},
        {"productId": 2, "productName": "Tea", "qty": 1, "cost": 300},
    ]);
    assert_eq!(answer.body["lines"], shown);
}

#[tokio::test]
async fn a_stated_total_has_to_be_the_sum() {
    let body = |cost: i64| json!({"paymentType": "cash", "cost": cost, "lines": [line(1, 2, 450)]});
    assert_eq!(place(body(900)).await.status, 201);
    let answer = place(body(901)).await;
    answer.assert_problem(422, "invalid-money");
    assert_eq!(answer.pointers(), ["/cost"]);
    let detail = answer.body["detail"].as_str().expect("a detail");
    assert!(detail.contains("900 minor units"), "{detail}");
}

#[rstest]
#[case::one(1, 201)]
#[case::a_hundred(100, 201)]
#[case::none(0, 422)]
#[case::one_too_many(101, 422)]
#[tokio::test]
async fn an_order_has_one_to_a_hundred_lines(#[case] count: usize, #[case] status: u16) {
    let answer = place(json!({"paymentType": "cash", "lines": vec![line(1, 1, 1); count]})).await;
    assert_eq!(answer.status, status);
    if status == 422 {
        answer.assert_problem(422, "validation");
        assert_eq!(answer.pointers(), ["/lines"]);
    }
}

#[rstest]
#[case::product(json!([line(1, 2, i64::MAX)]), "/lines/0/price")]
#[case::second_product(json!([line(1, 1, 1), line(1, 1_000_000, i64::MAX / 2)]), "/lines/1/price")]
#[case::sum(json!([line(1, 1, i64::MAX), line(1, 1, 1)]), "/lines")]
#[case::nothing(json!([line(1, 1, 0)]), "/lines/0/price")]
#[case::less_than_nothing(json!([line(1, 1, -5)]), "/lines/0/price")]
#[case::fraction(json!([{"productId": 1, "productName": "Tea", "qty": 1, "price": 4.5}]), "/lines/0/price")]
#[tokio::test]
async fn amounts_stay_within_64_bits_and_above_zero(#[case] lines: Value, #[case] pointer: &str) {
    let answer = place(json!({"paymentType": "cash", "lines": lines})).await;
    answer.assert_problem(422, "invalid-money");
    assert_eq!(answer.pointers(), [pointer]);
}

#[tokio::test]
async fn lines_and_flat_goods_exclude_each_other() {
    let body = json!({
        "paymentType": "cash", "lines": [line(1, 1, 100)],
        "productId": 1, "productName": "Coffee", "qty": 1
    });
    let answer = place(body).await;
    answer.assert_problem(422, "validation");
    assert_eq!(answer.pointers(), ["/productId", "/productName", "/qty"]);
}

#[tokio::test]
async fn all_faults_of_all_lines_are_told_at_once() {
    let lines = json!([
        {"productId": 0, "productName": "Tea", "qty": 1, "price": 1},
        {"productId": 1, "productName": "T\u{200b}ea", "qty": 0, "price": "1", "discount": 5},
        "tea",
    ]);
    let answer = place(json!({"lines": lines, "coupon": "X", "currency": "EURO"})).await;
    answer.assert_problem(422, "validation");
    assert_eq!(
        answer.pointers(),
        [
            "/currency",
            "/paymentType",
            "/lines/0/productId",
            "/lines/1/productName",
            "/lines/1/qty",
            "/lines/1/discount",
            "/lines/2",
            "/coupon",
        ]
    );
}

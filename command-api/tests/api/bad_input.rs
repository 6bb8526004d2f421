//! Bad input, row by row: the case, the status, the problem, and the field it points to.

use axum::body::{Body, Bytes};
use futures::stream;
use ordertrace_domain::{EventFeed, Sequence};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Api;

/// The coffee with one field changed, or taken away.
fn coffee_with(name: &str, value: Value) -> Value {
    let mut body = json!({
        "productId": 1, "qty": 1, "paymentType": "cash", "cost": 1000, "productName": "Coffee"
    });
    match value {
        Value::Null => drop(body.as_object_mut().expect("an object").remove(name)),
        value => body[name] = value,
    }
    body
}

#[rstest]
#[case::no_product("productId", Value::Null, "validation")]
#[case::product_zero("productId", json!(0), "validation")]
#[case::product_below_zero("productId", json!(-1), "validation")]
#[case::product_beyond_a_double("productId", json!(1_u64 << 53), "validation")]
#[case::product_with_fraction("productId", json!(1.5), "validation")]
#[case::product_of_letters("productId", json!("one"), "validation")]
#[case::no_quantity("qty", Value::Null, "validation")]
#[case::quantity_zero("qty", json!("0"), "validation")]
#[case::quantity_below_zero("qty", json!("-1"), "validation")]
#[case::quantity_too_large("qty", json!(1_000_001), "validation")]
#[case::quantity_beyond_32_bits("qty", json!(4_294_967_297_u64), "validation")]
#[case::quantity_signed("qty", json!("+1"), "validation")]
#[case::no_payment_type("paymentType", Value::Null, "validation")]
#[case::unknown_payment_type("paymentType", json!("bitcoin"), "validation")]
#[case::payment_type_in_capitals("paymentType", json!("CASH"), "validation")]
#[case::payment_type_is_no_text("paymentType", json!(1), "validation")]
#[case::no_cost("cost", Value::Null, "validation")]
#[case::cost_zero("cost", json!(0), "invalid-money")]
#[case::cost_below_zero("cost", json!("-1000"), "invalid-money")]
#[case::cost_with_fraction("cost", json!(10.5), "invalid-money")]
#[case::cost_with_fraction_as_text("cost", json!("10.50"), "invalid-money")]
#[case::cost_with_exponent("cost", json!("1e3"), "invalid-money")]
#[case::cost_beyond_64_bits("cost", json!("9223372036854775808"), "invalid-money")]
#[case::cost_far_beyond("cost", json!(1e30), "invalid-money")]
#[case::unknown_currency("currency", json!("ABC"), "invalid-money")]
#[case::currency_in_small_letters("currency", json!("eur"), "invalid-money")]
#[case::gold_is_no_currency("currency", json!("XAU"), "invalid-money")]
#[case::no_name("productName", Value::Null, "validation")]
#[case::empty_name("productName", json!(""), "validation")]
#[case::name_of_101_characters("productName", json!("é".repeat(101)), "validation")]
#[case::name_is_no_text("productName", json!(5), "validation")]
#[case::bidirectional("productName", json!("Cof\u{202e}fee"), "validation")]
#[case::zero_width("productName", json!("Cof\u{200b}fee"), "validation")]
#[case::control_character("productName", json!("Cof\u{7}fee"), "validation")]
#[case::line_break("productName", json!("Coffee\r\nSet-Cookie: x"), "validation")]
#[case::card_for_cash("paymentMethod", json!("pm_card_visa"), "validation")]
#[case::lines_are_no_list("lines", json!({}), "validation")]
#[case::unknown_field("discount", json!(5), "validation")]
#[case::name_in_other_letters("ProductID", json!(1), "validation")]
#[tokio::test]
async fn an_order_with_a_bad_field_is_refused(
    #[case] field: &str,
    #[case] value: Value,
    #[case] problem: &str,
) {
    let api = Api::new();
    let answer = api
        .call("POST", "/orders")
        .json(&coffee_with(field, value))
        .send()
        .await;
    answer.assert_problem(422, problem);
    let pointer = format!("/{field}");
    assert!(
        answer.pointers().contains(&pointer.as_str()),
        "{:?}",
        answer.body
    );
    assert_eq!(
        api.log.head().await.expect("a head"),
        Sequence::START,
        "nothing was stored"
    );
}

#[tokio::test]
async fn a_card_number_is_refused_and_not_repeated() {
    let mut body = coffee_with("paymentType", json!("card"));
    body["paymentMethod"] = json!("4242424242424242");
    let answer = Api::new().call("POST", "/orders").json(&body).send().await;
    answer.assert_problem(422, "validation");
    assert_eq!(answer.pointers(), ["/paymentMethod"]);
    assert!(
        !answer.body.to_string().contains("4242"),
        "{:?}",
        answer.body
    );
}

#[rstest]
#[case::truncated(b"{\"productId\": 1".as_slice())]
#[case::nothing(b"")]
#[case::not_a_number(b"{\"productId\": NaN}")]
#[case::beyond_a_double(b"{\"productId\": 1e400}")]
#[case::same_key_twice(b"{\"cost\": 1, \"cost\": 1000}")]
#[case::no_utf_8(b"{\"productName\": \"\xc3\x28\"}")]
#[case::lone_surrogate(b"{\"productName\": \"\\udc00\"}")]
#[case::byte_order_mark(b"\xef\xbb\xbf{}")]
#[case::trailing_data(b"{} {}")]
#[tokio::test]
async fn an_order_that_is_no_json_is_malformed(#[case] body: &'static [u8]) {
    let call = Api::new()
        .call("POST", "/orders")
        .raw("application/json", body)
        .send()
        .await;
    call.assert_problem(400, "malformed-json");
}

#[tokio::test]
async fn a_body_is_json_in_utf_8_and_nothing_else() {
    let api = Api::new();
    let plain = api
        .call("POST", "/orders")
        .raw("text/plain", "{}")
        .send()
        .await;
    plain.assert_problem(415, "unsupported-media-type");
    let utf_16 = api
        .call("POST", "/orders")
        .raw("application/json; charset=utf-16", "{}");
    utf_16
        .send()
        .await
        .assert_problem(415, "unsupported-media-type");
    let zipped = api
        .call("POST", "/orders")
        .header("Content-Encoding", "gzip");
    let zipped = zipped
        .raw("application/json", b"\x1f\x8b\x08".as_slice())
        .send()
        .await;
    zipped.assert_problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn a_body_is_at_most_64_kib_however_it_comes() {
    let api = Api::new();
    let large = api
        .call("POST", "/orders")
        .json(&coffee_with("productName", json!("x".repeat(65_536))));
    large.send().await.assert_problem(413, "too-large");
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b" ")));
    let endless = Body::from_stream(endless);
    let chunks = api.call("POST", "/orders").raw("application/json", endless);
    chunks.send().await.assert_problem(413, "too-large");
}

#[rstest]
#[case::star("*")]
#[case::greater("%3E")]
#[case::tokens("a.b")]
#[case::space("%20")]
#[case::line_break("%0d%0a")]
#[case::nul("%00")]
#[case::traversal("..%2f")]
#[case::traversal_escaped_twice("%252e%252e")]
#[case::no_utf_8("%ff")]
#[case::number("1")]
#[case::capitals("01890A5D-AC96-774B-BCCE-B302099A8057")]
#[case::no_dashes("01890a5dac96774bbcceb302099a8057")]
#[case::homoglyph("01890%D0%B05d-ac96-774b-bcce-b302099a8057")]
#[case::long("0123456789012345678901234567890123456789012345678901234567890123456789")]
#[tokio::test]
async fn only_a_canonical_id_is_one(#[case] id: &str) {
    let api = Api::new();
    for (method, path) in [
        ("DELETE", format!("/orders/{id}")),
        ("PUT", format!("/payments/{id}")),
        ("POST", format!("/payments/{id}/approve")),
        ("PATCH", format!("/deliveries/{id}")),
        ("POST", format!("/deliveries/{id}/fail")),
    ] {
        let answer = api.call(method, path).send().await;
        answer.assert_problem(400, "invalid-id");
    }
}

#[rstest]
#[case::empty(b"".as_slice())]
#[case::space(b"a b")]
#[case::not_ascii("ключ".as_bytes())]
#[case::too_long(&[b'k'; 256])]
#[tokio::test]
async fn a_key_is_visible_ascii(#[case] key: &[u8]) {
    let api = Api::new();
    let call = api.call("POST", "/orders").header("Idempotency-Key", key);
    let answer = call
        .json(&coffee_with("discount", Value::Null))
        .send()
        .await;
    answer.assert_problem(400, "idempotency-key");
}

#[tokio::test]
async fn a_request_has_one_key() {
    let api = Api::new();
    let call = api.call("POST", "/orders").key("a").key("a");
    let answer = call
        .json(&coffee_with("discount", Value::Null))
        .send()
        .await;
    answer.assert_problem(400, "idempotency-key");
}

#[tokio::test]
async fn who_takes_no_json_gets_no_order() {
    let api = Api::new();
    let call = api
        .call("POST", "/orders")
        .header("Accept", "application/xml");
    let answer = call
        .json(&coffee_with("discount", Value::Null))
        .send()
        .await;
    answer.assert_problem(406, "not-acceptable");
    assert_eq!(
        api.log.head().await.expect("a head"),
        Sequence::START,
        "nothing was stored"
    );
}

#[tokio::test]
async fn a_path_or_a_method_that_does_not_exist_is_a_problem() {
    let api = Api::new();
    api.call("GET", "/nothing")
        .send()
        .await
        .assert_problem(404, "not-found");
    let answer = api.call("PUT", "/orders").send().await;
    answer.assert_problem(405, "method-not-allowed");
    assert_eq!(answer.header("allow"), "POST");
}

#[tokio::test]
async fn a_reason_is_bounded_and_alone() {
    let api = Api::new();
    let id = api.requested().await;
    let decline = async |body: Value| {
        let call = api.call("POST", format!("/payments/{id}/decline"));
        call.json(&body).send().await
    };
    for body in [
        json!({"reason": "x".repeat(201)}),
        json!({"reason": 1}),
        json!({"why": "x"}),
    ] {
        decline(body).await.assert_problem(422, "validation");
    }
    assert_eq!(decline(json!({})).await.status, 200);
}

//! What is refused, and in which words.

use reqwest::Client;
use rstest::rstest;
use serde_json::json;

use crate::server::{Server, answer, wish};

#[rstest]
#[case::none(None)]
#[case::empty(Some("Bearer "))]
#[case::another_scheme(Some("Basic c2s6"))]
#[tokio::test]
async fn who_names_no_secret_is_turned_away(#[case] header: Option<&str>) {
    let server = Server::start().await;
    for path in ["/v1/payment_intents", "/v1/refunds", "/v1/anything"] {
        let request = Client::new().get(format!("{}{path}", server.base));
        let request = match header {
            Some(header) => request.header("authorization", header),
            None => request,
        };
        let refused = answer(request).await;
        assert_eq!(refused.status, 401, "{path}");
        assert_eq!(refused.body["error"]["type"], "invalid_request_error");
    }
}

#[rstest]
#[case::no_amount("currency=eur", "parameter_missing", "amount")]
#[case::no_currency("amount=1000", "parameter_missing", "currency")]
#[case::zero("amount=0&currency=eur", "parameter_invalid_integer", "amount")]
#[case::a_fraction("amount=1.5&currency=eur", "parameter_invalid_integer", "amount")]
#[case::unheard_of("amount=1&currency=eur&foo=bar", "parameter_unknown", "foo")]
#[tokio::test]
async fn a_wish_that_makes_no_sense_is_refused(
    #[case] form: &str,
    #[case] code: &str,
    #[case] param: &str,
) {
    let server = Server::start().await;
    let refused = server.posted("/v1/payment_intents", form).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["error"]["code"], code);
    assert_eq!(refused.body["error"]["param"], param);
    assert!(server.ledger().await.is_empty());
}

#[rstest]
#[case("amount=1&currency=euro")]
#[case("amount=1&currency=eur&confirm=true")]
#[case("amount=1&currency=eur&capture_method=manual")]
#[tokio::test]
async fn what_the_simulator_does_not_do_is_refused_and_not_ignored(#[case] form: &str) {
    let server = Server::start().await;
    let refused = server.posted("/v1/payment_intents", form).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["error"]["type"], "invalid_request_error");
    assert!(server.ledger().await.is_empty());
}

#[tokio::test]
async fn an_intent_that_is_not_there_is_missing() {
    let server = Server::start().await;
    let missing = [
        server.got("/v1/payment_intents/pi_none").await,
        server.confirmed("pi_none").await,
        server.cancelled("pi_none").await,
        server.refunded("pi_none").await,
        server.got("/v1/refunds?payment_intent=pi_none").await,
    ];
    for answer in missing {
        assert_eq!(answer.status, 404);
        assert_eq!(answer.body["error"]["code"], "resource_missing");
    }
}

#[tokio::test]
async fn an_intent_that_has_ended_tells_how_it_stands() {
    let server = Server::start().await;
    let charged = server.intent(1_000).await;
    server.confirmed(&charged).await;
    let called_off = server.intent(1_000).await;
    server.cancelled(&called_off).await;
    for (id, status) in [(&charged, "succeeded"), (&called_off, "canceled")] {
        for refused in [server.confirmed(id).await, server.cancelled(id).await] {
            assert_eq!(refused.status, 400);
            let error = &refused.body["error"];
            assert_eq!(error["code"], "payment_intent_unexpected_state");
            assert_eq!(error["payment_intent"]["status"], status);
        }
    }
}

#[tokio::test]
async fn nothing_goes_back_twice_or_that_was_not_taken() {
    let server = Server::start().await;
    let id = server.intent(1_000).await;
    let uncharged = server.refunded(&id).await;
    assert_eq!(uncharged.status, 400);
    server.confirmed(&id).await;
    let more = format!("payment_intent={id}&amount=1001");
    assert_eq!(server.posted("/v1/refunds", &more).await.status, 400);
    assert_eq!(server.refunded(&id).await.status, 200);
    let again = server.refunded(&id).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.body["error"]["code"], "charge_already_refunded");
    assert_eq!(server.money().await, (1_000, 1_000, 1));
}

#[tokio::test]
async fn other_paths_and_methods_are_not_recognized() {
    let server = Server::start().await;
    for path in ["/v1/charges", "/v1/payment_intents"] {
        let refused = server.got(path).await;
        assert_eq!(refused.status, 404);
        let message = refused.body["error"]["message"].as_str();
        assert!(message.is_some_and(|text| text.contains(path)));
    }
}

#[tokio::test]
async fn odd_metadata_makes_a_name_that_is_fit_for_a_path() {
    let server = Server::start().await;
    let form = wish(1_000).replace("o-1", "..%2F%3F%20%C3%A9");
    let created = server.posted("/v1/payment_intents", &form).await;
    let id = crate::server::name(&created);
    assert!(id.is_ascii() && !id.contains(['/', '?', ' ', '.']), "{id}");
    assert_eq!(created.body["metadata"]["order_id"], json!("../? é"));
    assert_eq!(server.status_of(&id).await, "requires_confirmation");
}

//! Who decides: whoever has logged in, and nobody in another's name.

use ordertrace_domain::{
    ActorId, CustomerId,
    testing::fixtures::{self, histories},
};
use ordertrace_http::{Principal, Role, Roles};
use rstest::rstest;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Somebody who has logged in, with this role alone.
fn somebody(name: &str, role: Role) -> Principal {
    Principal {
        id: ActorId::parse(name).expect("a name"),
        customer_id: CustomerId::parse(name).expect("a name"),
        roles: Roles::NONE.and(role),
        is_anonymous: false,
    }
}

/// A parked message of an order, and `olga`, who runs the shop.
async fn parked() -> Desk {
    let desk = Desk::new().authenticated(somebody("olga", Role::Operator));
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(1, Some(order)).await;
    desk
}

#[rstest]
#[case::a_retry("retry", json!({}), 202)]
#[case::a_discard("discard", json!({ "reason": "a forgery" }), 200)]
#[tokio::test]
async fn a_decision_is_on_record_under_the_name_of_who_logged_in(
    #[case] call: &str,
    #[case] body: Value,
    #[case] status: u16,
) {
    let desk = parked().await;
    let path = format!("/ops/dlq/saga.1/{call}");
    let answer = desk.post_json(path, &body).await;
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.body["settledBy"], "olga");
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok(), answer.body);
}

#[rstest]
#[case("/ops/dlq/saga.1/retry", json!({ "actor": "otto" }))]
#[case("/ops/dlq/saga.1/discard", json!({ "reason": "a forgery", "actor": "otto" }))]
#[tokio::test]
async fn nobody_decides_in_anothers_name(#[case] path: &str, #[case] body: Value) {
    let desk = parked().await;
    let answer = desk.post_json(path, &body).await;
    answer.assert_problem(422, "validation");
    assert_eq!(answer.body["errors"][0]["pointer"], "/actor");
    assert_eq!(desk.get("/ops/dlq/saga.1").await.ok()["status"], "waiting");
}

#[rstest]
#[case(Role::Customer)]
#[case(Role::Courier)]
#[case(Role::Auditor)]
#[tokio::test]
async fn only_operators_decide(#[case] role: Role) {
    let desk = Desk::new().authenticated(somebody("mallory", role));
    let order = desk.order(histories::placed(fixtures::cash())).await;
    desk.park(1, Some(order)).await;
    for path in [
        "/ops/dlq/saga.1/retry".to_owned(),
        "/ops/dlq/saga.1/discard".to_owned(),
        format!("/ops/stuck/{order}/resume"),
    ] {
        desk.post(path).await.assert_problem(403, "forbidden");
    }
    assert_eq!(desk.meddled.woken(), []);
}

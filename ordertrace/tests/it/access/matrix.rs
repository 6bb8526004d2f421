//! Every operation, asked by everybody, is what the table says.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use ordertrace_domain::{OrderId, testing::fixtures};
use ordertrace_http::{Principal, Role};

use super::{
    operations::{Operation, of_the_program},
    scene::{Answer, COFFEE, LETTER, Scene, customer, somebody},
    table::{Asker, Cell, Row, rows},
};

/// The body that an operation does not do without.
fn body(id: &str) -> Option<&'static str> {
    Some(match id {
        "placeOrder" => COFFEE,
        "setPaymentStatus" | "patchPaymentStatus" => r#"{"paymentStatus":"END"}"#,
        "setDeliveryStatus" | "patchDeliveryStatus" => r#"{"deliveryStatus":"START"}"#,
        "discardDeadLetter" => r#"{"reason":"a forgery"}"#,
        _ => return None,
    })
}

/// A request for an operation about an order.
pub(super) fn request(id: &str, operation: &Operation, order: OrderId) -> Request<Body> {
    let name = if operation.path.starts_with("/ops/dlq/") {
        LETTER.to_owned()
    } else {
        order.to_string()
    };
    let mut path = operation.path.replace("{id}", &name);
    if id == "findByOrderId" {
        path = format!("{path}?orderId={order}");
    }
    let request = Request::builder().method(operation.method.as_str());
    let request = request.uri(path);
    match body(id) {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into()),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

fn principal(asker: Asker) -> Option<Principal> {
    match asker {
        Asker::Nobody => None,
        Asker::Owner | Asker::Stranger => Some(customer("alice")),
        Asker::Courier => Some(somebody("carl", Role::Courier)),
        Asker::Operator => Some(somebody("olga", Role::Operator)),
        Asker::Auditor => Some(somebody("anna", Role::Auditor)),
    }
}

#[test]
fn each_operation_has_a_row_and_each_row_an_operation() {
    let rows = rows();
    let listed: BTreeSet<_> = rows.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(listed.len(), rows.len(), "an operation has two rows");
    let described = of_the_program();
    let described: BTreeSet<_> = described.keys().cloned().collect();
    assert_eq!(listed, described);
}

#[tokio::test]
async fn each_operation_is_described_with_the_roles_that_it_is_for() {
    let described = of_the_program();
    let served = Scene::new().await.operations;
    for row in rows() {
        let roles = row.roles();
        assert_eq!(described[row.operation].roles, roles, "{}", row.operation);
        if let Some(operation) = served.get(row.operation) {
            assert_eq!(operation.roles, roles, "{}", row.operation);
        }
    }
    for id in served.keys() {
        assert!(described.contains_key(id), "{id} has no row");
    }
    // What is not asked below is served by the program alone.
    let rest: Vec<_> = described
        .keys()
        .filter(|id| !served.contains_key(*id))
        .collect();
    let own = [
        "getDocument",
        "getHealth",
        "getLiveness",
        "getMetrics",
        "getProvider",
        "getReadiness",
        "isAlive",
        "isReady",
    ];
    assert_eq!(rest, own);
}

#[tokio::test]
async fn everybody_gets_of_each_operation_what_the_table_says() {
    let scene = Scene::new().await;
    let mut asked = 0;
    for row in rows() {
        let Some(operation) = scene.operations.get(row.operation) else {
            continue;
        };
        for asker in Asker::ALL {
            let order = match asker {
                Asker::Stranger => scene.bobs,
                _ => scene.alices,
            };
            let ask = async |order| {
                let request = request(row.operation, operation, order);
                scene.send(principal(asker).as_ref(), request).await
            };
            let answer = ask(order).await;
            check(&row, asker, &answer);
            if row.cell(asker) == Cell::LikeMissing {
                assert_eq!(answer, ask(fixtures::order_id()).await, "{row:?}");
            }
            asked += 1;
        }
    }
    assert_eq!(asked, 6 * scene.operations.len());
}

fn check(row: &Row, asker: Asker, answer: &Answer) {
    let at = format!("{} for {asker:?}: {answer:?}", row.operation);
    let problem = answer.problem();
    match row.cell(asker) {
        Cell::LogInFirst => {
            assert_eq!(
                (answer.status, &*problem),
                (StatusCode::UNAUTHORIZED, "invalid-token"),
                "{at}"
            );
            assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer", "{at}");
        }
        Cell::NotAllowed => {
            assert_eq!(
                (answer.status, &*problem),
                (StatusCode::FORBIDDEN, "forbidden"),
                "{at}"
            );
        }
        Cell::LikeMissing => {
            assert_eq!(
                (answer.status, &*problem),
                (StatusCode::NOT_FOUND, "not-found"),
                "{at}"
            );
        }
        Cell::Admitted => {
            let turned_away = ["invalid-token", "forbidden", "not-found"];
            assert!(!turned_away.contains(&&*problem), "{at}");
            assert!(answer.status != StatusCode::INTERNAL_SERVER_ERROR, "{at}");
        }
        // There is nothing to ask about another's order: it is the customer's own question.
        Cell::NotApplicable => assert_eq!(asker, Asker::Stranger, "{at}"),
    }
}

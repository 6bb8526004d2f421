//! Parking on a real server.

use crate::rig::Rig;
use futures::future::join_all;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{Parked, Parking, Sequence};
use ordertrace_nats::JetStreamParking;
use ordertrace_nats::subject::{DLQ_STREAM, parked};

fn pointer(sequence: u64, reason: &str) -> Parked {
    Parked {
        sequence: Sequence::new(sequence),
        order_id: Some(order_id()),
        consumer: "saga".to_owned(),
        reason: reason.to_owned(),
        attempts: 5,
    }
}

#[tokio::test]
async fn to_park_a_message_again_and_again_is_to_park_it_once() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let parking = JetStreamParking::new(&connection);
    let first = pointer(7, "the first reason");
    parking.park(first.clone()).await.unwrap();
    let again = (0..8).map(|_| parking.park(pointer(7, "another reason")));
    for result in join_all(again).await {
        result.unwrap();
    }
    parking.park(pointer(8, "another message")).await.unwrap();

    let mut stream = connection.jetstream().get_stream(DLQ_STREAM).await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 2);
    let stored = stream
        .get_last_raw_message_by_subject(&parked("saga", 7))
        .await
        .unwrap();
    let stored: serde_json::Value = serde_json::from_slice(&stored.payload).unwrap();
    let order = first.order_id.unwrap().to_string();
    assert_eq!(
        stored,
        serde_json::json!({
            "sequence": 7, "order_id": order, "consumer": "saga", "reason": "the first reason", "attempts": 5
        })
    );
}

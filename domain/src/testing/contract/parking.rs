//! Messages that wait for an operator.

use super::{Harness, new_order, within};
use crate::{History, Parked};

fn parked(order: &History, consumer: &str, attempts: u32) -> Parked {
    Parked {
        sequence: order.last_sequence(),
        order_id: Some(order.order_id()),
        consumer: consumer.to_owned(),
        reason: "it can't be read".to_owned(),
        attempts,
    }
}

async fn park(harness: &dyn Harness, parked: Parked) {
    let done = within(harness.parking().park(parked)).await;
    done.expect("it is parked");
}

async fn parked_of(harness: &dyn Harness, order: &History) -> Vec<Parked> {
    let mut all = within(harness.parked()).await;
    all.retain(|parked| parked.order_id == Some(order.order_id()));
    all.sort_by(|one, other| one.consumer.cmp(&other.consumer));
    all
}

/// A worker that died between parking and acknowledging parks again.
pub async fn a_message_parked_twice_is_parked_once(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    park(harness, parked(&order, "saga", 3)).await;
    park(harness, parked(&order, "saga", 4)).await;
    assert_eq!(
        parked_of(harness, &order).await,
        [parked(&order, "saga", 3)]
    );
}

/// What one consumer can't handle another may.
pub async fn each_consumer_parks_for_itself(harness: &dyn Harness) {
    let order = new_order(&*harness.log()).await;
    park(harness, parked(&order, "saga", 3)).await;
    park(harness, parked(&order, "projections", 1)).await;
    let expected = [parked(&order, "projections", 1), parked(&order, "saga", 3)];
    assert_eq!(parked_of(harness, &order).await, expected);
}

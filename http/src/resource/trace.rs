//! An order with all that it has come to.

use ordertrace_domain::{Order, OrderId, Position, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Goods, LineResource, Links, lines, links,
    words::{
        delivery_states, delivery_statuses, every_link, payment_states, payment_statuses,
        trace_states, trace_statuses,
    },
};
use crate::{
    openapi,
    status::{
        delivery_state, delivery_status, payment_state, payment_status, trace_state, trace_status,
    },
};

/// `/orderTraces/{id}`
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OrderTrace)]
pub struct TraceResource {
    #[schema(schema_with = openapi::order_id)]
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    customer_id: String,
    #[schema(schema_with = trace_statuses)]
    status: &'static str,
    #[schema(schema_with = trace_states)]
    state: &'static str,
    #[schema(schema_with = payment_statuses)]
    payment_status: &'static str,
    #[schema(schema_with = payment_states)]
    payment_state: &'static str,
    #[schema(schema_with = delivery_statuses)]
    delivery_status: &'static str,
    #[schema(schema_with = delivery_states)]
    delivery_state: &'static str,
    #[schema(minimum = 1)]
    version: u64,
    #[schema(schema_with = openapi::time)]
    placed_at: String,
    #[schema(schema_with = openapi::time)]
    changed_at: String,
    #[schema(schema_with = openapi::position_token)]
    position: String,
    lines: Vec<LineResource>,
    #[serde(rename = "_links")]
    #[schema(schema_with = every_link)]
    links: Links,
}

impl TraceResource {
    /// The order with all that it has come to; the times are the log's own, the position is that of its last event.
    pub fn of(
        id: OrderId,
        order: &Order,
        placed_at: Timestamp,
        changed_at: Timestamp,
        position: Position,
    ) -> Self {
        Self {
            order_id: id.to_string(),
            goods: Goods::of(order),
            customer_id: order.placed.customer_id.to_string(),
            status: trace_status(order),
            state: trace_state(order),
            payment_status: payment_status(&order.payment),
            payment_state: payment_state(&order.payment),
            delivery_status: delivery_status(&order.delivery),
            delivery_state: delivery_state(&order.delivery),
            version: order.version.get(),
            placed_at: placed_at.to_string(),
            changed_at: changed_at.to_string(),
            position: position.to_string(),
            lines: lines(order),
            links: links("orderTraces", id),
        }
    }
}

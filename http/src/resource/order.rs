//! An order.

use ordertrace_domain::{Order, OrderId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Goods, LineResource, Links, lines, links,
    words::{every_link, trace_states, trace_statuses},
};
use crate::{
    openapi,
    status::{trace_state, trace_status},
};

/// `/orders/{id}`
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Order)]
pub struct OrderResource {
    #[schema(schema_with = openapi::order_id)]
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    customer_id: String,
    #[schema(schema_with = trace_statuses)]
    status: &'static str,
    #[schema(schema_with = trace_states)]
    state: &'static str,
    #[schema(minimum = 1)]
    version: u64,
    lines: Vec<LineResource>,
    #[serde(rename = "_links")]
    #[schema(schema_with = every_link)]
    links: Links,
}

impl OrderResource {
    /// The order itself.
    pub fn of(id: OrderId, order: &Order) -> Self {
        Self {
            order_id: id.to_string(),
            goods: Goods::of(order),
            customer_id: order.placed.customer_id.to_string(),
            status: trace_status(order),
            state: trace_state(order),
            version: order.version.get(),
            lines: lines(order),
            links: links("orders", id),
        }
    }
}

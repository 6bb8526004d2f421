//! A payment.

use ordertrace_domain::{Order, OrderId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Goods, Links, links,
    words::{every_link, payment_states, payment_statuses},
};
use crate::{
    openapi,
    status::{payment_state, payment_status},
};

/// `/payments/{id}`
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payment)]
pub struct PaymentResource {
    #[schema(schema_with = openapi::order_id)]
    payment_id: String,
    #[schema(schema_with = openapi::order_id)]
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    #[schema(schema_with = payment_statuses)]
    payment_status: &'static str,
    #[schema(schema_with = payment_states)]
    state: &'static str,
    #[schema(minimum = 1)]
    version: u64,
    #[serde(rename = "_links")]
    #[schema(schema_with = every_link)]
    links: Links,
}

impl PaymentResource {
    /// The order's payment.
    pub fn of(id: OrderId, order: &Order) -> Self {
        Self {
            payment_id: id.to_string(),
            order_id: id.to_string(),
            goods: Goods::of(order),
            payment_status: payment_status(&order.payment),
            state: payment_state(&order.payment),
            version: order.version.get(),
            links: links("payments", id),
        }
    }
}

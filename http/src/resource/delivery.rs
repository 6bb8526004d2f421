//! A delivery.

use ordertrace_domain::{Order, OrderId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Goods, Links, links,
    words::{delivery_states, delivery_statuses, every_link},
};
use crate::{
    openapi,
    status::{delivery_state, delivery_status},
};

/// `/deliveries/{id}`
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub struct DeliveryResource {
    #[schema(schema_with = openapi::order_id)]
    delivery_id: String,
    #[schema(schema_with = openapi::order_id)]
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    #[schema(schema_with = delivery_statuses)]
    delivery_status: &'static str,
    #[schema(schema_with = delivery_states)]
    state: &'static str,
    #[schema(minimum = 1)]
    version: u64,
    #[serde(rename = "_links")]
    #[schema(schema_with = every_link)]
    links: Links,
}

impl DeliveryResource {
    /// The order's delivery.
    pub fn of(id: OrderId, order: &Order) -> Self {
        Self {
            delivery_id: id.to_string(),
            order_id: id.to_string(),
            goods: Goods::of(order),
            delivery_status: delivery_status(&order.delivery),
            state: delivery_state(&order.delivery),
            version: order.version.get(),
            links: links("deliveries", id),
        }
    }
}

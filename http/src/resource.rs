//! The resources: an order, its payment, its delivery and its trace, with the original system's field names.
//!
//! Invariant: each is a pure function of an order, so that an answer to a command and a later query agree.

use std::collections::BTreeMap;

use ordertrace_domain::{Order, OrderId, OrderLine, Position, Timestamp};
use serde::Serialize;

use crate::{
    Link,
    status::{
        delivery_state, delivery_status, payment_state, payment_status, trace_state, trace_status,
    },
};

type Links = BTreeMap<&'static str, Link>;

fn links(this: &'static str, id: OrderId) -> Links {
    BTreeMap::from([
        ("self", Link::to(format!("/{this}/{id}"))),
        ("order", Link::to(format!("/orders/{id}"))),
        ("payment", Link::to(format!("/payments/{id}"))),
        ("delivery", Link::to(format!("/deliveries/{id}"))),
        ("orderTrace", Link::to(format!("/orderTraces/{id}"))),
    ])
}

/// What was ordered. The flat fields show the first line, the summed quantity and the total.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Goods {
    product_id: u64,
    product_name: String,
    qty: u64,
    cost: i64,
    currency: &'static str,
    payment_type: &'static str,
}

impl Goods {
    fn of(order: &Order) -> Self {
        let placed = &order.placed;
        let first = placed.lines.as_slice().first();
        Self {
            product_id: first.map_or(0, |line| line.product_id.get()),
            product_name: first.map_or_else(String::new, |line| line.product_name.to_string()),
            qty: placed.lines.quantity(),
            cost: placed.total.minor(),
            currency: placed.currency.code(),
            payment_type: placed.payment_method.name(),
        }
    }
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineResource {
    product_id: u64,
    product_name: String,
    qty: u32,
    cost: i64,
}

impl LineResource {
    fn of(line: &OrderLine) -> Self {
        Self {
            product_id: line.product_id.get(),
            product_name: line.product_name.to_string(),
            qty: line.quantity.get(),
            cost: line.amount.minor(),
        }
    }
}

fn lines(order: &Order) -> Vec<LineResource> {
    let lines = order.placed.lines.as_slice();
    lines.iter().map(LineResource::of).collect()
}

/// `/orders/{id}`
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderResource {
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    customer_id: String,
    status: &'static str,
    state: &'static str,
    version: u64,
    lines: Vec<LineResource>,
    #[serde(rename = "_links")]
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

/// `/payments/{id}`
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentResource {
    payment_id: String,
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    payment_status: &'static str,
    state: &'static str,
    version: u64,
    #[serde(rename = "_links")]
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

/// `/deliveries/{id}`
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryResource {
    delivery_id: String,
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    delivery_status: &'static str,
    state: &'static str,
    version: u64,
    #[serde(rename = "_links")]
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

/// `/orderTraces/{id}`
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TraceResource {
    order_id: String,
    #[serde(flatten)]
    goods: Goods,
    customer_id: String,
    status: &'static str,
    state: &'static str,
    payment_status: &'static str,
    payment_state: &'static str,
    delivery_status: &'static str,
    delivery_state: &'static str,
    version: u64,
    placed_at: String,
    changed_at: String,
    position: String,
    lines: Vec<LineResource>,
    #[serde(rename = "_links")]
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

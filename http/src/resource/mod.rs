//! The resources: an order, its payment, its delivery and its trace, with the original system's field names.
//!
//! Invariant: each is a pure function of an order, so that an answer to a command and a later query agree.

mod delivery;
mod order;
mod payment;
mod trace;
mod words;

use std::collections::BTreeMap;

use ordertrace_domain::{Order, OrderId, OrderLine};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Link;
use words::payment_types;

pub use delivery::DeliveryResource;
pub use order::OrderResource;
pub use payment::PaymentResource;
pub use trace::TraceResource;

/// How an order may be paid.
pub const PAYMENT_TYPES: [&str; 2] = ["cash", "card"];

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
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Goods {
    #[schema(minimum = 0)]
    product_id: u64,
    product_name: String,
    qty: u64,
    /// In minor units of the currency.
    #[schema(minimum = 1)]
    cost: i64,
    currency: &'static str,
    #[schema(schema_with = payment_types)]
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
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Line)]
pub struct LineResource {
    #[schema(minimum = 0)]
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

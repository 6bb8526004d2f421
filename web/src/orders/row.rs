//! One order of the list.

use askama::Template;
use serde::Deserialize;

use crate::{
    format::{Moment, Money, short_id},
    state::State,
};

/// What the list needs of a trace.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Trace {
    order_id: String,
    product_name: String,
    qty: u64,
    cost: i64,
    currency: String,
    payment_type: String,
    state: String,
    version: u64,
    placed_at: String,
    changed_at: String,
    #[serde(default)]
    lines: Vec<Line>,
    #[serde(default)]
    quarantined: Option<Quarantined>,
}

#[derive(Debug, Clone, Deserialize)]
struct Line {}

#[derive(Debug, Clone, Deserialize)]
struct Quarantined {
    reason: String,
}

impl Trace {
    /// The id that its row has on the page.
    pub(super) fn row_id(&self) -> String {
        format!("order-{}", self.order_id)
    }
}

/// A row, as the table and the stream show it.
#[derive(Debug, Template)]
#[template(path = "orders/row.html")]
pub(super) struct Row<'a> {
    trace: &'a Trace,
    state: State<'a>,
    total: Money,
    placed: Moment,
    changed: Moment,
}

impl<'a> Row<'a> {
    /// The row of a trace.
    pub(super) fn of(trace: &'a Trace) -> Self {
        Self {
            trace,
            state: State::of(&trace.state),
            total: Money::new(trace.cost, &trace.currency),
            placed: Moment::of(&trace.placed_at),
            changed: Moment::of(&trace.changed_at),
        }
    }

    fn short_id(&self) -> &str {
        short_id(&self.trace.order_id)
    }

    /// How many products there are beside the first.
    fn more_lines(&self) -> usize {
        self.trace.lines.len().saturating_sub(1)
    }

    fn payment(&self) -> &str {
        match self.trace.payment_type.as_str() {
            "cash" => "Cash",
            "card" => "Card",
            other => other,
        }
    }
}

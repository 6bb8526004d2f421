//! What a stream is about, and what a change is to it: a pure function.
//!
//! Invariant: the list of what meets a filter at one position, and every message after that in turn, give the list at any
//! later position.

use ordertrace_domain::{Incarnation, OrderId};

use ordertrace_http::Reach;

use super::message::Message;
use crate::{Update, routes::traces::Filter};

/// Which orders a stream tells of.
pub(super) enum Scope {
    /// Those that meet a filter, as long as they do.
    Filter(Filter),
    /// One of them, for somebody with this reach: it was within it when the stream began, and an order never changes hands.
    Order(OrderId, Reach),
}

impl Scope {
    /// The only order it is about, if that is so.
    pub(super) const fn order(&self) -> Option<OrderId> {
        match self {
            Self::Filter(_) => None,
            Self::Order(order, _) => Some(*order),
        }
    }

    /// Whose orders may be told of.
    pub(super) const fn reach(&self) -> &Reach {
        match self {
            Self::Filter(filter) => &filter.reach,
            Self::Order(_, reach) => reach,
        }
    }

    /// Whether changes of an order may be in it at all.
    pub(super) fn may_have(&self, order: OrderId) -> bool {
        self.order().is_none_or(|only| only == order)
    }

    /// What a change is told as; nothing if it is neither in it nor was before.
    pub(super) fn told(&self, update: &Update, incarnation: Incarnation) -> Option<Message> {
        let has = |record| match self {
            Self::Filter(filter) => filter.meets(record),
            Self::Order(order, _) => update.order_id == *order,
        };
        if has(&update.after) {
            Message::trace(update, incarnation)
        } else if update.before.as_ref().is_some_and(has) {
            Some(Message::removed(update, incarnation))
        } else {
            None
        }
    }
}

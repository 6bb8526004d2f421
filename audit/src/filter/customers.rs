//! Whose an order is, as far as a read has come to know.
//!
//! Invariant: it holds a bounded number of orders. What it has forgotten is asked for again.

use std::collections::HashMap;

use ordertrace_domain::OrderId;

/// How many orders each half holds: about 5 MB in all, and as many as are open at a time in a large shop.
const ORDERS_MAX: usize = 50_000;

/// Whether an order is the customer's that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Theirs,
    AnotherOnes,
    /// Its first event can't be read.
    Unknown,
}

/// The orders that were asked about last. When the newer half is full it becomes the older one, and that one is forgotten.
#[derive(Debug, Default)]
pub(super) struct Customers {
    newer: HashMap<OrderId, Whose>,
    older: HashMap<OrderId, Whose>,
}

impl Customers {
    pub(super) fn get(&mut self, order: OrderId) -> Option<Whose> {
        if let Some(whose) = self.newer.get(&order) {
            return Some(*whose);
        }
        let whose = *self.older.get(&order)?;
        self.put(order, whose);
        Some(whose)
    }

    pub(super) fn put(&mut self, order: OrderId, whose: Whose) {
        if self.newer.len() >= ORDERS_MAX {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(order, whose);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::testing::fixtures::order_id;

    #[test]
    fn what_is_asked_for_is_kept_and_what_is_not_is_forgotten() {
        let (mut customers, asked_for, once) = (Customers::default(), order_id(), order_id());
        customers.put(asked_for, Whose::Theirs);
        customers.put(once, Whose::AnotherOnes);
        for _ in 0..3 * ORDERS_MAX {
            customers.put(order_id(), Whose::AnotherOnes);
            assert_eq!(customers.get(asked_for), Some(Whose::Theirs));
        }
        assert_eq!(customers.get(once), None);
        assert!(customers.newer.len() + customers.older.len() <= 2 * ORDERS_MAX);
    }
}

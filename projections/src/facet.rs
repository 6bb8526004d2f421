//! What orders are found by: the words, numbers and names that a query may ask for.
//!
//! Invariant: a pure function of an order's row, so that what an index holds is always what a look at every row would
//! find. A changed word of a state is a changed layout.

use std::collections::BTreeSet;

use ordertrace_domain::{CustomerId, Order, PaymentMethod, ProductId};
use ordertrace_http::{trace_state, trace_status};

/// One thing that an order is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facet {
    kind: Kind,
    value: Box<str>,
}

/// What a facet tells of an order. The numbers are in the keys of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
enum Kind {
    State = 1,
    Status = 2,
    Product = 3,
    Customer = 4,
    PaymentType = 5,
}

impl Facet {
    /// Orders in this precise state, such as `payment_requested`.
    pub fn state(word: &str) -> Self {
        Self::new(Kind::State, word)
    }

    /// Orders in this state as the original system names it, such as `PAY END`.
    pub fn status(word: &str) -> Self {
        Self::new(Kind::Status, word)
    }

    /// Orders of this product, in any line.
    pub fn product(product: ProductId) -> Self {
        Self::new(Kind::Product, &product.get().to_string())
    }

    /// Orders of this customer.
    pub fn customer(customer: &CustomerId) -> Self {
        Self::new(Kind::Customer, customer.as_str())
    }

    /// Orders that are paid in this way, `cash` or `card`.
    pub fn payment_type(word: &str) -> Self {
        Self::new(Kind::PaymentType, word)
    }

    /// All that an order is found by.
    pub fn of(order: &Order) -> BTreeSet<Self> {
        let placed = &order.placed;
        let payment_type = match placed.payment_method {
            PaymentMethod::Cash => "cash",
            PaymentMethod::Card { .. } => "card",
        };
        let mut facets = BTreeSet::from([
            Self::state(trace_state(order)),
            Self::status(trace_status(order)),
            Self::customer(&placed.customer_id),
            Self::payment_type(payment_type),
        ]);
        let lines = placed.lines.as_slice().iter();
        facets.extend(lines.map(|line| Self::product(line.product_id)));
        facets
    }

    /// How many orders share a block of its index. What few orders have in common at a time is kept in large blocks, or each of
    /// its orders would have a block to itself; what many have, in small ones, since a block is written anew as a whole.
    pub(crate) const fn orders_a_block(&self) -> u32 {
        match self.kind {
            Kind::State | Kind::Status | Kind::PaymentType => 1 << 12,
            Kind::Product => 1 << 14,
            Kind::Customer => 1 << 16,
        }
    }

    /// The word of a precise state, if it is one.
    pub(crate) fn state_word(&self) -> Option<&str> {
        (self.kind == Kind::State).then_some(&self.value)
    }

    /// Its part of a key. No facet's bytes begin another's: the length stands before the value.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = u16::try_from(self.value.len()).unwrap_or(u16::MAX);
        let mut bytes = vec![self.kind as u8];
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(self.value.as_bytes());
        bytes
    }

    fn new(kind: Kind, value: &str) -> Self {
        let value = value.into();
        Self { kind, value }
    }
}

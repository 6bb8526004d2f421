//! The listings: which orders a collection shows, and in which order.
//!
//! Invariant: an order enters a listing once, at the event that makes it a member, and never leaves. A listing's key is
//! that event's sequence, so that an entry keeps its place while newer ones arrive in front of it.

use ordertrace_domain::{DeliveryEvent, Event, OrderEvent, PaymentEvent};

/// A list of orders by the time they became members of it. `/orders` and `/orderTraces` share the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// Every order, from the time it was placed.
    Placed,
    /// The orders with a payment, from the time it was first requested.
    Payments,
    /// The orders with a delivery, from the time it was prepared.
    Deliveries,
}

impl Listing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Placed, Self::Payments, Self::Deliveries];

    /// The listing that an order enters with this event, unless it is in it already.
    pub const fn entered_by(event: &Event) -> Option<Self> {
        match event {
            Event::Order(event) => match event {
                OrderEvent::OrderPlaced(_) => Some(Self::Placed),
                OrderEvent::OrderCancellationRequested(_)
                | OrderEvent::OrderCancelled(_)
                | OrderEvent::OrderRejected(_)
                | OrderEvent::OrderCompleted(_) => None,
            },
            Event::Payment(event) => match event {
                PaymentEvent::PaymentRequested(_) => Some(Self::Payments),
                PaymentEvent::PaymentSubmitted(_)
                | PaymentEvent::PaymentApproved(_)
                | PaymentEvent::PaymentDeclined(_)
                | PaymentEvent::PaymentOutcomeUnknown(_)
                | PaymentEvent::PaymentExpired(_)
                | PaymentEvent::PaymentVoided(_)
                | PaymentEvent::RefundRequested(_)
                | PaymentEvent::PaymentRefunded(_)
                | PaymentEvent::RefundFailed(_) => None,
            },
            Event::Delivery(event) => match event {
                DeliveryEvent::DeliveryPrepared(_) => Some(Self::Deliveries),
                DeliveryEvent::DeliveryStarted(_)
                | DeliveryEvent::DeliveryCompleted(_)
                | DeliveryEvent::DeliveryFailed(_)
                | DeliveryEvent::DeliveryCancelled(_) => None,
            },
        }
    }
}

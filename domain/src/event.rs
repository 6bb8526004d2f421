//! Events: what happened, with the name and the schema number under which each stands in the log.
//!
//! Invariant: a (name, schema) pair means the same bytes for ever; golden files hold it. A changed event gets the next
//! schema number, and an upcaster that lifts the old payload.

use serde::Serialize;

use crate::{DeliveryEvent, OrderEvent, PaymentEvent};

/// Any event of an order. In an envelope its fields stand under `data`, its name under `type`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Of the order itself.
    Order(OrderEvent),
    /// Of its payment.
    Payment(PaymentEvent),
    /// Of its delivery.
    Delivery(DeliveryEvent),
}

/// The name of an event in the log, and the number of the schema its data is written in today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType {
    /// Such as `OrderPlaced`.
    pub name: &'static str,
    /// 1, 2, 3 …
    pub schema: u16,
}

impl Event {
    /// Its name and schema.
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::Order(event) => event.event_type(),
            Self::Payment(event) => event.event_type(),
            Self::Delivery(event) => event.event_type(),
        }
    }

    /// All events there are.
    pub fn types() -> impl Iterator<Item = EventType> {
        [OrderEvent::TYPES, PaymentEvent::TYPES, DeliveryEvent::TYPES]
            .into_iter()
            .flatten()
            .copied()
    }

    /// Reads the data of an event of this name; `None` if there is no such event.
    pub(crate) fn read<R: ReadData>(name: &str, data: R) -> Option<Result<Self, R::Error>> {
        let data = match OrderEvent::read(name, data) {
            Ok(event) => return Some(event.map(Self::Order)),
            Err(unread) => unread,
        };
        let data = match PaymentEvent::read(name, data) {
            Ok(event) => return Some(event.map(Self::Payment)),
            Err(unread) => unread,
        };
        match DeliveryEvent::read(name, data) {
            Ok(event) => Some(event.map(Self::Delivery)),
            Err(_) => None,
        }
    }
}

/// A source of one event's data: the payload bytes, or a value that upcasters have lifted.
pub(crate) trait ReadData: Sized {
    type Error;

    fn read<T: serde::de::DeserializeOwned>(self) -> Result<T, Self::Error>;
}

/// Declares the events of one decider: the enum over their structs, their names and schema numbers, and how the data
/// of each is read. The name of the struct is the name in the log.
macro_rules! event_group {
    ($(#[$doc:meta])* $group:ident { $($name:ident @ $schema:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(untagged)]
        pub enum $group {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name($name),
            )+
        }

        impl $group {
            /// The events of this decider.
            pub const TYPES: &'static [crate::EventType] = &[
                $(crate::EventType { name: stringify!($name), schema: $schema },)+
            ];

            /// Its name and schema.
            pub const fn event_type(&self) -> crate::EventType {
                match self {
                    $(Self::$name(_) => crate::EventType { name: stringify!($name), schema: $schema },)+
                }
            }

            /// Reads the data of an event of this name, or gives the data back if it is another decider's.
            pub(crate) fn read<R: crate::event::ReadData>(
                name: &str,
                data: R,
            ) -> Result<Result<Self, R::Error>, R> {
                match name {
                    $(stringify!($name) => Ok(data.read().map(Self::$name)),)+
                    _ => Err(data),
                }
            }
        }
    };
}

pub(crate) use event_group;

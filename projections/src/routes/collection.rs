//! The four collections: where each is, what it lists, and how it shows a row.

use ordertrace_domain::{Incarnation, OrderId, Position};
use ordertrace_http::{DeliveryResource, OrderResource, PaymentResource, TraceResource};
use serde::Serialize;

use super::timeline::{Moment, timeline};
use crate::{Listing, Quarantine, Record, Row, StoreError, ViewStore};

/// A collection of resources, each a pure function of an order's row.
pub(super) trait Collected: 'static {
    /// Its path.
    const PATH: &'static str;
    /// Its name under `_embedded`.
    const NAME: &'static str;
    /// What it lists.
    const LISTING: Listing;
    /// Tells its cursors from those of the others.
    const CURSOR_TAG: u8;
    /// What it shows.
    type Resource: Serialize + Send;

    /// How it shows an order.
    fn resource(order: OrderId, row: &Row, incarnation: Incarnation) -> Self::Resource;

    /// What happened to an order that is shown alone, if it is told.
    fn timeline(
        _store: &ViewStore,
        _order: OrderId,
        _row: &Row,
        _incarnation: Incarnation,
    ) -> Result<Option<Vec<Moment>>, StoreError> {
        Ok(None)
    }
}

/// `/orders`
pub(super) struct Orders;

/// `/payments`
pub(super) struct Payments;

/// `/deliveries`
pub(super) struct Deliveries;

/// `/orderTraces`
pub(super) struct Traces;

impl Collected for Orders {
    const PATH: &'static str = "/orders";
    const NAME: &'static str = "orders";
    const LISTING: Listing = Listing::Placed;
    const CURSOR_TAG: u8 = 1;
    type Resource = OrderResource;

    fn resource(order: OrderId, row: &Row, _: Incarnation) -> OrderResource {
        OrderResource::of(order, &row.order)
    }
}

impl Collected for Payments {
    const PATH: &'static str = "/payments";
    const NAME: &'static str = "payments";
    const LISTING: Listing = Listing::Payments;
    const CURSOR_TAG: u8 = 2;
    type Resource = PaymentResource;

    fn resource(order: OrderId, row: &Row, _: Incarnation) -> PaymentResource {
        PaymentResource::of(order, &row.order)
    }
}

impl Collected for Deliveries {
    const PATH: &'static str = "/deliveries";
    const NAME: &'static str = "deliveries";
    const LISTING: Listing = Listing::Deliveries;
    const CURSOR_TAG: u8 = 3;
    type Resource = DeliveryResource;

    fn resource(order: OrderId, row: &Row, _: Incarnation) -> DeliveryResource {
        DeliveryResource::of(order, &row.order)
    }
}

impl Collected for Traces {
    const PATH: &'static str = "/orderTraces";
    const NAME: &'static str = "orderTraces";
    const LISTING: Listing = Listing::Placed;
    const CURSOR_TAG: u8 = 4;
    type Resource = TraceResource;

    fn resource(order: OrderId, row: &Row, incarnation: Incarnation) -> TraceResource {
        let position = Position {
            incarnation,
            sequence: row.changed,
        };
        TraceResource::of(order, &row.order, row.placed_at, row.changed_at, position)
    }

    fn timeline(
        store: &ViewStore,
        order: OrderId,
        row: &Row,
        incarnation: Incarnation,
    ) -> Result<Option<Vec<Moment>>, StoreError> {
        let happenings = store.timeline(order, row.order.version)?;
        Ok(Some(timeline(&happenings, incarnation)))
    }
}

/// A resource, and beside it the word that its order is in quarantine, if it is: what is shown is then the order as it
/// stood before.
#[derive(Serialize)]
pub(super) struct Shown<R> {
    #[serde(flatten)]
    resource: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    quarantined: Option<Quarantined>,
}

#[derive(Serialize)]
pub(super) struct Quarantined {
    position: String,
    reason: &'static str,
}

/// A resource that is shown alone.
#[derive(Serialize)]
pub(super) struct Alone<R> {
    #[serde(flatten)]
    pub(super) shown: Shown<R>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeline: Option<Vec<Moment>>,
}

/// How a collection shows a record; nothing if the order is not in the collection.
pub(super) fn show<C: Collected>(
    order: OrderId,
    record: &Record,
    incarnation: Incarnation,
) -> Option<Shown<C::Resource>> {
    let row = record.row()?;
    row.place_in(C::LISTING)?;
    Some(Shown {
        resource: C::resource(order, row, incarnation),
        quarantined: record
            .quarantine()
            .map(|quarantine| Quarantined::of(quarantine, incarnation)),
    })
}

impl Quarantined {
    pub(super) fn of(quarantine: Quarantine, incarnation: Incarnation) -> Self {
        let position = Position {
            incarnation,
            sequence: quarantine.sequence,
        };
        Self {
            position: position.to_string(),
            reason: quarantine.reason.name(),
        }
    }
}

//! The four collections: where each is, what it lists, and how it shows a row.

use ordertrace_domain::{Incarnation, OrderId, Position};
use ordertrace_http::{
    Access, DeliveryResource, OrderResource, PaymentResource, Reach, TraceResource,
    openapi::{self, Schemas},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{AllOfBuilder, ArrayBuilder, Object, ObjectBuilder},
    },
};

use super::{
    openapi::READERS,
    timeline::{Moment, timeline},
};
use crate::{Listing, Quarantine, QuarantineReason, Record, Row, StoreError, ViewStore};

/// A collection of resources, each a pure function of an order's row.
pub(super) trait Collected: 'static {
    /// Its path.
    const PATH: &'static str;
    /// Its name under `_embedded`.
    const NAME: &'static str;
    /// Who sees it.
    const ACCESS: Access;
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
        _reach: &Reach,
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
    const ACCESS: Access = READERS;
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
    const ACCESS: Access = READERS;
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
    const ACCESS: Access = Access::READING_DELIVERIES;
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
    const ACCESS: Access = READERS;
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
        reach: &Reach,
    ) -> Result<Option<Vec<Moment>>, StoreError> {
        let happenings = store.timeline(order, row.order.version)?;
        Ok(Some(timeline(&happenings, incarnation, reach)))
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

/// Where an order's events can't be read any more, and why.
#[derive(Serialize, ToSchema)]
pub(super) struct Quarantined {
    #[schema(schema_with = openapi::position_token)]
    position: String,
    #[schema(schema_with = quarantine_reasons)]
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

/// [`Shown`], described.
pub(super) fn shown<R: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let quarantined = schemas.of::<Quarantined>();
    let beside = ObjectBuilder::new().property("quarantined", quarantined);
    let both = AllOfBuilder::new().item(schemas.of::<R>()).item(beside);
    schemas.named(format!("Shown{}", R::name()), Schema::AllOf(both.build()))
}

/// [`Alone`], described, of a collection that tells what happened.
pub(super) fn told<R: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let moments = ArrayBuilder::new().items(schemas.of::<Moment>());
    let beside = ObjectBuilder::new().property("timeline", moments);
    let both = AllOfBuilder::new()
        .item(shown::<R>(schemas))
        .item(beside.required("timeline"));
    schemas.named(format!("Told{}", R::name()), Schema::AllOf(both.build()))
}

fn quarantine_reasons() -> Object {
    openapi::word(&QuarantineReason::ALL.map(QuarantineReason::name))
}

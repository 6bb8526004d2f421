//! The words and links of the resources, as the API's document describes them.

use utoipa::openapi::schema::{Object, ObjectBuilder};

use super::PAYMENT_TYPES;
use crate::{
    openapi,
    status::{
        DELIVERY_STATES, DELIVERY_STATUSES, PAYMENT_STATES, PAYMENT_STATUSES, TRACE_STATES,
        TRACE_STATUSES,
    },
};

pub(super) fn every_link() -> Object {
    let names = ["self", "order", "payment", "delivery", "orderTrace"];
    names
        .iter()
        .fold(ObjectBuilder::new(), |links, name| {
            links.property(*name, openapi::link_to()).required(*name)
        })
        .build()
}

pub(super) fn trace_states() -> Object {
    openapi::word(&TRACE_STATES)
}

pub(super) fn trace_statuses() -> Object {
    openapi::word(&TRACE_STATUSES)
}

pub(super) fn payment_states() -> Object {
    openapi::word(&PAYMENT_STATES)
}

pub(super) fn payment_statuses() -> Object {
    openapi::word(&PAYMENT_STATUSES)
}

pub(super) fn delivery_states() -> Object {
    openapi::word(&DELIVERY_STATES)
}

pub(super) fn delivery_statuses() -> Object {
    openapi::word(&DELIVERY_STATUSES)
}

pub(super) fn payment_types() -> Object {
    openapi::word(&PAYMENT_TYPES)
}

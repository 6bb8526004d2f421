//! The words that a case may have, described.

use ordertrace_domain::StuckReason;
use ordertrace_http::{
    DELIVERY_STATES, PAYMENT_STATES, TRACE_STATES, TRACE_STATUSES, openapi::word,
};
use utoipa::openapi::schema::Object;

pub(super) fn states() -> Object {
    word(&TRACE_STATES)
}

pub(super) fn statuses() -> Object {
    word(&TRACE_STATUSES)
}

pub(super) fn payment_states() -> Object {
    word(&PAYMENT_STATES)
}

pub(super) fn delivery_states() -> Object {
    word(&DELIVERY_STATES)
}

pub(super) fn phases() -> Object {
    word(&["open", "cancelling", "cancelled", "rejected", "completed"])
}

pub(super) fn causes() -> Object {
    word(&["requested", "payment_overdue", "undeliverable", "refunded"])
}

pub(super) fn reasons() -> Object {
    word(&StuckReason::ALL.map(StuckReason::name))
}

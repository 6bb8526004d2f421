//! What the command side and the query side of the HTTP API share: problem details, strict JSON, and the resources.
//!
//! Invariant: an order looks the same whoever shows it. Both sides derive its resources from the same [`Order`] by the
//! functions here; neither makes up a status of its own. Nothing here knows a route, the log or a store.
//!
//! [`Order`]: ordertrace_domain::Order

mod accept;
mod access;
mod fallback;
mod hal;
mod json;
mod login;
pub mod openapi;
mod params;
mod principal;
mod problem;
mod resource;
mod status;
pub mod trace;

pub use accept::{check_accept, check_accept_events, check_accept_lines, check_accept_text};
pub use access::{Access, Reach};
pub use fallback::{method_not_allowed, route_not_found, with_fallbacks};
pub use hal::{Collection, Link, Page};
pub use json::{
    BODY_BYTES_MAX, BodyLimits, Fault, Faulty, Fields, FromJson, Json, JsonBody, parse_json,
};
pub use login::{LoginEnd, StandingLogin};
pub use params::Params;
pub use principal::{Principal, Role, Roles};
pub use problem::{FieldError, Problem, ProblemKind};
pub use resource::{
    DeliveryResource, LineResource, OrderResource, PAYMENT_TYPES, PaymentResource, TraceResource,
};
pub use status::{
    DELIVERY_STATES, DELIVERY_STATUSES, PAYMENT_STATES, PAYMENT_STATUSES, TRACE_STATES,
    TRACE_STATUSES, delivery_state, delivery_status, payment_state, payment_status, trace_state,
    trace_status,
};

/// The header in which an answer says which position of the log it stands at.
pub const POSITION_HEADER: &str = "ordertrace-position";

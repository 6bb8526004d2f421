//! The description of the API (OpenAPI 3.1), made where the routes are made.
//!
//! Invariant: a route of an [`ApiRouter`] can't be added without its description, nor a description without its route; so
//! what is described is what is served. Schemas come from the types that are served and from the constants that requests
//! are checked with. Nothing here knows a route: each crate describes its own, and the program puts them together.

mod answer;
mod described;
mod digits;
mod document;
mod hal;
mod input;
mod problem;
mod router;
mod schemas;
mod value;

pub use answer::{Answer, etag, link, location, position};
pub use described::Described;
pub use document::{Endpoint, parts};
pub use hal::{collection, links};
pub use input::{header, integer_or_digits, line_of_text, or_null, path, query, reference};
pub use router::ApiRouter;
pub use schemas::Schemas;
pub use value::{hash, id, integer, link_to, order_id, position_token, time, word};

//! The read side of Ordertrace: orders, payments, deliveries and traces, folded from the log into sled and queried over HTTP.
//!
//! Invariant: a view is the fold of the log up to its position, and nothing else; a rebuilt view equals a live one byte
//! for byte. Nothing here can give a command, and nothing here is the only copy of anything: a folder that can't be
//! trusted is set aside and built anew from the log. sled is named in no other crate.

mod facet;
mod listing;
mod row;
mod timeline;

mod apply;
mod meter;
mod status;
mod store;

mod runner;

mod rebuild;

mod gauges;

mod routes;

pub use apply::{Change, apply};
pub use facet::Facet;
pub use gauges::Gauges;
pub use listing::Listing;
pub use rebuild::{
    NotBegun, Rebuild, RebuildReason, RebuildRequest, RebuildState, Rebuilder, Rebuilds,
};
pub use routes::{
    AFTER_WAIT_MAX, Queries, StreamLimits, api, live_api, live_routes, router, stuck_api,
    stuck_routes, view_api, view_routes,
};
pub use row::{Quarantine, QuarantineReason, Record, Row};
pub use runner::{CHUNK_ITEMS_MAX, ProjectionError, Projector};
pub use status::{Halt, ViewStatus};
pub use store::{
    Comparison, Counts, DIFFERENCES_SHOWN_MAX, Difference, Digest, Direction, Entry, Found,
    HourCounts, ListingPage, OpenError, OpenOptions, REVISION, Search, SetAside, Side, StoreError,
    Stored, Summary, UPDATES_HELD_MAX, UnfinishedPage, Unfit, Update, ViewStore, Watch,
};
pub use timeline::{Changed, Happening};

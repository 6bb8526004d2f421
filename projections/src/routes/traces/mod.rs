//! Order traces: looking for them by what they have in common, counting them, and looking back.

mod event;
mod filter;
mod list;
mod past;
mod stats;

pub(super) use list::list;
pub(super) use past::{events, trace};
pub(super) use stats::stats;

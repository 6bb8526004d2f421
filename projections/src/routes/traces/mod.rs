//! Order traces: looking for them by what they have in common, and counting them.

mod filter;
mod list;
mod stats;

pub(super) use list::list;
pub(super) use stats::stats;

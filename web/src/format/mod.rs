//! How values look to people: money, times, ids, counts.

mod count;
mod id;
mod money;
mod span;
mod time;

pub(crate) use count::{counted, number};
pub(crate) use id::short_id;
pub(crate) use money::{Money, decimals, to_minor};
pub(crate) use span::span;
pub(crate) use time::Moment;

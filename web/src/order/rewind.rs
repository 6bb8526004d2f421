//! The way back: the order at each of its versions, on a slider.

use super::{look::Seen, path_of};
use crate::format::Moment;

/// The slider.
#[derive(Debug)]
pub(super) struct Rewind {
    /// The version that is shown.
    pub(super) version: u64,
    /// The newest there is.
    pub(super) version_max: u64,
    /// When the event of that version was recorded.
    pub(super) moment: Option<Moment>,
    /// Whether that is not the present.
    pub(super) is_past: bool,
    /// The page of the present.
    pub(super) now: String,
    /// The versions beside it, for those who have no slider.
    pub(super) earlier: Option<u64>,
    pub(super) later: Option<u64>,
}

impl Rewind {
    /// The slider of what is seen; none where the log can't be read, and none for the present of an order with one event.
    pub(super) fn of(seen: &Seen) -> Option<Self> {
        let is_past = seen.as_of.is_some();
        let version = seen.trace.version;
        let last = seen.events.as_ref()?.last()?;
        // The view may be a moment behind the log: the present is what it shows.
        let version_max = if is_past { last.version } else { version };
        if version_max < 2 {
            return None;
        }
        let entry = seen.trace.timeline.last();
        Some(Self {
            version,
            version_max,
            moment: entry.map(|entry| Moment::of(&entry.recorded_at)),
            is_past,
            now: path_of(&seen.trace.order_id),
            earlier: version.checked_sub(1).filter(|earlier| *earlier > 0),
            later: Some(version + 1).filter(|later| *later <= version_max),
        })
    }
}

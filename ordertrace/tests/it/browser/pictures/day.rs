//! Spreads what was recorded within a minute over the day before, as if the shop had been open for it.
//!
//! The log says when it recorded an event, and nobody can tell it another time, so this is done behind its back: in the
//! files of a `nats-server` that has ended. For pictures only. An order's hash chain is of payloads alone, and stays as it
//! is.

use std::path::Path;

use ordertrace_nats::subject::EVENTS_STREAM;

use crate::harness::Store;

/// What was recorded up to a sequence happened from this time on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened {
    pub(super) sequence_max: u64,
    /// In nanoseconds since 1970, as the log has it.
    pub(super) at_ns: i64,
}

/// Moves each event to the time at which it is to have happened; those of one happening keep their distances.
pub(super) fn spread(data_dir: &Path, day: &[Happened]) {
    let mut clock = Clock {
        day,
        begun: None,
        now_ns: 0,
    };
    Store::of(data_dir, EVENTS_STREAM).edit(|messages| {
        for message in messages {
            message.recorded_ns = clock.time_of(message.sequence, message.recorded_ns);
        }
    });
}

/// What time it was, event by event.
struct Clock<'a> {
    day: &'a [Happened],
    /// Of the happening under way: its last event, and how far its first was moved.
    begun: Option<(u64, i64)>,
    /// When the last event was: the log's time never goes back.
    now_ns: i64,
}

impl Clock<'_> {
    fn time_of(&mut self, sequence: u64, recorded_ns: i64) -> i64 {
        let moved_ns = match self.begun {
            Some((sequence_max, moved_ns)) if sequence <= sequence_max => moved_ns,
            _ => self.begin(sequence, recorded_ns),
        };
        self.now_ns = (recorded_ns + moved_ns).max(self.now_ns + 1);
        self.now_ns
    }

    fn begin(&mut self, sequence: u64, recorded_ns: i64) -> i64 {
        let next = self.day.iter().find(|next| sequence <= next.sequence_max);
        let next = next.expect("each event is of a happening");
        let moved_ns = next.at_ns - recorded_ns;
        self.begun = Some((next.sequence_max, moved_ns));
        moved_ns
    }
}

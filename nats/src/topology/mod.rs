//! The topology: which streams and durable consumers there are, declared as plain data.
//!
//! Invariant: what is there is compared with what is declared, field by field; a difference is refused and told, and
//! never removed by an update. Two limits of the log are told only: that of a message's size, which logs made by earlier
//! versions lack, and how large the log may grow. What is missing is made by whoever may make it. A declaration serializes
//! to the very configuration that the server is asked for, so that manifests can be printed from it and compared with it.
//!
//! It declares nothing that belongs to a place rather than to the log: which servers, which limits of an account.

mod consumer;
mod drift;
mod error;
mod provision;
mod stream;
mod survey;

use std::time::Duration;

use ordertrace_domain::{PAYLOAD_BYTES_MAX, Shard};

use crate::subject;

pub use consumer::{AckPolicy, ConsumerSpec, DeliverPolicy, PriorityPolicy, ReplayPolicy};
pub use drift::Difference;
pub use error::TopologyError;
pub use provision::Provisioned;
pub use stream::{Discard, Replicas, Retention, Storage, StreamSpec};
pub use survey::Survey;

/// Within this window the server drops a second message of the same id. A help for quick repeats, never the guarantee:
/// every append carries an expectation.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Room for the headers of an event: ours take some 500 bytes, the server's own and those of a trace included.
const HEADER_BYTES_MAX: u32 = 4 * 1024;

/// An event is at most as large as what is read of one, so nobody can store what has to be quarantined for its size alone.
pub(crate) const EVENT_BYTES_MAX: u32 = PAYLOAD_BYTES_MAX as u32 + HEADER_BYTES_MAX;

/// The group whose one pinned client works on a shard.
pub(crate) const SAGA_GROUP: &str = "saga";

/// A worker that dies leaves what it had in hand unacknowledged; others get it after this. A worker that is merely busy
/// says so in time.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(5);

/// How much of a shard may be in hand at once: enough to keep a worker busy, little enough to hand over quickly.
pub(crate) const ACK_PENDING_MAX: u16 = 256;

/// A worker that has not asked for work for this long loses its shard to one that stands by. Others take over within it.
pub(crate) const PINNED_FOR: Duration = Duration::from_millis(900);

/// How many requests for work may wait at a consumer: one for each process that stands by, with room for restarts.
const WAITING_MAX: u16 = 512;

/// What differs between one installation and another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopologyOptions {
    /// How many servers hold each stream.
    pub replicas: Replicas,
    /// How large the event log may grow before appends are refused; without a limit the disk is the limit.
    pub events_bytes_max: Option<u64>,
}

impl TopologyOptions {
    /// One server, as for development.
    pub const SINGLE: Self = Self {
        replicas: Replicas::One,
        events_bytes_max: None,
    };

    /// Three servers, as in production, with disks of any size.
    pub const REPLICATED: Self = Self {
        replicas: Replicas::Three,
        events_bytes_max: None,
    };
}

/// All streams and durable consumers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The streams; the events come first.
    pub streams: Vec<StreamSpec>,
    /// The durable consumers: for each shard one of its events, and one of its timers.
    pub consumers: Vec<ConsumerSpec>,
}

impl Topology {
    /// The topology of this version of the program.
    pub fn new(options: TopologyOptions) -> Self {
        let events = Shard::all().map(saga_events);
        Self {
            streams: vec![
                events_stream(options),
                timers_stream(options),
                dlq_stream(options),
                checkpoints_stream(options),
            ],
            consumers: events.chain(Shard::all().map(saga_timers)).collect(),
        }
    }
}

/// The durable consumer of a shard's events.
pub(crate) fn saga_events_name(shard: Shard) -> String {
    format!("saga-{shard}")
}

/// The durable consumer of a shard's timers.
pub(crate) fn saga_timers_name(shard: Shard) -> String {
    format!("saga-timers-{shard}")
}

/// The only truth: nothing in it is ever deleted, and when it is full it refuses.
fn events_stream(options: TopologyOptions) -> StreamSpec {
    StreamSpec {
        subjects: vec![subject::EVENTS_ALL.to_owned()],
        discard: Discard::New,
        max_bytes: options.events_bytes_max,
        max_message_bytes: Some(EVENT_BYTES_MAX),
        allow_atomic: true,
        deny_delete: true,
        deny_purge: true,
        ..StreamSpec::new(
            subject::EVENTS_STREAM,
            "The log of all orders",
            options.replicas,
        )
    }
}

/// Timers that are set, and timers that went off.
///
/// The server allows no refusal of new messages where there are schedules, and a full stream would drop the oldest
/// timers: so it has no limit of size, only one message a subject (a timer that is set again replaces itself) and an age
/// at which fired timers go.
fn timers_stream(options: TopologyOptions) -> StreamSpec {
    StreamSpec {
        subjects: vec![
            subject::TIMERS_AT_ALL.to_owned(),
            subject::TIMERS_DUE_ALL.to_owned(),
        ],
        max_messages_per_subject: Some(1),
        allow_message_schedules: true,
        allow_message_ttl: true,
        // The server switches it on where there are schedules.
        allow_rollup: true,
        deny_delete: true,
        ..StreamSpec::new(
            subject::TIMERS_STREAM,
            "Timers that are set, and timers that went off",
            options.replicas,
        )
    }
}

/// Pointers to parked messages: few, and each stays until an operator has dealt with it.
fn dlq_stream(options: TopologyOptions) -> StreamSpec {
    StreamSpec {
        subjects: vec![subject::DLQ_ALL.to_owned()],
        discard: Discard::New,
        ..StreamSpec::new(
            subject::DLQ_STREAM,
            "Pointers to messages that could not be handled",
            options.replicas,
        )
    }
}

/// Signed checkpoints: small, and as lasting as the log that they speak of.
fn checkpoints_stream(options: TopologyOptions) -> StreamSpec {
    StreamSpec {
        subjects: vec![subject::CHECKPOINTS.to_owned()],
        discard: Discard::New,
        deny_delete: true,
        deny_purge: true,
        ..StreamSpec::new(
            subject::CHECKPOINTS_STREAM,
            "Signed checkpoints of the log",
            options.replicas,
        )
    }
}

fn saga_events(shard: Shard) -> ConsumerSpec {
    saga_consumer(
        subject::EVENTS_STREAM,
        saga_events_name(shard),
        subject::events_of_shard(shard),
    )
}

fn saga_timers(shard: Shard) -> ConsumerSpec {
    saga_consumer(
        subject::TIMERS_STREAM,
        saga_timers_name(shard),
        subject::timers_due_of_shard(shard),
    )
}

fn saga_consumer(
    stream: &'static str,
    durable_name: String,
    filter_subject: String,
) -> ConsumerSpec {
    ConsumerSpec {
        stream,
        durable_name,
        filter_subject,
        deliver_policy: DeliverPolicy::All,
        replay_policy: ReplayPolicy::Instant,
        ack_policy: AckPolicy::Explicit,
        ack_wait: ACK_WAIT,
        max_ack_pending: ACK_PENDING_MAX,
        max_deliver: None,
        max_waiting: WAITING_MAX,
        priority_policy: PriorityPolicy::PinnedClient,
        priority_groups: vec![SAGA_GROUP.to_owned()],
        priority_timeout: PINNED_FOR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shard_has_a_consumer_of_its_events_and_one_of_its_timers() {
        let topology = Topology::new(TopologyOptions::SINGLE);
        for shard in Shard::all() {
            for (stream, name) in [
                (subject::EVENTS_STREAM, saga_events_name(shard)),
                (subject::TIMERS_STREAM, saga_timers_name(shard)),
            ] {
                let consumers = topology
                    .consumers
                    .iter()
                    .filter(|it| it.stream == stream && it.durable_name == name);
                assert_eq!(consumers.count(), 1, "{name}");
            }
        }
        assert_eq!(topology.consumers.len(), 2 * usize::from(Shard::COUNT));
    }

    #[test]
    fn nothing_ever_leaves_the_event_stream() {
        let events = events_stream(TopologyOptions::REPLICATED);
        assert!(events.deny_delete && events.deny_purge);
        assert_eq!(events.discard, Discard::New);
        assert_eq!(events.max_messages_per_subject, None);
        assert!(!events.allow_rollup && !events.allow_message_ttl);
    }
}

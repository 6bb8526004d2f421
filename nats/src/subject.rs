//! Subjects and stream names.
//!
//! Invariant: a subject that is written to is built from parsed ids only, so that no wildcard and no foreign token can
//! get into it; one that is read is parsed as strictly.

use ordertrace_domain::{OrderId, Shard, TimerName};
pub use ordertrace_domain::{event_subject as events_of, order_of_subject as parse_events};

/// The log of all orders.
pub const EVENTS_STREAM: &str = "ORDERTRACE_EVENTS";
/// Timers that are set, and timers that went off.
pub const TIMERS_STREAM: &str = "ORDERTRACE_TIMERS";
/// Pointers to messages that could not be handled.
pub const DLQ_STREAM: &str = "ORDERTRACE_DLQ";
/// Signed checkpoints of the log.
pub const CHECKPOINTS_STREAM: &str = "ORDERTRACE_CHECKPOINTS";

/// All events.
pub const EVENTS_ALL: &str = "ordertrace.events.>";
/// All timers that are set.
pub const TIMERS_AT_ALL: &str = "ordertrace.timers.at.>";
/// All timers that went off.
pub const TIMERS_DUE_ALL: &str = "ordertrace.timers.due.>";
/// All checkpoints.
pub const CHECKPOINTS: &str = "ordertrace.checkpoints";
/// All parked messages.
pub const DLQ_ALL: &str = "ordertrace.dlq.>";

/// All events of a shard's orders.
pub fn events_of_shard(shard: Shard) -> String {
    format!("ordertrace.events.{shard}.>")
}

/// Where a timer is set: `ordertrace.timers.at.<order_id>.<name>`.
pub fn timer_at(order: OrderId, timer: TimerName) -> String {
    format!("ordertrace.timers.at.{order}.{}", timer.name())
}

/// Where a timer goes off: `ordertrace.timers.due.<shard>.<order_id>.<name>`.
pub fn timer_due(order: OrderId, timer: TimerName) -> String {
    let shard = Shard::of(order);
    format!("ordertrace.timers.due.{shard}.{order}.{}", timer.name())
}

/// All timers of a shard's orders that went off.
pub fn timers_due_of_shard(shard: Shard) -> String {
    format!("ordertrace.timers.due.{shard}.>")
}

/// Where a message is parked: `ordertrace.dlq.<consumer>.<sequence>`.
pub fn parked(consumer: &str, sequence: u64) -> String {
    format!("ordertrace.dlq.{consumer}.{sequence}")
}

/// Whether this may name a consumer in a subject: lowercase letters, digits and hyphens.
pub(crate) fn is_consumer_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// The consumer that parked under this subject, and the message's number; `None` for any other subject.
pub fn parse_parked(subject: &str) -> Option<(&str, u64)> {
    let rest = subject.strip_prefix("ordertrace.dlq.")?;
    let (consumer, number) = rest.split_once('.')?;
    let sequence: u64 = number.parse().ok()?;
    (is_consumer_name(consumer) && sequence.to_string() == number).then_some((consumer, sequence))
}

/// The timer that goes off under this subject; `None` for any other subject.
pub fn parse_timer_due(subject: &str) -> Option<(OrderId, TimerName)> {
    let rest = subject.strip_prefix("ordertrace.timers.due.")?;
    let (shard, rest) = rest.split_once('.')?;
    let (id, name) = rest.split_once('.')?;
    let order = OrderId::parse(id).ok()?;
    let timer = TimerName::parse(name)?;
    (Shard::of(order).to_string() == shard).then_some((order, timer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> OrderId {
        OrderId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap()
    }

    #[test]
    fn subjects_read_back_what_they_were_built_from() {
        for timer in TimerName::ALL {
            let subject = timer_due(order(), timer);
            assert_eq!(parse_timer_due(&subject), Some((order(), timer)));
        }
        let subject = parked("saga-timers-05", u64::MAX);
        assert_eq!(parse_parked(&subject), Some(("saga-timers-05", u64::MAX)));
    }

    #[test]
    fn foreign_subjects_are_not_ours() {
        for subject in [
            "ordertrace.dlq.saga",
            "ordertrace.dlq.saga.07",
            "ordertrace.dlq.saga.+7",
            "ordertrace.dlq.saga.7.more",
            "ordertrace.dlq.*.7",
            "ordertrace.dlq..7",
            "ordertrace.events.saga.7",
        ] {
            assert_eq!(parse_parked(subject), None, "{subject}");
        }
    }
}

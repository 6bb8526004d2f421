//! Durable alarms, as message schedules of the server (ADR-51).
//!
//! A timer is a message on a subject of its own that says when it is to be published, and where. A later message on that
//! subject takes its place: one with another time sets the timer anew, one without a time takes it back. So both need
//! the one permission to publish there, and both come to the server in the order in which they were sent.
//!
//! Its payload is the order's version, in decimal digits: what fires carries it along.
//!
//! It deliberately does not know whether a timer is set: whoever is woken looks at the order.

use async_nats::HeaderMap;
use async_nats::header::{
    NATS_EXPECTED_STREAM, NATS_MESSAGE_TTL, NATS_SCHEDULE, NATS_SCHEDULE_TARGET, NATS_SCHEDULE_TTL,
};
use async_trait::async_trait;
use bytes::Bytes;
use chrono::SecondsFormat;
use ordertrace_domain::{LogError, OrderId, TimerName, Timers, Timestamp, Version};

use crate::connection::Connection;
use crate::publish::{Outgoing, publish};
use crate::subject::{TIMERS_STREAM, timer_at, timer_due};

/// Fired timers stay for 30 days: a saga that was down for longer finds its orders on the list of the stuck ones.
pub(crate) const FIRED_FOR: &str = "720h";

/// The mark that takes a timer back has done so when it is stored; it goes after the shortest time there is.
const CANCELLED_FOR: &str = "1s";

/// 9999-12-31T23:59:59Z, the last second of RFC 3339.
const LATEST: Timestamp = Timestamp::from_micros(253_402_300_799_000_000);

/// The server fires what lies in the past at once.
const EARLIEST: Timestamp = Timestamp::from_micros(0);

/// [`Timers`] over JetStream.
#[derive(Debug, Clone)]
pub struct JetStreamTimers {
    connection: Connection,
}

impl JetStreamTimers {
    /// The topology must be there.
    pub fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
        }
    }

    async fn publish(&self, message: Outgoing) -> Result<(), LogError> {
        // Without an expectation there is no conflict.
        let published = publish(&self.connection, &message).await;
        published.map(|_| ()).map_err(LogError::Unavailable)
    }
}

#[async_trait]
impl Timers for JetStreamTimers {
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) -> Result<(), LogError> {
        self.publish(schedule(order, timer, at, version)).await
    }

    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError> {
        self.publish(cancellation(order, timer)).await
    }
}

fn schedule(order: OrderId, timer: TimerName, at: Timestamp, version: Version) -> Outgoing {
    let at = at.clamp(EARLIEST, LATEST).to_utc();
    let mut headers = HeaderMap::new();
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    headers.insert(NATS_SCHEDULE, format!("@at {at}"));
    headers.insert(NATS_SCHEDULE_TARGET, timer_due(order, timer));
    headers.insert(NATS_SCHEDULE_TTL, FIRED_FOR);
    outgoing(order, timer, headers, version.to_string().into())
}

fn cancellation(order: OrderId, timer: TimerName) -> Outgoing {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_TTL, CANCELLED_FOR);
    outgoing(order, timer, headers, Bytes::new())
}

/// The version that a fired timer carries; none in what an earlier program, or somebody else, has set.
pub(crate) fn version_in(payload: &[u8]) -> Version {
    let number = str::from_utf8(payload)
        .ok()
        .and_then(|text| text.parse().ok());
    number.map_or(Version::NONE, Version::new)
}

/// Without a message id: the same time may be set again within the window of duplicates.
fn outgoing(order: OrderId, timer: TimerName, mut headers: HeaderMap, payload: Bytes) -> Outgoing {
    headers.insert(NATS_EXPECTED_STREAM, TIMERS_STREAM);
    Outgoing {
        subject: timer_at(order, timer),
        headers,
        payload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(i64::MIN, "@at 1970-01-01T00:00:00.000000Z")]
    #[case(1_700_000_000_000_001, "@at 2023-11-14T22:13:20.000001Z")]
    #[case(i64::MAX, "@at 9999-12-31T23:59:59.000000Z")]
    fn any_time_is_one_that_the_server_can_read(#[case] micros: i64, #[case] expected: &str) {
        let order = OrderId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
        let at = Timestamp::from_micros(micros);
        let message = schedule(order, TimerName::PaymentDeadline, at, Version::new(7));
        assert_eq!(version_in(&message.payload), Version::new(7));
        let header = message.headers.get(NATS_SCHEDULE).unwrap();
        assert_eq!(header.as_str(), expected);
    }
}

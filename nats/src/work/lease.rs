//! Keeps work that is in hand from being handed out again.
//!
//! The server hands a message out again when it has heard nothing for [`ACK_WAIT`]. That is short, so that the work of a
//! process that died goes on elsewhere; and work that takes longer shows in time that it is still in hand.
//!
//! Invariant: nothing is kept for longer than [`HELD_MAX`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::{Client, Subject};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::connection::{Connection, Link};
use crate::topology::ACK_WAIT;

/// Thrice within the server's patience, so that one sign of life may be lost.
const SHOW_EVERY: Duration = ACK_WAIT.checked_div(3).unwrap();
// What was taken just too late for one sign gets the next, or, if that is lost, the one after.
const _: () = assert!(SHOW_EVERY.as_millis() * 5 / 2 < ACK_WAIT.as_millis());

/// Work that is in hand for longer is stuck: another process may try it. The longest step of an order asks a provider,
/// with its repeats, for less than a minute.
const HELD_MAX: Duration = Duration::from_secs(120);

/// The work of one stream that is in hand.
#[derive(Debug, Clone)]
pub(super) struct Leases {
    client: Client,
    link: Link,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    next: u64,
    since: HashMap<u64, (Subject, Instant)>,
}

/// A piece of work in hand, until this is dropped.
#[derive(Debug)]
pub(super) struct Lease {
    number: u64,
    leases: Leases,
}

impl Leases {
    pub(super) fn new(connection: &Connection) -> Self {
        Self {
            client: connection.client().clone(),
            link: connection.link(),
            held: Arc::default(),
        }
    }

    /// Takes a message into hand; its acknowledgements go to `reply`.
    pub(super) fn take(&self, reply: Subject) -> Lease {
        let mut held = self.lock();
        let number = held.next;
        held.next += 1;
        held.since.insert(number, (reply, Instant::now()));
        Lease {
            number,
            leases: self.clone(),
        }
    }

    /// Shows the server what is in hand, for as long as this runs.
    pub(super) async fn keep(self) {
        let mut ticks = interval(SHOW_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let due = self.lock().to_show(Instant::now());
            for reply in due {
                if let Err(error) = self.client.publish(reply, AckKind::Progress.into()).await {
                    tracing::debug!(%error, "work in hand could not be shown to the server");
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// What was taken before the last time and is not stuck.
    fn to_show(&self, now: Instant) -> Vec<Subject> {
        let due = self.since.values().filter(|(_, since)| {
            (SHOW_EVERY / 2..HELD_MAX).contains(&now.saturating_duration_since(*since))
        });
        due.map(|(reply, _)| reply.clone()).collect()
    }
}

impl Lease {
    pub(super) fn client(&self) -> &Client {
        &self.leases.client
    }

    pub(super) fn link(&self) -> Link {
        self.leases.link.clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leases.lock().since.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_in_hand_for_a_while_and_is_not_stuck_is_shown() {
        let taken = Instant::now();
        let held = Held {
            next: 1,
            since: HashMap::from([(0, (Subject::from("reply"), taken))]),
        };
        let is_shown = |after: Duration| !held.to_show(taken + after).is_empty();
        assert!(!is_shown(Duration::ZERO));
        assert!(is_shown(SHOW_EVERY));
        assert!(is_shown(HELD_MAX - SHOW_EVERY));
        assert!(!is_shown(HELD_MAX));
    }
}

//! What has to be asked for to be known: how much work waits for the saga, and how many messages for an operator.
//!
//! Invariant: it is asked as seldom as an alert allows, and what can't be asked keeps its last value; whoever watches sees that
//! by the age of it.

use std::time::Duration;

use metrics::gauge;
use ordertrace_domain::{LogError, Sequence};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::Ops;

/// Each time, each process asks the server 33 questions.
const ASK_EVERY: Duration = Duration::from_secs(15);

/// Parked messages are few, or something is very wrong. What is settled stays in the list as well.
const LETTERS_A_READ: usize = 200;

/// No more than 2,000 are looked at: whether it is that or more makes no difference to anybody.
const READS_MAX: usize = 10;

const WAITING: &str = "ordertrace_saga_waiting";
const IN_HAND: &str = "ordertrace_saga_in_hand";
const ACTIVE: &str = "ordertrace_saga_consumer_active";
const DEAD_LETTERS: &str = "ordertrace_dead_letters";
const ASKED_AT: &str = "ordertrace_saga_asked_at_seconds";

impl Ops {
    /// Keeps asking until `shutdown`.
    pub async fn watch(self, shutdown: CancellationToken) {
        let mut due = interval(ASK_EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = due.tick() => {}
            }
            let asked = tokio::select! {
                () = shutdown.cancelled() => return,
                asked = self.ask() => asked,
            };
            match asked {
                Ok(()) => self.note(),
                Err(error) => tracing::debug!(%error, "the saga's backlog is not known"),
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; microseconds are exact up to 2^53, which is in the year 2255"
    )]
    fn note(&self) {
        gauge!(ASKED_AT).set(self.clock.now().micros() as f64 / 1e6);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; counts are exact up to 2^53"
    )]
    async fn ask(&self) -> Result<(), LogError> {
        for backlog in self.backlogs.backlogs().await? {
            let labels = [
                ("kind", backlog.kind.name().to_owned()),
                ("shard", format!("{}", backlog.shard)),
            ];
            gauge!(WAITING, &labels).set(backlog.waiting as f64);
            gauge!(IN_HAND, &labels).set(backlog.in_hand as f64);
            gauge!(ACTIVE, &labels).set(f64::from(u8::from(backlog.is_active)));
        }
        gauge!(DEAD_LETTERS).set(self.parked().await? as f64);
        Ok(())
    }

    /// How many parked messages nobody has settled.
    async fn parked(&self) -> Result<usize, LogError> {
        let mut parked = 0;
        let mut after = Sequence::START;
        for _ in 0..READS_MAX {
            let page = self.dead_letters.list(after, LETTERS_A_READ).await?;
            let waiting = page.letters.iter().filter(|it| it.settled.is_none());
            parked += waiting.count();
            match page.next {
                Some(next) => after = next,
                None => break,
            }
        }
        Ok(parked)
    }
}

//! Timers that go off while the snapshot of their stream is on its way: what was set is gone then before it was read, and
//! what went off comes after the snapshot's end.

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_TTL};
use ordertrace_domain::Sequence;
use serde::{Deserialize, Serialize};

use super::{BackupError, JetStreamBackup};
use crate::get::{Which, get};
use crate::publish::{Outgoing, publish};
use crate::subject::{TIMERS_DUE_ALL, TIMERS_STREAM, parse_timer_due};
use crate::timers::FIRED_FOR;

/// A timer that went off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fired {
    /// The subject that it went off on, which names the order and the timer.
    subject: String,
    /// The order's version when it was set.
    version: String,
}

impl JetStreamBackup {
    /// The timers of ours that have gone off after this message of their stream.
    ///
    /// # Errors
    /// [`BackupError::Unread`] and [`BackupError::Refused`].
    pub async fn fired_after(&self, last: u64) -> Result<Vec<Fired>, BackupError> {
        let now = self.info(TIMERS_STREAM).await?;
        let upto = now.map_or(last, |info| info.state.last);
        let mut fired = Vec::new();
        let mut next = last.saturating_add(1);
        while next <= upto {
            let which = Which::From {
                seq: Sequence::new(next),
                next_by_subj: TIMERS_DUE_ALL,
            };
            let found = get(&self.connection, TIMERS_STREAM, &which).await;
            let found = found.map_err(|cause| BackupError::Unread {
                stream: TIMERS_STREAM.to_owned(),
                sequence: next,
                cause,
            })?;
            let Some(message) = found else { break };
            next = message.sequence.saturating_add(1);
            if parse_timer_due(&message.subject).is_some() {
                fired.push(Fired {
                    subject: message.subject.to_string(),
                    version: String::from_utf8_lossy(&message.payload).into_owned(),
                });
            }
        }
        Ok(fired)
    }

    /// Has them go off again; what is no timer of ours is left out.
    ///
    /// # Errors
    /// [`BackupError::NotFired`]: some may have gone off, and the same call again has all of them go off.
    pub async fn fire_again(&self, fired: &[Fired]) -> Result<(), BackupError> {
        for timer in fired {
            if parse_timer_due(&timer.subject).is_none() {
                continue;
            }
            let mut headers = HeaderMap::new();
            headers.insert(NATS_EXPECTED_STREAM, TIMERS_STREAM);
            headers.insert(NATS_MESSAGE_TTL, FIRED_FOR);
            let message = Outgoing {
                subject: timer.subject.clone(),
                headers,
                payload: timer.version.clone().into(),
            };
            let published = publish(&self.connection, &message).await;
            published.map_err(BackupError::NotFired)?;
        }
        Ok(())
    }
}

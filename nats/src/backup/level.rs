//! Whether every server of a cluster has all of a stream that was put back.
//!
//! Invariant: a server counts only after it has led the stream, with everything in it. The leader's word on the others is
//! not enough. It compares the notes of changes that they have taken, and "fetch what was restored" is one such note: for a
//! moment, which is long on a loaded machine, a server that has taken it and fetched nothing is called current. If the
//! leader dies then, none of the others can lead, and the stream is gone until it is back. A server that fetches does not
//! let itself be elected.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{BackupError, JetStreamBackup, Peers, StreamInfo};
use crate::api::ApiError;

/// How long the other servers of a cluster may take to catch up with a large log.
const LEVEL_BUDGET: Duration = Duration::from_secs(600);

/// Catching up takes at least as long.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The leader has to call all servers current for this long before another is asked to lead: to change the leader while
/// one catches up makes that one begin anew.
const SETTLED: Duration = Duration::from_secs(1);

/// How long a server may take to become the leader: it is elected within a tenth of a second, or refuses; then the old one
/// is elected again, which takes up to nine seconds.
const ELECTED_WITHIN: Duration = Duration::from_secs(15);

impl JetStreamBackup {
    /// Waits until every server that is to hold a stream has all of it up to this message, and could lead it.
    ///
    /// Each of them leads it for a moment, so it is for a stream that is not served yet.
    ///
    /// # Errors
    /// [`BackupError::NotReady`] and [`BackupError::Refused`].
    pub async fn level(&self, stream: &str, upto: u64) -> Result<(), BackupError> {
        let deadline = Instant::now() + LEVEL_BUDGET;
        let mut turns = Turns::of(upto);
        while Instant::now() < deadline {
            let info = self.info(stream).await?;
            match turns.after(info.as_ref(), Instant::now()) {
                Next::Done => return Ok(()),
                Next::Lead(server) => self.make_leader(stream, &server).await?,
                Next::Wait => sleep(LOOK_AGAIN).await,
            }
        }
        Err(BackupError::NotReady {
            object: format!("the cluster's copies of {stream}"),
            bound: LEVEL_BUDGET,
        })
    }

    /// Asks the leader to hand over to this server, and waits until it leads or seems not to want to.
    async fn make_leader(&self, stream: &str, server: &str) -> Result<(), BackupError> {
        let subject = format!("STREAM.LEADER.STEPDOWN.{stream}");
        let request = json!({"placement": {"preferred": server}}).to_string();
        let handed: Result<Value, _> = self.ask(&subject, Bytes::from(request)).await;
        match handed {
            // Such as for a server that was only just lost: it is asked again when it is current.
            Ok(_) | Err(ApiError::Refused(_)) => {}
            Err(error) => {
                return Err(BackupError::refused("changing the leader of", stream)(
                    error,
                ));
            }
        }
        let deadline = Instant::now() + ELECTED_WITHIN;
        while Instant::now() < deadline {
            let info = self.info(stream).await?;
            if info.is_some_and(|info| info.leader() == Some(server)) {
                return Ok(());
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }
}

impl StreamInfo {
    fn leader(&self) -> Option<&str> {
        self.cluster.as_ref()?.leader.as_deref()
    }
}

/// Which servers have led.
#[derive(Debug)]
struct Turns {
    upto: u64,
    led: BTreeSet<String>,
    level_since: Option<Instant>,
}

#[derive(Debug, PartialEq, Eq)]
enum Next {
    Done,
    /// Let this server lead.
    Lead(String),
    /// Look again later.
    Wait,
}

impl Turns {
    fn of(upto: u64) -> Self {
        Self {
            upto,
            led: BTreeSet::new(),
            level_since: None,
        }
    }

    fn after(&mut self, info: Option<&StreamInfo>, now: Instant) -> Next {
        let Some(info) = info else { return Next::Wait };
        let alone = Peers::default();
        let peers = info.cluster.as_ref().unwrap_or(&alone);
        let has_all = info.state.last >= self.upto;
        if peers.name.is_none() {
            return if has_all { Next::Done } else { Next::Wait };
        }
        let Some(leader) = peers.leader.as_ref().filter(|_| has_all) else {
            self.level_since = None;
            return Next::Wait;
        };
        self.led.insert(leader.clone());
        let mut others = peers.replicas.iter().map(|peer| &peer.name);
        let Some(next) = others.find(|name| !self.led.contains(*name)) else {
            return Next::Done;
        };
        if !peers.are_level() {
            self.level_since = None;
            return Next::Wait;
        }
        let since = *self.level_since.get_or_insert(now);
        if now - since < SETTLED {
            return Next::Wait;
        }
        self.level_since = None;
        Next::Lead(next.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream with so many messages, by the word of this leader.
    fn info(leader: Option<&str>, last: u64, others: &[(&str, bool)]) -> StreamInfo {
        let replicas: Vec<Value> = others
            .iter()
            .map(|(name, current)| json!({"name": name, "current": current}))
            .collect();
        let state = json!({"messages": last, "first_seq": 1, "last_seq": last, "bytes": 0});
        let cluster = json!({"name": "c", "leader": leader, "replicas": replicas});
        let info = json!({"config": {}, "state": state, "cluster": cluster});
        serde_json::from_value(info).unwrap()
    }

    fn lead(name: &str) -> Next {
        Next::Lead(name.to_owned())
    }

    #[test]
    fn a_server_counts_once_it_has_led_with_everything() {
        let mut turns = Turns::of(9);
        let start = Instant::now();
        let settled = |times: u32| start + SETTLED * times;
        let first = info(Some("n1"), 9, &[("n2", true), ("n3", true)]);
        assert_eq!(turns.after(Some(&first), start), Next::Wait);
        assert_eq!(turns.after(Some(&first), settled(1)), lead("n2"));
        // It would not, or it leads without having everything yet.
        assert_eq!(turns.after(Some(&first), settled(1)), Next::Wait);
        let empty = info(Some("n2"), 0, &[("n1", true), ("n3", true)]);
        assert_eq!(turns.after(Some(&empty), settled(2)), Next::Wait);
        assert_eq!(turns.after(Some(&first), settled(3)), Next::Wait);
        assert_eq!(turns.after(Some(&first), settled(4)), lead("n2"));
        let second = info(Some("n2"), 9, &[("n1", true), ("n3", true)]);
        assert_eq!(turns.after(Some(&second), settled(4)), Next::Wait);
        assert_eq!(turns.after(Some(&second), settled(5)), lead("n3"));
        let third = info(Some("n3"), 9, &[("n1", false), ("n2", true)]);
        assert_eq!(turns.after(Some(&third), settled(5)), Next::Done);
    }

    #[test]
    fn nobody_is_asked_to_lead_while_one_catches_up() {
        let mut turns = Turns::of(9);
        let start = Instant::now();
        let behind = info(Some("n1"), 9, &[("n2", true), ("n3", false)]);
        let level = info(Some("n1"), 9, &[("n2", true), ("n3", true)]);
        for (times, look) in [&level, &behind, &level].into_iter().enumerate() {
            let now = start + SETTLED * u32::try_from(times).unwrap();
            assert_eq!(turns.after(Some(look), now), Next::Wait, "{times}");
        }
        let leaderless = info(None, 9, &[("n2", true)]);
        assert_eq!(
            turns.after(Some(&leaderless), start + SETTLED * 4),
            Next::Wait
        );
        assert_eq!(turns.after(None, start), Next::Wait);
    }

    #[test]
    fn a_server_that_stands_alone_has_nobody_to_wait_for() {
        let alone = json!({"config": {}, "state": {"messages": 9, "first_seq": 1, "last_seq": 9, "bytes": 0}, "cluster": {"leader": "n1"}});
        let alone: StreamInfo = serde_json::from_value(alone).unwrap();
        assert_eq!(Turns::of(9).after(Some(&alone), Instant::now()), Next::Done);
    }
}

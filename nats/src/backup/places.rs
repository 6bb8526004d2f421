//! Where the saga stands in its queues: noted before a backup, and gone back to after a restore.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{BackupError, JetStreamBackup, Peers};
use crate::topology::{Topology, TopologyOptions};

/// A cluster hands out the restored consumers of a stream one by one, after the stream itself.
const CONSUMER_BUDGET: Duration = Duration::from_secs(60);

/// Handing them out takes about a tenth of a second.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Up to where each durable consumer has had everything acknowledged, by the name of the stream and of the consumer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places(BTreeMap<String, BTreeMap<String, u64>>);

impl Places {
    /// The consumers of a stream, and where each of them stood.
    fn of(&self, stream: &str) -> impl Iterator<Item = (&String, u64)> {
        let places = self.0.get(stream).into_iter().flatten();
        places.map(|(consumer, place)| (consumer, *place))
    }
}

#[derive(Deserialize)]
struct Found {
    delivered: Place,
    ack_floor: Place,
    cluster: Option<Peers>,
}

#[derive(Deserialize)]
struct Place {
    stream_seq: u64,
}

impl Found {
    /// Whether everything up to a place counts as acknowledged, and nothing after it.
    fn is_at(&self, place: u64) -> bool {
        self.ack_floor.stream_seq == place && self.delivered.stream_seq == place
    }
}

impl JetStreamBackup {
    /// Where each of the saga's consumers stands now.
    ///
    /// # Errors
    /// [`BackupError::Refused`].
    pub async fn places(&self) -> Result<Places, BackupError> {
        let mut places = Places::default();
        for consumer in Topology::new(TopologyOptions::SINGLE).consumers {
            let (stream, name) = (consumer.stream, consumer.durable_name);
            // One that is not there yet has nothing acknowledged.
            let place = self.consumer(stream, &name).await?;
            let place = place.map_or(0, |found| found.ack_floor.stream_seq);
            let of_stream = places.0.entry(stream.to_owned()).or_default();
            of_stream.insert(name, place);
        }
        Ok(places)
    }

    /// Sets the consumers of a restored stream back to where they stood when their places were noted.
    ///
    /// # Errors
    /// [`BackupError::NotReady`] if they do not come to be there, and [`BackupError::Refused`].
    pub async fn rewind(&self, stream: &str, places: &Places) -> Result<(), BackupError> {
        let info = self.info(stream).await?;
        let cluster = info.and_then(|info| info.cluster);
        let is_clustered = cluster.is_some_and(|cluster| cluster.name.is_some());
        for (consumer, place) in places.of(stream) {
            self.rewind_one(stream, consumer, place, is_clustered)
                .await?;
        }
        Ok(())
    }

    async fn rewind_one(
        &self,
        stream: &str,
        consumer: &str,
        place: u64,
        is_clustered: bool,
    ) -> Result<(), BackupError> {
        let deadline = Instant::now() + CONSUMER_BUDGET;
        while Instant::now() < deadline {
            let found = self.consumer(stream, consumer).await?;
            // A cluster shows a consumer before it has its state; only one with a leader has it.
            let is_ready = |found: &Found| {
                !is_clustered
                    || found
                        .cluster
                        .as_ref()
                        .is_some_and(|peers| peers.leader.is_some())
            };
            match found.filter(is_ready) {
                Some(found) if found.is_at(place) => return Ok(()),
                Some(_) => return self.reset(stream, consumer, place).await,
                None => sleep(LOOK_AGAIN).await,
            }
        }
        Err(BackupError::NotReady {
            object: format!("consumer {consumer} of {stream}"),
            bound: CONSUMER_BUDGET,
        })
    }

    async fn reset(&self, stream: &str, consumer: &str, place: u64) -> Result<(), BackupError> {
        let subject = format!("CONSUMER.RESET.{stream}.{consumer}");
        let request = json!({"seq": place.saturating_add(1)}).to_string();
        let reset: Result<serde_json::Value, _> = self.ask(&subject, request.into()).await;
        reset
            .map(|_| ())
            .map_err(BackupError::refused("setting back", consumer))
    }

    async fn consumer(&self, stream: &str, name: &str) -> Result<Option<Found>, BackupError> {
        let subject = format!("CONSUMER.INFO.{stream}.{name}");
        match self.ask(&subject, Bytes::new()).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code() == Some(ErrorCode::CONSUMER_NOT_FOUND) => Ok(None),
            Err(error) => Err(BackupError::refused("looking at", name)(error)),
        }
    }
}

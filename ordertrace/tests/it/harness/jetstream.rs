//! What the nats-server says of its streams and of the saga's consumers.

use std::collections::{BTreeMap, BTreeSet};

use ordertrace_nats::{Topology, TopologyOptions};
use serde_json::{Value, json};

use super::LogReader;

/// How a consumer stands.
#[derive(Debug, Clone)]
pub(crate) struct Consumer {
    stream: &'static str,
    name: String,
    /// Messages that were never handed out, or are in somebody's hand.
    pub(crate) unsettled: u64,
    /// How often it has handed out a message.
    pub(crate) handed_out: u64,
}

impl LogReader {
    /// Where the last message of each of the streams that the saga reads stands: one more is one more append, or timer.
    pub(crate) async fn last_sequences(&self) -> BTreeMap<&'static str, u64> {
        let mut last = BTreeMap::new();
        for stream in streams() {
            let info = self.ask(&format!("STREAM.INFO.{stream}"), &json!({})).await;
            last.insert(stream, info["state"]["last_seq"].as_u64().unwrap());
        }
        last
    }

    /// Which of several servers leads the stream of events.
    pub(crate) async fn leader_of_events(&self) -> String {
        let topology = Topology::new(TopologyOptions::REPLICATED);
        let subject = format!("STREAM.INFO.{}", topology.streams[0].name);
        let info = self.ask(&subject, &json!({})).await;
        info["cluster"]["leader"].as_str().unwrap().to_owned()
    }

    /// The saga's consumers, of events and of timers.
    pub(crate) async fn consumers(&self) -> Vec<Consumer> {
        let mut consumers = Vec::new();
        for stream in streams() {
            let subject = format!("CONSUMER.LIST.{stream}");
            let list = self.ask(&subject, &json!({"offset": 0})).await;
            let all = list["consumers"].as_array().unwrap().iter();
            // Others are for a read of the log, and go by themselves.
            let sagas = all.filter(|info| name(info).starts_with("saga-"));
            consumers.extend(sagas.map(|info| Consumer::of(stream, info)));
        }
        consumers
    }

    /// Whether all that there is for the saga was handed to it and acknowledged.
    pub(crate) async fn is_all_settled(&self) -> bool {
        let consumers = self.consumers().await;
        consumers.iter().all(|consumer| consumer.unsettled == 0)
    }

    /// Deletes a consumer: the next of its name begins with the first message there is.
    pub(crate) async fn delete(&self, consumer: &Consumer) {
        let Consumer { stream, name, .. } = consumer;
        let subject = format!("CONSUMER.DELETE.{stream}.{name}");
        let answer = self.ask(&subject, &json!({})).await;
        assert_eq!(answer["success"], true, "{answer}");
    }

    async fn ask(&self, subject: &str, request: &Value) -> Value {
        let client = self.connection.client();
        let request = request.to_string().into();
        let answer = client.request(format!("$JS.API.{subject}"), request).await;
        let answer: Value = serde_json::from_slice(&answer.unwrap().payload).unwrap();
        assert_eq!(answer["error"], Value::Null, "{subject}");
        answer
    }
}

impl Consumer {
    fn of(stream: &'static str, info: &Value) -> Self {
        let count = |field: &str| info[field].as_u64().unwrap();
        Self {
            stream,
            name: name(info).to_owned(),
            unsettled: count("num_pending") + count("num_ack_pending"),
            handed_out: info["delivered"]["consumer_seq"].as_u64().unwrap(),
        }
    }
}

/// The streams that the saga's consumers read.
fn streams() -> BTreeSet<&'static str> {
    let topology = Topology::new(TopologyOptions::SINGLE);
    let consumers = topology.consumers.iter();
    consumers.map(|consumer| consumer.stream).collect()
}

fn name(info: &Value) -> &str {
    info["name"].as_str().unwrap()
}

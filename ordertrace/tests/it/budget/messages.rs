//! Messages by connection, as the nats-server has counted them.
//!
//! Invariant: a role is found by the name of its connections, so what others send meanwhile is not counted as its own.

use std::collections::BTreeMap;

use serde_json::Value;

/// What every role's connections have sent and received up to a moment.
pub(super) struct Messages {
    of_names: BTreeMap<String, Spent>,
}

/// Messages of a role.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    /// To the server.
    pub(super) sent: u64,
    /// From the server.
    pub(super) received: u64,
}

impl Messages {
    /// What the server at this monitoring address has counted.
    pub(super) async fn now(monitor_url: &str) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(format!("{monitor_url}/connz")).send().await;
        let body = answer.unwrap().text().await.unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let connections = body["connections"].as_array().unwrap();
        assert_eq!(body["total"], connections.len(), "there are more pages");
        let mut of_names: BTreeMap<String, Spent> = BTreeMap::new();
        for connection in connections {
            let name = connection["name"].as_str().unwrap_or_default();
            let spent = of_names.entry(name.to_owned()).or_default();
            spent.sent += connection["in_msgs"].as_u64().unwrap();
            spent.received += connection["out_msgs"].as_u64().unwrap();
        }
        Self { of_names }
    }

    /// What a role has added to an earlier count.
    pub(super) fn since(&self, before: &Self, role: &str) -> Spent {
        let name = format!("ordertrace-{role}");
        let [now, before] = [self, before].map(|it| match it.of_names.get(&name) {
            Some(spent) => *spent,
            None => panic!("no {name} among {:?}", it.of_names),
        });
        Spent {
            sent: now.sent - before.sent,
            received: now.received - before.received,
        }
    }
}

//! What servers say of their own writes.

use crate::rig::{Rig, connect, provision};
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::{
    ALLOW_FLAG, Durability, NotDurable, Topology, TopologyError, TopologyOptions, ensure_durable,
};

#[tokio::test]
async fn a_server_that_always_writes_first_is_durable() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let monitoring = [rig.server.monitor_url().to_owned()];
    let durability = Durability::read(&connection, &monitoring).await;
    assert_eq!(durability, Durability::Always);
}

#[tokio::test]
async fn a_server_with_default_settings_is_refused_and_named() {
    let rig = Rig::with_sync(SyncPolicy::ServerDefault).await;
    let (connection, _) = rig.ready().await;
    let monitoring = [format!("{}/", rig.server.monitor_url())];
    let durability = Durability::read(&connection, &monitoring).await;
    let refusal = ensure_durable(durability.clone(), false).unwrap_err();
    assert!(matches!(refusal, NotDurable::Weaker { .. }), "{refusal}");
    let text = refusal.to_string();
    assert!(
        text.contains("ordertrace writes every 120s") && text.contains(ALLOW_FLAG),
        "{text}"
    );
    assert_eq!(ensure_durable(durability, true), Ok(()));
}

#[tokio::test]
async fn who_gives_no_account_is_not_taken_for_durable() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    // Nothing listens on the first; the second speaks, but not HTTP.
    let client_port = rig.server.client_url().replace("nats://", "http://");
    for monitoring in [
        vec!["http://127.0.0.1:9".to_owned()],
        vec![client_port],
        vec!["not an address".to_owned()],
        vec![],
    ] {
        let durability = Durability::read(&connection, &monitoring).await;
        assert!(
            matches!(durability, Durability::Unreadable { .. }),
            "{monitoring:?}: {durability:?}"
        );
        let refusal = ensure_durable(durability, false).unwrap_err();
        assert!(
            matches!(refusal, NotDurable::Unreadable { .. }),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn a_stream_that_persists_later_is_drift_and_weak_on_any_server() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    let topology = Topology::new(TopologyOptions::SINGLE);
    let mut config = serde_json::to_value(&topology.streams[0]).unwrap();
    config["persist_mode"] = "async".into();
    // The server allows it only without atomic batches.
    config["allow_atomic"] = false.into();
    let created = connection
        .client()
        .request(
            "$JS.API.STREAM.CREATE.ORDERTRACE_EVENTS",
            config.to_string().into(),
        )
        .await
        .unwrap();
    let created: serde_json::Value = serde_json::from_slice(&created.payload).unwrap();
    assert_eq!(created["config"]["persist_mode"], "async", "{created}");

    let monitoring = [rig.server.monitor_url().to_owned()];
    let durability = Durability::read(&connection, &monitoring).await;
    assert!(
        matches!(&durability, Durability::Weaker { found } if found.contains("persist_mode")),
        "{durability:?}"
    );
    let refused = topology.ensure(&connection).await.unwrap_err();
    let TopologyError::Drift(differences) = &refused else {
        panic!("{refused}")
    };
    assert!(
        differences
            .iter()
            .any(|difference| difference.field == "persist_mode"),
        "{refused}"
    );
}

#[tokio::test]
async fn every_server_that_holds_the_log_has_to_give_an_account() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(dir.path(), SyncPolicy::Always)
        .await
        .unwrap();
    let connection = connect(&cluster.urls()).await;
    provision(&connection, TopologyOptions::REPLICATED).await;
    let nodes = cluster.nodes().iter();
    let monitoring: Vec<String> = nodes.map(|node| node.monitor_url().to_owned()).collect();
    let all = Durability::read(&connection, &monitoring).await;
    assert_eq!(all, Durability::Always);
    let some = Durability::read(&connection, &monitoring[..2]).await;
    assert!(
        matches!(&some, Durability::Unreadable { why } if why.contains(cluster.node(2).name())),
        "{some:?}"
    );
    cluster.stop().await;
}

//! Three routed nodes: a cluster that tests can hurt.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use ordertrace_nats::managed::{Cluster, SyncPolicy};

/// A replicated stream elects a new leader after about five seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Publishes until it is acknowledged: without a leader there is no answer, and nothing is stored.
async fn publish(context: &jetstream::Context, text: &'static str) {
    let acknowledged = async {
        loop {
            if let Ok(ack) = context.publish("kept.one", text.into()).await
                && ack.await.is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, acknowledged).await.unwrap();
}

#[tokio::test]
async fn a_cluster_replicates_survives_the_loss_of_its_leader_and_takes_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let urls = cluster.urls();
    let client = async_nats::connect(urls.clone()).await.unwrap();
    let context = jetstream::new(client);
    let wanted = stream::Config {
        name: "KEPT".into(),
        subjects: vec!["kept.>".into()],
        num_replicas: 3,
        ..Default::default()
    };
    let mut kept = context.create_stream(wanted).await.unwrap();
    assert_eq!(
        kept.info()
            .await
            .unwrap()
            .cluster
            .as_ref()
            .unwrap()
            .replicas
            .len(),
        2
    );
    publish(&context, "with three").await;

    let leader = cluster.ready().await.unwrap();
    let pid = cluster.node(leader).pid().unwrap();
    cluster.node_mut(leader).kill().await;
    assert_eq!(cluster.node(leader).pid(), None);
    assert_ne!(
        cluster.ready().await.unwrap(),
        leader,
        "the two that are left have elected another"
    );
    publish(&context, "with two").await;

    cluster.node_mut(leader).start().await.unwrap();
    cluster.ready().await.unwrap();
    assert_ne!(cluster.node(leader).pid().unwrap(), pid);
    assert_eq!(
        cluster.urls(),
        urls,
        "a node comes back where clients look for it"
    );
    publish(&context, "with three again").await;
    cluster.stop().await;
}

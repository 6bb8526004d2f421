//! Looking a deployment over: nothing is found of one as it should be, and each mistake of one that is not.

use std::collections::BTreeSet;
use std::time::Duration;

use async_nats::jetstream::stream::Config;
use async_nats::jetstream::{consumer, stream};
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_nats::doctor::{Check, Finding, Observations, findings};
use ordertrace_nats::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM};
use ordertrace_nats::{Connection, NatsRole, Replicas, Topology, TopologyOptions};

use crate::rig::handmade::HandmadeServer;
use crate::rig::{connect, place, provision, roles::Roles};

async fn found(
    connection: &Connection,
    monitoring: &[String],
    replicas: Replicas,
    role: NatsRole,
) -> Vec<Finding> {
    let topology = Topology::new(TopologyOptions {
        replicas,
        events_bytes_max: None,
    });
    let seen = Observations::of(connection, monitoring, &topology).await;
    findings(&seen.unwrap(), role)
}

#[tokio::test]
async fn nothing_is_found_of_a_deployment_as_it_should_be() {
    let roles = Roles::provisioned().await;
    place(
        roles.connect(NatsRole::CommandApi).await.jetstream(),
        order_id(),
    )
    .await;
    for role in [NatsRole::Operator, NatsRole::Monitor] {
        let connection = roles.connect(role).await;
        for monitoring in [vec![], vec![roles.server.monitoring.clone()]] {
            let found = found(&connection, &monitoring, Replicas::One, role).await;
            assert_eq!(found, [], "{role}");
        }
    }
}

#[tokio::test]
async fn of_each_role_the_server_itself_tells_that_it_may_no_more_than_it_needs() {
    let roles = Roles::provisioned().await;
    for role in NatsRole::ALL {
        let connection = roles.connect(role).await;
        let monitoring = [roles.server.monitoring.clone()];
        let found = found(&connection, &monitoring, Replicas::One, role).await;
        assert_eq!(found, [], "{role}");
        let other = NatsRole::ALL
            .into_iter()
            .find(|other| *other != role)
            .unwrap();
        let topology = Topology::new(TopologyOptions::SINGLE);
        let seen = Observations::of(&connection, &monitoring, &topology);
        let as_other = findings(&seen.await.unwrap(), other);
        assert!(
            as_other
                .iter()
                .all(|finding| finding.check == Check::Permissions),
            "{as_other:?}"
        );
        assert!(!as_other.is_empty(), "{role}");
    }
}

/// Acknowledges first, takes too little, and lets everybody in.
async fn careless() -> HandmadeServer {
    HandmadeServer::with("max_payload: 65536").await
}

/// Makes everything, and then changes it as somebody might by hand.
async fn spoil(connection: &Connection) {
    provision(connection, TopologyOptions::SINGLE).await;
    let context = connection.jetstream();
    for stream in [EVENTS_STREAM, CHECKPOINTS_STREAM] {
        context.delete_stream(stream).await.unwrap();
    }
    let events = Config {
        name: EVENTS_STREAM.to_owned(),
        subjects: vec!["ordertrace.events.>".to_owned()],
        max_age: Duration::from_secs(3_600),
        duplicate_window: Duration::from_secs(60),
        discard: stream::DiscardPolicy::New,
        allow_atomic_publish: true,
        deny_delete: false,
        deny_purge: true,
        ..Default::default()
    };
    let events = context.create_stream(events).await.unwrap();
    for _ in 0..3 {
        place(context, order_id()).await;
    }
    events.delete_message(2).await.unwrap();
    let consumer = consumer::pull::Config {
        durable_name: Some("saga-00".to_owned()),
        filter_subject: "ordertrace.events.00.>".to_owned(),
        ..Default::default()
    };
    events.create_consumer(consumer).await.unwrap();
}

#[tokio::test]
async fn each_mistake_that_was_made_is_found_and_no_other() {
    let server = careless().await;
    let connection = connect(&[format!("nats://{}", server.address)]).await;
    spoil(&connection).await;
    let monitoring = [server.monitoring.clone()];
    let found = found(
        &connection,
        &monitoring,
        Replicas::Three,
        NatsRole::Operator,
    )
    .await;
    let checks: BTreeSet<Check> = found.iter().map(|finding| finding.check).collect();
    let planted = [
        Check::SyncPolicy,
        Check::MaxPayload,
        Check::Missing,
        Check::Replicas,
        Check::Retention,
        Check::DenyFlags,
        Check::DedupWindow,
        Check::MaxMessageSize,
        Check::Stream,
        Check::Consumer,
        Check::Gap,
        Check::Permissions,
    ];
    assert_eq!(checks, BTreeSet::from(planted), "{found:#?}");
    let missing = format!("stream {CHECKPOINTS_STREAM}");
    assert!(
        found.iter().any(|finding| finding.object == missing),
        "{found:#?}"
    );
    assert!(found.is_sorted_by_key(|finding| finding.severity));
}

#[tokio::test]
async fn what_could_not_be_seen_is_told() {
    let roles = Roles::provisioned().await;
    let saga = roles.connect(NatsRole::Saga).await;
    let over_nats = found(&saga, &[], Replicas::One, NatsRole::Saga).await;
    let checks: Vec<Check> = over_nats.iter().map(|finding| finding.check).collect();
    assert_eq!(checks, [Check::Unseen], "{over_nats:?}");
    let nowhere = ["http://127.0.0.1:1".to_owned()];
    let found = found(&saga, &nowhere, Replicas::One, NatsRole::Saga).await;
    let objects: Vec<&str> = found.iter().map(|finding| &*finding.object).collect();
    assert_eq!(objects, ["the servers", "the copies of the log"]);
}

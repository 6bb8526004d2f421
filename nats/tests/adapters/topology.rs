//! The topology on real servers: made, found again, and refused when it is not as declared.

use std::error::Error;
use std::time::Duration;

use crate::rig::{Rig, connect, eventually};
use async_nats::jetstream::{consumer, stream};
use futures::future::join_all;
use ordertrace_domain::PAYLOAD_BYTES_MAX;
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_nats::managed::{Cluster, SyncPolicy};
use ordertrace_nats::subject::{DLQ_STREAM, EVENTS_STREAM, TIMERS_STREAM, events_of};
use ordertrace_nats::{Connection, Topology, TopologyError, TopologyOptions};

const OBJECTS: usize = 4 + 32;

#[tokio::test]
async fn a_first_start_makes_everything_and_a_second_finds_it_as_declared() {
    let rig = Rig::bare().await;
    let topology = Topology::new(TopologyOptions::SINGLE);
    let connection = rig.connect().await;
    let first = topology.ensure(&connection).await.unwrap();
    assert_eq!(first.made.len(), OBJECTS, "{:?}", first.made);
    let second = topology.ensure(&rig.connect().await).await.unwrap();
    assert_eq!(second.made, Vec::<String>::new());
    assert_eq!(second.incarnation, first.incarnation);

    rig.kill_and_wait().await;
    let incarnation = topology.verify(&connection).await.unwrap();
    assert_eq!(
        incarnation, first.incarnation,
        "a restart leaves the log what it was"
    );
}

#[tokio::test]
async fn a_difference_is_refused_with_every_difference_told_and_nothing_is_changed() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    let context = connection.jetstream();
    let foreign = stream::Config {
        name: EVENTS_STREAM.to_owned(),
        subjects: vec!["ordertrace.events.>".to_owned()],
        allow_direct: true,
        max_age: Duration::from_secs(3_600),
        ..Default::default()
    };
    let created = context.create_stream(foreign.clone()).await.unwrap();
    let consumer = consumer::pull::Config {
        durable_name: Some("saga-00".to_owned()),
        filter_subject: "ordertrace.events.00.>".to_owned(),
        ..Default::default()
    };
    created.create_consumer(consumer).await.unwrap();

    let topology = Topology::new(TopologyOptions::SINGLE);
    let refused = topology.ensure(&connection).await.unwrap_err();
    let TopologyError::Drift(differences) = &refused else {
        panic!("{refused}")
    };
    let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
    for expected in [
        "stream ORDERTRACE_EVENTS: allow_atomic is false, declared true",
        "stream ORDERTRACE_EVENTS: deny_delete is false, declared true",
        "stream ORDERTRACE_EVENTS: deny_purge is false, declared true",
        "stream ORDERTRACE_EVENTS: discard is old, declared new",
        "stream ORDERTRACE_EVENTS: max_age is 3600000000000, declared not set",
        "consumer saga-00 of ORDERTRACE_EVENTS: ack_wait is 30000000000, declared 5000000000",
        "consumer saga-00 of ORDERTRACE_EVENTS: priority_policy is not set, declared pinned_client",
    ] {
        assert!(
            told.iter().any(|line| line == expected),
            "{expected} is not in {told:#?}"
        );
        assert!(refused.to_string().contains(expected), "{refused}");
    }
    assert!(
        context.get_stream(TIMERS_STREAM).await.is_err(),
        "nothing was made"
    );
    let mut kept = context.get_stream(EVENTS_STREAM).await.unwrap();
    assert_eq!(kept.info().await.unwrap().config.max_age, foreign.max_age);
}

/// The log of this topology with another limit of a message's size; -1 for none.
async fn with_message_limit(connection: &Connection, limit: i32) {
    let context = connection.jetstream();
    let made = context.get_stream(EVENTS_STREAM).await.unwrap();
    let config = stream::Config {
        max_message_size: limit,
        ..made.cached_info().config.clone()
    };
    context.update_stream(config).await.unwrap();
}

#[tokio::test]
async fn a_message_that_would_not_be_read_is_not_stored() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let subject = events_of(order_id());
    let stored = async |bytes: usize| {
        let payload = vec![0; bytes].into();
        let sent = connection.jetstream().publish(subject.clone(), payload);
        sent.await.unwrap().await
    };
    assert!(stored(PAYLOAD_BYTES_MAX).await.is_ok());
    let refused = stored(PAYLOAD_BYTES_MAX + 4 * 1024 + 1).await.unwrap_err();
    let refused = refused.source().unwrap().to_string();
    assert!(refused.contains("message size exceeds"), "{refused}");
}

#[tokio::test]
async fn a_log_without_a_limit_of_a_messages_size_is_done_with_and_another_limit_is_not() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let topology = Topology::new(TopologyOptions::SINGLE);
    with_message_limit(&connection, -1).await;
    topology.verify(&connection).await.unwrap();
    assert_eq!(topology.ensure(&connection).await.unwrap().made.len(), 0);
    let survey = topology.survey(&connection).await.unwrap();
    let lacking: Vec<_> = survey.tolerated.iter().map(ToString::to_string).collect();
    assert_eq!(
        lacking,
        ["stream ORDERTRACE_EVENTS: max_msg_size is not set, declared 69632"]
    );

    with_message_limit(&connection, 70_000).await;
    let refused = topology.ensure(&connection).await.unwrap_err();
    assert!(matches!(refused, TopologyError::Drift(_)), "{refused}");
    let survey = topology.survey(&connection).await.unwrap();
    assert_eq!((survey.tolerated.len(), survey.differing.len()), (0, 1));
}

/// The topology of one server, whose log may grow to so many bytes.
fn of_size(bytes: u64) -> Topology {
    Topology::new(TopologyOptions {
        events_bytes_max: Some(bytes),
        ..TopologyOptions::SINGLE
    })
}

#[tokio::test]
async fn a_log_of_another_size_than_declared_is_worked_on_and_told_of() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    let made = of_size(1 << 20).ensure(&connection).await.unwrap();
    assert!(made.tolerated.is_empty(), "{:?}", made.tolerated);
    let mut events = connection
        .jetstream()
        .get_stream(EVENTS_STREAM)
        .await
        .unwrap();
    assert_eq!(events.info().await.unwrap().config.max_bytes, 1 << 20);

    for (topology, declared) in [
        (of_size(2 << 20), "2097152"),
        (Topology::new(TopologyOptions::SINGLE), "not set"),
    ] {
        let again = topology.ensure(&connection).await.unwrap();
        let told: Vec<_> = again.tolerated.iter().map(ToString::to_string).collect();
        let wanted = format!("stream ORDERTRACE_EVENTS: max_bytes is 1048576, declared {declared}");
        assert_eq!((again.made.len(), told), (0, vec![wanted]));
    }
    assert_eq!(
        events.info().await.unwrap().config.max_bytes,
        1 << 20,
        "nothing was changed"
    );
}

#[tokio::test]
async fn who_may_not_make_anything_is_told_what_is_missing() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let context = connection.jetstream();
    context.delete_stream(DLQ_STREAM).await.unwrap();
    let events = context.get_stream(EVENTS_STREAM).await.unwrap();
    events.delete_consumer("saga-07").await.unwrap();

    let topology = Topology::new(TopologyOptions::SINGLE);
    let refused = topology.verify(&connection).await.unwrap_err();
    let TopologyError::Missing(missing) = refused else {
        panic!("{refused}")
    };
    assert_eq!(
        missing,
        [
            "stream ORDERTRACE_DLQ",
            "consumer saga-07 of ORDERTRACE_EVENTS"
        ]
    );
    assert!(
        context.get_stream(DLQ_STREAM).await.is_err(),
        "nothing was made"
    );
}

#[tokio::test]
async fn processes_that_start_at_once_all_succeed() {
    const PROCESSES: usize = 6;
    let rig = Rig::bare().await;
    let starts = (0..PROCESSES).map(|_| async {
        let connection = rig.connect().await;
        Topology::new(TopologyOptions::SINGLE)
            .ensure(&connection)
            .await
            .unwrap()
    });
    let provisioned = join_all(starts).await;
    assert!(
        provisioned
            .iter()
            .all(|one| one.incarnation == provisioned[0].incarnation),
        "{provisioned:?}"
    );
}

#[tokio::test]
async fn three_replicas_on_one_server_are_refused_at_once() {
    let rig = Rig::bare().await;
    let connection = rig.connect().await;
    let topology = Topology::new(TopologyOptions::REPLICATED);
    let refused = topology.ensure(&connection).await.unwrap_err();
    assert!(
        matches!(&refused, TopologyError::Refused { object, .. } if object == "stream ORDERTRACE_EVENTS"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_cluster_without_a_leader_is_waited_for_and_holds_everything_thrice() {
    let dir = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start(dir.path(), SyncPolicy::ServerDefault)
        .await
        .unwrap();
    let leader = cluster.ready().await.unwrap();
    let other = (leader + 1) % 3;
    let survivor = cluster.node(other).client_url().to_owned();
    let connection = connect(&[survivor]).await;
    cluster.node_mut(leader).kill().await;
    // Two of three nodes are left, and none of them leads yet.
    let topology = Topology::new(TopologyOptions::REPLICATED);
    let provision = topology.ensure(&connection);
    let restart = cluster.node_mut(leader).start();
    let (provisioned, restarted) = tokio::join!(provision, restart);
    restarted.unwrap();
    let provisioned = provisioned.unwrap();
    assert_eq!(provisioned.made.len(), OBJECTS);
    let incarnation = topology
        .verify(&connect(&cluster.urls()).await)
        .await
        .unwrap();
    assert_eq!(incarnation, provisioned.incarnation);
    eventually("three current replicas", || async {
        let stream = connection
            .jetstream()
            .get_stream(EVENTS_STREAM)
            .await
            .ok()?;
        let cluster = stream.cached_info().cluster.clone()?;
        (cluster.replicas.len() == 2 && cluster.replicas.iter().all(|peer| peer.current))
            .then_some(())
    })
    .await;
    cluster.stop().await;
}

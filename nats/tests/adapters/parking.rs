//! Parking on a real server: what stands in the stream, what somebody else wrote there, and answers that get lost.

use std::pin::pin;

use async_nats::HeaderMap;
use futures::future::{Either, join_all, select};
use ordertrace_domain::testing::fixtures::order_id;
use ordertrace_domain::{
    ActorId, DeadLetter, DeadLetters, LogError, OrderId, Parked, Parking, Reason, Sequence, Verdict,
};
use ordertrace_nats::managed::SyncPolicy;
use ordertrace_nats::subject::{DLQ_STREAM, parked};
use ordertrace_nats::{Connection, JetStreamParking};
use serde_json::{Value, json};

use crate::rig::gag::GaggedServer;
use crate::rig::{Rig, connect, eventually, store};

fn pointer(sequence: u64, reason: &str) -> Parked {
    pointer_of(order_id(), sequence, reason)
}

fn pointer_of(order: OrderId, sequence: u64, reason: &str) -> Parked {
    Parked {
        sequence: Sequence::new(sequence),
        order_id: Some(order),
        consumer: "saga".to_owned(),
        reason: reason.to_owned(),
        attempts: 5,
    }
}

fn operator() -> ActorId {
    ActorId::parse("ada").unwrap()
}

fn discarded() -> Verdict {
    Verdict::Discarded {
        reason: Reason::parse("a test order").unwrap(),
    }
}

async fn records(connection: &Connection) -> u64 {
    let mut stream = connection.jetstream().get_stream(DLQ_STREAM).await.unwrap();
    stream.info().await.unwrap().state.messages
}

async fn last_record(connection: &Connection, sequence: u64) -> Value {
    let stream = connection.jetstream().get_stream(DLQ_STREAM).await.unwrap();
    let subject = parked("saga", sequence);
    let record = stream.get_last_raw_message_by_subject(&subject).await;
    serde_json::from_slice(&record.unwrap().payload).unwrap()
}

async fn listed(parking: &JetStreamParking) -> Vec<DeadLetter> {
    let page = parking.list(Sequence::START, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.letters
}

/// The letter of a message that was just parked, or found so.
async fn only(parking: &JetStreamParking) -> DeadLetter {
    let mut all = listed(parking).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[tokio::test]
async fn to_park_a_message_for_a_reason_again_and_again_is_to_park_it_once() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let parking = JetStreamParking::new(&connection);
    let order = order_id();
    for (reason, expected) in [("the first reason", 1), ("a graver reason", 2)] {
        let again = (0..8).map(|_| parking.park(pointer_of(order, 7, reason)));
        for result in join_all(again).await {
            result.unwrap();
        }
        assert_eq!(records(&connection).await, expected);
        assert_eq!(
            last_record(&connection, 7).await,
            json!({
                "sequence": 7, "order_id": order.to_string(), "consumer": "saga", "reason": reason, "attempts": 5
            })
        );
    }
    parking.park(pointer(8, "another message")).await.unwrap();
    assert_eq!(records(&connection).await, 3);
}

#[tokio::test]
async fn a_decision_stands_in_the_stream_with_the_message_it_was_made_on() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let parking = JetStreamParking::new(&connection);
    let first = pointer(7, "it can't be read");
    parking.park(first.clone()).await.unwrap();
    let letter = only(&parking).await;
    let settled = parking.settle(&letter, discarded(), &operator()).await;
    assert!(settled.unwrap());

    let order = first.order_id.unwrap().to_string();
    assert_eq!(
        last_record(&connection, 7).await,
        json!({
            "sequence": 7, "order_id": order, "consumer": "saga", "reason": "it can't be read", "attempts": 5,
            "parked_at": letter.parked_at.to_string(),
            "settled": "discarded", "settled_by": "ada", "settled_reason": "a test order"
        })
    );
}

#[tokio::test]
async fn a_record_that_can_not_be_read_is_listed_and_gives_way_to_one_that_can() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let parking = JetStreamParking::new(&connection);
    for sequence in [7, 8] {
        let subject = parked("saga", sequence);
        let headers = HeaderMap::new();
        store(connection.jetstream(), &subject, &headers, b"garbage").await;
    }
    let letters = listed(&parking).await;
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert!(letter.parked.reason.contains("can't be read"), "{letter:?}");
        assert_eq!(letter.parked.order_id, None);
    }

    let settled = parking.settle(&letters[0], discarded(), &operator()).await;
    assert!(settled.unwrap());
    let again = pointer(8, "it can't be handled");
    parking.park(again.clone()).await.unwrap();
    let letters = listed(&parking).await;
    assert!(letters[0].settled.is_some());
    assert_eq!(letters[1].parked, again);
}

#[tokio::test]
async fn a_record_of_no_message_does_not_stop_the_list() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let parking = JetStreamParking::new(&connection);
    let headers = HeaderMap::new();
    let subject = "ordertrace.dlq.notes";
    store(connection.jetstream(), subject, &headers, b"a note").await;
    let first = pointer(7, "it can't be read");
    parking.park(first.clone()).await.unwrap();
    assert_eq!(only(&parking).await.parked, first);
}

#[tokio::test]
async fn what_an_operator_purged_is_gone_and_can_be_parked_again() {
    let rig = Rig::bare().await;
    let (connection, _) = rig.ready().await;
    let parking = JetStreamParking::new(&connection);
    parking.park(pointer(7, "it can't be read")).await.unwrap();
    let letter = only(&parking).await;
    let stream = connection.jetstream().get_stream(DLQ_STREAM).await.unwrap();
    stream.purge().await.unwrap();

    assert_eq!(listed(&parking).await, []);
    let settled = parking.settle(&letter, discarded(), &operator()).await;
    assert!(!settled.unwrap());
    parking.park(pointer(7, "it can't be read")).await.unwrap();
    assert!(only(&parking).await.record > letter.record);
}

#[tokio::test]
async fn a_long_history_ends_a_part_of_the_list_early_and_hides_nothing_behind_it() {
    let rig = Rig::with_sync(SyncPolicy::ServerDefault).await;
    let (connection, _) = rig.ready().await;
    let subject = parked("saga", 7);
    let context = connection.jetstream();
    let stored = join_all((0..1_200).map(|_| async {
        let sent = context.publish(subject.clone(), "garbage".into()).await;
        sent.unwrap().await.unwrap();
    }));
    stored.await;
    let parking = JetStreamParking::new(&connection);
    parking.park(pointer(8, "it can't be read")).await.unwrap();

    let first = parking.list(Sequence::START, 100).await.unwrap();
    assert_eq!(first.letters, []);
    let second = parking.list(first.next.unwrap(), 100).await.unwrap();
    let sequences: Vec<u64> = second
        .letters
        .iter()
        .map(|letter| letter.parked.sequence.get())
        .collect();
    assert_eq!((sequences, second.next), (vec![7, 8], None));
}

/// Has something done of which the server's word gets lost after the stream has so many records, and gives what it came
/// to. `meanwhile` happens before the server is heard again.
async fn unheard<T>(
    gag: &GaggedServer,
    witness: &Connection,
    stored: u64,
    deed: impl Future<Output = T>,
    meanwhile: impl Future<Output = ()>,
) -> T {
    gag.gag();
    let is_stored = eventually("the record", || async {
        (records(witness).await == stored).then_some(())
    });
    let deed = pin!(deed);
    let deed = match select(deed, pin!(is_stored)).await {
        Either::Left(_) => panic!("it was heard"),
        Either::Right(((), deed)) => deed,
    };
    let ((), outcome) = futures::join!(
        async {
            meanwhile.await;
            gag.cut_and_ungag();
        },
        deed
    );
    outcome
}

#[tokio::test]
async fn a_decision_whose_acknowledgement_got_lost_is_known_again() {
    let rig = Rig::bare().await;
    let (witness, _) = rig.ready().await;
    let gag = GaggedServer::before(rig.server.client_url()).await;
    let parking = JetStreamParking::new(&connect(&[gag.url().to_owned()]).await);
    parking.park(pointer(7, "it can't be read")).await.unwrap();
    let letter = only(&parking).await;

    // It comes again at once, so that the decision is not the last word any more when it is looked for.
    let other = JetStreamParking::new(&witness);
    let meanwhile = async {
        let again = pointer(7, "it can't be read either");
        other.park(again).await.unwrap();
    };
    let operator = operator();
    let deed = parking.settle(&letter, Verdict::Retried, &operator);
    let settled = unheard(&gag, &witness, 2, deed, meanwhile).await;
    assert!(settled.unwrap());
    assert_eq!(records(&witness).await, 3);
    assert_eq!(only(&other).await.settled, None);
}

#[tokio::test]
async fn a_decision_that_came_too_late_is_not_taken_for_an_unheard_one() {
    let rig = Rig::bare().await;
    let (witness, _) = rig.ready().await;
    let parking = JetStreamParking::new(&witness);
    parking.park(pointer(7, "it can't be read")).await.unwrap();
    let letter = only(&parking).await;
    let operator = operator();
    let first = parking.settle(&letter, Verdict::Retried, &operator).await;
    // The same words by the same person: it is another decision all the same.
    let second = parking.settle(&letter, Verdict::Retried, &operator).await;
    assert_eq!((first.unwrap(), second.unwrap()), (true, false));
}

#[tokio::test]
async fn a_message_whose_parking_was_not_heard_of_does_not_come_back_when_it_is_settled() {
    let rig = Rig::bare().await;
    let (witness, _) = rig.ready().await;
    let gag = GaggedServer::before(rig.server.client_url()).await;
    let parking = JetStreamParking::new(&connect(&[gag.url().to_owned()]).await);
    let other = JetStreamParking::new(&witness);
    let meanwhile = async {
        let letter = only(&other).await;
        let settled = other.settle(&letter, discarded(), &operator()).await;
        assert!(settled.unwrap());
    };
    let deed = parking.park(pointer(7, "it can't be read"));
    let parked: Result<(), LogError> = unheard(&gag, &witness, 1, deed, meanwhile).await;
    parked.unwrap();
    assert!(only(&other).await.settled.is_some());
    assert_eq!(records(&witness).await, 2);
}

//! The whole log is another one: an older one, one that went on differently, one that was made anew.

use ordertrace_nats::managed::{ManagedServer, StartOptions};
use ordertrace_nats::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM};
use ordertrace_nats::{ConnectOptions, Connection};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::scene::{Copy, OFTEN, Scene, close, sell, signed_head, sizes};
use crate::harness::{Dev, PATIENCE, Store, Stored, wait_until};

#[tokio::test]
async fn events_that_were_rolled_back_are_fewer_than_were_signed_for() {
    let copy = Scene::get().await.copy();
    let before = copy.events().messages().len();
    copy.events()
        .replace_by(&copy.scene().earlier(EVENTS_STREAM));
    let after = copy.events().messages().len();
    assert!(after < before);
    let verdict = copy.verify().await;
    let message = verdict.finds_only("rolled-back", None);
    assert!(
        message.contains(&format!("and now there are {after}:")),
        "{message}"
    );
}

#[tokio::test]
async fn a_log_that_was_rolled_back_with_its_checkpoints_is_told_by_one_that_was_kept() {
    let copy = Scene::get().await.copy();
    let before = copy.events().messages().len();
    for stream in [EVENTS_STREAM, CHECKPOINTS_STREAM] {
        let earlier = copy.scene().earlier(stream);
        Store::of(copy.path(), stream).replace_by(&earlier);
    }
    // It is what it was, and nothing in it says that there was more.
    copy.verify().await.verified();
    copy.verify_against(&copy.scene().earlier_note())
        .await
        .verified();
    let after = copy.events().messages().len();
    let verdict = copy.verify_against(&copy.scene().latest_note()).await;
    let message = verdict.finds_only("rolled-back", None);
    let told = format!("was over {before} events, and now there are {after}:");
    assert!(message.contains(&told), "{message}");
}

#[tokio::test]
async fn a_log_that_went_on_differently_is_told_by_a_checkpoint_that_was_kept() {
    let scene = Scene::get().await;
    let kept = scene.clone().copy().events().messages().len() as u64;
    let data = scene.copy_of_earlier();
    let dev = Dev::start(data.path(), &OFTEN).await;
    // The signer has its key and what it remembers, and all of that was rolled back.
    let mut size = 0;
    while size < kept {
        sell(&dev).await;
        size = signed_head(&dev).await.checkpoint().size.get();
    }
    close(dev).await;
    let copy = Copy::of(data, &scene);
    copy.verify().await.verified();
    copy.verify_against(&scene.earlier_note()).await.verified();
    let verdict = copy.verify_against(&scene.latest_note()).await;
    let message = verdict.finds_only("forked", None);
    assert!(
        message.contains(&format!("over {kept} events")),
        "{message}"
    );
}

#[tokio::test]
async fn a_log_that_was_made_anew_with_the_same_events_is_another_one() {
    let copy = Scene::get().await.copy();
    let created = copy.events().created();
    publish_again(&copy).await;
    let verdict = copy.verify().await;
    let message = verdict.finds("recreated", None);
    assert!(message.contains("expected the incarnation"), "{message}");

    // It may say that it was made when the old one was. Its times give it away.
    copy.events().set_created(&created);
    let verdict = copy.verify_against(&copy.scene().latest_note()).await;
    let first = sizes(&copy.checkpoints().messages())[0];
    verdict.finds_other_tree((1, first));
    verdict.finds("forked", None);
}

/// Deletes the log, makes it anew, and publishes every event again, as it was.
async fn publish_again(copy: &Copy) {
    let messages = copy.events().messages();
    let server = ManagedServer::start(StartOptions::new(copy.path()));
    let server = server.await.unwrap();
    let connection = Connection::open(ConnectOptions::new([server.client_url()], "test"));
    let connection = connection.await.unwrap();
    let jetstream = connection.jetstream();
    // No role makes the log anew beside what is left of the old one, so this is done by hand.
    let log = jetstream.get_stream(EVENTS_STREAM).await.unwrap();
    jetstream.delete_stream(EVENTS_STREAM).await.unwrap();
    let config = log.cached_info().config.clone();
    let mut log = jetstream.create_stream(config).await.unwrap();
    publish(server.client_url(), &messages).await;
    wait_until("all events are in the log again", PATIENCE, async || {
        let last = log.info().await.unwrap().state.last_sequence;
        (last == messages.len() as u64).then_some(())
    })
    .await;
    server.stop().await;
    let same = copy.events().messages().into_iter().zip(messages);
    for (anew, message) in same {
        assert_eq!(
            (anew.subject, anew.payload),
            (message.subject, message.payload)
        );
    }
}

/// Publishes messages as they are, in the server's own words: no client is needed for that.
async fn publish(url: &str, messages: &[Stored]) {
    let address = url.trim_start_matches("nats://");
    let mut server = TcpStream::connect(address).await.unwrap();
    let mut words = b"CONNECT {\"headers\":true,\"verbose\":false}\r\n".to_vec();
    for message in messages {
        let mut message = message.clone();
        for name in ["Nats-Batch-Id", "Nats-Batch-Sequence", "Nats-Batch-Commit"] {
            message.set_header(name, None);
        }
        let headers = message.headers.len();
        let all = headers + message.payload.len();
        words.extend(
            format!(
                "HPUB {} {headers} {all}\r\n{}",
                message.subject, message.headers
            )
            .bytes(),
        );
        words.extend(&message.payload);
        words.extend(b"\r\n");
    }
    words.extend(b"PING\r\n");
    server.write_all(&words).await.unwrap();
    let mut answers = BufReader::new(server).lines();
    while let Some(line) = answers.next_line().await.unwrap() {
        assert!(!line.starts_with("-ERR"), "{line}");
        if line == "PONG" {
            return;
        }
    }
    panic!("the server hung up");
}

//! A message that a later version of the program writes: whole in every respect, of a schema that this one does not know.

use ordertrace_domain::message::{EXPECTED_LAST, ID, SCHEMA, TYPE};
use ordertrace_domain::testing::fixtures::events::payment_approved;
use ordertrace_domain::{CommandId, Envelope, EventId, OrderId, event_subject};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::harness::{Dev, LogReader, now};

/// Ahead of the number of the schema, in a payload.
const NUMBER: &[u8] = b"\xa6schema";

/// Has the order's payment approved by an event of the next schema.
pub(super) async fn append_of_the_next_schema(dev: &Dev, order: &str) {
    let reader = LogReader::of_server(&dev.nats()).await;
    let log = reader.read().await;
    let told = log.order(order);
    let id = OrderId::parse(order).unwrap();
    let last = told.last_event();
    let before = last.envelope.clone();
    let command_id = CommandId::from_uuid(before.event_id.as_uuid());
    let version = before.version.next();
    let event = payment_approved(None);
    let event_type = event.event_type();
    let envelope = Envelope {
        event_id: EventId::derive(command_id, version),
        command_id,
        version,
        occurred_at: now(),
        prev_hash: last.hash,
        event,
        ..before
    };
    let mut payload = envelope.encode();
    let at = payload.windows(NUMBER.len()).position(|it| it == NUMBER);
    payload[at.unwrap() + NUMBER.len()] += 1;
    let schema = (event_type.schema + 1).to_string();
    let headers = [
        (ID, envelope.event_id.to_string()),
        (TYPE, event_type.name.to_owned()),
        (SCHEMA, schema),
        (EXPECTED_LAST, last.sequence.to_string()),
    ];
    let answer = publish(dev, &event_subject(id), &headers, &payload).await;
    assert!(
        answer.contains("\"stream\":\"ORDERTRACE_EVENTS\"") && !answer.contains("error"),
        "{answer}"
    );
}

/// Publishes a message in the words of the protocol, and gives what the server answers.
async fn publish(dev: &Dev, subject: &str, headers: &[(&str, String)], payload: &[u8]) -> String {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let headers = format!("NATS/1.0\r\n{headers}\r\n");
    let (head, all) = (headers.len(), headers.len() + payload.len());
    let url = dev.nats().client_url;
    let stream = TcpStream::connect(url.strip_prefix("nats://").unwrap());
    let (from_server, mut to_server) = stream.await.unwrap().into_split();
    let begin = format!(
        "CONNECT {{\"verbose\":false,\"headers\":true}}\r\nSUB answer 1\r\nHPUB {subject} answer {head} {all}\r\n{headers}"
    );
    let message = [begin.as_bytes(), payload, b"\r\n"].concat();
    to_server.write_all(&message).await.unwrap();
    let mut lines = BufReader::new(from_server).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        assert!(!line.starts_with("-ERR"), "{line}");
        if line.starts_with("MSG answer") {
            return lines.next_line().await.unwrap().unwrap();
        }
    }
    panic!("the server closes the connection");
}

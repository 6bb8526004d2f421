//! A log that is the same at every run: twelve orders with five events each, one after the other in turns.

use std::iter;

use ordertrace_audit::{
    Bundle, BundledEvent, Chain, Checkpoint, Consistency, ExportWriter, FilterText, Header, KeyUse,
    MapKey, OrderMap, SecretKey, SignedCheckpoint, TreeFile, Trust, leaf_hash,
};
use ordertrace_domain::testing::{ManualClock, fixtures};
use ordertrace_domain::{
    CommandId, Draft, Envelope, Event, EventId, Hash, Incarnation, OrderId, Record, RecordedAt,
    Sequence, StoredEvent, Timestamp, Version, event_subject, message,
};

pub(crate) const ORDERS: u64 = 12;
pub(crate) const EVENTS_EACH: u64 = 5;
pub(crate) const SIZE: u64 = ORDERS * EVENTS_EACH;

/// The name of the log's key.
pub(crate) const ORIGIN: &str = "vectors.example/orders";

/// When the log's stream was created.
pub(crate) const CREATED: u64 = 1_700_000_000_000_000_000;

pub(crate) fn log_key() -> SecretKey {
    SecretKey::from_seed(ORIGIN, KeyUse::Log, [1; 32]).unwrap()
}

pub(crate) fn witness_key() -> SecretKey {
    SecretKey::from_seed("vectors.example/witness", KeyUse::Witness, [2; 32]).unwrap()
}

/// A key of the log's name that is not the log's.
pub(crate) fn forged_key() -> SecretKey {
    SecretKey::from_seed(ORIGIN, KeyUse::Log, [3; 32]).unwrap()
}

/// The log's key of another log.
pub(crate) fn other_key() -> SecretKey {
    SecretKey::from_seed("vectors.example/another", KeyUse::Log, [4; 32]).unwrap()
}

/// A version 8 UUID that follows from a text.
fn uuid(text: &str) -> String {
    let hex = Hash::of(text.as_bytes()).to_string();
    format!(
        "{}-{}-8{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

pub(crate) fn order(number: u64) -> OrderId {
    OrderId::parse(&uuid(&format!("order {number}"))).unwrap()
}

/// What happens to an order, one event after the other.
fn events() -> [Event; EVENTS_EACH as usize] {
    use fixtures::events;
    [
        events::order_placed(fixtures::cash()),
        events::payment_requested(fixtures::cash()),
        events::payment_approved(None),
        events::delivery_prepared(2),
        events::delivery_started(1),
    ]
}

/// The records of the log, of which another history has other command ids.
pub(crate) fn records(history: &str) -> Vec<Record> {
    let mut records = Vec::new();
    let mut last = vec![(Hash::ZERO, 0); ORDERS as usize];
    for (version, event) in (1..).zip(events()) {
        for (number, (prev_hash, expected)) in (1..).zip(&mut last) {
            let envelope = envelope(history, number, version, *prev_hash, event.clone());
            let draft = Draft::new(envelope);
            let position = records.len() as u64 + 1;
            records.push(record(position, order(number), &draft.payload, *expected));
            (*prev_hash, *expected) = (draft.hash, position);
        }
    }
    records
}

fn envelope(history: &str, number: u64, version: u64, prev_hash: Hash, event: Event) -> Envelope {
    let version = Version::new(version);
    let command_id = CommandId::parse(&uuid(&format!("{history} {number} {version}"))).unwrap();
    Envelope {
        event_id: EventId::derive(command_id, version),
        order_id: order(number),
        version,
        occurred_at: ManualClock::START,
        command_id,
        command_hash: fixtures::commands::start_delivery().hash(),
        causation_id: None,
        correlation_id: command_id.into(),
        traceparent: None,
        actor: fixtures::operator(),
        prev_hash,
        event,
    }
}

/// A message with the headers that it has on JetStream.
fn record(position: u64, order: OrderId, payload: &[u8], expected: u64) -> Record {
    let event = StoredEvent::read(Sequence::new(position), payload).unwrap();
    let own = message::headers_of(&event, payload).unwrap();
    let own = own.map(|(name, value)| (name.to_owned(), value.into_owned()));
    let expected = (message::EXPECTED_LAST.to_owned(), expected.to_string());
    Record {
        sequence: Sequence::new(position),
        recorded_at: recorded_at(position),
        subject: event_subject(order),
        headers: iter::once(expected).chain(own).collect(),
        payload: payload.to_vec().into(),
    }
}

fn recorded_at(position: u64) -> RecordedAt {
    let nanos = CREATED + position * 123_456_789;
    RecordedAt::from_nanos(i64::try_from(nanos).unwrap())
}

/// A message that somebody else wrote to the subject of the third order, in place of the eighth, which all others go on
/// behind.
pub(crate) fn with_rubbish(records: Vec<Record>) -> Vec<Record> {
    let mut records = records;
    let mut rubbish = records[7].clone();
    rubbish.subject = event_subject(order(3));
    rubbish.payload = b"rubbish".to_vec().into();
    rubbish.headers.clear();
    records.insert(7, rubbish);
    for (position, record) in (1..).zip(&mut records) {
        record.sequence = Sequence::new(position);
        record.recorded_at = recorded_at(position);
    }
    records
}

/// A log, and all that is computed from it.
pub(crate) struct Sample {
    pub(crate) incarnation: Incarnation,
    pub(crate) records: Vec<Record>,
    key: SecretKey,
    tree: TreeFile,
    /// By size.
    maps: Vec<OrderMap>,
    _folder: tempfile::TempDir,
}

impl Sample {
    pub(crate) fn new() -> Self {
        Self::of(records("history"), log_key())
    }

    pub(crate) fn of(records: Vec<Record>, key: SecretKey) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = TreeFile::open(&folder.path().join("tree"), Sequence::START).unwrap();
        let mut chain = Chain::new();
        let mut maps = vec![chain.map().clone()];
        for record in &records {
            tree.push(leaf_hash(record)).unwrap();
            // Rubbish moves nothing in the map.
            let _ = chain.follow(record);
            maps.push(chain.map().clone());
        }
        Self {
            incarnation: Incarnation::from_created_nanos(CREATED),
            records,
            key,
            tree,
            maps,
            _folder: folder,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.records.len() as u64
    }

    /// What the log was at a size, unsigned.
    pub(crate) fn state(&self, size: u64) -> Checkpoint {
        Checkpoint {
            origin: self.key.public().name().to_owned(),
            size: Sequence::new(size),
            tree_root: self.tree.root(Sequence::new(size)).unwrap(),
            incarnation: self.incarnation,
            map_root: self.maps[usize::try_from(size).unwrap()].root(),
        }
    }

    pub(crate) fn checkpoint(&self, size: u64) -> SignedCheckpoint {
        SignedCheckpoint::sign(self.state(size), &self.key)
    }

    pub(crate) fn cosigned(&self, size: u64) -> SignedCheckpoint {
        let checkpoint = self.checkpoint(size);
        let seen_at = Timestamp::from_micros(1_700_000_100_000_000);
        let cosignature = checkpoint.cosign(&witness_key(), seen_at);
        checkpoint.with(&cosignature)
    }

    /// The way of an event to the root of the tree of this size.
    pub(crate) fn proof(&self, position: u64, size: u64) -> Vec<Hash> {
        let (position, size) = (Sequence::new(position), Sequence::new(size));
        self.tree.inclusion(position, size).unwrap()
    }

    pub(crate) fn header(&self, from: u64, to: u64) -> Header {
        Header {
            origin: Some(ORIGIN.to_owned()),
            incarnation: self.incarnation,
            from: Sequence::new(from),
            to: Sequence::new(to),
            filter: None,
        }
    }

    /// Everything up to a size.
    pub(crate) fn complete(&self, size: u64) -> Vec<u8> {
        let checkpoint = self.checkpoint(size);
        self.complete_by(&checkpoint)
    }

    /// Everything up to the size of a checkpoint.
    pub(crate) fn complete_by(&self, checkpoint: &SignedCheckpoint) -> Vec<u8> {
        let size = checkpoint.checkpoint().size;
        let mut header = self.header(1, size.get());
        header.origin = Some(checkpoint.checkpoint().origin.clone());
        header.incarnation = checkpoint.checkpoint().incarnation;
        let events = self
            .records
            .iter()
            .take(usize::try_from(size.get()).unwrap());
        export(
            &header,
            events.map(|record| (record, None)),
            Some(checkpoint),
        )
    }

    /// A part of the log, with proofs in the tree of all of it.
    pub(crate) fn part(&self, header: &Header, is_in: impl Fn(&Record) -> bool) -> Vec<u8> {
        let (range, size) = (header.from..=header.to, self.size());
        let events = self.records.iter();
        let events = events.filter(|it| range.contains(&it.sequence) && is_in(it));
        let events = events.map(|record| (record, Some(self.proof(record.sequence.get(), size))));
        export(header, events, Some(&self.checkpoint(size)))
    }

    /// The events of two orders, filtered by a text that says so.
    pub(crate) fn filtered(&self) -> Vec<u8> {
        let mut header = self.header(1, self.size());
        let r#type = Some("PaymentRequested, PaymentApproved".to_owned());
        header.filter = Some(FilterText {
            r#type,
            recorded_from: Some("2023-11-14T22:13:20Z".to_owned()),
            ..FilterText::default()
        });
        let is_payment = |record: &Record| {
            let event = StoredEvent::read(record.sequence, &record.payload);
            event.is_ok_and(|event| matches!(event.envelope.event, Event::Payment(_)))
        };
        self.part(&header, is_payment)
    }

    /// All events of an order up to a size.
    pub(crate) fn bundle(&self, number: u64, size: u64, from: Option<u64>) -> Bundle {
        let events = self.records.iter().take(usize::try_from(size).unwrap());
        let subject = event_subject(order(number));
        let events = events.filter(|record| record.subject == subject && record.payload.len() > 9);
        let events = events.map(|record| BundledEvent {
            record: without_headers(record),
            proof: self.proof(record.sequence.get(), size),
        });
        let map = &self.maps[usize::try_from(size).unwrap()];
        Bundle {
            order: order(number),
            checkpoint: self.checkpoint(size),
            events: events.collect(),
            map: map.prove(MapKey::of(order(number))).unwrap(),
            consistency: from.map(|from| Consistency {
                from: Sequence::new(from),
                proof: self.consistency(from, size),
            }),
        }
    }

    pub(crate) fn consistency(&self, from: u64, to: u64) -> Vec<Hash> {
        let (from, to) = (Sequence::new(from), Sequence::new(to));
        self.tree.consistency(from, to).unwrap()
    }
}

pub(crate) fn without_headers(record: &Record) -> Record {
    Record {
        headers: Vec::new(),
        ..record.clone()
    }
}

/// Writes an export of these events.
pub(crate) fn export<'a>(
    header: &Header,
    events: impl Iterator<Item = (&'a Record, Option<Vec<Hash>>)>,
    checkpoint: Option<&SignedCheckpoint>,
) -> Vec<u8> {
    let mut writer = ExportWriter::new(Vec::new(), header).unwrap();
    for (record, proof) in events {
        writer.event(record, proof.as_deref()).unwrap();
    }
    let (bytes, summary) = writer.finish(checkpoint).unwrap();
    assert_eq!(summary.sha256, Hash::of(&bytes));
    assert_eq!(summary.bytes, bytes.len() as u64);
    bytes
}

/// Trust in the log's key.
pub(crate) fn with_key() -> Trust {
    Trust {
        key: Some(log_key().public()),
        ..Trust::default()
    }
}

/// Trust in the log's key and a checkpoint that was kept.
pub(crate) fn with_kept(kept: SignedCheckpoint) -> Trust {
    Trust {
        kept: Some(kept),
        ..with_key()
    }
}

//! A log that is the same at every run: twelve orders with five events each, one after the other in turns.

mod log;

use ordertrace_audit::{
    Bundle, BundledEvent, Chain, Checkpoint, Consistency, ExportWriter, FilterText, Header, MapKey,
    OrderMap, SecretKey, SignedCheckpoint, TreeFile, Trust, leaf_hash,
};
use ordertrace_domain::{
    Event, Hash, Incarnation, Record, Sequence, StoredEvent, Timestamp, event_subject,
};

pub(crate) use log::*;

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
        keys: vec![log_key().public()],
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

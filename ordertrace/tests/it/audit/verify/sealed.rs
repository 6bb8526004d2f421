//! A log that the test itself signs for, as an `audit` role would.

use std::fs;
use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use ordertrace_audit::{
    Bundle, BundledEvent, Chain, Checkpoint, Consistency, KeyUse, MapKey, PublicKey, SecretKey,
    SignedCheckpoint, TreeFile, leaf_hash,
};
use ordertrace_domain::{
    Checkpoints as _, Incarnation, OrderId, Record, Records as _, Sequence, Span, Timestamp,
    order_of_subject,
};
use ordertrace_nats::{Connection, JetStreamCheckpoints, JetStreamRecords, StreamIdentity};
use tempfile::TempDir;

use super::{super::order_of, Ended, text};
use crate::harness::{LogReader, Role, Site};

/// A log, its signer, a witness, and what somebody keeps of it outside.
pub(super) struct Sealed {
    site: Site,
    commands: Role,
    reader: LogReader,
    identity: StreamIdentity,
    folder: TempDir,
}

/// A key that is made for the test; another seed is another key of the same name.
pub(super) fn key(key_use: KeyUse, seed: u8) -> SecretKey {
    let name = match key_use {
        KeyUse::Log => "test.example/log",
        KeyUse::Witness => "test.example/witness",
    };
    SecretKey::from_seed(name, key_use, [seed; 32]).unwrap()
}

impl Sealed {
    /// A log with so many orders; nobody has signed for it yet.
    pub(super) async fn with_orders(count: usize) -> Self {
        let site = Site::start().await;
        let commands = site.role("command-api", "commands").await;
        let reader = site.log().await;
        let incarnation = reader.read().await.head.incarnation;
        let sealed = Self {
            identity: reader.connection.watch(incarnation),
            site,
            commands,
            reader,
            folder: tempfile::tempdir().unwrap(),
        };
        sealed.place(count).await;
        sealed
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.reader.connection
    }

    pub(super) fn incarnation(&self) -> Incarnation {
        self.identity.incarnation()
    }

    /// More orders, of one event each.
    pub(super) async fn place(&self, count: usize) -> Vec<String> {
        let mut orders = Vec::new();
        for _ in 0..count {
            orders.push(self.commands.api.place(order_of("Coffee")).await);
        }
        orders
    }

    pub(super) fn nats_url(&self) -> &str {
        self.site.nats.client_url()
    }

    /// Where somebody keeps a file of this name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The log's public key, in a file.
    pub(super) fn key_file(&self) -> PathBuf {
        self.public("log.pub", &key(KeyUse::Log, 7).public())
    }

    pub(super) fn public(&self, name: &str, key: &PublicKey) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, format!("{key}\n")).unwrap();
        path
    }

    /// Signs for what the log is now, has it cosigned, publishes it, and keeps it in a file of this name.
    pub(super) async fn seal(&self, name: &str) -> PathBuf {
        let signed = SignedCheckpoint::sign(self.trees().await.checkpoint(), &key(KeyUse::Log, 7));
        let seen_at = Timestamp::from_micros(1_700_000_000_000_000);
        let cosignature = signed.cosign(&key(KeyUse::Witness, 9), seen_at);
        let signed = signed.with(&cosignature);
        let checkpoints = JetStreamCheckpoints::new(&self.reader.connection, self.identity.clone());
        let last = checkpoints.last().await.unwrap();
        let behind = last.map_or(Sequence::START, |last| last.number);
        let note = signed.as_str().as_bytes();
        checkpoints.append(behind, note).await.unwrap();
        let path = self.path(name);
        fs::write(&path, note).unwrap();
        path
    }

    /// Everything up to the last checkpoint, in a file of this name.
    pub(super) async fn export(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let words = ["export", text(&path), "--nats-url", self.nats_url()];
        Ended::of(&words).await.with(0);
        path
    }

    pub(super) async fn trees(&self) -> Trees {
        let records = JetStreamRecords::new(&self.reader.connection, self.identity.clone());
        Trees::of(&records).await
    }
}

/// What a signer knows of a log.
pub(super) struct Trees {
    /// The file of the tree is in it.
    _folder: TempDir,
    tree: TreeFile,
    chain: Chain,
    pub(super) records: Vec<Record>,
    incarnation: Incarnation,
}

impl Trees {
    async fn of(log: &JetStreamRecords) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let span = Span {
            after: Sequence::START,
            upto: Some(log.extent().await.unwrap().last),
        };
        let records: Vec<_> = log.scan(span, None).map(Result::unwrap).collect().await;
        let mut tree = TreeFile::open(&folder.path().join("tree"), Sequence::START).unwrap();
        let mut chain = Chain::new();
        for record in &records {
            tree.push(leaf_hash(record)).unwrap();
            chain.follow(record).unwrap();
        }
        Self {
            _folder: folder,
            tree,
            chain,
            records,
            incarnation: log.incarnation(),
        }
    }

    fn size(&self) -> Sequence {
        Sequence::new(self.records.len() as u64)
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            origin: key(KeyUse::Log, 7).public().name().to_owned(),
            size: self.size(),
            tree_root: self.tree.root(self.size()).unwrap(),
            incarnation: self.incarnation,
            map_root: self.chain.map().root(),
        }
    }

    /// All events of an order, proven in the tree that the log has now, and from an older one of that size.
    pub(super) fn bundle(&self, order: &str, from: Option<Sequence>) -> Vec<u8> {
        let order = OrderId::parse(order).unwrap();
        let size = self.size();
        let of_order = self.records.iter();
        let of_order = of_order.filter(|record| order_of_subject(&record.subject) == Some(order));
        let events = of_order.map(|record| BundledEvent {
            record: Record {
                headers: Vec::new(),
                ..record.clone()
            },
            proof: self.tree.inclusion(record.sequence, size).unwrap(),
        });
        let consistency = from.map(|from| Consistency {
            from,
            proof: self.tree.consistency(from, size).unwrap(),
        });
        let bundle = Bundle {
            order,
            checkpoint: SignedCheckpoint::sign(self.checkpoint(), &key(KeyUse::Log, 7)),
            events: events.collect(),
            map: self.chain.map().prove(MapKey::of(order)).unwrap(),
            consistency,
        };
        bundle.to_json()
    }
}

/// Changes a copy of a file, beside it.
pub(super) fn changed(file: &Path, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = fs::read(file).unwrap();
    change(&mut bytes);
    let path = file.with_file_name(name);
    fs::write(&path, bytes).unwrap();
    path
}

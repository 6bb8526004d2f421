//! What a verification of an export can't do without: reading the file, and as many hashes, over as many bytes, as its
//! definition asks for.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sha2::{Digest, Sha256};

/// A node of a tree: two hashes and what tells them from a leaf.
const NODE: [u8; 80] = [0; 80];

/// Before a payload in a leaf: a zero byte, position, time, length and text of the subject.
const LEAF_HEAD: [u8; 84] = [0; 84];

/// What stands in a line beside the payload.
const LINE_HEAD_BYTES: usize = 180;

/// How many events an order has in a log as `bench load` makes it.
const EVENTS_OF_ORDER: u64 = 7;

/// So many of the events are remembered, to ask for proofs of their orders.
const ORDERS_EVERY: u64 = 997;

/// What is in an export, and how long its hashing takes.
pub(super) struct Exported {
    pub(super) events: u64,
    /// Some of the orders in it.
    pub(super) orders: Vec<String>,
    pub(super) hashing: Duration,
}

/// Reads and hashes a file as its verification has to: each line for the file's digest; each payload for the chain and,
/// with its head, as a leaf; a node of the tree for each leaf; and for each order the value, the leaf and a node of the map.
pub(super) fn read(path: &Path) -> anyhow::Result<Exported> {
    let began = Instant::now();
    let mut input = BufReader::new(File::open(path)?);
    let (mut line, mut whole) = (Vec::new(), Sha256::new());
    let (mut events, mut orders) = (0, Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        whole.update(&line);
        if line.starts_with(b"{\"position\":") {
            events += 1;
            hash_event(&line);
            if events % EVENTS_OF_ORDER == 0 {
                (0..3).for_each(|_| hash(&NODE));
            }
            if events % ORDERS_EVERY == 1 {
                orders.push(order(&line).context("a line without an order")?);
            }
        }
        line.clear();
    }
    std::hint::black_box(whole.finalize());
    Ok(Exported {
        events,
        orders,
        hashing: began.elapsed(),
    })
}

fn hash_event(line: &[u8]) {
    let payload = line.len().saturating_sub(LINE_HEAD_BYTES) / 4 * 3;
    let payload = line.get(..payload).unwrap_or_default();
    hash(payload);
    let mut leaf = Sha256::new();
    leaf.update(LEAF_HEAD);
    leaf.update(payload);
    std::hint::black_box(leaf.finalize());
    hash(&NODE);
}

fn hash(bytes: &[u8]) {
    std::hint::black_box(Sha256::digest(bytes));
}

/// The order in the subject of a line.
fn order(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    let subject = text.split_once("\"subject\":\"")?.1.split_once('"')?.0;
    subject.rsplit_once('.').map(|(_, order)| order.to_owned())
}

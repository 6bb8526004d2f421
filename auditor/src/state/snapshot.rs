//! The map of a size, in a file: so that a restart need not fold the log from its first event.
//!
//! A line of text, then 68 bytes for each order (its place in the map, its version, the hash of its last payload), then
//! SHA-256 of all that. The line says which log and size it is of, the root of the tree there, and how many records were
//! not their order's next event:
//!
//! ```text
//! ordertrace-orders/1 <incarnation> <size> <tree root> <faults> <position of the first, or 0> <orders>
//! ```
//!
//! Invariant: what is read is, to the last byte, what was written. It is written beside, synced, and then renamed, so
//! that a name never stands for half a file.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, BufWriter, Read, Write},
    path::Path,
};

use ordertrace_audit::{MapKey, OrderMap, Tip};
use ordertrace_domain::{Hash, Incarnation, Sequence, Version};
use sha2::{Digest, Sha256};

use crate::fold::{Faults, Standing};

const FORMAT: &str = "ordertrace-orders/1";

/// No first line is longer: six numbers of at most 20 digits and a hash.
const LINE_BYTES_MAX: u64 = 256;

const ENTRY_BYTES: usize = 68;

/// Why a file is of no use.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    /// It can't be read.
    #[error("it can't be read")]
    Io(#[from] io::Error),
    /// Not a byte-for-byte copy of what was written, or written by another version of the program.
    #[error("its {0} is not as it was written")]
    Damaged(&'static str),
}

/// What is in a file.
pub(super) struct Snapshot {
    pub(super) incarnation: String,
    pub(super) tree_root: String,
    pub(super) standing: Standing,
}

/// Writes what the log comes to at a size.
pub(super) fn write(
    path: &Path,
    incarnation: Incarnation,
    tree_root: Hash,
    standing: &Standing,
) -> io::Result<()> {
    let beside = path.with_extension(super::HALF);
    let mut out = Hashing {
        inner: BufWriter::new(File::create(&beside)?),
        hasher: Sha256::new(),
    };
    let Faults { count, first } = standing.faults;
    let (size, first) = (standing.size, first.unwrap_or(Sequence::START));
    let orders = standing.orders.len();
    writeln!(
        out,
        "{FORMAT} {incarnation} {size} {tree_root} {count} {first} {orders}"
    )?;
    for (key, tip) in standing.orders.iter() {
        out.write_all(&entry(key, tip))?;
    }
    let digest = out.hasher.finalize();
    out.inner.write_all(&digest)?;
    out.inner.flush()?;
    out.inner.get_ref().sync_all()?;
    fs::rename(beside, path)
}

/// Reads it back.
pub(super) fn read(path: &Path) -> Result<Snapshot, Unfit> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut input = BufReader::new(file);
    let mut line = String::new();
    let read = input.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
    // Text that is no UTF-8 is an error of its own kind, and damage like any other.
    read.map_err(|_| Unfit::Damaged("first line"))?;
    let head = Head::parse(&line).ok_or(Unfit::Damaged("first line"))?;
    if head.file_bytes(line.len()) != Some(bytes) {
        return Err(Unfit::Damaged("length"));
    }
    let mut hasher = Sha256::new_with_prefix(&line);
    let mut orders = OrderMap::new();
    let mut buffer = [0; ENTRY_BYTES];
    for _ in 0..head.orders {
        input.read_exact(&mut buffer)?;
        hasher.update(buffer);
        let (key, tip) = parsed(&buffer);
        orders.set(key, tip);
    }
    let mut digest = [0; 32];
    input.read_exact(&mut digest)?;
    if digest != *hasher.finalize() || orders.len() as u64 != head.orders {
        return Err(Unfit::Damaged("digest"));
    }
    Ok(head.with(orders))
}

/// The first line.
struct Head {
    incarnation: String,
    size: Sequence,
    tree_root: String,
    faults: Faults,
    orders: u64,
}

impl Head {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('\n')?.split(' ');
        let mut word = || words.next();
        (word()? == FORMAT).then_some(())?;
        let incarnation = word()?.to_owned();
        let size = Sequence::new(word()?.parse().ok()?);
        let tree_root = word()?.to_owned();
        let count = word()?.parse().ok()?;
        let first = Sequence::new(word()?.parse().ok()?);
        let orders = word()?.parse().ok()?;
        Some(Self {
            incarnation,
            size,
            tree_root,
            faults: Faults {
                count,
                first: (first != Sequence::START).then_some(first),
            },
            orders,
        })
    }

    /// How long the file has to be; `None` if no file is as long as that.
    fn file_bytes(&self, line_bytes: usize) -> Option<u64> {
        let entries = self.orders.checked_mul(ENTRY_BYTES as u64)?;
        entries.checked_add(line_bytes as u64 + 32)
    }

    fn with(self, orders: OrderMap) -> Snapshot {
        Snapshot {
            incarnation: self.incarnation,
            tree_root: self.tree_root,
            standing: Standing {
                size: self.size,
                orders,
                faults: self.faults,
            },
        }
    }
}

fn entry(key: MapKey, tip: Tip) -> [u8; ENTRY_BYTES] {
    let mut bytes = [0; ENTRY_BYTES];
    // An order has at most 1,000 events.
    let version = u32::try_from(tip.version.get()).unwrap_or(u32::MAX);
    bytes[..32].copy_from_slice(key.as_bytes());
    bytes[32..36].copy_from_slice(&version.to_be_bytes());
    bytes[36..].copy_from_slice(tip.hash.as_bytes());
    bytes
}

fn parsed(bytes: &[u8; ENTRY_BYTES]) -> (MapKey, Tip) {
    let mut key = [0; 32];
    let mut version = [0; 4];
    let mut hash = [0; 32];
    key.copy_from_slice(&bytes[..32]);
    version.copy_from_slice(&bytes[32..36]);
    hash.copy_from_slice(&bytes[36..]);
    let tip = Tip {
        version: Version::new(u32::from_be_bytes(version).into()),
        hash: Hash::from_bytes(hash),
    };
    (MapKey::from_hash(Hash::from_bytes(key)), tip)
}

/// Hashes what it hands on.
struct Hashing<W> {
    inner: W,
    hasher: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing() -> Standing {
        let mut orders = OrderMap::new();
        for at in 0..20_u64 {
            let tip = Tip {
                version: Version::new(at % 7 + 1),
                hash: Hash::of(&at.to_le_bytes()),
            };
            orders.set(MapKey::from_hash(Hash::of(&at.to_be_bytes())), tip);
        }
        Standing {
            size: Sequence::new(60),
            orders,
            faults: Faults {
                count: 2,
                first: Some(Sequence::new(9)),
            },
        }
    }

    fn written(folder: &Path) -> std::path::PathBuf {
        let path = folder.join("orders-60");
        let incarnation = Incarnation::from_created_nanos(0x18c0);
        write(&path, incarnation, Hash::of(b"tree"), &standing()).unwrap();
        path
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = read(&written(folder.path())).unwrap();
        assert_eq!(snapshot.incarnation, "18c0");
        assert_eq!(snapshot.tree_root, Hash::of(b"tree").to_string());
        let Standing {
            size,
            orders,
            faults,
        } = snapshot.standing;
        assert_eq!((size, faults), (standing().size, standing().faults));
        assert_eq!(orders.root(), standing().orders.root());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    /// An empty file, one that was cut off anywhere, one that goes on, and any byte that is another.
    #[test]
    fn a_file_that_was_changed_anywhere_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let bytes = fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(read(&path).is_err(), "cut off at {length}");
        }
        fs::write(&path, [&bytes[..], b"\0"].concat()).unwrap();
        assert!(read(&path).is_err());
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(read(&path).is_err(), "byte {at}");
        }
    }
}

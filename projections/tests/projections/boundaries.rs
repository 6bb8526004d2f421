//! A folder that is cut off or overwritten at every 4 KiB: what comes of it is the fold of the log, or is built anew.
//!
//! Disks lose whole blocks, so each boundary between two of them is tried, once cut there and once overwritten from there.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use ordertrace_domain::{FeedItem, Position};
use ordertrace_projections::Stored;

use crate::{
    damage::{Left, files_in, read_all},
    folder::{self, Folder},
    history::feed_of,
};

const SEED: u64 = 37;
const MESSAGES: u64 = 400;
const BLOCK_BYTES: usize = 4_096;

/// Messages a batch: each batch is one that the view may go back to.
const CHUNK: usize = 8;

/// What another program, or half a write, may leave at a boundary.
const GARBAGE: [u8; 64] = [0xA5; 64];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    CutOff,
    Overwritten,
}

fn damage(file: &Path, at: usize, kind: Damage) {
    let mut bytes = std::fs::read(file).unwrap();
    match kind {
        Damage::CutOff => bytes.truncate(at),
        Damage::Overwritten => {
            let end = bytes.len().min(at + GARBAGE.len());
            bytes[at..end].copy_from_slice(&GARBAGE[..end - at]);
        }
    }
    std::fs::write(file, bytes).unwrap();
}

/// Every block of every file with anything in it, by the name of the file in the folder.
fn boundaries(folder: &Path) -> Vec<(PathBuf, usize)> {
    let files = files_in(folder).into_iter();
    files
        .flat_map(|file| {
            let bytes = std::fs::read(&file).unwrap();
            let name = file.strip_prefix(folder).unwrap().to_owned();
            // sled lays out its segments beforehand: a block of zeros that is cut or overwritten tells nothing new but once.
            let is_telling = |at: &usize| {
                let end = bytes.len().min(at + BLOCK_BYTES);
                bytes[*at..end].iter().any(|byte| *byte != 0)
            };
            let starts = (0..bytes.len()).step_by(BLOCK_BYTES).filter(is_telling);
            starts.map(|at| (name.clone(), at)).collect::<Vec<_>>()
        })
        .collect()
}

/// A view that was written batch by batch: as a kill leaves it behind, and as an orderly stop does.
fn written(folds: &Folds) -> [Folder; 2] {
    let (killed, stopped) = (Folder::new(), Folder::new());
    let store = stopped.open(folds.head);
    for chunk in folds.items.chunks(CHUNK) {
        store.commit(chunk).unwrap();
        store.flush().unwrap();
    }
    folder::copy(&stopped.path(), &killed.path());
    drop(store);
    [killed, stopped]
}

/// The fold of the log up to any position, each made once.
struct Folds {
    items: Vec<FeedItem>,
    head: Position,
    made: BTreeMap<u64, Vec<Stored>>,
}

impl Folds {
    fn at(&mut self, sequence: u64) -> &[Stored] {
        let applied = &self.items[..usize::try_from(sequence).unwrap()];
        let fold = self.made.entry(sequence);
        fold.or_insert_with(|| Folder::contents_of(applied, self.head))
    }
}

/// How often a kind of damage was noticed: the view went back to an earlier position, or was set aside.
type Noticed = BTreeMap<Damage, usize>;

fn damage_each_block(whole: &Folder, folds: &mut Folds) -> (usize, Noticed) {
    let head = folds.head;
    let boundaries = boundaries(&whole.path());
    let mut noticed = Noticed::new();
    for (name, at) in &boundaries {
        for kind in [Damage::CutOff, Damage::Overwritten] {
            let what = format!("{} {kind:?} at {at}", name.display());
            let folder = Folder::new();
            folder::copy(&whole.path(), &folder.path());
            damage(&folder.path().join(name), *at, kind);
            let (store, contents, left) = read_all(&folder, head);
            let position = store.status().position.sequence.get();
            assert!(
                contents == folds.at(position),
                "{what}: wrong at {position}"
            );
            store.commit(&folds.items).unwrap();
            let contents = store.contents().unwrap();
            let whole = folds.at(head.sequence.get());
            assert!(contents == whole, "{what}: wrong in the end");
            let is_noticed = left != Left::Kept || position < head.sequence.get();
            *noticed.entry(kind).or_default() += usize::from(is_noticed);
        }
    }
    (boundaries.len(), noticed)
}

#[test]
fn a_folder_that_is_damaged_at_any_block_never_gives_a_wrong_view() {
    let feed = feed_of(SEED, MESSAGES);
    let mut folds = Folds {
        items: feed.items(),
        head: feed.head_now(),
        made: BTreeMap::new(),
    };
    for whole in written(&folds) {
        let (blocks, noticed) = damage_each_block(&whole, &mut folds);
        println!("{blocks} blocks: noticed {noticed:?}");
        // Blocks may hold what has been written anew elsewhere since. Were none of the damage noticed, it would not be done.
        assert!(noticed[&Damage::CutOff] > blocks / 2, "{noticed:?}");
        assert!(noticed[&Damage::Overwritten] > blocks / 10, "{noticed:?}");
    }
}

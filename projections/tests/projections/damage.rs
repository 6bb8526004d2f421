//! Damaged folders: whatever is done to the bytes, the view that comes of it is the fold of the log, or is built anew.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use ordertrace_domain::{FeedItem, Position};
use ordertrace_projections::{StoreError, Stored, ViewStore};

use crate::{
    folder::{self, Folder},
    history::{Dice, feed_of},
};

const MESSAGES: u64 = 1_500;

/// What was left of a view after its folder was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Left {
    /// All of it, or a prefix.
    Kept,
    /// Nothing: it was set aside when it was opened.
    SetAsideAtOnce,
    /// Nothing: the damage was found when the bytes were read, and the next start set it aside.
    SetAsideLater,
}

pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn damage(folder: &Path, dice: &mut Dice) -> String {
    let files: Vec<_> = files_in(folder)
        .into_iter()
        .filter(|file| file.metadata().unwrap().len() > 0)
        .collect();
    let file = &files[dice.below(files.len())];
    let mut bytes = std::fs::read(file).unwrap();
    let at = dice.below(bytes.len());
    let kind = dice.below(3);
    match kind {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << dice.below(8),
        _ => {
            let end = bytes.len().min(at + 1 + dice.below(4096));
            bytes[at..end].fill_with(|| u8::try_from(dice.below(256)).unwrap());
        }
    }
    std::fs::write(file, bytes).unwrap();
    format!(
        "{} {kind} at {at}",
        file.file_name().unwrap().to_string_lossy()
    )
}

/// Opens the view, reads all of it, and opens it again should it turn out to be damaged.
pub(crate) fn read_all(folder: &Folder, head: Position) -> (ViewStore, Vec<Stored>, Left) {
    let store = folder.open(head);
    let left = match store.set_aside() {
        Some(_) => Left::SetAsideAtOnce,
        None => Left::Kept,
    };
    match store.contents() {
        Ok(contents) => (store, contents, left),
        Err(StoreError::Damaged(_)) => {
            assert_eq!(left, Left::Kept, "a fresh view is not damaged");
            drop(store);
            let store = folder.open(head);
            assert!(
                store.set_aside().is_some(),
                "a damaged view is not opened again"
            );
            let contents = store.contents().unwrap();
            (store, contents, Left::SetAsideLater)
        }
        Err(error) => panic!("{error}"),
    }
}

fn prefix(items: &[FeedItem], head: Position) -> &[FeedItem] {
    &items[..usize::try_from(head.sequence.get()).unwrap()]
}

#[test]
fn a_damaged_folder_never_gives_a_wrong_view() {
    let feed = feed_of(11, MESSAGES);
    let (items, head) = (feed.items(), feed.head_now());
    let (whole, store) = Folder::with(&feed);
    drop(store);
    // More of them are worth a run when sled or the store changes: DAMAGE_CASES=2500.
    let cases: u64 = std::env::var("DAMAGE_CASES").map_or(40, |cases| cases.parse().unwrap());
    let mut outcomes = BTreeMap::<Left, u32>::new();
    let mut folds = BTreeMap::new();
    let mut fold_at = |at: Position| {
        let fold = folds.entry(at.sequence);
        let fold = fold.or_insert_with(|| Folder::contents_of(prefix(&items, at), head));
        fold.clone()
    };
    for seed in 0..cases {
        let folder = Folder::new();
        folder::copy(&whole.path(), &folder.path());
        let what = damage(&folder.path(), &mut Dice::new(seed));
        let (store, contents, left) = read_all(&folder, head);
        let at = store.status().position;
        assert_eq!(contents, fold_at(at), "seed {seed}: {what}");
        store.commit(&items).unwrap();
        assert_eq!(
            store.contents().unwrap(),
            fold_at(head),
            "seed {seed}: {what}"
        );
        *outcomes.entry(left).or_default() += 1;
    }
    println!("{outcomes:?}");
    assert!(outcomes.contains_key(&Left::SetAsideAtOnce), "{outcomes:?}");
}

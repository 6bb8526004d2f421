//! Views in folders of their own.

use std::path::{Path, PathBuf};

use ordertrace_domain::{FeedItem, Position, testing::ManualClock};
use ordertrace_projections::{Stored, ViewStore};
use tempfile::TempDir;

use crate::feed::Feed;

/// A folder for a view, with room beside it for what is set aside. Removed at the end of the test.
pub(crate) struct Folder {
    parent: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            parent: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.parent.path().join("view")
    }

    /// Opens the view for a log that ends at `head`.
    pub(crate) fn open(&self, head: Position) -> ViewStore {
        ViewStore::open(&self.path(), head, &ManualClock::new()).unwrap()
    }

    /// The folders that were set aside, by name.
    pub(crate) fn set_aside(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.parent.path()).unwrap();
        let mut folders: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir() && *path != self.path())
            .collect();
        folders.sort();
        folders
    }

    /// The bytes of a fresh view of these messages.
    pub(crate) fn contents_of(items: &[FeedItem], head: Position) -> Vec<Stored> {
        let folder = Self::new();
        let store = folder.open(head);
        store.commit(items).unwrap();
        store.contents().unwrap()
    }

    /// A view that has all of a feed.
    pub(crate) fn with(feed: &Feed) -> (Self, ViewStore) {
        let folder = Self::new();
        let store = folder.open(feed.head_now());
        store.commit(&feed.items()).unwrap();
        (folder, store)
    }
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

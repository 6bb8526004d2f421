//! The files of an audit's folder, as a crash or a bad disk leaves them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The kept map.
pub(crate) fn snapshot(folder: &Path) -> PathBuf {
    let mut found = snapshots(folder);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// All of them.
pub(crate) fn snapshots(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_one = |path: &PathBuf| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("orders-")
    };
    paths.filter(is_one).collect()
}

/// Turns over one bit of a file.
pub(crate) fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Cuts a file off.
pub(crate) fn cut(path: &Path, length: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

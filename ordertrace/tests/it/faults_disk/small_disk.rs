//! A disk of a few megabytes, in memory, that anybody can fill.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{run, tidy};

/// Room for some ten thousand orders, and soon filled.
const SIZE: &str = "size=24m";

/// What the disk is filled up with at a time: as little as it hands out.
const PAGE_BYTES: usize = 4_096;

/// More pages than the disk has.
const PAGES_MAX: usize = 10_000;

/// A mounted disk; it is gone with this value, also while somebody uses it.
pub(super) struct SmallDisk {
    place: TempDir,
}

impl SmallDisk {
    /// Mounts a disk; `None` where that can't be done.
    pub(super) fn mount() -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let at = place.path().to_str().unwrap();
        let args = ["-t", "tmpfs", "-o", SIZE, "ordertrace-small-disk", at];
        run("a full disk", "mount", &args)?;
        Some(Self { place })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.place.path()
    }

    /// Takes all room that is left.
    pub(super) fn fill(&self) {
        let mut ballast = File::options()
            .append(true)
            .create(true)
            .open(self.ballast())
            .unwrap();
        for _ in 0..PAGES_MAX {
            match ballast.write_all(&[1; PAGE_BYTES]) {
                Ok(()) => {}
                Err(error) => return assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}"),
            }
        }
        panic!("the disk is larger than {SIZE}");
    }

    /// Gives the room back.
    pub(super) fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        tidy("umount", &["--lazy", self.path().to_str().unwrap()]);
    }
}

//! The sled folders of a view: the one that answers, the next one, and what is left over.
//!
//! Invariant: the file `current` names the folder that answers, and is only ever replaced as a whole. Until it names another, a
//! crash leads back to the folder that answered before; from then on to the new one. Every other folder is a leftover, for
//! nothing of it is needed: the next start removes it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::open::{CACHE_BYTES_BESIDE_MAX, open_sled};

/// Names the folder that answers. A view that was never rebuilt has none.
const POINTER: &str = "current";

/// What becomes that file.
const POINTER_NEXT: &str = "current.next";

const FIRST: &str = "sled";

/// How long sled's own threads may keep its files after a tree was closed.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// How often the removal of a folder is tried: sled may be about to write a last file into it.
const REMOVE_TRIES_MAX: usize = 3;

/// Which of a view's folders: the first is `sled`, the others are `sled-<number>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FolderNumber(u32);

impl FolderNumber {
    pub(super) const FIRST: Self = Self(0);

    /// One that is not in use, as long as no more than four billion rebuilds are made.
    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    fn name(self) -> String {
        match self {
            Self::FIRST => FIRST.to_owned(),
            Self(number) => format!("{FIRST}-{number}"),
        }
    }

    /// The number of a name in exactly the form in which names are made.
    fn parse(name: &str) -> Option<Self> {
        let number = match name.strip_prefix(FIRST)? {
            "" => Self::FIRST,
            rest => Self(rest.strip_prefix('-')?.parse().ok()?),
        };
        (number.name() == name).then_some(number)
    }
}

/// The folder that answers; `None` if the pointer names none of ours.
pub(super) fn current(view: &Path) -> io::Result<Option<FolderNumber>> {
    match fs::read(view.join(POINTER)) {
        Ok(name) => Ok(str::from_utf8(&name)
            .ok()
            .and_then(|name| FolderNumber::parse(name.trim_end()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(FolderNumber::FIRST)),
        Err(error) => Err(error),
    }
}

/// Lets another folder answer from the next start on. What it says is on the disk before this returns.
///
/// # Errors
/// The pointer is as it was.
pub(super) fn point_to(view: &Path, number: FolderNumber) -> io::Result<()> {
    let (next, pointer) = (view.join(POINTER_NEXT), view.join(POINTER));
    let mut file = File::create(&next)?;
    writeln!(file, "{}", number.name())?;
    file.sync_all()?;
    tracing::debug!(
        rebuild.step = "pointer_written",
        "the next pointer is written"
    );
    fs::rename(next, pointer)?;
    tracing::debug!(
        rebuild.step = "pointer_renamed",
        "the pointer names the new folder"
    );
    // The new pointer is in force already, so there is no way back. If it did not reach the disk, the old one may be there again
    // after a power cut; it then names a folder that is gone, and the view begins anew.
    if let Err(error) = File::open(view).and_then(|folder| folder.sync_all()) {
        tracing::warn!(view.folder = %view.display(), %error, "the folder of the view could not be synced");
    }
    Ok(())
}

/// Removes all folders but the one that answers. What can't be removed takes up room, and does no other harm.
pub(super) fn remove_leftovers(view: &Path, current: FolderNumber) -> io::Result<()> {
    for entry in fs::read_dir(view)? {
        let entry = entry?;
        let number = entry.file_name().to_str().and_then(FolderNumber::parse);
        if number.is_some_and(|number| number != current) {
            remove(&entry.path());
        }
    }
    Ok(())
}

fn remove(folder: &Path) {
    let mut tries = (0..REMOVE_TRIES_MAX).map(|_| match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Some(error),
        Ok(()) | Err(_) => None,
    });
    let failures: Vec<_> = tries.by_ref().map_while(|failure| failure).collect();
    match failures.last() {
        Some(error) if failures.len() == REMOVE_TRIES_MAX => {
            tracing::warn!(view.folder = %folder.display(), %error, "a folder without use could not be removed; the next start tries again");
        }
        Some(_) | None => {
            tracing::debug!(view.folder = %folder.display(), "a folder without use is removed");
        }
    }
}

/// A folder of sled's. Once it is retired, it goes with its value; one that was in use is left fit to be opened quickly.
#[derive(Debug)]
pub(super) struct SledFolder {
    path: PathBuf,
    pub(super) number: FolderNumber,
    is_retired: AtomicBool,
    was_used: AtomicBool,
}

impl SledFolder {
    pub(super) fn of(view: &Path, number: FolderNumber) -> Self {
        Self {
            path: view.join(number.name()),
            number,
            is_retired: AtomicBool::new(false),
            was_used: AtomicBool::new(false),
        }
    }

    /// The same, where nothing is left of a folder that had the number before.
    pub(super) fn fresh(view: &Path, number: FolderNumber) -> io::Result<Self> {
        let folder = Self::of(view, number);
        match fs::remove_dir_all(&folder.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(folder),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Has the disk hold all that is in it, which sled's own `flush` does not.
    ///
    /// # Errors
    /// It may be lost in a power cut, all of it or parts.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync(&self.path)
    }

    /// Has a tree that was opened and checked.
    pub(super) fn is_used(&self) {
        self.was_used.store(true, Ordering::Release);
    }

    /// Is in use after all.
    pub(super) fn keep(&self) {
        self.is_retired.store(false, Ordering::Release);
    }

    /// Has no more use.
    pub(super) fn retire(&self) {
        self.is_retired.store(true, Ordering::Release);
    }
}

/// A folder with the files and folders in it, those first.
fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
            continue;
        }
        match File::open(entry.path()) {
            Ok(file) => file.sync_all()?,
            // sled replaces some of its files while it is at work; a new one is named in the folder.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    File::open(folder)?.sync_all()
}

impl Drop for SledFolder {
    fn drop(&mut self) {
        if self.is_retired.load(Ordering::Acquire) {
            remove(&self.path);
        } else if self.was_used.load(Ordering::Acquire) && !thread::panicking() {
            note_pages(&self.path);
        }
    }
}

/// Opens the tree once more, for sled notes where its pages are only when it opens: without it the next start reads all that
/// was written since the last one, two seconds for each gigabyte. A tree that can't be opened is the next start's to judge.
fn note_pages(folder: &Path) {
    let deadline = Instant::now() + CLOSED_WITHIN;
    if let Err(error) = open_sled(folder, CACHE_BYTES_BESIDE_MAX, deadline) {
        tracing::debug!(view.folder = %folder.display(), %error, "the next start of the view takes longer");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_as_they_are_given_are_read() {
        for number in [FolderNumber::FIRST, FolderNumber(1), FolderNumber(17)] {
            assert_eq!(FolderNumber::parse(&number.name()), Some(number));
        }
        for name in [
            "",
            "sled-",
            "sled-0",
            "sled-01",
            "sled-+1",
            "sled-x",
            "../sled",
            "sled/../..",
        ] {
            assert_eq!(FolderNumber::parse(name), None, "{name}");
        }
    }

    #[test]
    fn the_pointer_says_what_it_was_told_and_leftovers_go() {
        let view = tempfile::tempdir().unwrap();
        assert_eq!(current(view.path()).unwrap(), Some(FolderNumber::FIRST));
        for name in ["sled", "sled-1", "sled-2", "letters", "sled-copy"] {
            fs::create_dir(view.path().join(name)).unwrap();
        }
        point_to(view.path(), FolderNumber(1)).unwrap();
        assert_eq!(current(view.path()).unwrap(), Some(FolderNumber(1)));
        remove_leftovers(view.path(), FolderNumber(1)).unwrap();
        let names = fs::read_dir(view.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["current", "letters", "sled-1", "sled-copy"]);
    }

    #[test]
    fn a_pointer_that_names_nothing_of_ours_is_not_followed() {
        let view = tempfile::tempdir().unwrap();
        for text in [&b"../elsewhere"[..], b"", b"\xff"] {
            fs::write(view.path().join(POINTER), text).unwrap();
            assert_eq!(current(view.path()).unwrap(), None);
        }
    }
}

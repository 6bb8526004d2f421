//! A file that is there only once all of it is on the disk.
//!
//! Invariant: under its name there is nothing, the file that was there before, or the whole new one. What is written goes
//! beside it under another name, which is removed if it does not come to an end.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Much is written at a time: a system call for each event would cost more than the event.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file that is being written.
pub(super) struct Unfinished {
    path: PathBuf,
    partial: Partial,
    may_replace: bool,
    out: BufWriter<File>,
}

/// The name under which it is until then; removed with the value.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // After a rename there is none.
        let _ = fs::remove_file(&self.0);
    }
}

impl Unfinished {
    /// Begins a file.
    pub(super) fn begin(path: &Path, may_replace: bool) -> anyhow::Result<Self> {
        let shown = path.display();
        if path.is_dir() {
            bail!("{shown} is a folder: name the file, too");
        }
        if !may_replace && fs::symlink_metadata(path).is_ok() {
            return Err(is_there(path));
        }
        if !folder_of(path).is_dir() {
            bail!(
                "{shown} can't be written: there is no folder {}",
                folder_of(path).display()
            );
        }
        let name = path.file_name();
        let name = name.with_context(|| format!("{shown} is no name of a file"))?;
        let mut partial_name = OsString::from(".");
        partial_name.push(name);
        partial_name.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(partial_name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&partial);
        let file = file.with_context(|| format!("{shown} can't be written"))?;
        Ok(Self {
            path: path.to_owned(),
            partial: Partial(partial),
            may_replace,
            out: BufWriter::with_capacity(BUFFER_BYTES, file),
        })
    }

    /// Brings it to the disk and under its name.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        let Self {
            path,
            partial,
            may_replace,
            out,
        } = self;
        let file = out.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        publish(&partial.0, &path, may_replace)?;
        drop(partial);
        Ok(sync_folder(&path)?)
    }

    /// The same under another name, for what was broken off.
    pub(super) fn finish_as(mut self, path: PathBuf) -> anyhow::Result<()> {
        self.path = path;
        self.finish()
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    /// Nobody reads it before it is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A link fails where there is a file, so none is replaced that came meanwhile. Where there are no links it was looked
/// for when it was begun.
fn publish(partial: &Path, path: &Path, may_replace: bool) -> anyhow::Result<()> {
    if !may_replace {
        match fs::hard_link(partial, path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(is_there(path));
            }
            Err(_) => {}
        }
    }
    fs::rename(partial, path).with_context(|| format!("{} can't be written", path.display()))
}

fn is_there(path: &Path) -> anyhow::Error {
    anyhow::anyhow!("{} is there already; --force replaces it", path.display())
}

/// A new name is on the disk once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let count = || fs::read_dir(folder.path()).unwrap().count();
        let mut unfinished = Unfinished::begin(&path, false).unwrap();
        unfinished.write_all(b"abc").unwrap();
        assert!(!path.exists());
        drop(unfinished);
        assert_eq!(count(), 0, "what was broken off leaves nothing");

        let mut unfinished = Unfinished::begin(&path, false).unwrap();
        unfinished.write_all(b"abc").unwrap();
        unfinished.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"abc");
        assert_eq!(count(), 1);
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_if_that_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let late = Unfinished::begin(&path, false).unwrap();
        fs::write(&path, "theirs").unwrap();
        let told = late.finish().unwrap_err().to_string();
        assert!(told.contains("--force"), "{told}");
        assert!(Unfinished::begin(&path, false).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        for (place, words) in [("", "is a folder"), ("no/events", "there is no folder")] {
            let refused = Unfinished::begin(&folder.path().join(place), true);
            let told = refused.err().unwrap().to_string();
            assert!(told.contains(words), "{told}");
        }
        Unfinished::begin(&path, true).unwrap().finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}

//! The folder while it is written.
//!
//! Invariant: it has another name until all of it is on the disk, and is removed if that does not come about.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use sha2::{Digest as _, Sha256};

use super::manifest::{MANIFEST, Manifest, SUMS, hex};

/// A backup holds every order: nobody but its owner reads it.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// A backup on its way.
pub(super) struct Partial {
    target: PathBuf,
    folder: PathBuf,
    /// What is in it: the names of files, and their sums.
    sums: Vec<(String, String)>,
    is_finished: bool,
}

/// A file on its way.
pub(super) struct Summed<'a> {
    name: String,
    file: File,
    digest: Sha256,
    bytes: u64,
    sums: &'a mut Vec<(String, String)>,
}

impl Partial {
    /// Begins in a folder beside the one that was asked for, which has to be new or empty.
    pub(super) fn begin(target: &Path) -> anyhow::Result<Self> {
        match fs::read_dir(target).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => bail!(
                "{} is not empty: a backup goes into a new folder",
                target.display()
            ),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{} can't be used", target.display()));
            }
        }
        let folder = beside(target)?;
        if !parent(target).is_dir() {
            let (target, parent) = (target.display(), parent(target).display());
            bail!("{target} can't be made: there is no folder {parent}");
        }
        let made = DirBuilder::new().mode(FOLDER_MODE).create(&folder);
        made.map_err(|error| {
            let folder = folder.display();
            match error.kind() {
                ErrorKind::AlreadyExists => anyhow!(
                    "{folder} is there already: another backup is on its way, or one that was cut off has left it; then remove it"
                ),
                _ => anyhow!("{folder} can't be made: {error}"),
            }
        })?;
        Ok(Self {
            target: target.to_owned(),
            folder,
            sums: Vec::new(),
            is_finished: false,
        })
    }

    /// A new file in it.
    pub(super) fn file(&mut self, name: &str) -> anyhow::Result<Summed<'_>> {
        let path = self.folder.join(name);
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&path);
        Ok(Summed {
            name: name.to_owned(),
            file: file.with_context(|| format!("{} can't be made", path.display()))?,
            digest: Sha256::new(),
            bytes: 0,
            sums: &mut self.sums,
        })
    }

    /// Adds the manifest and the sums, and gives the folder its name.
    pub(super) fn finish(mut self, manifest: &Manifest) -> anyhow::Result<()> {
        let text = serde_json::to_vec_pretty(manifest)?;
        self.whole(MANIFEST, &[&text[..], b"\n"].concat())?;
        let lines = self
            .sums
            .iter()
            .map(|(name, sum)| format!("{sum}  {name}\n"));
        let sums: String = lines.collect();
        self.whole(SUMS, sums.as_bytes())?;
        sync_folder(&self.folder)?;
        fs::rename(&self.folder, &self.target)
            .with_context(|| format!("{} can't be given its name", self.folder.display()))?;
        self.is_finished = true;
        sync_folder(parent(&self.target))
    }

    fn whole(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let mut file = self.file(name)?;
        file.write(bytes)?;
        file.finish().map(|_| ())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_finished
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            eprintln!(
                "warning: {} could not be removed: {error}",
                self.folder.display()
            );
        }
    }
}

impl Summed<'_> {
    pub(super) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        let written = self.file.write_all(bytes);
        written.with_context(|| format!("{} could not be written", self.name))
    }

    /// Has it on the disk, and gives its length and its SHA-256.
    pub(super) fn finish(self) -> anyhow::Result<(u64, String)> {
        let synced = self.file.sync_all();
        synced.with_context(|| format!("{} could not be written", self.name))?;
        let sum = hex(&self.digest.finalize());
        self.sums.push((self.name, sum.clone()));
        Ok((self.bytes, sum))
    }
}

/// A name beside the folder's, so that giving it its name is one step.
fn beside(target: &Path) -> anyhow::Result<PathBuf> {
    let Some(name) = target.file_name() else {
        bail!("{} names no folder", target.display());
    };
    let mut name = name.to_owned();
    name.push(".partial");
    Ok(target.with_file_name(name))
}

fn parent(path: &Path) -> &Path {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// A new name is on the disk when its folder is.
fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{} could not be written", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), "").unwrap();
        let refused = Partial::begin(dir.path()).err().unwrap();
        assert!(refused.to_string().contains("is not empty"), "{refused}");
        assert!(!beside(dir.path()).unwrap().exists());
    }

    #[test]
    fn what_is_given_up_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("backup");
        let mut partial = Partial::begin(&target).unwrap();
        partial.file("a").unwrap().write(b"half").unwrap();
        let told = |target: &Path| Partial::begin(target).err().unwrap().to_string();
        assert!(told(&target).contains("is there already"), "two at once");
        let nowhere = told(&dir.path().join("no/backup"));
        assert!(nowhere.contains("there is no folder"), "{nowhere}");
        drop(partial);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

//! Setting a folder aside: renamed, never mended and never served.
//!
//! The last few views that were set aside are kept for whoever wants to look at them; older ones are removed, for each
//! may be as large as the view itself. A folder that is not ours is never removed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use ordertrace_domain::Timestamp;

use super::{Unfit, open::is_ours};

/// How many views that were set aside are kept: enough to compare the last failure with those before it.
pub(super) const SET_ASIDE_KEPT: usize = 3;

/// How many names are tried for one moment: two folders are never set aside in the same microsecond but by a test's
/// clock, which stands still.
const NAMES_TRIED_MAX: u32 = 100;

/// A folder that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now.
    pub folder: PathBuf,
    /// Why.
    pub reason: Unfit,
}

/// Renames the folder to `<folder>.set-aside-<UTC time>`, and removes the oldest of its kind.
pub(super) fn set_aside(folder: &Path, reason: Unfit, now: Timestamp) -> io::Result<SetAside> {
    let target = free_name(folder, now)?;
    fs::rename(folder, &target)?;
    let set_aside = SetAside {
        folder: target,
        reason,
    };
    report(folder, &set_aside);
    remove_oldest(folder)?;
    Ok(set_aside)
}

fn prefix(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or(folder.as_os_str());
    format!("{}.set-aside-", name.to_string_lossy())
}

fn free_name(folder: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let time = now.to_utc().format("%Y%m%dT%H%M%S%.6fZ");
    let mut names = (0..NAMES_TRIED_MAX).map(|nth| match nth {
        0 => format!("{}{time}", prefix(folder)),
        nth => format!("{}{time}-{nth:02}", prefix(folder)),
    });
    names
        .find_map(|name| {
            let path = folder.with_file_name(name);
            matches!(path.try_exists(), Ok(false)).then_some(path)
        })
        .ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))
}

fn report(folder: &Path, set_aside: &SetAside) {
    let (from, to) = (folder.display(), set_aside.folder.display());
    let reason = &set_aside.reason;
    if reason.is_expected() {
        tracing::warn!(view.folder = %from, view.set_aside = %to, %reason, "the view is set aside and built anew from the log");
    } else {
        tracing::error!(view.folder = %from, view.set_aside = %to, %reason, "the view is set aside and built anew from the log");
    }
}

/// Their names end in the time, so the order of the names is the order in which they were set aside.
fn remove_oldest(folder: &Path) -> io::Result<()> {
    let prefix = prefix(folder);
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut views = Vec::new();
    for entry in fs::read_dir(parent.unwrap_or(Path::new(".")))? {
        let entry = entry?;
        let is_set_aside = entry.file_name().to_string_lossy().starts_with(&prefix);
        if is_set_aside && is_ours(&entry.path())? {
            views.push(entry.path());
        }
    }
    views.sort();
    let surplus = views.len().saturating_sub(SET_ASIDE_KEPT);
    for view in &views[..surplus] {
        fs::remove_dir_all(view)?;
        tracing::info!(view.set_aside = %view.display(), "an old view that was set aside is removed");
    }
    Ok(())
}

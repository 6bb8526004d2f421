//! Damage that is found while the view is in use, remembered for the next start.
//!
//! A mark in the folder tells the next start to set it aside, even if that start would not stumble over the same bytes.

use std::{
    fs, io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use super::StoreError;

const MARK: &str = "damaged";

/// The mark of one folder.
pub(super) struct Damages {
    mark: PathBuf,
}

impl Damages {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            mark: folder.join(MARK),
        }
    }

    /// What was found when the folder was last in use, if anything was.
    pub(super) fn found_before(&self) -> io::Result<Option<String>> {
        match fs::read(&self.mark) {
            Ok(what) => Ok(Some(String::from_utf8_lossy(&what).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Leaves the mark. If even that fails the next start may find the damage by itself; the view has stopped anyway.
    pub(super) fn remember(&self, what: &str) {
        if let Err(error) = fs::write(&self.mark, what) {
            tracing::error!(
                view.mark = %self.mark.display(),
                error = %error,
                "the damaged view could not be marked: remove its folder by hand if it fails again"
            );
        }
    }
}

/// Runs an operation on sled, which panics on some damage, and on its own mistakes.
pub(super) fn catch<T>(operation: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    panic::catch_unwind(AssertUnwindSafe(operation)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        let message = message.unwrap_or("without a message");
        Err(StoreError::Damaged(format!("panicked: {message}")))
    })
}

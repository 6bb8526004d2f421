//! Verifies a file, with nothing else at hand.
//!
//! It is read from its beginning to its end, once, by one thread that does nothing else meanwhile: Ctrl-C ends the process.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use ordertrace_audit::{Report, Trust, VerifyError, escaped, verify_file};

use super::refuted::Refuted;

/// Much is read at a time: a system call for each event would cost more than the event.
const BUFFER_BYTES: usize = 256 * 1024;

/// The name of the standard input.
const STDIN: &str = "-";

/// How much was read of how much there is.
const BAR: &str = "{bar:16} {bytes}/{total_bytes}  {bytes_per_sec}, {eta} to go";

/// How much was read, where nobody knows how much there will be.
const SPINNER: &str = "{spinner} {bytes}, {bytes_per_sec}";

/// Verifies an export, a bundle or a checkpoint.
pub(super) fn verify(file: &Path, trust: &Trust) -> anyhow::Result<Result<Report, Refuted>> {
    let name = shown(file);
    let unread = || format!("{name} can't be read");
    if file.as_os_str() == STDIN {
        return verified(&name, io::stdin().lock(), None, trust);
    }
    let open = File::open(file).with_context(unread)?;
    let metadata = open.metadata().with_context(unread)?;
    // A pipe has a name as well, and no length.
    let bytes = metadata.is_file().then_some(metadata.len());
    verified(&name, open, bytes, trust)
}

/// What it is called in what is told of it.
pub(in crate::audit) fn shown(file: &Path) -> String {
    if file.as_os_str() == STDIN {
        "the standard input".to_owned()
    } else {
        escaped(&file.to_string_lossy()).into_owned()
    }
}

fn verified(
    name: &str,
    input: impl Read,
    bytes: Option<u64>,
    trust: &Trust,
) -> anyhow::Result<Result<Report, Refuted>> {
    let (bar, style) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), BAR),
        None => (ProgressBar::new_spinner(), SPINNER),
    };
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let input = BufReader::with_capacity(BUFFER_BYTES, bar.wrap_read(input));
    let verified = verify_file(input, trust);
    bar.finish_and_clear();
    match verified {
        Ok(report) => Ok(Ok(report)),
        Err(VerifyError::Refuted(refutation)) => Ok(Err(refutation.into())),
        Err(VerifyError::NotVerifiable(why)) => Err(anyhow!("{name}: {why}")),
        Err(VerifyError::Io(error)) => Err(error).with_context(|| format!("{name} can't be read")),
    }
}

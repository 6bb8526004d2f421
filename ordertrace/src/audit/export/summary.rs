//! What an export has come to.

use std::io::{self, Write as _};
use std::path::PathBuf;

use ordertrace_audit::escaped;
use ordertrace_domain::Position;

/// What an export has come to.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) file: PathBuf,
    pub(super) events: u64,
    pub(super) first: Option<Position>,
    pub(super) last: Option<Position>,
    /// Of the whole file, as `sha256sum` shows it.
    pub(super) sha256: String,
    /// What it can be checked against.
    pub(super) checkpoint: Option<String>,
}

impl Summary {
    /// Prints it, a line a fact.
    pub(super) fn print(&self) -> anyhow::Result<()> {
        match write!(io::stdout(), "{}", self.text()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn text(&self) -> String {
        let place = |place: Option<Position>| place.map_or("-".to_owned(), |it| it.to_string());
        let file = self.file.to_string_lossy();
        let mut text = format!(
            "file        {}\nevents      {}\nfirst       {}\nlast        {}\nsha256      {}\n",
            escaped(&file),
            self.events,
            place(self.first),
            place(self.last),
            self.sha256,
        );
        if let Some(checkpoint) = &self.checkpoint {
            text.push_str(&format!("checkpoint  {}\n", escaped(checkpoint)));
        }
        text
    }
}

/// As `sha256sum` shows a digest.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

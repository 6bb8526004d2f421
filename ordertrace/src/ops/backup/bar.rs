//! How far a backup or a restore has come: on a terminal only, on the standard error stream.

use indicatif::{ProgressBar, ProgressStyle};

/// With gigabytes it fits into 80 columns. The total is known from the start.
const BYTES: &str =
    "{prefix:10} {bar:12} {bytes}/{total_bytes}  {bytes_per_sec}, {eta} to go  {wide_msg}";
const EVENTS: &str =
    "{prefix:10} {bar:12} {human_pos}/{human_len}  {per_sec}, {eta} to go  {wide_msg}";

/// A bar; what is dropped is gone from the terminal.
pub(in crate::ops) struct Bar(ProgressBar);

impl Bar {
    /// Of so many bytes.
    pub(in crate::ops) fn bytes(doing: &'static str, total: u64) -> Self {
        Self::styled(doing, total, BYTES)
    }

    /// Of so many events.
    pub(in crate::ops) fn events(doing: &'static str, total: u64) -> Self {
        Self::styled(doing, total, EVENTS)
    }

    fn styled(doing: &'static str, total: u64, template: &str) -> Self {
        let bar = ProgressBar::new(total);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(doing);
        Self(bar)
    }

    /// What it is at.
    pub(in crate::ops) fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// It has come further by so much.
    pub(in crate::ops) fn advance(&self, by: u64) {
        self.0.inc(by);
    }

    /// It has no more use.
    pub(in crate::ops) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.finish();
    }
}

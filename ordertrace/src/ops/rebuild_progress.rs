//! How far a rebuild has come: a bar on a terminal, else a line now and then; on the standard error stream.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::print::shown;

/// How often a line is written where there is no terminal: often enough to see that it goes on.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// What the bar shows; how many events there are is known from the start. With a million of them, it fits into 80 columns.
const BAR: &str = "{bar:12} {human_pos}/{human_len}  {wide_msg}";

/// A rebuild on its way.
pub(super) struct Progress {
    bar: ProgressBar,
    line_written: Option<Instant>,
    is_comparing: bool,
}

impl Progress {
    pub(super) fn start() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style);
        }
        Self {
            bar,
            line_written: None,
            is_comparing: false,
        }
    }

    /// It stands like this.
    pub(super) fn show(&mut self, rebuild: &Value) {
        let number = |name: &str| {
            rebuild
                .get(name)
                .and_then(Value::as_u64)
                .unwrap_or_default()
        };
        let (done, total) = (number("eventsDone"), number("eventsTotal"));
        if !self.bar.is_hidden() {
            self.bar.set_length(total);
            self.bar.set_position(done);
            self.bar.set_message(said(rebuild, "/s"));
            return;
        }
        let is_comparing = rebuild["state"] == "comparing";
        let is_new = is_comparing != self.is_comparing;
        let is_due = self
            .line_written
            .is_none_or(|at| at.elapsed() >= LINE_EVERY);
        if is_new || is_due {
            self.is_comparing = is_comparing;
            self.line_written = Some(Instant::now());
            eprintln!("{done} of {total} events, {}", said(rebuild, " events/s"));
        }
    }

    /// The bar has no more use.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn said(rebuild: &Value, a_second: &str) -> String {
    let field = |name: &str| shown(&rebuild[name]);
    if rebuild["state"] == "comparing" {
        return format!("comparing, {} entries so far", field("entriesCompared"));
    }
    let rate = rebuild["eventsPerSecond"].as_f64().unwrap_or_default();
    let left = match &rebuild["etaSeconds"] {
        Value::Null => String::new(),
        seconds => format!(", {seconds} s to go"),
    };
    format!("{rate:.0}{a_second}{left}, at {}", field("position"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_says_how_fast_how_long_and_where() {
        let rebuild = json!({"state": "reading", "eventsPerSecond": 1234.0, "etaSeconds": 7, "position": "a-42"});
        assert_eq!(
            said(&rebuild, " events/s"),
            "1234 events/s, 7 s to go, at a-42"
        );
        let rebuild = json!({"state": "comparing", "entriesCompared": 3000});
        assert_eq!(said(&rebuild, "/s"), "comparing, 3000 entries so far");
    }
}

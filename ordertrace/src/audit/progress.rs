//! How far a read has come: a bar on a terminal, and nothing where there is none.

use std::fmt;
use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use ordertrace_audit::Plan;
use ordertrace_domain::Sequence;

/// What the bar shows. How much is to be looked at was fixed when the read began. It fits into 80 columns.
const BAR: &str = "{bar:12} {human_pos}/{human_len}  {rate}, {eta} to go, at {msg}";

/// How many events an order has is not known before they are read.
const SPINNER: &str = "{spinner} {human_pos} events, {rate}, at {msg}";

/// At every how many positions the bar is moved: drawing it for each event would cost more than the event.
const TELL_EVERY: u64 = 256;

/// A read on its way.
pub(super) struct Progress {
    bar: ProgressBar,
    begins_after: Sequence,
    /// Only some of the positions are looked at.
    is_sparse: bool,
}

impl Progress {
    /// Of a read into a file.
    pub(super) fn of(plan: &Plan) -> Self {
        let total = plan.positions().filter(|_| plan.of.is_none());
        let (bar, style) = match total {
            Some(total) => (ProgressBar::new(total), BAR),
            None => (ProgressBar::new_spinner(), SPINNER),
        };
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.with_key("rate", rate));
        }
        Self {
            bar,
            begins_after: plan.span.after,
            is_sparse: total.is_none(),
        }
    }

    /// Of a read whose events go to the standard output: on a terminal they show by themselves how far it has come.
    pub(super) fn beside_output(plan: &Plan) -> Self {
        if io::stdout().is_terminal() || plan.span.upto.is_none() {
            return Self {
                bar: ProgressBar::hidden(),
                begins_after: plan.span.after,
                is_sparse: false,
            };
        }
        Self::of(plan)
    }

    /// What stands here was looked at.
    pub(super) fn looked_at(&self, sequence: Sequence) {
        let is_due = self.is_sparse || sequence.get().is_multiple_of(TELL_EVERY);
        if !is_due || self.bar.is_hidden() {
            return;
        }
        self.bar.set_message(sequence.to_string());
        if self.is_sparse {
            self.bar.inc(1);
        } else {
            let done = sequence.get().saturating_sub(self.begins_after.get());
            self.bar.set_position(done);
        }
    }
}

fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // The bar shows what it can: it has nobody to tell that it can't.
    let _ = write!(out, "{:.0} events/s", state.per_sec());
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

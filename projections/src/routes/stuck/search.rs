//! The search behind a page: a bounded look at the unfinished orders.

use ordertrace_domain::Sequence;
use ordertrace_http::Problem;

use super::{
    judge::{Judge, StuckOrder},
    page::Wanted,
};
use crate::{Entry, ViewStore, routes::answer::unreadable};

/// How many orders are read at once.
const ORDERS_A_READ: usize = 100;

/// The most reads behind one page: a thousand orders are looked at in some tens of milliseconds.
const READS_MAX: usize = 10;

/// The stuck orders of a page, and the place behind which there may be more.
pub(super) struct Found {
    pub(super) orders: Vec<StuckOrder>,
    pub(super) next: Option<Sequence>,
}

impl Found {
    pub(super) fn search(
        store: &ViewStore,
        wanted: &Wanted,
        judge: &Judge,
    ) -> Result<Self, Problem> {
        let mut found = Self {
            orders: Vec::new(),
            next: Some(wanted.after()),
        };
        for _ in 0..READS_MAX {
            let Some(after) = found.next.filter(|_| found.orders.len() < wanted.limit) else {
                break;
            };
            let page = store.unfinished(after, ORDERS_A_READ);
            let page = page.map_err(|error| unreadable(&error))?;
            found.next = page.next;
            found.add(&page.entries, wanted, judge);
        }
        Ok(found)
    }

    /// Takes what fits. What does not fit begins the next page.
    fn add(&mut self, entries: &[Entry], wanted: &Wanted, judge: &Judge) {
        let mut last = None;
        for entry in entries {
            let reason = judge.reason(entry).filter(|it| wanted.is_met_by(it));
            let Some(reason) = reason else {
                continue;
            };
            if self.orders.len() == wanted.limit {
                self.next = last;
                return;
            }
            self.orders.push(judge.show(entry, reason));
            last = Some(entry.place);
        }
    }
}

//! What the log comes to at a size, beside its tree.

use ordertrace_audit::OrderMap;
use ordertrace_domain::Sequence;

/// How many records were not their order's next event. They are leaves of the tree like all others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// How many there are.
    pub count: u64,
    /// Where the first one stands.
    pub first: Option<Sequence>,
}

impl Faults {
    /// With one more.
    pub(crate) fn add(&mut self, at: Sequence) {
        self.count += 1;
        self.first.get_or_insert(at);
    }
}

/// What the log comes to at a size. A clone shares the map with the original.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    pub(crate) size: Sequence,
    pub(crate) orders: OrderMap,
    pub(crate) faults: Faults,
}

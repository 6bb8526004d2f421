//! Whether the lines of an export agree with each other.

use ordertrace_domain::Sequence;

use super::Wrong;
use super::findings::Findings;
use crate::{Checkpoint, End, Header, SignedCheckpoint};

/// What there was between the first line and the last two.
pub(super) struct Seen {
    pub(super) events: u64,
    pub(super) proofs: u64,
    pub(super) first: Option<Sequence>,
    pub(super) last: Option<Sequence>,
    /// Whether an event is not of the part that the first line names.
    pub(super) is_outside: bool,
}

/// Checks that the lines agree with each other.
pub(super) fn check(header: &Header, seen: &Seen, end: &End, findings: &mut Findings) {
    let checkpoint = end.checkpoint.as_ref().map(SignedCheckpoint::checkpoint);
    let mut agreement = Agreement(findings);
    agreement.on("the number of events", end.events, seen.events);
    agreement.on("the first position", shown(end.first), shown(seen.first));
    agreement.on("the last position", shown(end.last), shown(seen.last));
    let is_range = header.from > Sequence::START && header.from <= header.to.next();
    agreement.on("that the part is one", true, is_range);
    agreement.on("that all events are of that part", true, !seen.is_outside);
    let origin = checkpoint.map(|checkpoint| checkpoint.origin.as_str());
    agreement.on("the origin", shown(header.origin.as_deref()), shown(origin));
    let proofs = match checkpoint {
        Some(checkpoint) if !is_complete(header, checkpoint) => seen.events,
        _ => 0,
    };
    agreement.on("the number of proofs", proofs, seen.proofs);
    if let Some(checkpoint) = checkpoint {
        let (found, expected) = (checkpoint.incarnation, header.incarnation);
        agreement.on("the incarnation", expected, found);
        let covers = checkpoint.size >= header.to && checkpoint.size > Sequence::START;
        agreement.on("that the checkpoint covers that part", true, covers);
    }
}

/// Whether the export is all that the checkpoint covers, so that it needs no proof of single events.
pub(super) fn is_complete(header: &Header, checkpoint: &Checkpoint) -> bool {
    header.is_unfiltered_from_the_first() && header.to == checkpoint.size
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// Two things that the file says of the same.
struct Agreement<'a>(&'a mut Findings);

impl Agreement<'_> {
    fn on<T: PartialEq + ToString>(&mut self, what: &'static str, expected: T, found: T) {
        if expected != found {
            self.0.add(Wrong::Contradiction {
                what,
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
    }
}

//! What stands among the checkpoints, judged by itself: before it is compared with the log.

use ordertrace_audit::{PublicKey, SignedCheckpoint};
use ordertrace_domain::{Incarnation, Sequence, StoredCheckpoint};

use crate::{Halt, fold::Published};

/// What the next checkpoint has to follow on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Before {
    /// The number of the one before it.
    pub(super) number: Sequence,
    /// Its size.
    pub(super) size: Sequence,
}

/// Reads the checkpoint that follows: its number is the next, its signature is by one of the keys, it is of this log, and
/// larger than the one before.
pub(super) fn judge(
    stored: StoredCheckpoint,
    before: Before,
    incarnation: Incarnation,
    accepted: &[PublicKey],
) -> Result<Published, Halt> {
    let number = stored.number;
    if number != before.number.next() {
        return Err(Halt::CheckpointMissing {
            expected: before.number.next(),
            found: Some(number),
        });
    }
    let forged = |why: String| Halt::Forged {
        number,
        why: why.into(),
    };
    let signed = SignedCheckpoint::parse(&stored.note).map_err(|why| forged(why.to_string()))?;
    check_signature(&signed, accepted).map_err(forged)?;
    let checkpoint = signed.checkpoint();
    if checkpoint.incarnation != incarnation {
        return Err(Halt::OtherLog {
            number,
            expected: incarnation,
            found: checkpoint.incarnation,
        });
    }
    if checkpoint.size <= before.size {
        return Err(Halt::NotRising {
            number,
            before: before.size,
            found: checkpoint.size,
        });
    }
    Ok(Published {
        number,
        recorded_at: stored.recorded_at,
        signed,
    })
}

/// Says of each key why it does not count.
fn check_signature(signed: &SignedCheckpoint, accepted: &[PublicKey]) -> Result<(), String> {
    let mut reasons = Vec::new();
    for key in accepted {
        match signed.check(key) {
            Ok(()) => return Ok(()),
            Err(why) => reasons.push(why.to_string()),
        }
    }
    if reasons.is_empty() {
        reasons.push("no key is accepted here".to_owned());
    }
    Err(reasons.join("; "))
}

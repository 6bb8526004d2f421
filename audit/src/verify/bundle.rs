//! Verifies a bundle.

use ordertrace_domain::{Hash, Sequence, Version};

use super::checkpoint::check_signed;
use super::finding::Found;
use super::findings::Findings;
use super::inclusion::Proofs;
use super::kept::{self, Relation};
use super::report::signed_by;
use super::{Finding, Kept, NotNext, Note, Report, Subject, Trust, VerifyError, Wrong, next_event};
use crate::{Bundle, Chain, Checkpoint, Digests, MapKey, Tip, check_map, leaf_hash};

/// Verifies a bundle.
///
/// # Errors
/// See [`VerifyError`]; [`VerifyError::Io`] does not occur.
pub fn verify_bundle(bytes: &[u8], trust: &Trust) -> Result<Report, VerifyError> {
    let read = Bundle::parse(bytes);
    let (bundle, digests) =
        read.map_err(|error| VerifyError::from_reading(error, Findings::default()))?;
    let mut findings = Findings::default();
    check_form(&bundle, digests, &mut findings);
    let cosigned = check_signed(Some(&bundle.checkpoint), trust, &mut findings);
    let checkpoint = bundle.checkpoint.checkpoint();
    let tip = check_events(&bundle, checkpoint, &mut findings);
    check_tip(&bundle, checkpoint, tip, &mut findings);
    let kept = check_kept(&bundle, checkpoint, trust, &mut findings);
    findings.into_result()?;
    let position = |event: Option<&crate::BundledEvent>| event.map(|event| event.record.sequence);
    Ok(Report {
        subject: Subject::Bundle(bundle.order),
        events: bundle.events.len() as u64,
        first: position(bundle.events.first()),
        last: position(bundle.events.last()),
        orders: 1,
        incarnation: checkpoint.incarnation,
        signed_by: signed_by(trust, Some(&bundle.checkpoint)),
        signers: Vec::new(),
        newest: None,
        cosigned,
        kept,
        digest: Some(digests.written),
        sha256: Some(Hash::of(bytes)),
        checkpoint: Some(bundle.checkpoint),
    })
}

/// Whether the document is what was written, and agrees with itself.
fn check_form(bundle: &Bundle, digests: Digests, findings: &mut Findings) {
    if digests.written != digests.computed {
        findings.add(Wrong::WrongDigest {
            expected: digests.written,
            found: digests.computed,
        });
    }
    let size = bundle.checkpoint.checkpoint().size;
    let positions = bundle.events.iter().map(|event| event.record.sequence);
    let older = bundle.consistency.iter().map(|older| older.from);
    let beyond = positions.chain(older).find(|position| *position > size);
    if let Some(beyond) = beyond {
        findings.add(Wrong::Contradiction {
            what: "whether the checkpoint covers all that is here",
            expected: format!("nothing beyond {size}"),
            found: beyond.to_string(),
        });
    }
}

/// Checks each event against the tree and the one before it, and says how far they come.
fn check_events(bundle: &Bundle, checkpoint: &Checkpoint, findings: &mut Findings) -> Tip {
    let mut chain = Chain::new();
    let mut last = Sequence::START;
    for event in &bundle.events {
        let record = &event.record;
        let position = record.sequence;
        if position <= last {
            findings.add(Finding::at(position, Wrong::OutOfOrder { after: last }));
        }
        last = last.max(position);
        let mut proofs = Proofs::default();
        proofs.add(&event.proof, position, leaf_hash(record));
        if let Some(finding) = proofs.check(checkpoint.size, checkpoint.tree_root) {
            findings.add(finding);
        }
        let followed = chain.follow(record);
        let followed = followed.map_err(|fault| next_event::refused(&chain, record, fault));
        let of_order = followed.and_then(|link| match link.order_id == bundle.order {
            true => Ok(()),
            false => Err(NotNext::ForeignOrder {
                expected: bundle.order,
                found: link.order_id,
            }),
        });
        if let Err(not_next) = of_order {
            findings.add(Finding::at(position, Wrong::BrokenChain(not_next)));
        }
    }
    let tip = chain.map().get(MapKey::of(bundle.order));
    tip.unwrap_or(Tip {
        version: Version::NONE,
        hash: Hash::ZERO,
    })
}

/// Whether they come as far as the map says.
fn check_tip(bundle: &Bundle, checkpoint: &Checkpoint, found: Tip, findings: &mut Findings) {
    if check_map(&bundle.map, bundle.order, checkpoint.map_root).is_err() {
        findings.add(Wrong::WrongMapRoot {
            note: Note::OfFile,
            expected: checkpoint.map_root,
            found: Found::Another,
        });
    }
    let expected = bundle.map.tip;
    if found != expected {
        findings.add(Wrong::Incomplete { expected, found });
    }
}

fn check_kept(
    bundle: &Bundle,
    checkpoint: &Checkpoint,
    trust: &Trust,
    findings: &mut Findings,
) -> Kept {
    let Some(kept) = trust.kept.as_ref().map(|kept| kept.checkpoint()) else {
        return Kept::NotGiven;
    };
    let from_kept = bundle.consistency.as_ref();
    let from_kept = from_kept.filter(|older| older.from == kept.size);
    let compared = match (kept::relate(kept, checkpoint, trust), from_kept) {
        (Ok(Relation::Same), _) => Ok(()),
        (Ok(Relation::Earlier), None) => return Kept::NotShown,
        (Ok(Relation::Earlier), Some(older)) => {
            let present = (checkpoint.size, checkpoint.tree_root);
            kept::check_began_with(kept, present, &older.proof)
        }
        (Err(wrong), _) => Err(wrong),
    };
    match compared {
        Ok(()) => Kept::Consistent,
        Err(wrong) => {
            findings.add(wrong);
            Kept::NotShown
        }
    }
}

//! What was verified, for programs.

use ordertrace_audit::{Kept, Report, SignedCheckpoint, Signer, Subject};
use ordertrace_domain::Sequence;
use serde_json::{Value, json};

use super::{
    refuted::{Refuted, Told},
    report::not_covered,
};

/// For programs.
pub(super) fn report(report: &Report) -> anyhow::Result<String> {
    let verdict = match report.is_kept_unproven() {
        true => "not-shown",
        false => "verified",
    };
    let kept = match report.kept {
        Kept::NotGiven => "not-given",
        Kept::Consistent => "consistent",
        Kept::NotShown => "not-shown",
    };
    let cosigned = report.cosigned.iter();
    let cosigned = cosigned.map(|it| json!({"witness": it.witness, "at": it.at.to_string()}));
    pretty(&json!({
        "verdict": verdict,
        "subject": subject_json(&report.subject),
        "events": report.events,
        "first": report.first.map(Sequence::get),
        "last": report.last.map(Sequence::get),
        "orders": report.orders,
        "incarnation": report.incarnation.to_string(),
        "checkpoint": report.checkpoint.as_ref().map(checkpoint_json),
        "notCovered": not_covered(report),
        "signedBy": report.signed_by,
        "signers": report.signers.iter().map(signer_json).collect::<Vec<_>>(),
        "newest": report.newest.as_ref().map(checkpoint_json),
        "cosigned": cosigned.collect::<Vec<_>>(),
        "kept": kept,
        "digest": report.digest.map(|digest| digest.to_string()),
        "sha256": report.sha256.map(|sha256| sha256.to_string()),
        "shown": report.shown(),
        "notShown": report.not_shown(),
        "findings": [],
        "omitted": 0,
    }))
}

fn subject_json(subject: &Subject) -> Value {
    match subject {
        Subject::Complete => json!({"kind": "complete-export"}),
        Subject::Part { from, to, filter } => json!({
            "kind": "partial-export",
            "from": from.get(),
            "to": to.get(),
            "isFiltered": filter.is_some(),
        }),
        Subject::Bundle(order) => json!({"kind": "bundle", "order": order.to_string()}),
        Subject::Checkpoint => json!({"kind": "checkpoint"}),
        Subject::Log { checkpoints } => json!({"kind": "log", "checkpoints": checkpoints}),
    }
}

fn signer_json(signer: &Signer) -> Value {
    json!({
        "origin": signer.origin,
        "checkpoint": signer.number.get(),
        "size": signer.size.get(),
    })
}

fn checkpoint_json(signed: &SignedCheckpoint) -> Value {
    let checkpoint = signed.checkpoint();
    json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size.get(),
        "treeRoot": checkpoint.tree_root.to_string(),
        "mapRoot": checkpoint.map_root.to_string(),
        "note": signed.as_str(),
    })
}

/// For programs.
pub(super) fn refuted(refuted: &Refuted) -> anyhow::Result<String> {
    let findings: Vec<Value> = refuted.findings.iter().map(finding_json).collect();
    pretty(&json!({
        "verdict": "refuted",
        "firstPosition": refuted.first_position().map(Sequence::get),
        "findings": findings,
        "omitted": refuted.omitted,
    }))
}

fn finding_json(told: &Told) -> Value {
    json!({
        "code": told.code,
        "position": told.position.map(Sequence::get),
        "line": told.line,
        "message": told.message,
    })
}

fn pretty(value: &Value) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}

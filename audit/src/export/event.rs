//! One event of an export or of a bundle.

use ordertrace_domain::{Hash, Record, Sequence};

use super::PATH_LENGTH_MAX;
use crate::Path;
use crate::json::{Cursor, Off, Seconds, put_base64, put_hashes, put_number, put_text};
use crate::leaf::SUBJECT_BYTES_MAX;

/// An event as an export has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedEvent {
    /// The record, without its headers.
    pub record: Record,
    /// Its way to the root of the checkpoint's tree, where it has one.
    pub proof: Option<Path>,
}

/// What an event begins with.
const EVENT: &str = "{\"position\":";

/// Writes a record, and its proof if it has one.
pub(crate) fn put_record(
    out: &mut Vec<u8>,
    seconds: &mut Seconds,
    record: &Record,
    proof: Option<&[Hash]>,
) {
    out.extend_from_slice(EVENT.as_bytes());
    put_number(out, record.sequence.get());
    out.extend_from_slice(b",\"recordedAt\":");
    seconds.put(out, record.recorded_at);
    out.extend_from_slice(b",\"subject\":");
    put_text(out, &record.subject);
    out.extend_from_slice(b",\"payload\":");
    put_base64(out, &record.payload);
    if let Some(proof) = proof {
        out.extend_from_slice(b",\"proof\":");
        put_hashes(out, proof);
    }
    out.push(b'}');
}

/// Reads a record, and its proof if it has one.
pub(crate) fn take_record(
    cursor: &mut Cursor<'_>,
    seconds: &mut Seconds,
) -> Result<ExportedEvent, Off> {
    cursor.literal(EVENT)?;
    let sequence = Sequence::new(cursor.number()?);
    cursor.literal(",\"recordedAt\":")?;
    let recorded_at = seconds.take(cursor)?;
    cursor.literal(",\"subject\":")?;
    let begin = cursor.clone();
    let subject = cursor.text()?.into_owned();
    if subject.len() > SUBJECT_BYTES_MAX {
        return Err(begin.off("a subject whose length has room in a leaf"));
    }
    cursor.literal(",\"payload\":")?;
    let payload = cursor.base64()?.into();
    let proof = match cursor.skip(",\"proof\":") {
        true => Some(cursor.hashes(PATH_LENGTH_MAX)?),
        false => None,
    };
    cursor.literal("}")?;
    let record = Record {
        sequence,
        recorded_at,
        subject,
        headers: Vec::new(),
        payload,
    };
    Ok(ExportedEvent { record, proof })
}

/// The position in a line that begins as an event does, for whoever has to say where the line is wrong.
pub(super) fn position_in(line: &[u8]) -> Option<Sequence> {
    let mut cursor = Cursor::new(line);
    cursor.literal(EVENT).ok()?;
    cursor.number().ok().map(Sequence::new)
}

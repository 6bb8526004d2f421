//! The document, member by member.

use ordertrace_domain::{Hash, OrderId, Sequence, Version};

use super::{Bundle, BundledEvent, Consistency, Digests};
use crate::export::{PATH_LENGTH_MAX, put_record, take_checkpoint, take_record};
use crate::json::{Cursor, Off, Seconds, put_hashes, put_number, put_text};
use crate::{MapProof, Tip};

/// The most siblings of a proof in the map: one for each bit of a key.
const SIBLINGS_MAX: usize = 256;

/// The most hashes of a consistency proof: two for each bit of a size is more than any has.
const CONSISTENCY_LENGTH_MAX: usize = 2 * PATH_LENGTH_MAX;

pub(super) fn put(bundle: &Bundle) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(b"{\"format\":\"ordertrace-bundle/1\",\"order\":");
    put_text(&mut out, &bundle.order.to_string());
    out.extend_from_slice(b",\"checkpoint\":");
    put_text(&mut out, bundle.checkpoint.as_str());
    out.extend_from_slice(b",\"events\":[");
    let mut seconds = Seconds::default();
    for (index, event) in bundle.events.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        put_record(&mut out, &mut seconds, &event.record, Some(&event.proof));
    }
    out.extend_from_slice(b"],\"map\":");
    put_map(&mut out, &bundle.map);
    out.extend_from_slice(b",\"consistency\":");
    put_consistency(&mut out, bundle.consistency.as_ref());
    let digest = Hash::of(&out);
    out.extend_from_slice(b",\"sha256\":");
    put_text(&mut out, &digest.to_string());
    out.extend_from_slice(b"}\n");
    out
}

fn put_map(out: &mut Vec<u8>, map: &MapProof) {
    out.extend_from_slice(b"{\"version\":");
    put_number(out, map.tip.version.get());
    out.extend_from_slice(b",\"lastHash\":");
    put_text(out, &map.tip.hash.to_string());
    out.extend_from_slice(b",\"proof\":");
    put_hashes(out, &map.siblings);
    out.push(b'}');
}

fn put_consistency(out: &mut Vec<u8>, consistency: Option<&Consistency>) {
    let Some(consistency) = consistency else {
        return out.extend_from_slice(b"null");
    };
    out.extend_from_slice(b"{\"from\":");
    put_number(out, consistency.from.get());
    out.extend_from_slice(b",\"proof\":");
    put_hashes(out, &consistency.proof);
    out.push(b'}');
}

pub(super) fn take(bytes: &[u8]) -> Result<(Bundle, Digests), Off> {
    let mut cursor = Cursor::new(bytes);
    let cursor = &mut cursor;
    cursor.literal("{\"format\":\"ordertrace-bundle/1\",\"order\":")?;
    let order = take_order(cursor)?;
    cursor.literal(",\"checkpoint\":")?;
    let checkpoint = take_checkpoint(cursor)?;
    cursor.literal(",\"events\":[")?;
    let events = take_events(cursor)?;
    cursor.literal(",\"map\":")?;
    let map = take_map(cursor)?;
    cursor.literal(",\"consistency\":")?;
    let consistency = take_consistency(cursor)?;
    let computed = Hash::of(cursor.behind());
    cursor.literal(",\"sha256\":")?;
    let written = cursor.hex()?;
    cursor.literal("}\n")?;
    cursor.end()?;
    let bundle = Bundle {
        order,
        checkpoint,
        events,
        map,
        consistency,
    };
    Ok((bundle, Digests { computed, written }))
}

fn take_order(cursor: &mut Cursor<'_>) -> Result<OrderId, Off> {
    let begin = cursor.clone();
    let order = OrderId::parse(&cursor.text()?);
    order.map_err(|_| begin.off("a UUID in lowercase"))
}

fn take_events(cursor: &mut Cursor<'_>) -> Result<Vec<BundledEvent>, Off> {
    let mut events = Vec::new();
    if cursor.skip("]") {
        return Ok(events);
    }
    let mut seconds = Seconds::default();
    loop {
        let begin = cursor.clone();
        let event = take_record(cursor, &mut seconds)?;
        let proof = event
            .proof
            .ok_or_else(|| begin.off("an event with its proof"))?;
        let record = event.record;
        events.push(BundledEvent { record, proof });
        if cursor.skip("]") {
            return Ok(events);
        }
        cursor.literal(",")?;
    }
}

fn take_map(cursor: &mut Cursor<'_>) -> Result<MapProof, Off> {
    cursor.literal("{\"version\":")?;
    let begin = cursor.clone();
    // A larger one has the hash of another.
    let version = u32::try_from(cursor.number()?);
    let version = version.ok().filter(|version| *version > 0);
    let version = version.ok_or_else(|| begin.off("a version of 32 bits, from 1 on"))?;
    cursor.literal(",\"lastHash\":")?;
    let hash = cursor.hex()?;
    cursor.literal(",\"proof\":")?;
    let siblings = cursor.hashes(SIBLINGS_MAX)?;
    cursor.literal("}")?;
    let version = Version::new(u64::from(version));
    let tip = Tip { version, hash };
    Ok(MapProof { tip, siblings })
}

fn take_consistency(cursor: &mut Cursor<'_>) -> Result<Option<Consistency>, Off> {
    if cursor.skip("null") {
        return Ok(None);
    }
    cursor.literal("{\"from\":")?;
    let from = Sequence::new(cursor.number()?);
    cursor.literal(",\"proof\":")?;
    let proof = cursor.hashes(CONSISTENCY_LENGTH_MAX)?;
    cursor.literal("}")?;
    Ok(Some(Consistency { from, proof }))
}

//! What an auditor is given: bundles, exports, checkpoints, keys, filters.

use std::sync::LazyLock;

use ordertrace_audit::{
    Bundle, Cosignature, End, ExportReader, ExportWriter, Filter, FilterRequest, Item, PublicKey,
    ReadError, SecretKey, SignedCheckpoint, Trust, verify_bundle, verify_export, verify_file,
};

/// The log's key of the test vectors: what is verified was signed by it.
const LOG_KEY: &str = include_str!("../../audit/vectors/keys/log.pub");

/// The bytes of a line that says the digest of all before it: a member's name, 64 digits, what closes it.
const BUNDLE_END_BYTES: usize = ",\"sha256\":\"".len() + 64 + "\"}\n".len();
const EXPORT_END_BYTES: usize = "{\"sha256\":\"".len() + 64 + "\"}\n".len();

static TRUST: LazyLock<Trust> = LazyLock::new(|| Trust {
    keys: vec![PublicKey::parse(LOG_KEY.trim()).expect("a key of the vectors")],
    ..Trust::default()
});

/// A bundle. One that is read is written again as the same bytes, but for a digest that was wrong; one that is verified has a
/// right one, and a checkpoint that the log has signed.
pub fn bundle(bytes: &[u8]) -> bool {
    let report = verify_bundle(bytes, &TRUST);
    let Ok((bundle, digests)) = Bundle::parse(bytes) else {
        assert!(report.is_err());
        return false;
    };
    let is_right = digests.computed == digests.written;
    same(
        &bundle.to_json(),
        bytes,
        if is_right { 0 } else { BUNDLE_END_BYTES },
    );
    if let Ok(report) = report {
        assert!(is_right);
        assert_eq!(report.events, bundle.events.len() as u64);
        assert_eq!(bundle.checkpoint.check(&TRUST.keys[0]), Ok(()));
    }
    true
}

/// An export. The same holds of it, if it counts its events right.
pub fn export(bytes: &[u8]) -> bool {
    let verified = verify_export(bytes, &TRUST);
    let Ok((written, end, is_counted)) = again(bytes) else {
        assert!(verified.is_err());
        return false;
    };
    let is_right = end.computed == end.written;
    if is_counted {
        same(&written, bytes, if is_right { 0 } else { EXPORT_END_BYTES });
    }
    assert!(verified.is_err() || is_counted && is_right);
    true
}

/// Whatever is given to `audit verify`: what it is taken for is for it to find out.
pub fn verify(bytes: &[u8]) -> bool {
    verify_file(bytes, &TRUST).is_ok()
}

/// A signed checkpoint, or the line that a witness adds to one.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Ok(cosignature) = Cosignature::parse(text) {
        assert_eq!(cosignature.as_str(), text);
        return true;
    }
    let Ok(signed) = SignedCheckpoint::parse(bytes) else {
        return false;
    };
    assert_eq!(signed.as_str(), text);
    let body = signed.checkpoint().to_text();
    assert!(text.starts_with(&format!("{body}\n")));
    true
}

/// A key as it stands in a file or in a setting.
pub fn key(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if let Ok(public) = PublicKey::parse(text) {
        assert_eq!(public.to_string(), text);
        return true;
    }
    let secret = SecretKey::parse(text);
    secret.is_ok_and(|secret| {
        assert_eq!(secret.to_secret_text(), text);
        true
    })
}

/// A filter, as a query has it. It is shown in one spelling, which says the same.
pub fn filter(bytes: &[u8]) -> bool {
    let request = request(bytes);
    let Ok(filter) = Filter::parse(&request) else {
        return false;
    };
    let shown = filter.text();
    let respelled = FilterRequest {
        order: shown.order,
        types: shown.r#type.into_iter().collect(),
        actor: shown.actor,
        customer: shown.customer,
        recorded_from: shown.recorded_from,
        recorded_to: shown.recorded_to,
        ..request
    };
    assert_eq!(Filter::parse(&respelled), Ok(filter));
    true
}

/// The last of several values counts, but of types, of which all do.
fn request(query: &[u8]) -> FilterRequest {
    let mut request = FilterRequest::default();
    for (name, value) in form_urlencoded::parse(query) {
        let value = value.into_owned();
        match name.as_ref() {
            "order" => request.order = Some(value),
            "type" => request.types.push(value),
            "actor" => request.actor = Some(value),
            "customer" => request.customer = Some(value),
            "from" => request.recorded_from = Some(value),
            "to" => request.recorded_to = Some(value),
            "fromPosition" => request.from_position = Some(value),
            "toPosition" => request.to_position = Some(value),
            _ => {}
        }
    }
    request
}

/// Reads an export and writes it again; whether its last lines count its events right.
fn again(bytes: &[u8]) -> Result<(Vec<u8>, Box<End>, bool), ReadError> {
    let mut reader = ExportReader::open(bytes)?;
    let mut writer = ExportWriter::new(Vec::new(), reader.header())?;
    let mut positions = Vec::new();
    loop {
        match reader.next_item()? {
            Item::Event(event) => {
                positions.push(event.record.sequence);
                writer.event(&event.record, event.proof.as_deref())?;
            }
            Item::End(end) => {
                let (written, _) = writer.finish(end.checkpoint.as_ref())?;
                let is_counted = end.events == positions.len() as u64
                    && end.first == positions.first().copied()
                    && end.last == positions.last().copied();
                return Ok((written, end, is_counted));
            }
        }
    }
}

/// Whether two are the same but for so many bytes at their end.
fn same(written: &[u8], read: &[u8], but_bytes: usize) {
    assert_eq!(written.len(), read.len());
    let length = read.len() - but_bytes;
    let shown = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..length]).into_owned();
    assert_eq!(shown(written), shown(read));
}

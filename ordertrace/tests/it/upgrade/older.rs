//! A process that is a version behind the log.
//!
//! There is one program here and a later version of it is not written yet, so the log is shown to an older process as that
//! one would find it: through a proxy, in which the approvals of some orders are of a schema that this program does not
//! know. Everything else in the log, and everything that the process writes, is as it is.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ordertrace_domain::OrderId;

use crate::harness::{Gate, Verdict};

/// In a payload: the event's name, and that it is of the first schema. The last byte is its number.
const KNOWN: &[u8] = b"\xa4type\xafPaymentApproved\xa6schema\x01";

/// In the headers, by name and value.
const HEADER: &[u8] = b"Ordertrace-Schema: 1";

/// Before whose order an event is, in a payload: the field's name, and that 16 bytes follow.
const ORDER: &[u8] = b"order_id\xc4\x10";

/// The fields of an answer about one message that hold its headers and its payload.
const ENCODED: [&[u8]; 2] = [b"\"hdrs\":\"", b"\"data\":\""];

/// Tells of the log as a process finds it that is too old for it.
#[derive(Default)]
pub(super) struct Older {
    /// The orders whose approvals a newer program has written.
    newer: Mutex<Vec<OrderId>>,
}

impl Older {
    /// From now on a newer program writes the approval of this order.
    pub(super) fn is_too_old_for(&self, order: OrderId) {
        let mut newer = self.newer.lock().unwrap_or_else(PoisonError::into_inner);
        newer.push(order);
    }

    fn is_newer(&self, message: &[u8]) -> bool {
        let newer = self.newer.lock().unwrap_or_else(PoisonError::into_inner);
        let is_of = |order: &OrderId| {
            let named = [ORDER, order.as_uuid().as_bytes()].concat();
            find(message, &named).is_some()
        };
        find(message, KNOWN).is_some() && newer.iter().any(is_of)
    }

    /// Raises the number of the schema where it stands as it is.
    fn raise(&self, message: &mut [u8]) {
        if !self.is_newer(message) {
            return;
        }
        for number in [KNOWN, HEADER] {
            if let Some(at) = find(message, number) {
                message[at + number.len() - 1] += 1;
            }
        }
    }

    /// The same in an answer about one message, in which headers and payload are each encoded.
    fn raise_encoded(&self, answer: &mut [u8]) {
        let [headers, payload] = ENCODED.map(|field| encoded(answer, field));
        let (Some(headers), Some(payload)) = (headers, payload) else {
            return;
        };
        let decoded = |at: &std::ops::Range<usize>| STANDARD.decode(&answer[at.clone()]).unwrap();
        let (mut headers_text, payload_bytes) = (decoded(&headers), decoded(&payload));
        let both = headers_text.len();
        headers_text.extend(payload_bytes);
        self.raise(&mut headers_text);
        for (at, bytes) in [
            (headers, &headers_text[..both]),
            (payload, &headers_text[both..]),
        ] {
            answer[at].copy_from_slice(STANDARD.encode(bytes).as_bytes());
        }
    }
}

#[async_trait]
impl Gate for Older {
    async fn meet(&self, _step: &str) -> Verdict {
        Verdict::Pass
    }

    fn retell(&self, message: &mut [u8]) {
        if message.starts_with(b"{") {
            self.raise_encoded(message);
        } else {
            self.raise(message);
        }
    }
}

/// Where the text of a field stands.
fn encoded(answer: &[u8], field: &[u8]) -> Option<std::ops::Range<usize>> {
    let from = find(answer, field)? + field.len();
    let length = answer[from..].iter().position(|byte| *byte == b'"')?;
    Some(from..from + length)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|it| it == part)
}

//! Payloads: what we wrote reads back, and nothing that others wrote brings the reader down.

use std::sync::Arc;

use ordertrace_domain::{
    DecodeError, Envelope, Hash, History, PAYLOAD_BYTES_MAX, Sequence, StoredEvent,
    testing::{
        fixtures::{self, drafts, order_id},
        strategies::envelope,
    },
};
use proptest::{prelude::*, sample::Index};
use rstest::rstest;

/// Something done to a payload.
#[derive(Debug, Clone)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index),
}

impl Damage {
    fn strategy() -> impl Strategy<Value = Self> {
        prop_oneof![
            (any::<Index>(), 1..=u8::MAX).prop_map(|(at, bits)| Self::Flip(at, bits)),
            any::<Index>().prop_map(Self::Cut),
            (any::<Index>(), prop::collection::vec(any::<u8>(), 1..8))
                .prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            any::<Index>().prop_map(Self::Remove),
        ]
    }

    fn apply(self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Flip(at, bits) => {
                let at = at.index(bytes.len());
                bytes[at] ^= bits;
            }
            Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Self::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more);
            }
            Self::Remove(at) => {
                bytes.remove(at.index(bytes.len()));
            }
        }
    }
}

/// Reads a payload and, if that goes well, does with it what the program would.
fn take_in(payload: &[u8]) -> Result<Envelope, DecodeError> {
    let envelope = Envelope::decode(payload)?;
    let stored = StoredEvent::read(Sequence::new(1), payload)?;
    let mut history = History::empty(envelope.order_id);
    // Most don't follow; none may bring the reader down.
    let _ = history.push(Arc::new(stored));
    let shown = format!("{} {:?}", envelope.occurred_at, history.state());
    assert!(!shown.is_empty());
    Ok(envelope)
}

proptest! {
    #[test]
    fn a_payload_reads_back_as_it_was_written(envelope in envelope()) {
        let payload = envelope.encode();
        prop_assert!(payload.len() <= PAYLOAD_BYTES_MAX);
        let decoded = Envelope::decode(&payload);
        prop_assert_eq!(decoded.as_ref().map(Envelope::encode), Ok(payload));
        prop_assert_eq!(decoded, Ok(envelope));
    }

    #[test]
    fn a_payload_with_anything_after_it_is_none(envelope in envelope(), more in prop::collection::vec(any::<u8>(), 1..64)) {
        let mut payload = envelope.encode();
        payload.extend(more);
        prop_assert!(matches!(take_in(&payload), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn a_payload_that_was_cut_short_is_none(envelope in envelope(), at in any::<Index>()) {
        let payload = envelope.encode();
        let short = &payload[..at.index(payload.len())];
        prop_assert!(matches!(take_in(short), Err(DecodeError::Malformed(_))));
    }

    #[test]
    fn no_damage_brings_the_reader_down(envelope in envelope(), damage in prop::collection::vec(Damage::strategy(), 1..6)) {
        let mut payload = envelope.encode();
        for damage in damage {
            damage.apply(&mut payload);
        }
        // It may still be a payload, of another text or amount; then it is linked to by another hash.
        if let Ok(read) = take_in(&payload)
            && read != envelope
        {
            prop_assert_ne!(Hash::of(&payload), Hash::of(&envelope.encode()));
        }
    }

    #[test]
    fn no_bytes_at_all_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(take_in(&bytes).is_err());
    }
}

/// An envelope whose `data` is these bytes.
fn with_data(data: &[u8]) -> Vec<u8> {
    let empty = fixtures::events::order_completed();
    let draft = drafts(&History::empty(order_id()), vec![empty]).remove(0);
    let mut payload = draft.payload;
    assert_eq!(payload.pop(), Some(0x80), "an empty map is the last byte");
    payload.extend(data);
    payload
}

#[rstest]
#[case::array(&[0xdd, 0xff, 0xff, 0xff, 0xff])]
#[case::map(&[0xdf, 0xff, 0xff, 0xff, 0xff])]
#[case::text(&[0xdb, 0xff, 0xff, 0xff, 0xff])]
#[case::bytes(&[0xc6, 0xff, 0xff, 0xff, 0xff])]
#[case::extension(&[0xc9, 0xff, 0xff, 0xff, 0xff, 0x01])]
fn a_length_that_nothing_stands_behind_is_refused(#[case] data: &[u8]) {
    for payload in [data.to_vec(), with_data(data)] {
        assert!(matches!(take_in(&payload), Err(DecodeError::Malformed(_))));
    }
}

/// As an array and as a map, each within the next, as deep as a payload goes.
#[rstest]
#[case::arrays(&[0x91])]
#[case::maps(&[0x81, 0x01])]
fn a_payload_that_nests_too_deep_is_refused(#[case] level: &[u8]) {
    let depth = (PAYLOAD_BYTES_MAX - 1_000) / level.len();
    let mut data = level.repeat(depth);
    data.push(0xc0);
    for payload in [data.clone(), with_data(&data)] {
        assert!(matches!(take_in(&payload), Err(DecodeError::Malformed(_))));
    }
}

#[test]
fn a_payload_longer_than_any_of_ours_is_not_even_read() {
    let long = vec![0x90; PAYLOAD_BYTES_MAX + 1];
    let refused = DecodeError::TooLong(PAYLOAD_BYTES_MAX + 1);
    assert_eq!(Envelope::decode(&long), Err(refused));
}

#[test]
fn an_event_of_another_program_is_told_from_damage() {
    let payload = with_data(&[0x80]);
    let renamed = replaced(&payload, b"OrderCompleted", b"OrderForgotten");
    let unknown = DecodeError::UnknownType("OrderForgotten".to_owned());
    assert_eq!(Envelope::decode(&renamed), Err(unknown));
    let later = replaced(&payload, b"schema\x01", b"schema\x02");
    let future = DecodeError::FutureSchema {
        name: "OrderCompleted".to_owned(),
        schema: 2,
        known: 1,
    };
    assert_eq!(Envelope::decode(&later), Err(future));
}

/// Schemas begin with 1: nothing lifts what was never written.
#[test]
fn a_schema_before_the_first_is_refused() {
    let payload = with_data(&[0x80]);
    let before = replaced(&payload, b"schema\x01", b"schema\x00");
    assert!(matches!(
        Envelope::decode(&before),
        Err(DecodeError::Upcast { .. })
    ));
}

/// The payload with one text in the place of another as long.
fn replaced(payload: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut windows = payload.windows(from.len());
    let at = windows.position(|window| window == from);
    let at = at.expect("the text is there");
    let mut replaced = payload.to_vec();
    replaced[at..at + to.len()].copy_from_slice(to);
    replaced
}

//! Every value has one spelling, and no other is read.

use ordertrace_domain::{Hash, RecordedAt};
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn text(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    put_text(&mut out, text);
    out
}

#[rstest]
#[case(b"\"")]
#[case(b"\"\\/\"")]
#[case(b"\"\\u000a\"")]
#[case(b"\"\\u001F\"")]
#[case(b"\"\\u0041\"")]
#[case(b"\"\\ud83d\\ude00\"")]
#[case(b"\"\n\"")]
#[case(b"\"\xff\"")]
#[case(b"\"\\")]
#[case(b"text")]
fn no_other_spelling_of_a_text_is_read(#[case] spelling: &[u8]) {
    let read = Cursor::new(spelling).text();
    assert!(read.is_err(), "{spelling:?}");
}

#[rstest]
#[case("00")]
#[case("01")]
#[case("-1")]
#[case("+1")]
#[case("")]
#[case("18446744073709551616")]
fn no_other_spelling_of_a_number_is_read(#[case] spelling: &str) {
    assert!(Cursor::new(spelling.as_bytes()).number().is_err());
}

#[rstest]
#[case("\"QQ\"")]
#[case("\"QQ=\"")]
#[case("\"QR==\"")]
#[case("\"QQ==\\n\"")]
#[case("\"Q Q=\"")]
#[case("\"QUI-\"")]
fn no_other_spelling_of_bytes_is_read(#[case] spelling: &str) {
    assert!(Cursor::new(spelling.as_bytes()).base64().is_err());
}

#[test]
fn an_error_names_the_byte_and_both_sides() {
    let mut cursor = Cursor::new(b"{\"version\":1}");
    cursor.literal("{\"ve").unwrap();
    let off = cursor.literal("rs:").unwrap_err();
    assert_eq!((off.column, off.expected), (5, "rs:"));
    assert_eq!(off.found, "rsion\":1}");
}

proptest! {
    #[test]
    fn a_text_is_spelled_as_other_libraries_spell_it(any in "\\PC*|[\\x00-\\x7f]*") {
        let spelled = text(&any);
        prop_assert_eq!(&spelled, &serde_json::to_vec(&any).unwrap());
        let mut cursor = Cursor::new(&spelled);
        prop_assert_eq!(cursor.text().unwrap(), any);
        cursor.end().unwrap();
    }

    #[test]
    fn a_text_is_read_in_the_spelling_in_which_it_is_written_only(
        bytes in "\"[\\x00-\\x7f]{0,4}\\\\[\"\\\\/bfnrtu][0-9a-f]{0,5}\"",
    ) {
        let mut cursor = Cursor::new(bytes.as_bytes());
        if let Ok(read) = cursor.text() {
            prop_assert_eq!(text(&read), cursor.behind());
        }
    }

    #[test]
    fn times_read_back_what_was_written(nanos in prop::collection::vec(prop_oneof![
        any::<i64>(), 0..3_000_000_000_i64, Just(i64::MIN), Just(i64::MAX),
    ], 1..9)) {
        let (mut writing, mut reading) = (Seconds::default(), Seconds::default());
        for nanos in nanos {
            let (time, mut out) = (RecordedAt::from_nanos(nanos), Vec::new());
            writing.put(&mut out, time);
            let expected = format!("\"{time}\"").into_bytes();
            prop_assert_eq!(&out, &expected);
            prop_assert_eq!(reading.take(&mut Cursor::new(&out)).unwrap(), time);
        }
    }

    #[test]
    fn hashes_read_back_what_was_written(bytes in prop::collection::vec(any::<[u8; 32]>(), 0..4)) {
        let (hashes, mut out): (Vec<_>, _) =
            (bytes.into_iter().map(Hash::from_bytes).collect(), Vec::new());
        put_hashes(&mut out, &hashes);
        prop_assert_eq!(Cursor::new(&out).hashes(3).unwrap(), hashes.clone());
        for hash in hashes {
            let hex = format!("\"{hash}\"");
            prop_assert_eq!(Cursor::new(hex.as_bytes()).hex().unwrap(), hash);
            let upper = hex.to_uppercase();
            let is_same = upper == hex;
            prop_assert_eq!(Cursor::new(upper.as_bytes()).hex().is_ok(), is_same);
        }
    }
}

#[test]
fn base64_of_any_length_is_read_into_just_as_many_bytes() {
    for length in 0..100_u8 {
        let bytes: Vec<u8> = (0..length).collect();
        let mut spelling = Vec::new();
        put_base64(&mut spelling, &bytes);
        let read = Cursor::new(&spelling).base64().unwrap();
        assert_eq!((read.capacity(), &read), (bytes.len(), &bytes));
    }
}

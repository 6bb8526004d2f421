//! Files of every kind, told apart by how they begin and end.

use super::*;
use rstest::rstest;

#[rstest]
#[case("", NotVerifiable::Empty)]
#[case("\n \n", NotVerifiable::Empty)]
#[case("position,recordedAt,order\n1,2,3\n", NotVerifiable::CsvOrTable)]
#[case("│ position │ recorded at │\n", NotVerifiable::CsvOrTable)]
#[case(
    "{\"position\":\"18c-1\",\"sequence\":1}\n",
    NotVerifiable::ReadableJson
)]
#[case("[\n{\"position\":\"18c-1\"}", NotVerifiable::ReadableJson)]
#[case("\u{1f}\u{8}", NotVerifiable::CsvOrTable)]
#[case(
    "log\n1\naaaa=\nincarnation 18c\nmap b=\n\n",
    NotVerifiable::Checkpoint
)]
#[case(
    "log\n1\naaaa=\nincArnation 18c\nmap b=\n\n— log b=\n",
    NotVerifiable::Checkpoint
)]
fn what_has_no_proof_in_it_is_told_apart(#[case] text: &str, #[case] expected: NotVerifiable) {
    let verified = verify_file(text.as_bytes(), &Trust::default());
    let found = match verified {
        Err(VerifyError::NotVerifiable(found)) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(found, expected);
}

#[rstest]
#[case(b"\x1f\x8b\x08\0", NotVerifiable::Compressed)]
#[case(b"PK\x03\x04", NotVerifiable::Compressed)]
#[case(b"\x7fELF\xff", NotVerifiable::NoText)]
fn what_is_no_text_is_told_apart(#[case] bytes: &[u8], #[case] expected: NotVerifiable) {
    assert_eq!(sniff(bytes), Err(expected));
}

#[test]
fn a_letter_that_is_cut_off_is_still_text() {
    let text = "Größe".as_bytes();
    assert_eq!(sniff(&text[..3]), Err(NotVerifiable::CsvOrTable));
}

#[test]
fn what_looks_like_ours_is_left_to_its_verifier() {
    for text in ["{\"format\":\"ordertrace-export/2\"}\n", "{\"format\":1}\n"] {
        let refuted = verify_file(text.as_bytes(), &Trust::default()).unwrap_err();
        let VerifyError::Refuted(refutation) = refuted else {
            panic!("{refuted:?}");
        };
        assert_eq!(refutation.findings()[0].code(), "not-canonical");
    }
}
/// Gives a byte at a time, as a pipe may.
struct Dripping<'a>(&'a [u8]);

impl io::Read for Dripping<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(1);
        self.0.read(&mut into[..length])
    }
}

impl BufRead for Dripping<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(&self.0[..self.0.len().min(1)])
    }

    fn consume(&mut self, amount: usize) {
        self.0 = &self.0[amount..];
    }
}

#[test]
fn what_ends_like_ours_or_comes_in_drips_is_left_to_its_verifier_too() {
    let digest = "0".repeat(64);
    let ours = [
        "{\"format\":\"ordertrace-bundle/1\"}\n".to_owned(),
        "x\"format\":\"ordertrace-export/1\"}\n".to_owned(),
        format!("{{\"position\":1}}\n{{\"sha256\":\"{digest}\"}}\n"),
        format!("\u{1f}\u{8b},\"sha256\":\"{digest}\"}}\n"),
    ];
    for text in ours {
        let verified = verify_file(Dripping(text.as_bytes()), &Trust::default());
        let Err(VerifyError::Refuted(refutation)) = verified else {
            panic!("{text}: {verified:?}");
        };
        assert_eq!(refutation.findings()[0].code(), "not-canonical", "{text}");
    }
}

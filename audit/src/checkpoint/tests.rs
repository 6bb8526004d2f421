//! Keys, checkpoints and signatures: their exact bytes, and what is refused.

use ordertrace_domain::Timestamp;
use rstest::rstest;

use super::*;

fn key(key_use: KeyUse, seed: u8) -> SecretKey {
    SecretKey::from_seed("log.example/orders", key_use, [seed; 32]).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: "log.example/orders".to_owned(),
        size: Sequence::new(42),
        tree_root: Hash::of(b"tree"),
        incarnation: Incarnation::from_created_nanos(0x18c0_a3f2_b1e4_0000),
        map_root: Hash::of(b"map"),
    }
}

/// The example of golang.org/x/mod/sumdb/note.
const GO_PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

#[test]
fn keys_are_those_of_signed_notes() {
    let secret = SecretKey::parse(GO_SECRET).unwrap();
    assert_eq!(secret.public().to_string(), GO_PUBLIC);
    assert_eq!(secret.to_secret_text(), GO_SECRET);
    assert_eq!(PublicKey::parse(GO_PUBLIC).unwrap(), secret.public());
    assert!(!format!("{secret:?}").contains("PRIVATE"));
}

#[rstest]
#[case("")]
#[case("name")]
#[case("na me+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
#[case("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
#[case("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
#[case("PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
#[case("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW=")]
fn no_other_text_is_a_key(#[case] text: &str) {
    assert!(PublicKey::parse(text).is_err(), "{text}");
    assert!(SecretKey::parse(text).is_err(), "{text}");
}

#[test]
fn a_checkpoint_reads_back_what_it_shows() {
    assert_eq!(Checkpoint::parse(&checkpoint().to_text()), Ok(checkpoint()));
}

#[rstest]
#[case("\n42\n", "\n042\n")]
#[case("\n42\n", "\n+42\n")]
#[case("incarnation 18c0a3f2b1e40000", "incarnation 018c0a3f2b1e40000")]
#[case("incarnation ", "incarnation  ")]
#[case("log.example/orders\n", "")]
#[case("map ", "extra line\nmap ")]
fn no_other_text_is_a_checkpoint(#[case] is: &str, #[case] becomes: &str) {
    let text = checkpoint().to_text();
    assert!(text.contains(is));
    assert_eq!(
        Checkpoint::parse(&text.replace(is, becomes)),
        Err(InvalidCheckpoint)
    );
    assert_eq!(
        Checkpoint::parse(&format!("{text}more\n")),
        Err(InvalidCheckpoint)
    );
    assert_eq!(Checkpoint::parse(text.trim_end()), Err(InvalidCheckpoint));
}

#[test]
fn a_signature_is_of_one_key_and_one_text() {
    let log = key(KeyUse::Log, 1);
    let signed = SignedCheckpoint::sign(checkpoint(), &log);
    let read = SignedCheckpoint::parse(signed.as_str().as_bytes()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.checkpoint(), &checkpoint());
    assert_eq!(read.check(&log.public()), Ok(()));
    let missing = SignatureError::Missing("log.example/orders".to_owned());
    assert_eq!(read.check(&key(KeyUse::Log, 2).public()), Err(missing));
    let grown = signed.as_str().replace("\n42\n", "\n43\n");
    let grown = SignedCheckpoint::parse(grown.as_bytes()).unwrap();
    assert!(matches!(
        grown.check(&log.public()),
        Err(SignatureError::Wrong(_))
    ));
}

#[test]
fn a_key_signs_for_the_log_of_its_name_only() {
    let other = SecretKey::from_seed("another", KeyUse::Log, [1; 32]).unwrap();
    let signed = SignedCheckpoint::sign(checkpoint(), &other);
    let checked = signed.check(&other.public());
    assert!(matches!(checked, Err(SignatureError::OtherOrigin { .. })));
    let witness = key(KeyUse::Witness, 1).public();
    assert!(matches!(
        signed.check(&witness),
        Err(SignatureError::WrongUse(_))
    ));
}

#[test]
fn a_witness_signs_the_checkpoint_and_the_time() {
    let (log, witness) = (key(KeyUse::Log, 1), key(KeyUse::Witness, 2));
    let seen_at = Timestamp::from_micros(1_700_000_000_000_000);
    let signed = SignedCheckpoint::sign(checkpoint(), &log);
    let cosignature = signed.cosign(&witness, seen_at);
    let cosignature = Cosignature::parse(cosignature.as_str()).unwrap();
    let cosigned = signed.clone().with(&cosignature).with(&cosignature);
    let cosigned = SignedCheckpoint::parse(cosigned.as_str().as_bytes()).unwrap();
    assert_eq!(cosigned.as_str().lines().count(), 8);
    assert_eq!(cosigned.check(&log.public()), Ok(()));
    assert_eq!(cosigned.check_cosignature(&witness.public()), Ok(seen_at));
    let missing = signed.check_cosignature(&witness.public());
    assert!(matches!(missing, Err(SignatureError::Missing(_))));
    let misused = cosigned.check_cosignature(&log.public());
    assert!(matches!(misused, Err(SignatureError::WrongUse(_))));
}

/// Nothing of a note can be changed but the signature of somebody whom the reader does not know.
#[test]
fn no_single_byte_of_a_note_can_be_changed() {
    let log = key(KeyUse::Log, 1);
    let note = SignedCheckpoint::sign(checkpoint(), &log);
    let note = note.as_str().as_bytes();
    for at in 0..note.len() {
        for flip in [1, 2, 4, 0x20, 0x80] {
            let mut changed = note.to_vec();
            changed[at] ^= flip;
            let read = SignedCheckpoint::parse(&changed);
            let is_good = read.is_ok_and(|note| note.check(&log.public()).is_ok());
            assert!(!is_good, "byte {at} flipped by {flip}");
        }
    }
}

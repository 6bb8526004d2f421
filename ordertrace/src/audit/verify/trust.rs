//! What a verifier brings along: keys, and a checkpoint that was kept.
//!
//! Invariant: what is wrong with what was brought along is a mistake in the call, and never said of the log: a checkpoint
//! that was kept is one, and signed by one of the keys if there are any, or nothing is compared with it.

use std::path::Path;

use ordertrace_audit::{KeyUse, PublicKey, SignatureError, SignedCheckpoint, Trust, escaped};

use crate::audit::key::{public_keys, text_of};
use crate::cli::{self, TrustArgs};

/// Reads it.
pub(crate) fn trust(args: &TrustArgs) -> Result<Trust, clap::Error> {
    let keys = public_keys("--key", &args.key, KeyUse::Log)?;
    let kept = args.checkpoint.as_deref().map(|file| {
        let shown = file.to_string_lossy();
        kept(file, &keys)
            .map_err(|what| cli::wrong(&format!("--checkpoint: {}{what}", escaped(&shown))))
    });
    Ok(Trust {
        kept: kept.transpose()?,
        keys,
        witnesses: public_keys("--witness", &args.witness, KeyUse::Witness)?,
    })
}

/// The checkpoint in a file; what is wrong with it goes on from the name of the file.
fn kept(file: &Path, keys: &[PublicKey]) -> Result<SignedCheckpoint, String> {
    let text = text_of(file).map_err(|error| format!(" can't be read: {error}"))?;
    let note = SignedCheckpoint::parse(text.as_bytes()).map_err(|error| {
        if text.contains('\r') {
            " is no checkpoint: it has carriage returns in it. A program on its way has changed the ends of its lines; keep \
             the file as it came"
                .to_owned()
        } else {
            format!(" is no checkpoint: {error}")
        }
    })?;
    check_signed(&note, keys).map(|()| note)
}

/// Makes sure that it is what was signed, where there are keys to tell that with.
fn check_signed(note: &SignedCheckpoint, keys: &[PublicKey]) -> Result<(), String> {
    let mut altered = false;
    for key in keys {
        match note.check(key) {
            Ok(()) => return Ok(()),
            Err(SignatureError::Wrong(_)) => altered = true,
            Err(_) => {}
        }
    }
    if keys.is_empty() {
        return Ok(());
    }
    let origin = escaped(&note.checkpoint().origin).into_owned();
    let names: Vec<&str> = keys.iter().map(PublicKey::name).collect();
    Err(if altered {
        format!(
            " is not what {origin} has signed: the file was altered since, or --key is another key of that name"
        )
    } else {
        format!(
            " is of {origin}, and not signed with --key ({}): it is of another log, or signed with an earlier key, \
             which is to be given as well",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_audit::{Checkpoint, SecretKey};
    use ordertrace_domain::{Hash, Incarnation, Sequence};

    fn key(name: &str, seed: u8) -> SecretKey {
        SecretKey::from_seed(name, KeyUse::Log, [seed; 32]).unwrap()
    }

    fn note() -> String {
        let checkpoint = Checkpoint {
            origin: "example.com/log".to_owned(),
            size: Sequence::new(7),
            tree_root: Hash::ZERO,
            incarnation: Incarnation::from_created_nanos(1),
            map_root: Hash::ZERO,
        };
        let signed = SignedCheckpoint::sign(checkpoint, &key("example.com/log", 7));
        signed.as_str().to_owned()
    }

    /// What is read of a file with this text, with these keys.
    fn read(text: &str, keys: &[SecretKey]) -> Result<Trust, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept");
        std::fs::write(&file, text).unwrap();
        let args = TrustArgs {
            key: keys.iter().map(|it| it.public().to_string()).collect(),
            checkpoint: Some(file),
            ..TrustArgs::default()
        };
        trust(&args).map_err(|error| error.to_string())
    }

    #[test]
    fn a_checkpoint_counts_if_one_of_the_keys_has_signed_it_or_there_are_none() {
        let (ours, other) = (key("example.com/log", 7), key("other.example", 8));
        for keys in [&[][..], std::slice::from_ref(&ours), &[other, ours.clone()]] {
            let kept = read(&note(), keys).unwrap().kept.unwrap();
            assert_eq!(kept.as_str(), note());
        }
    }

    #[test]
    fn a_checkpoint_that_is_not_what_was_signed_is_a_mistake_in_the_call() {
        let ours = key("example.com/log", 7);
        let cut = &note()[..note().len() / 2];
        let altered = note().replacen("\n7\n", "\n8\n", 1);
        let carried = note().replace('\n', "\r\n");
        for (text, keys, words) in [
            ("a\nb\n", &[][..], "no checkpoint"),
            (cut, &[], "no checkpoint"),
            (&carried, &[], "carriage returns"),
            (&altered, &[ours], "was altered"),
            (&note(), &[key("example.com/log", 8)], "not signed with"),
            (&note(), &[key("other.example", 8)], "is of example.com/log"),
        ] {
            let told = read(text, keys).unwrap_err();
            assert!(
                told.contains("--checkpoint: ") && told.contains(words),
                "{told}"
            );
        }
    }

    #[test]
    fn a_checkpoint_that_is_not_there_is_a_mistake_in_the_call() {
        let args = TrustArgs {
            checkpoint: Some("missing".into()),
            ..TrustArgs::default()
        };
        let told = trust(&args).unwrap_err().to_string();
        assert!(
            told.contains("--checkpoint: missing can't be read"),
            "{told}"
        );
    }
}

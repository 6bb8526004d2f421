//! What a verifier brings along: keys, and a checkpoint that was kept.
//!
//! Invariant: nothing of a secret key that is given by mistake is ever shown.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use ordertrace_audit::{KeyUse, PublicKey, SignedCheckpoint, Trust, escaped};

use crate::cli::{self, TrustArgs};

/// How a secret key begins.
const SECRET: &str = "PRIVATE+KEY+";

/// More than a key or a note with a signature of every witness there is has; a file that is longer is neither.
const TEXT_BYTES_MAX: u64 = 64 * 1024;

/// Reads it. A key that is none, and a note that is none, are mistakes in the call.
pub(crate) fn trust(args: &TrustArgs) -> anyhow::Result<Trust> {
    let keys = args.key.iter();
    let keys = keys.map(|given| key_of("--key", given, KeyUse::Log));
    let witnesses = args.witness.iter();
    let witnesses = witnesses.map(|given| key_of("--witness", given, KeyUse::Witness));
    Ok(Trust {
        keys: keys.collect::<Result<_, _>>()?,
        kept: args.checkpoint.as_deref().map(kept).transpose()?,
        witnesses: witnesses.collect::<Result<_, _>>()?,
    })
}

/// A key, given as such or by the name of a file with it.
fn key_of(flag: &str, given: &str, wanted: KeyUse) -> Result<PublicKey, clap::Error> {
    let wrong = |what: &str| cli::wrong(&format!("{flag}: {what}"));
    if given.trim_start().starts_with(SECRET) {
        return Err(wrong("that is a secret key; its public one is meant"));
    }
    let key = match PublicKey::parse(given) {
        Ok(key) => key,
        Err(no_key) => {
            let text = text_of(Path::new(given)).map_err(|no_file| {
                let given = escaped(given);
                wrong(&format!(
                    "{given} is no public key ({no_key}), and no file that can be read ({no_file})"
                ))
            })?;
            if text.trim_start().starts_with(SECRET) {
                return Err(wrong(
                    "that file has a secret key in it; the public one is meant",
                ));
            }
            PublicKey::parse(text.trim()).map_err(|no_key| {
                wrong(&format!(
                    "there is no public key in {}: {no_key}",
                    escaped(given)
                ))
            })?
        }
    };
    match (wanted, key.key_use()) {
        (KeyUse::Log, KeyUse::Witness) => Err(wrong("that is the key of a witness, for --witness")),
        (KeyUse::Witness, KeyUse::Log) => Err(wrong("that is the key of a log, for --key")),
        (KeyUse::Log, KeyUse::Log) | (KeyUse::Witness, KeyUse::Witness) => Ok(key),
    }
}

fn kept(file: &Path) -> anyhow::Result<SignedCheckpoint> {
    let shown = file.to_string_lossy();
    let shown = escaped(&shown);
    let text = text_of(file).with_context(|| format!("--checkpoint: {shown} can't be read"))?;
    let note = SignedCheckpoint::parse(text.as_bytes());
    note.map_err(|error| {
        cli::wrong(&format!("--checkpoint: {shown} is no checkpoint: {error}")).into()
    })
}

fn text_of(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(file)?
        .take(TEXT_BYTES_MAX)
        .read_to_string(&mut text);
    read.map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_audit::SecretKey;

    fn key(key_use: KeyUse) -> SecretKey {
        SecretKey::from_seed("example.com/log", key_use, [7; 32]).unwrap()
    }

    fn read(args: &TrustArgs) -> Result<Trust, String> {
        trust(args).map_err(|error| format!("{error:#}"))
    }

    fn of_key(given: &str) -> TrustArgs {
        TrustArgs {
            key: vec![given.to_owned()],
            ..TrustArgs::default()
        }
    }

    #[test]
    fn a_key_is_given_itself_or_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (log, witness) = (key(KeyUse::Log).public(), key(KeyUse::Witness).public());
        let file = folder.path().join("log.pub");
        std::fs::write(&file, format!("{log}\n")).unwrap();
        for given in [log.to_string(), file.to_str().unwrap().to_owned()] {
            let trust = read(&of_key(&given)).unwrap();
            assert_eq!(trust.keys, std::slice::from_ref(&log));
        }
        let trust = read(&TrustArgs {
            witness: vec![witness.to_string()],
            ..TrustArgs::default()
        });
        assert_eq!(trust.unwrap().witnesses, std::slice::from_ref(&witness));
        let told = read(&of_key(&witness.to_string())).unwrap_err();
        assert!(told.contains("--witness"), "{told}");
    }

    #[test]
    fn a_secret_key_is_refused_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let secret = key(KeyUse::Log).to_secret_text();
        let file = folder.path().join("log.key");
        std::fs::write(&file, &secret).unwrap();
        for given in [secret.as_str(), file.to_str().unwrap()] {
            let told = read(&of_key(given)).unwrap_err();
            assert!(told.contains("secret key"), "{told}");
            assert!(!told.contains(&secret[12..]), "{told}");
        }
    }

    #[test]
    fn what_is_neither_a_key_nor_a_note_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note");
        std::fs::write(&file, "a\nb\n").unwrap();
        let mut altered = key(KeyUse::Log).public().to_string();
        altered.replace_range(0..1, "x");
        for given in ["nobody", &altered, file.to_str().unwrap()] {
            let told = read(&of_key(given)).unwrap_err();
            assert!(told.contains("--key") && told.contains("key"), "{told}");
        }
        for (name, words) in [("note", "no checkpoint"), ("missing", "can't be read")] {
            let told = read(&TrustArgs {
                checkpoint: Some(folder.path().join(name)),
                ..TrustArgs::default()
            });
            let told = told.unwrap_err();
            assert!(told.contains(words), "{told}");
        }
    }
}

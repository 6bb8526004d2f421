//! Public keys, as they are given on the command line: the key itself, or the name of a file with it.
//!
//! Invariant: nothing of a secret key that is given by mistake is ever shown. This is why they are read here and not by the
//! command line's own parser, which would repeat what it can't read.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use ordertrace_audit::{KeyUse, PublicKey, escaped};

use crate::cli;

/// How a secret key begins.
const SECRET: &str = "PRIVATE+KEY+";

/// More than a key or a note with a signature of every witness there is has; a file that is longer is neither.
const TEXT_BYTES_MAX: u64 = 64 * 1024;

/// The public keys that were given with a flag. What is none of them, or is one for another use, is a mistake in the call.
pub(crate) fn public_keys(
    flag: &str,
    given: &[String],
    wanted: KeyUse,
) -> Result<Vec<PublicKey>, clap::Error> {
    let keys = given.iter().map(|given| public_key(given, wanted));
    let keys: Result<_, String> = keys.collect();
    keys.map_err(|what| cli::wrong(&format!("{flag}: {what}")))
}

fn public_key(given: &str, wanted: KeyUse) -> Result<PublicKey, String> {
    let given = given.trim();
    if given.starts_with(SECRET) {
        return Err("that is a secret key; its public one is meant".to_owned());
    }
    let key = PublicKey::parse(given).or_else(|no_key| match text_of(Path::new(given)) {
        Ok(text) => in_file(given, text.trim()),
        Err(no_file) => Err(format!(
            "{} is no public key ({no_key}), and no file that can be read ({no_file})",
            escaped(given)
        )),
    })?;
    match (wanted, key.key_use()) {
        (KeyUse::Log, KeyUse::Witness) => Err(format!(
            "{} is the key of a witness, which signs for no log; a log's is meant",
            key.name()
        )),
        (KeyUse::Witness, KeyUse::Log) => Err(format!(
            "{} is the key of a log; a witness's is meant",
            key.name()
        )),
        (KeyUse::Log, KeyUse::Log) | (KeyUse::Witness, KeyUse::Witness) => Ok(key),
    }
}

fn in_file(file: &str, text: &str) -> Result<PublicKey, String> {
    if text.starts_with(SECRET) {
        return Err("that file has a secret key in it; the public one is meant".to_owned());
    }
    let key = PublicKey::parse(text);
    key.map_err(|no_key| format!("there is no public key in {}: {no_key}", escaped(file)))
}

/// All of a small file.
pub(super) fn text_of(file: &Path) -> io::Result<String> {
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

    fn read(given: &str, wanted: KeyUse) -> Result<PublicKey, String> {
        let read = public_keys("--key", &[given.to_owned()], wanted);
        read.map(|mut keys| keys.remove(0))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_is_given_itself_or_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for key_use in [KeyUse::Log, KeyUse::Witness] {
            let public = key(key_use).public();
            let file = folder.path().join("key.pub");
            std::fs::write(&file, format!("{public}\n")).unwrap();
            for given in [public.to_string(), file.to_str().unwrap().to_owned()] {
                assert_eq!(read(&given, key_use).as_ref(), Ok(&public));
            }
        }
    }

    #[test]
    fn a_key_for_another_use_is_told_from_no_key() {
        let (log, witness) = (key(KeyUse::Log).public(), key(KeyUse::Witness).public());
        let told = read(&witness.to_string(), KeyUse::Log).unwrap_err();
        assert!(
            told.contains("--key") && told.contains("is the key of a witness"),
            "{told}"
        );
        let told = read(&log.to_string(), KeyUse::Witness).unwrap_err();
        assert!(told.contains("is the key of a log"), "{told}");
    }

    #[test]
    fn a_secret_key_is_refused_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let secret = key(KeyUse::Log).to_secret_text();
        let file = folder.path().join("log.key");
        std::fs::write(&file, &secret).unwrap();
        for given in [secret.as_str(), file.to_str().unwrap()] {
            let told = read(given, KeyUse::Log).unwrap_err();
            assert!(told.contains("secret key"), "{told}");
            assert!(!told.contains(&secret[12..]), "{told}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("note");
        std::fs::write(&file, "a\nb\n").unwrap();
        let mut altered = key(KeyUse::Log).public().to_string();
        altered.replace_range(0..1, "x");
        for given in ["nobody", &altered, file.to_str().unwrap()] {
            let told = read(given, KeyUse::Log).unwrap_err();
            assert!(told.contains("--key") && told.contains("key"), "{told}");
        }
    }
}

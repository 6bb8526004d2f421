//! Making keys: `ordertrace audit keygen`, and the key that `dev` makes for itself.
//!
//! Invariant: a secret key is written once, to a file that nobody else can read and that was not there before; it is never
//! shown.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use ordertrace_audit::{KeyUse, PublicKey, SecretKey};

use super::audit::read_key;
use crate::cli::KeygenArgs;

/// The secret key of `dev`, in the data folder.
const DEV_KEY: &str = "audit.key";

/// What the name of the file of a public key ends with.
const PUBLIC: &str = ".pub";

/// `ordertrace audit keygen`.
pub(crate) fn generate(args: &KeygenArgs) -> anyhow::Result<()> {
    let key_use = if args.witness {
        KeyUse::Witness
    } else {
        KeyUse::Log
    };
    let key = make(&args.name, key_use)?;
    write(&args.file, &key)?;
    // Who asked for a key has it, whether or not anybody reads this.
    let _ = writeln!(io::stdout(), "{}", key.public());
    Ok(())
}

/// The key of a `dev` on this data folder: made at its first start, kept from then on. Gives where the public key is.
pub(super) fn of_dev(data_dir: &Path) -> anyhow::Result<(SecretKey, PathBuf)> {
    let path = data_dir.join(DEV_KEY);
    if !path.exists() {
        fs::create_dir_all(data_dir)?;
        let name = format!("localhost/ordertrace-{:08x}", u32::from_be_bytes(random()?));
        write(&path, &make(&name, KeyUse::Log)?)?;
    }
    let key = read_key(&path, KeyUse::Log)?;
    let public = public_path(&path);
    if !public.exists() {
        write_public(&public, &key.public())?;
    }
    Ok((key, public))
}

fn make(name: &str, key_use: KeyUse) -> anyhow::Result<SecretKey> {
    let key = SecretKey::from_seed(name, key_use, random()?);
    key.with_context(|| format!("{name:?} is no name for a key"))
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random bytes: {error}"))?;
    Ok(bytes)
}

/// Writes both keys. The secret one comes last: whoever finds it finds all of it.
fn write(path: &Path, key: &SecretKey) -> anyhow::Result<()> {
    let public = public_path(path);
    for path in [path, &public] {
        anyhow::ensure!(
            !path.exists(),
            "{} is there already, and a key is never overwritten",
            path.display()
        );
    }
    write_public(&public, &key.public())?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    only_for_the_owner(&mut options);
    write_line(&options, path, &key.to_secret_text())
}

fn write_public(path: &Path, key: &PublicKey) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    write_line(&options, path, &key.to_string())
}

/// Under another name first: a key that is cut off is of no use, and would be in the way.
fn write_line(options: &OpenOptions, path: &Path, line: &str) -> anyhow::Result<()> {
    let failed = || format!("could not write {}", path.display());
    let beside = with(path, ".tmp");
    // Left behind by a process that was killed.
    let _ = fs::remove_file(&beside);
    let mut file = options.open(&beside).with_context(failed)?;
    writeln!(file, "{line}").with_context(failed)?;
    file.sync_all().with_context(failed)?;
    // A link, unlike a rename, does not overwrite what somebody else has put there meanwhile.
    let linked = fs::hard_link(&beside, path).with_context(failed);
    fs::remove_file(&beside).with_context(failed)?;
    linked?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new(".")));
    folder
        .and_then(|folder| folder.sync_all())
        .with_context(failed)
}

#[cfg(unix)]
fn only_for_the_owner(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600);
}

#[cfg(not(unix))]
fn only_for_the_owner(_options: &mut OpenOptions) {}

fn public_path(path: &Path) -> PathBuf {
    with(path, PUBLIC)
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.into();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dev_makes_a_key_once_and_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let (made, public) = of_dev(&data_dir).unwrap();
        assert!(made.public().name().starts_with("localhost/ordertrace-"));
        fs::remove_file(&public).unwrap();
        let (kept, public) = of_dev(&data_dir).unwrap();
        assert_eq!(kept.public(), made.public());
        let text = fs::read_to_string(public).unwrap();
        assert_eq!(PublicKey::parse(text.trim_end()), Ok(made.public()));
        assert_eq!(fs::read_dir(data_dir).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_key_is_its_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let (_, public) = of_dev(folder.path()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join(DEV_KEY)), 0o600);
        assert_ne!(mode(&public), 0o600);
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let args = |name: &str| KeygenArgs {
            file: file.clone(),
            name: name.to_owned(),
            witness: true,
        };
        generate(&args("one.example")).unwrap();
        let before = fs::read(&file).unwrap();
        assert!(generate(&args("other.example")).is_err());
        assert_eq!(fs::read(&file).unwrap(), before);
        let key = read_key(&file, KeyUse::Witness).unwrap();
        assert_eq!(key.public().name(), "one.example");
        assert!(read_key(&file, KeyUse::Log).is_err());
        assert!(generate(&args("no name")).is_err());
    }
}

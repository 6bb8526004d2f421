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
use crate::cli::{self, KeygenArgs};

/// The secret key of `dev`, in the data folder.
const DEV_KEY: &str = "audit.key";

/// What the name of the file of a public key ends with.
const PUBLIC: &str = ".pub";

/// What the name of a public key's file ends with once its secret key is gone.
const ORPHAN: &str = ".orphan";

/// `ordertrace audit keygen`.
pub(crate) fn generate(args: &KeygenArgs) -> anyhow::Result<()> {
    let key_use = if args.witness {
        KeyUse::Witness
    } else {
        KeyUse::Log
    };
    let key = make(&args.name, key_use);
    let key = key.map_err(|error| cli::wrong(&format!("--name: {error:#}")))?;
    write(&args.file, &key)?;
    // Who asked for a key has it, whether or not anybody reads this.
    let _ = writeln!(io::stdout(), "{}", key.public());
    Ok(())
}

/// The key of a `dev` on this data folder: made at its first start, kept from then on. Gives where the public key is.
///
/// A log that somebody has signed for already is no new one: a new key beside it would only stop the audit.
pub(super) fn of_dev(
    data_dir: &Path,
    signed_for_as: Option<&str>,
) -> anyhow::Result<(SecretKey, PathBuf)> {
    let path = data_dir.join(DEV_KEY);
    if !path.exists() {
        if let Some(name) = signed_for_as {
            anyhow::bail!(
                "the log has checkpoints of {name}, and the secret key of that name is not in {}: put it there, or begin with \
                 checkpoints anew as docs/audit.md says",
                path.display()
            );
        }
        fs::create_dir_all(data_dir)?;
        put_aside(&public_path(&path))?;
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

/// A public key whose secret one is gone is of no use for signing, and is kept for those who verify what it has signed.
fn put_aside(public: &Path) -> anyhow::Result<()> {
    if !public.exists() {
        return Ok(());
    }
    let aside = with(public, ORPHAN);
    tracing::warn!(audit.file = %aside.display(), "the secret key to a public one is gone; the public one is put aside, and a new key is made");
    fs::rename(public, &aside).with_context(|| format!("could not put aside {}", public.display()))
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

/// Writes both keys. The secret one comes first: the public one follows from it, and not the other way round.
fn write(path: &Path, key: &SecretKey) -> anyhow::Result<()> {
    let public = public_path(path);
    for path in [path, &public] {
        anyhow::ensure!(
            !path.exists(),
            "{} is there already, and a key is never overwritten",
            path.display()
        );
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    only_for_the_owner(&mut options);
    write_line(&options, path, &key.to_secret_text())?;
    write_public(&public, &key.public())
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

/// Says so if others on this machine can read a file with a secret. One that an orchestrator mounts belongs to a group as a
/// rule, so this is a word and no refusal.
pub(crate) fn warn_if_shared(path: &Path) {
    if fs::metadata(path).is_ok_and(|metadata| can_others_read(&metadata)) {
        tracing::warn!(secret.file = %path.display(), "others on this machine can read this file, which is a secret");
    }
}

/// Refuses a file that says who is let in if others on this machine can write it: they could let themselves in.
pub(crate) fn refuse_if_others_write(path: &Path) -> anyhow::Result<()> {
    let is_open = fs::metadata(path).is_ok_and(|metadata| can_others_write(&metadata));
    anyhow::ensure!(
        !is_open,
        "others on this machine can write {}, and so let themselves in as whoever they like: chmod 600",
        path.display()
    );
    Ok(())
}

/// Whether anybody but the owner can write it.
fn can_others_write(metadata: &fs::Metadata) -> bool {
    may_others(metadata, 0o022)
}

/// Whether anybody but the owner can read it.
pub(super) fn can_others_read(metadata: &fs::Metadata) -> bool {
    may_others(metadata, 0o044)
}

#[cfg(unix)]
fn may_others(metadata: &fs::Metadata, bits: u32) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    metadata.permissions().mode() & bits != 0
}

#[cfg(not(unix))]
fn may_others(_metadata: &fs::Metadata, _bits: u32) -> bool {
    false
}

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
        let (made, public) = of_dev(&data_dir, None).unwrap();
        assert!(made.public().name().starts_with("localhost/ordertrace-"));
        fs::remove_file(&public).unwrap();
        let (kept, public) = of_dev(&data_dir, None).unwrap();
        assert_eq!(kept.public(), made.public());
        let text = fs::read_to_string(public).unwrap();
        assert_eq!(PublicKey::parse(text.trim_end()), Ok(made.public()));
        assert_eq!(fs::read_dir(data_dir).unwrap().count(), 2);
    }

    #[test]
    fn dev_makes_no_key_for_a_log_that_somebody_has_signed_for() {
        let folder = tempfile::tempdir().unwrap();
        let refused = of_dev(folder.path(), Some("log.example")).unwrap_err();
        assert!(refused.to_string().contains("checkpoints of log.example"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        of_dev(folder.path(), None).unwrap();
        of_dev(folder.path(), Some("log.example")).unwrap();
    }

    /// The secret key was moved away, or a kill came between the two files.
    #[test]
    fn dev_makes_a_new_key_though_a_public_one_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (first, public) = of_dev(folder.path(), None).unwrap();
        fs::remove_file(folder.path().join(DEV_KEY)).unwrap();
        let (second, _) = of_dev(folder.path(), None).unwrap();
        assert_ne!(first.public(), second.public());
        let read = |path: &Path| fs::read_to_string(path).unwrap().trim_end().to_owned();
        assert_eq!(read(&public), second.public().to_string());
        assert_eq!(read(&with(&public, ORPHAN)), first.public().to_string());
    }

    /// The public key can't be written, so that what there is shows which one comes first.
    #[test]
    fn a_secret_key_is_written_before_its_public_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::create_dir(with(&public_path(&path), ".tmp")).unwrap();
        let key = make("one.example", KeyUse::Log).unwrap();
        assert!(write(&path, &key).is_err());
        assert_eq!(read_key(&path, KeyUse::Log).unwrap().public(), key.public());
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_key_that_others_can_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        of_dev(folder.path(), None).unwrap();
        let path = folder.path().join(DEV_KEY);
        for (mode, are_others) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let metadata = fs::metadata(&path).unwrap();
            assert_eq!(can_others_read(&metadata), are_others, "{mode:o}");
            read_key(&path, KeyUse::Log).unwrap();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_key_is_its_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let (_, public) = of_dev(folder.path(), None).unwrap();
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

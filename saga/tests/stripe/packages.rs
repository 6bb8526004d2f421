//! The Python packages that localstripe consists of, installed once into the user's cache folder.
//!
//! Invariant: the folder is there whole or not at all, also when several test processes install at once. Nothing is put
//! into the user's Python or into the checkout.

use std::{
    env,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use uuid::Uuid;

/// How long another process may take to install: 5 MB on a slow line, with pip's own time-outs and retries.
const INSTALL_MAX: Duration = Duration::from_secs(300);

/// Another process's end can't be subscribed to, only asked for.
const ASK_AGAIN: Duration = Duration::from_millis(50);

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The folder that holds the packages; installs them if they are not there.
pub(crate) fn installed() -> PathBuf {
    let cache = cache_folder();
    // Other packages go into another folder.
    let packages = Uuid::new_v5(&Uuid::NAMESPACE_OID, REQUIREMENTS.as_bytes());
    let name = format!("localstripe-{}-{}", packages.simple(), python_tag());
    let home = cache.join(&name);
    if home.exists() {
        return home;
    }
    fs::create_dir_all(&cache).expect("the cache folder can be made");
    let _installing = lock(&cache.join(format!("{name}.lock")));
    // Whoever held the lock before has probably installed it.
    if !home.exists() {
        install(&cache.join(format!("{name}.partial")), &home);
    }
    home
}

fn cache_folder() -> PathBuf {
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.filter(|path| path.is_absolute()).unwrap_or_else(|| {
        let home = env::var_os("HOME").expect("a user has a home");
        Path::new(&home).join(".cache")
    });
    base.join("ordertrace")
}

/// Some of the packages are compiled, so they fit one version of Python only: `cpython-311`.
fn python_tag() -> String {
    let tag = "import sys; print(sys.implementation.cache_tag)";
    let output = run(Command::new("python3").args(["-c", tag]));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn install(partial: &Path, home: &Path) {
    // What is there was left by an install that was killed.
    let _ = fs::remove_dir_all(partial);
    let requirements = partial.with_extension("txt");
    fs::write(&requirements, REQUIREMENTS).expect("the cache folder can be written");
    run(Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--no-deps"])
        // localstripe itself comes as source, which is nothing but Python; none of the rest is to be compiled here.
        .args(["--only-binary=:all:", "--no-binary=localstripe"])
        .args([
            "--disable-pip-version-check",
            "--timeout",
            "30",
            "--retries",
            "3",
        ])
        .arg("--target")
        .arg(partial)
        .arg("--requirement")
        .arg(&requirements));
    fs::rename(partial, home).expect("the packages can be put in place");
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("python3 is on PATH");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {errors}");
    output
}

fn lock(path: &Path) -> File {
    let file = File::create(path).expect("the lock file can be made");
    let give_up_at = Instant::now() + INSTALL_MAX;
    loop {
        match file.try_lock() {
            Ok(()) => return file,
            Err(TryLockError::WouldBlock) if Instant::now() < give_up_at => {
                thread::sleep(ASK_AGAIN);
            }
            Err(error) => panic!("the lock on {} can't be had: {error}", path.display()),
        }
    }
}

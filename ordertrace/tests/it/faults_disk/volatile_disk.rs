//! A disk with a cache of its own, as disks have: it holds what was written until it is told to keep it, and loses it with the
//! power.
//!
//! ```text
//! ext4 on a loop device, on a file of nbdfuse's, whose bytes are nbdkit's: in its cache, until a flush brings them into a file
//! ```
//!
//! Invariant: after [`cut`](VolatileDisk::cut) nothing more of what was written comes to the file: the only one that could
//! write it has been killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{run, tidy};
use crate::harness::{PATIENCE, skip::skipped, wait_until};

const WHAT: &str = "a power cut";

/// Room for the streams of the test; the file has only what was written.
const SIZE_BYTES: u64 = 256 * 1024 * 1024;

/// A disk that is mounted. The disk goes before its folder.
pub(super) struct VolatileDisk {
    stack: Stack,
    folder: TempDir,
}

/// What stands between the file and the mounted disk, lowest first; all that has been set up is taken down with this value.
struct Stack {
    nbdkit: Helper,
    nbdfuse: Option<Helper>,
    device: Option<String>,
    places: Places,
}

/// Where everything is.
struct Places {
    logs: PathBuf,
    image: PathBuf,
    socket: PathBuf,
    fuse: PathBuf,
    disk: PathBuf,
}

/// A process that serves the disk.
struct Helper {
    program: &'static str,
    process: Child,
    /// What it complains of goes here.
    said: PathBuf,
}

impl VolatileDisk {
    /// An empty disk; `None` where that can't be done.
    pub(super) async fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::of(folder.path());
        for folder in [&places.logs, &places.fuse, &places.disk] {
            fs::create_dir(folder).unwrap();
        }
        let image = File::create(&places.image).unwrap();
        image.set_len(SIZE_BYTES).unwrap();
        run(WHAT, "mkfs.ext4", &["-q", "-F", text(&places.image)])?;
        let stack = Stack::up(places).await?;
        let disk = Self { stack, folder };
        fs::create_dir(disk.path()).unwrap();
        Some(disk)
    }

    /// A folder on it.
    pub(super) fn path(&self) -> PathBuf {
        // Beside it the file system has a folder of its own, which nats-server would take for an account's.
        self.stack.places.disk.join("store")
    }

    /// Brings everything that was written so far into safety.
    pub(super) fn sync(&self) {
        run(WHAT, "sync", &["--file-system", text(&self.path())]).unwrap();
    }

    /// Cuts the power: what the disk was not told to keep is gone, and nobody can use it any more.
    pub(super) fn cut(&mut self) {
        self.stack.nbdkit.kill();
    }

    /// Gives it power again, and mounts it as a machine does that starts: with what its journal has.
    pub(super) async fn back(self) -> Self {
        let Self { stack, folder } = self;
        drop(stack);
        let stack = Stack::up(Places::of(folder.path())).await.unwrap();
        Self { stack, folder }
    }
}

impl Places {
    fn of(folder: &Path) -> Self {
        Self {
            logs: folder.join("logs"),
            image: folder.join("image"),
            socket: folder.join("socket"),
            fuse: folder.join("fuse"),
            disk: folder.join("disk"),
        }
    }
}

impl Stack {
    async fn up(places: Places) -> Option<Self> {
        // That of the last one is there still.
        let _ = fs::remove_file(&places.socket);
        let (image, socket) = (text(&places.image), text(&places.socket));
        let args = ["--foreground", "--exit-with-parent", "--unix", socket];
        let cached = ["--filter=cache", "file", image, "cache=writeback"];
        let nbdkit = Helper::start("nbdkit", &[args, cached].concat(), &places.logs)?;
        let mut stack = Self {
            nbdkit,
            nbdfuse: None,
            device: None,
            places,
        };
        stack.mount().await?;
        Some(stack)
    }

    async fn mount(&mut self) -> Option<()> {
        let Places {
            logs,
            socket,
            fuse,
            disk,
            ..
        } = &self.places;
        self.nbdkit.serves(socket).await?;
        let args = [text(fuse), "--unix", text(socket)];
        let nbdfuse = self.nbdfuse.insert(Helper::start("nbdfuse", &args, logs)?);
        let file = fuse.join("nbd");
        nbdfuse.serves(&file).await?;
        let device = run(WHAT, "losetup", &["--find", "--show", text(&file)])?;
        let device = self.device.insert(device);
        run(WHAT, "mount", &["-t", "ext4", device, text(disk)])?;
        Some(())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // Somebody who was killed may be about to let go of it.
        tidy("umount", &["--lazy", text(&self.places.disk)]);
        if let Some(device) = &self.device {
            tidy("losetup", &["--detach", device]);
        }
        tidy("fusermount3", &["-u", "-z", text(&self.places.fuse)]);
    }
}

impl Helper {
    fn start(program: &'static str, args: &[&str], folder: &Path) -> Option<Self> {
        let said = folder.join(program);
        let process = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&said).unwrap())
            .spawn();
        match process {
            Ok(process) => Some(Self {
                program,
                process,
                said,
            }),
            Err(error) => {
                skipped(WHAT, &format!("{program}: {error}"));
                None
            }
        }
    }

    /// Waits until there is a file of its making.
    async fn serves(&mut self, file: &Path) -> Option<()> {
        let ended = wait_until("a disk is served", PATIENCE, async || {
            let ended = self.process.try_wait().unwrap();
            (file.exists() || ended.is_some()).then_some(ended)
        })
        .await;
        if ended.is_some() {
            let said = fs::read_to_string(&self.said).unwrap();
            skipped(WHAT, &format!("{}: {}", self.program, said.trim()));
            return None;
        }
        Some(())
    }

    fn kill(&mut self) {
        // It may have ended with the one beneath.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.kill();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

//! Takes pictures that are like one another wherever they are taken.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use super::super::chromium::{Screen, Tab};

/// In pixels of the picture. Taller pages are cut off: a picture is to be taken in at a glance.
const HEIGHT_MAX: u32 = 1_800;

/// Takes a picture of the page, or of as much of it as fits.
pub(super) async fn shoot(tab: &Tab, screen: Screen, path: &Path) {
    let height = tab.script("return document.documentElement.scrollHeight;");
    let height = u32::try_from(height.await.as_u64().unwrap()).unwrap();
    let height = height.clamp(screen.height, HEIGHT_MAX / screen.scale);
    tab.show_on(Screen { height, ..screen }).await;
    tab.script("scrollTo(0, 0);").await;
    tab.settled().await;
    std::fs::write(path, tab.picture().await).unwrap();
    shrink(path);
}

/// 256 colours are plenty for a page, and a third of the bytes. A machine without pngquant keeps the picture as it is.
fn shrink(path: &Path) {
    let done = Command::new("pngquant")
        .args(["--force", "--strip", "--speed=1", "--ext=.png", "256"])
        .arg(path)
        .status();
    match done {
        Ok(status) => assert!(status.success(), "pngquant: {status}"),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => panic!("pngquant can't be started: {error}"),
    }
}

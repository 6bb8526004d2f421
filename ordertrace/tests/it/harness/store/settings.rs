//! What a stopped server has noted down about a stream: JSON, and its checksum in hexadecimal beside it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::block::{checksum, key_of};

const SETTINGS: &str = "meta.inf";
const CHECKSUM: &str = "meta.sum";
const CREATED: &str = "Created";

pub(super) fn created(folder: &Path) -> String {
    read(folder)[CREATED].as_str().unwrap().to_owned()
}

pub(super) fn set_created(folder: &Path, stream: &str, created: &str) {
    let mut settings = read(folder);
    settings[CREATED] = created.into();
    let settings = serde_json::to_vec(&settings).unwrap();
    let sum = checksum(&key_of(stream), [&settings]);
    let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(folder.join(SETTINGS), settings).unwrap();
    fs::write(folder.join(CHECKSUM), sum).unwrap();
}

fn read(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join(SETTINGS)).unwrap()).unwrap()
}

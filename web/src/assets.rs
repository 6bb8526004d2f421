//! The files that pages load: style sheets, scripts, the font. They are in the program.
//!
//! Invariant: the path of a file has a hash of all files in it, so what a path shows never changes, and a browser may keep
//! it for good. A path of another build is 404.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

/// How many bytes of the hash are in a path: enough to tell builds apart.
const HASH_BYTES: usize = 8;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// Where the files of this build are.
static ROOT: LazyLock<String> = LazyLock::new(|| format!("/ui/assets/{}", hash()));

/// The path of a file.
pub(crate) fn url(file: &str) -> String {
    format!("{}/{file}", *ROOT)
}

/// `GET /ui/assets/{hash}/{file}`
pub(crate) async fn get(Path(path): Path<String>) -> Response {
    let found = path
        .split_once('/')
        .filter(|(hash, _)| ROOT.ends_with(hash) && hash.len() == 2 * HASH_BYTES)
        .and_then(|(_, file)| Some((media_type(file)?, Files::get(file)?)));
    let Some((media_type, file)) = found else {
        return (StatusCode::NOT_FOUND, "no such file\n").into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, file.data.into_owned()).into_response()
}

fn media_type(file: &str) -> Option<&'static str> {
    let (_, extension) = file.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// A hash over the names and the contents of all files.
fn hash() -> String {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut all = Sha256::new();
    for name in names {
        all.update(name.as_bytes());
        all.update(Files::get(&name).map_or([0; 32], |file| file.metadata.sha256_hash()));
    }
    let bytes = all.finalize();
    bytes
        .iter()
        .take(HASH_BYTES)
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

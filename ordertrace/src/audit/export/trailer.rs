//! The end of a verifiable export that comes over the network: whether it is there, and is that of what came before it.

use anyhow::{Context as _, bail, ensure};
use ordertrace_audit::LINE_BYTES_MAX;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::summary::hex;
use crate::audit::Failure;

/// Looks at an export as it comes.
#[derive(Default)]
pub(super) struct Watch {
    /// Of all lines before `last`.
    hasher: Sha256,
    before_last: Vec<u8>,
    last: Vec<u8>,
    /// What has no line's end yet.
    open: Vec<u8>,
}

/// What the end of an export says.
#[derive(Debug, Deserialize)]
pub(super) struct End {
    pub(super) events: u64,
    pub(super) first: Option<u64>,
    pub(super) last: Option<u64>,
    pub(super) checkpoint: Option<String>,
}

#[derive(Deserialize)]
struct Digest {
    sha256: String,
}

impl Watch {
    /// Takes what came.
    pub(super) fn take(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.open.extend_from_slice(part);
            ensure!(
                self.open.len() <= LINE_BYTES_MAX,
                "a line is longer than any of an export: what came is none"
            );
            if part.ends_with(b"\n") {
                self.hasher.update(&self.last);
                std::mem::swap(&mut self.before_last, &mut self.last);
                std::mem::swap(&mut self.last, &mut self.open);
                self.open.clear();
            }
        }
        Ok(())
    }

    /// Nothing more comes. Gives what its end says, and the SHA-256 of the whole.
    pub(super) fn finish(mut self) -> anyhow::Result<(End, String)> {
        let cut_off = "the export was cut off on its way; nothing was kept";
        if !self.open.is_empty() {
            bail!(cut_off);
        }
        let digest: Digest = serde_json::from_slice(&self.last).context(cut_off)?;
        let found = hex(&self.hasher.clone().finalize());
        if found != digest.sha256 {
            let told = format!(
                "the export was altered on its way, and nothing was kept: its last line says {}, its bytes are {found}",
                digest.sha256
            );
            return Err(Failure::Mismatch(told).into());
        }
        let end = serde_json::from_slice(&self.before_last);
        let end = end.context("what came is no export; nothing was kept")?;
        self.hasher.update(&self.last);
        Ok((end, hex(&self.hasher.finalize())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export() -> String {
        let lines = "{\"format\":1}\n{\"position\":7}\n{\"events\":1,\"first\":7,\"last\":7,\"checkpoint\":null}\n";
        let digest = hex(&Sha256::digest(lines));
        format!("{lines}{{\"sha256\":\"{digest}\"}}\n")
    }

    fn watched(text: &[u8], at_a_time: usize) -> anyhow::Result<(End, String)> {
        let mut watch = Watch::default();
        for part in text.chunks(at_a_time) {
            watch.take(part)?;
        }
        watch.finish()
    }

    #[test]
    fn a_whole_export_is_taken_however_it_comes() {
        let text = export();
        for at_a_time in [1, 7, 64, 4096] {
            let (end, sha256) = watched(text.as_bytes(), at_a_time).unwrap();
            assert_eq!((end.events, end.first, end.last), (1, Some(7), Some(7)));
            assert_eq!(sha256, hex(&Sha256::digest(&text)));
        }
    }

    #[test]
    fn one_that_was_cut_off_or_altered_is_not() {
        let text = export();
        for length in 0..text.len() {
            assert!(watched(&text.as_bytes()[..length], 64).is_err(), "{length}");
        }
        for index in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[index] ^= 1;
            assert!(watched(&altered, 64).is_err(), "{index}");
        }
        let endless = vec![b'x'; LINE_BYTES_MAX + 1];
        assert!(Watch::default().take(&endless).is_err());
    }
}

//! What is frozen for as long as a log is kept: the payload of every event, and the hash of every command.
//!
//! The files under `golden/` are only ever added to. `UPDATE_GOLDEN=1` writes what is missing; nothing that is there is
//! ever overwritten, so a test that fails here means that the program no longer reads or writes what it did.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test builds on has to be there, or the test fails"
)]

mod commands;
mod events;
mod hex;
mod page;

use std::path::PathBuf;

/// Lists the variants of an enum, in a way that does not compile when one is left out.
macro_rules! every {
    ($type:ident: $($name:ident),+ $(,)?) => {{
        const _: fn($type) = |value| match value {
            $($type::$name => (),)+
        };
        [$($type::$name),+]
    }};
}
use every;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Whether what is missing is to be written.
fn is_updating() -> bool {
    std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1")
}

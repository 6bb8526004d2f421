//! Every decoder that meets bytes from outside, with what has to hold of it whatever the bytes are.
//!
//! A target is a function of bytes that says whether they were taken, and panics where something does not hold: that what is
//! read is written again as it was, that two readers see the same, that nobody gets in by a forged word. Each is called from
//! two sides: by libFuzzer (`fuzz_targets/`), which looks for bytes that lead somewhere new, and by property tests, which
//! change what is in `corpus/` and run with all others. CONTRIBUTING.md says how to run and to add one.
//!
//! Invariant: in a normal build this crate is empty and has no dependencies; nothing of it, of the fuzzer or of the test kit
//! gets into the program. It deliberately has no oracle beside the program: what is right is tested elsewhere.

#![cfg_attr(
    any(test, fuzzing),
    expect(clippy::expect_used, reason = "a fuzzer looks for what panics")
)]

#[cfg(any(test, fuzzing))]
mod parts;
#[cfg(any(test, fuzzing))]
mod wait;

/// Declares the targets: each a function of one of the modules.
macro_rules! targets {
    ($($module:ident: $($target:ident),+;)+) => {
        $(
            #[cfg(any(test, fuzzing))]
            mod $module;
            #[cfg(any(test, fuzzing))]
            pub use $module::{$($target),+};
        )+

        #[cfg(test)]
        #[path = "tests/mod.rs"]
        mod tests;

        /// A property test of each target, by its name.
        #[cfg(test)]
        mod changed {
            $($(
                #[test]
                fn $target() {
                    crate::tests::holds_however_the_corpus_is_changed(stringify!($target), crate::$target);
                }
            )+)+
        }

        /// Every target, by name.
        #[cfg(test)]
        const TARGETS: &[(&str, fn(&[u8]) -> bool)] = &[$($((stringify!($target), $target)),+),+];
    };
}

targets! {
    log: payload, message;
    texts: position, idempotency_key, subject, words;
    audit: bundle, export, verify, checkpoint, key, filter;
    stored: row, letter;
    auth: credential, claims, issuer_keys, api_keys, session;
    http: command, query, last_event_id;
    witness: add_checkpoint;
}

/// The program of a target: a fuzzer's where it is built by `cargo fuzz`, and otherwise one that says so.
#[macro_export]
macro_rules! target {
    ($target:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $crate::$target(bytes);
        });

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            eprintln!(
                "this is no fuzzer: it was not built by `cargo fuzz`, as CONTRIBUTING.md has it"
            );
            std::process::ExitCode::FAILURE
        }
    };
}

//! Faults that this machine can't inject.
//!
//! Invariant: what is skipped is said, and is never taken for passed where all faults are asked for.

/// The variable that makes a skipped fault a failed one, when it is `all`.
const FAULTS: &str = "ORDERTRACE_FAULTS";

/// Whether nothing may be skipped or done by half.
pub(crate) fn is_all_asked_for() -> bool {
    std::env::var_os(FAULTS).is_some_and(|wanted| wanted == "all")
}

/// Says that a fault was not injected, and why.
///
/// # Panics
///
/// When all faults are asked for.
pub(crate) fn skipped(what: &str, why: &str) {
    eprintln!("skipped: {what}: {why}");
    assert!(
        !is_all_asked_for(),
        "{FAULTS}=all, but {what} was skipped: {why}"
    );
}

//! Idempotency keys: under one key Stripe does a thing once, and repeats what it answered then, for a day.
//!
//! Invariant: what must not be done twice has keys that anybody can derive again, in one order. The next one is taken only
//! when Stripe itself has shown that nothing new will come of the one before, so that two who ask at once take the same.

use uuid::Uuid;

/// How many keys one call tries. Each failure that Stripe keeps spends one, and the saga lists an order as stuck after ten
/// refunds that failed; a spent key costs one request or two, of a tenth of a second each.
const KEYS_MAX: u32 = 12;

/// The keys for one thing to be done: the name itself, then `…-2`, `…-3`, and so on.
pub(super) fn sequence(name: &str) -> impl Iterator<Item = String> {
    (1..=KEYS_MAX).map(move |number| match number {
        1 => name.to_owned(),
        _ => format!("{name}-{number}"),
    })
}

/// A key that no earlier answer is kept under, for what may be asked for any number of times.
pub(super) fn fresh() -> String {
    format!("ordertrace-{}", Uuid::now_v7())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_one_name_are_the_same_each_time_and_end() {
        let keys: Vec<_> = sequence("a-refund").collect();
        assert_eq!(keys[..3], ["a-refund", "a-refund-2", "a-refund-3"]);
        assert_eq!(keys.len(), 12);
        assert_eq!(sequence("a-refund").collect::<Vec<_>>(), keys);
    }

    #[test]
    fn a_fresh_key_is_like_no_other() {
        assert_ne!(fresh(), fresh());
    }
}

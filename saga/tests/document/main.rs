//! What docs/saga.md says of the saga, drawn from the saga itself: its states, what it does in each, and what it makes of
//! the provider's answers.
//!
//! Set `UPDATE_DOCS=1` to write the generated parts anew, and look at the difference.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod explore;
mod page;
mod words;

use std::fmt::Write as _;

use ordertrace_saga::provider::MagicAmount;

use explore::explored;
use page::assert_generated;

#[test]
fn the_diagram_shows_every_step_there_is() {
    assert_generated("diagram", &explored().diagram());
}

#[test]
fn the_table_shows_what_the_saga_does_in_every_state() {
    assert_generated("reactions", &explored().reaction_table());
}

#[test]
fn every_magic_amount_of_the_simulator_is_told() {
    let mut table = "| cost | what goes wrong |\n|---|---|\n".to_owned();
    for minor in 0..100_000 {
        if let Some(amount) = MagicAmount::of(minor) {
            let _ = writeln!(table, "| {minor} | {} |", words::magic(amount));
        }
    }
    assert_generated("magic", &table);
}

#[test]
fn the_table_of_answers_shows_what_follows_from_each() {
    assert_generated("answers", &explored().answer_table());
}

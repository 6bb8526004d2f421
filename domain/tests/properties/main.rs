//! What holds for every order and for every payload, tried on random ones. A failing case prints how to repeat it.

#![expect(
    clippy::expect_used,
    reason = "what a test builds on has to be there, or the test fails"
)]

mod course;
mod history;
mod keys;
mod payload;

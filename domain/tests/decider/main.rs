//! What the three deciders do with every command, told as given, when, then.

#![expect(
    clippy::panic,
    reason = "a journey that can't go on says where it stopped"
)]

mod delivery;
mod journeys;
mod order;
mod payment;
mod refund;
mod rejections;

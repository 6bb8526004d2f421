//! How long a proof takes, as a client sees it.

use anyhow::{Context as _, ensure};

use super::bound::Exported;
use crate::bench::dice::Dice;
use crate::bench::pages::Client;
use crate::bench::times::Times;
use crate::cli::BenchAuditArgs;

/// Proofs of one kind, each beside an answer that says nothing.
pub(super) struct Proofs {
    pub(super) name: &'static str,
    pub(super) ours: Times,
    pub(super) raw: Times,
}

/// What is asked for, of a number among the events.
type Path = fn(&Exported, u32) -> Option<String>;

const KINDS: [(&str, Path); 3] = [
    ("prove that an event is in the tree", |_, number| {
        Some(format!("/audit/proof?position={}", number + 1))
    }),
    ("prove that the log only grew", |_, number| {
        Some(format!("/audit/consistency?from={}", number + 1))
    }),
    (
        "prove that an order's events are all",
        |exported, number| {
            let number = usize::try_from(number).ok()?;
            let order = exported.orders.get(number % exported.orders.len())?;
            Some(format!("/audit/orders/{order}/proof"))
        },
    ),
];

/// Asks for proofs of each kind, at places all over the log.
pub(super) async fn run(
    args: &BenchAuditArgs,
    exported: &Exported,
    seed: u64,
) -> anyhow::Result<Vec<Proofs>> {
    let client = Client::new(&args.url)?;
    client.raw().await?;
    let events = u32::try_from(exported.events).context("a log that is too large")?;
    ensure!(events > 0, "there are no events below the last checkpoint");
    let mut kinds = Vec::new();
    for (number, (name, path)) in KINDS.into_iter().enumerate() {
        let mut dice = Dice::of(seed, number as u64);
        let (mut ours, mut raw) = (Times::default(), Times::default());
        for _ in 0..args.requests {
            let path = path(exported, dice.below(events)).context("there are no orders")?;
            ours.add(client.page(&path).await?.took);
            raw.add(client.raw().await?);
        }
        kinds.push(Proofs { name, ours, raw });
    }
    Ok(kinds)
}

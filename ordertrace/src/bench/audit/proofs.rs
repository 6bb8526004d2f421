//! How long a proof takes, as a client sees it.
//!
//! Invariant: what stands beside a proof is asked for in the same run, in turns with it. A proof about one order is mostly a
//! server that brings the order's few messages from its disk, so beside it stands that: the same reading, of another order,
//! and no proof. What was just read is still at hand, so it is never the same order twice in a row.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures::StreamExt;
use ordertrace_domain::{OrderId, Records as _, Sequence, Span};

use super::bound::Exported;
use crate::audit::LogReader;
use crate::bench::dice::Dice;
use crate::bench::pages::Client;
use crate::bench::times::Times;
use crate::cli::BenchAuditArgs;

/// Proofs of one kind, each beside what it is measured against.
pub(super) struct Proofs {
    pub(super) name: &'static str,
    pub(super) ours: Times,
    pub(super) raw: Times,
}

/// What is proven.
#[derive(Clone, Copy)]
enum Kind {
    Event,
    Growth,
    Order,
}

const KINDS: [(Kind, &str); 3] = [
    (Kind::Event, "prove that an event is in the tree"),
    (Kind::Growth, "prove that the log only grew"),
    (
        Kind::Order,
        "prove that an order's events are all, beside reading another's",
    ),
];

/// Asks for proofs of each kind, at places all over the log.
pub(super) async fn run(
    args: &BenchAuditArgs,
    reader: &LogReader,
    exported: &Exported,
    seed: u64,
) -> anyhow::Result<Vec<Proofs>> {
    let site = Site {
        client: Client::new(&args.api)?,
        reader,
        exported,
    };
    site.client.raw().await?;
    let events = u32::try_from(exported.events).context("a log that is too large")?;
    ensure!(events > 0, "there are no events below the last checkpoint");
    let mut kinds = Vec::new();
    for (number, (kind, name)) in (0..).zip(KINDS) {
        let mut dice = Dice::of(seed, number);
        let (mut ours, mut raw) = (Times::default(), Times::default());
        for _ in 0..args.requests {
            let number = dice.below(events);
            ours.add(site.prove(kind, number).await?);
            raw.add(site.beside(kind, number, &mut dice).await?);
        }
        kinds.push(Proofs { name, ours, raw });
    }
    Ok(kinds)
}

/// Whom is asked, and about what.
struct Site<'a> {
    client: Client,
    reader: &'a LogReader,
    exported: &'a Exported,
}

impl Site<'_> {
    /// A proof about an event with this number, or about its like among the orders.
    async fn prove(&self, kind: Kind, number: u32) -> anyhow::Result<Duration> {
        let path = match kind {
            Kind::Event => format!("/audit/proof?position={}", number + 1),
            Kind::Growth => format!("/audit/consistency?from={}", number + 1),
            Kind::Order => format!("/audit/orders/{}/proof", self.order(number)?),
        };
        Ok(self.client.page(&path).await?.took)
    }

    /// What that is measured against: an answer that says nothing, or the reading of another order.
    async fn beside(&self, kind: Kind, number: u32, dice: &mut Dice) -> anyhow::Result<Duration> {
        match kind {
            Kind::Event | Kind::Growth => self.client.raw().await,
            Kind::Order => {
                let others = u32::try_from(self.exported.orders.len())?.saturating_sub(1);
                ensure!(others > 0, "there is no other order to read");
                // Added without wrapping back to where it began, so that it is another one.
                let another = u64::from(number) + 1 + u64::from(dice.below(others));
                let another = self.order(u32::try_from(another)?)?;
                self.read(OrderId::parse(another)?).await
            }
        }
    }

    fn order(&self, number: u32) -> anyhow::Result<&str> {
        let orders = &self.exported.orders;
        let number = usize::try_from(number)?.checked_rem(orders.len());
        let order = number.and_then(|number| orders.get(number));
        order.map(String::as_str).context("there are no orders")
    }

    /// One order's events, read as the role reads them.
    async fn read(&self, order: OrderId) -> anyhow::Result<Duration> {
        let span = Span {
            after: Sequence::START,
            upto: Some(Sequence::new(self.exported.events)),
        };
        let began = Instant::now();
        let mut records = self.reader.records.scan(span, Some(order));
        let mut count = 0;
        while let Some(record) = records.next().await {
            record.context("the reading of an order broke off")?;
            count += 1;
        }
        let took = began.elapsed();
        ensure!(count > 0, "order {order} has no events");
        Ok(took)
    }
}

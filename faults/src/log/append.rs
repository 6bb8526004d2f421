//! An append as `nats/` does it: again with the same bytes until it is settled, or until the budget is spent.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{AppendError, Draft, History, Sequence, StoredEvent};
use tokio::time::{Instant, sleep};

use super::{
    link::{Link, silence},
    stream::Answer,
};
use crate::world::{Mutation, lock};

/// For how long an append is tried: a leader's death takes about five seconds.
const BUDGET: Duration = Duration::from_secs(15);

pub(super) async fn append(
    link: &Link,
    base: &History,
    drafts: Vec<Draft>,
) -> Result<History, AppendError> {
    let drafts: Arc<[Draft]> = drafts.into();
    let stored = if link.process.world.is_mutated(Mutation::AcknowledgedFirst) {
        let first = link.server.head().next();
        let (later, base, drafts) = (link.clone(), base.clone(), Arc::clone(&drafts));
        tokio::spawn(async move { settle(&later, &base, &drafts).await });
        Ok(first)
    } else {
        settle(link, base, &drafts).await
    };
    let after = continued(base, &drafts, stored?)?;
    lock(&link.server.truth).acknowledged(&link.process.world, &after);
    Ok(after)
}

/// Tries until somebody has said whether it is stored.
async fn settle(
    link: &Link,
    base: &History,
    drafts: &Arc<[Draft]>,
) -> Result<Sequence, AppendError> {
    let deadline = Instant::now() + BUDGET;
    let mut is_in_doubt = false;
    while Instant::now() < deadline {
        match try_once(link, base, drafts).await {
            Some(Answer::Stored(first)) => return Ok(first),
            // It may be our own earlier try, or somebody else's with the same id: only a look at the order tells.
            Some(Answer::WrongLast | Answer::Duplicate | Answer::KnownInBatch) => {
                return Err(AppendError::Conflict);
            }
            Some(Answer::InFlight) => sleep(link.between_ms(1, 20)).await,
            Some(Answer::NoLeader) => sleep(link.between_ms(100, 500)).await,
            None => is_in_doubt = true,
        }
    }
    Err(if is_in_doubt {
        AppendError::OutcomeUnknown(silence())
    } else {
        AppendError::NotStored(silence())
    })
}

async fn try_once(link: &Link, base: &History, drafts: &Arc<[Draft]>) -> Option<Answer> {
    let world = &link.process.world;
    if link.server.gap().is_some_and(|gap| gap.is_told) {
        world.sight("log: no leader");
        link.process.step().await;
        return Some(Answer::NoLeader);
    }
    let (order, expected) = (base.order_id(), base.last_sequence());
    let drafts = Arc::clone(drafts);
    link.ask(move |server| server.publish(order, expected, &drafts))
        .await
}

/// The history with the events added, the first of them here.
fn continued(base: &History, drafts: &[Draft], first: Sequence) -> Result<History, AppendError> {
    let mut history = base.clone();
    let mut sequence = first;
    for draft in drafts {
        let event = StoredEvent {
            sequence,
            hash: draft.hash,
            envelope: draft.envelope.clone(),
        };
        let pushed = history.push(event.into());
        pushed.map_err(|broken| AppendError::OutcomeUnknown(broken.into()))?;
        sequence = sequence.next();
    }
    Ok(history)
}

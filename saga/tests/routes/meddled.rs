//! The log in memory with somebody else at it: while an operator decides, others decide too, the saga parks the message
//! again, and the timers may be out of reach. Everything is then carried out by the log itself.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use ordertrace_domain::{
    ActorId, DeadLetter, DeadLetterId, DeadLetterPage, DeadLetters, Event, EventLog, Freshness,
    LogError, OrderId, Parked, Parking, Sequence, TimerName, Timers, Timestamp, Verdict, Version,
    testing::{MemoryLog, fixtures::drafts},
};

/// What somebody else does to a message just before an operator's decision on it is recorded.
#[derive(Debug, Clone)]
pub(crate) enum Meddling {
    /// Another operator decides.
    Settle(Verdict),
    /// Another operator has it retried, and the saga parks it again.
    RetryAndPark,
    /// The order goes on with these events, and the saga parks the message for another reason.
    GoOnAndPark(Vec<Event>),
}

#[derive(Clone)]
pub(crate) struct Meddled {
    log: MemoryLog,
    meddlings: Arc<Mutex<VecDeque<Meddling>>>,
    timers_are_down: Arc<AtomicBool>,
    woken: Arc<Mutex<Vec<(OrderId, Timestamp)>>>,
}

impl Meddled {
    pub(crate) fn new(log: MemoryLog) -> Self {
        Self {
            log,
            meddlings: Arc::default(),
            timers_are_down: Arc::default(),
            woken: Arc::default(),
        }
    }

    /// This comes in between at the next decision; called again, at the one after it.
    pub(crate) fn meddle(&self, meddling: Meddling) {
        let mut meddlings = self.meddlings.lock().expect("no panic");
        meddlings.push_back(meddling);
    }

    /// Whether timers can't be set.
    pub(crate) fn timers_are_down(&self, are_down: bool) {
        self.timers_are_down.store(are_down, Ordering::Relaxed);
    }

    /// The orders that the saga was woken for, and for when.
    pub(crate) fn woken(&self) -> Vec<(OrderId, Timestamp)> {
        self.woken.lock().expect("no panic").clone()
    }

    async fn come_in_between(&self, letter: &DeadLetter) -> Result<(), LogError> {
        let next = self.meddlings.lock().expect("no panic").pop_front();
        let by = ActorId::parse("somebody else").expect("a name");
        match next {
            None => {}
            Some(Meddling::Settle(verdict)) => {
                self.log.settle(letter, verdict, &by).await?;
            }
            Some(Meddling::RetryAndPark) => {
                self.log.settle(letter, Verdict::Retried, &by).await?;
                self.log.park(letter.parked.clone()).await?;
            }
            Some(Meddling::GoOnAndPark(events)) => {
                let order = letter.parked.order_id.expect("an order");
                let base = self.log.load(order, Freshness::Current).await?;
                let appended = self.log.append(&base, drafts(&base, events)).await;
                appended.expect("the log takes them");
                let parked = Parked {
                    reason: "the money was taken".to_owned(),
                    ..letter.parked.clone()
                };
                self.log.park(parked).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl DeadLetters for Meddled {
    async fn list(&self, after: Sequence, limit: usize) -> Result<DeadLetterPage, LogError> {
        self.log.list(after, limit).await
    }

    async fn find(&self, id: &DeadLetterId) -> Result<Option<DeadLetter>, LogError> {
        self.log.find(id).await
    }

    async fn settle(
        &self,
        letter: &DeadLetter,
        verdict: Verdict,
        by: &ActorId,
    ) -> Result<bool, LogError> {
        self.come_in_between(letter).await?;
        self.log.settle(letter, verdict, by).await
    }
}

#[async_trait]
impl Timers for Meddled {
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) -> Result<(), LogError> {
        if self.timers_are_down.load(Ordering::Relaxed) {
            return Err(LogError::Unavailable("switched off by the test".into()));
        }
        assert_eq!(timer, TimerName::Resume, "an operator sets no other timer");
        self.woken.lock().expect("no panic").push((order, at));
        self.log.schedule(order, timer, at, version).await
    }

    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError> {
        self.log.cancel(order, timer).await
    }
}

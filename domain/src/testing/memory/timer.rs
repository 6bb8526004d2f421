//! Timers, as alarms of the log's clock. A timer that goes off lands on the queue of its order's shard.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use async_trait::async_trait;
use tokio::task::AbortHandle;

use super::{MemoryLog, Shared};
use crate::{FiredTimer, LogError, OrderId, Shard, TimerName, Timers, Timestamp, Version};

type TimerKey = (OrderId, TimerName);

/// The timers that are set.
#[derive(Default)]
pub(super) struct Alarms {
    set: HashMap<TimerKey, Alarm>,
    /// Counts settings, so that an alarm that was replaced while it went off is told from the one in its place.
    settings: u64,
}

struct Alarm {
    setting: u64,
    at: Timestamp,
    version: Version,
    task: AbortHandle,
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl MemoryLog {
    /// The timers of an order that are set, and for when.
    pub fn timers_of(&self, order: OrderId) -> Vec<(TimerName, Timestamp)> {
        let store = self.shared.store();
        let of_order = store.alarms.set.iter().filter(|((id, _), _)| *id == order);
        let mut timers: Vec<_> = of_order
            .map(|((_, timer), alarm)| (*timer, alarm.at))
            .collect();
        timers.sort_unstable();
        timers
    }
}

#[async_trait]
impl Timers for MemoryLog {
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) -> Result<(), LogError> {
        let key = (order, timer);
        let mut store = self.shared.answering()?;
        store.alarms.settings += 1;
        let setting = store.alarms.settings;
        let task = tokio::spawn(go_off(Arc::downgrade(&self.shared), key, setting, at));
        let task = task.abort_handle();
        let alarm = Alarm {
            setting,
            at,
            version,
            task,
        };
        store.alarms.set.insert(key, alarm);
        Ok(())
    }

    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError> {
        self.shared.answering()?.alarms.set.remove(&(order, timer));
        Ok(())
    }
}

/// Waits for the time and fires the timer, unless it was cancelled or replaced meanwhile.
async fn go_off(shared: Weak<Shared>, key: TimerKey, setting: u64, at: Timestamp) {
    let Some(clock) = shared.upgrade().map(|shared| Arc::clone(&shared.clock)) else {
        return;
    };
    clock.wait_until(at).await;
    if let Some(shared) = shared.upgrade() {
        shared.fire(key, setting);
    }
}

impl Shared {
    fn fire(&self, key: TimerKey, setting: u64) {
        let recorded_at = self.now();
        let (order_id, timer) = key;
        let mut store = self.store();
        let alarm = store.alarms.set.get(&key);
        let Some(version) = alarm
            .filter(|alarm| alarm.setting == setting)
            .map(|alarm| alarm.version)
        else {
            return;
        };
        store.alarms.set.remove(&key);
        store.queue(Shard::of(order_id)).put_timer(FiredTimer {
            order_id,
            timer,
            recorded_at,
            version,
        });
        drop(store);
        self.announce_change();
    }
}

//! Timers: set and taken back by request, fired by the server, late or twice.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use ordertrace_domain::{
    FiredTimer, LogError, OrderId, Shard, TimerName, Timers, Timestamp, Version,
};
use tokio::time::{sleep, sleep_until};

use super::{link::Link, queue::Source, server::Server};
use crate::world::Fault;

/// How late a timer usually fires.
const LATE_MS: (u64, u64) = (1, 4);

/// How late a late one fires at most.
const VERY_LATE_MS_MAX: u64 = 8_000;

/// The timers that are set, each under the number of its setting, so that one that was replaced does not fire.
#[derive(Default)]
pub(super) struct Alarms {
    set: BTreeMap<(OrderId, TimerName), (u64, Version)>,
    settings: u64,
}

#[async_trait]
impl Timers for Link {
    async fn schedule(
        &self,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) -> Result<(), LogError> {
        let act = move |server: &Arc<Server>| server.set_timer(order, timer, at, version);
        self.tell(act).await
    }

    async fn cancel(&self, order: OrderId, timer: TimerName) -> Result<(), LogError> {
        let act = move |server: &Arc<Server>| {
            if server.state().alarms.set.remove(&(order, timer)).is_some() {
                server.world.sight("timer: taken back");
            }
        };
        self.tell(act).await
    }
}

impl Server {
    fn set_timer(
        self: &Arc<Self>,
        order: OrderId,
        timer: TimerName,
        at: Timestamp,
        version: Version,
    ) {
        let name = timer.name();
        self.world
            .note(format_args!("timers: {order} {name} at {}", at.micros()));
        let setting = {
            let alarms = &mut self.state().alarms;
            alarms.settings += 1;
            let setting = alarms.settings;
            alarms.set.insert((order, timer), (setting, version));
            setting
        };
        let server = Arc::clone(self);
        tokio::spawn(async move { server.go_off(order, timer, at, setting).await });
    }

    async fn go_off(&self, order: OrderId, timer: TimerName, at: Timestamp, setting: u64) {
        let world = &self.world;
        sleep_until(world.moment_of(at)).await;
        sleep(world.between_ms(LATE_MS.0, LATE_MS.1)).await;
        if world.strikes(Fault::TimerLate) {
            sleep(world.between_ms(100, VERY_LATE_MS_MAX)).await;
        }
        while let Some(gap) = self.gap() {
            sleep_until(gap.until).await;
        }
        let key = (order, timer);
        let found = self.state().alarms.set.get(&key).copied();
        let Some((_, version)) = found.filter(|(number, _)| *number == setting) else {
            return;
        };
        self.state().alarms.set.remove(&key);
        self.fire(FiredTimer {
            order_id: order,
            timer,
            recorded_at: world.now(),
            version,
        });
    }

    fn fire(&self, fired: FiredTimer) {
        let (order, name) = (fired.order_id, fired.timer.name());
        self.world
            .note(format_args!("timers: {order} {name} fires"));
        self.world.sight("timer: fired");
        let shard = usize::from(Shard::of(order).number());
        let times = 1 + usize::from(self.world.strikes(Fault::TimerDoubled));
        for _ in 0..times {
            self.state().queues[shard].put(order, Source::Timer(fired));
        }
        self.turned[shard].notify_waiters();
    }
}

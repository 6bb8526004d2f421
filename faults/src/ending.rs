//! The last look, when everything was healed and everybody has had the time to finish.

use std::time::Duration;

use ordertrace_domain::{Order, OrderId, Phase, StuckReason, stuck};
use tokio::time::sleep;

use crate::{oracle::Check, run::Scene, world::lock};

/// How often open orders are looked at then, and how long apart: a try at a refund takes less than a second.
const LOOKS_MAX: u32 = 20;
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Scene {
    /// Everybody has had the time to finish: what is there now has to be right.
    pub(crate) fn look_last(&self) {
        let world = &self.world;
        for disk in &self.views {
            disk.check(world, &self.server);
            if disk.position() != self.server.head() {
                world.broken(
                    Check::P4,
                    format_args!("{} stopped at {}", disk.name, disk.position()),
                );
            }
        }
        for parked in self.server.parked() {
            world.broken(
                Check::P3,
                format_args!("parked though nothing is wrong with it: {parked:?}"),
            );
        }
        let truth = lock(&self.server.truth);
        truth.replay(world);
        for (order, course) in &truth.orders {
            if let Some(order_now) = course.state().order() {
                self.look_at_end(*order, order_now);
            }
        }
    }

    /// Orders that have neither ended nor are listed.
    fn open_orders(&self) -> Vec<(OrderId, Order)> {
        let patience = self.world.terms.policy.patience();
        let is_open = |order: &Order| {
            // Idle is for what got lost, and here nothing may.
            let reason = stuck(order, Duration::ZERO, &patience);
            !order.phase.has_ended() && matches!(reason, None | Some(StuckReason::Idle))
        };
        let truth = lock(&self.server.truth);
        let now = truth.orders.iter();
        let now = now.filter_map(|(id, course)| Some((*id, course.state().order()?.clone())));
        now.filter(|(_, order)| is_open(order)).collect()
    }

    /// An order that is listed leaves the list for the moment of its next try, so this is looked at until it is so.
    pub(crate) async fn look_for_open_orders(&self) {
        let mut open = self.open_orders();
        for _ in 0..LOOKS_MAX {
            if open.is_empty() {
                return;
            }
            sleep(LOOK_EVERY).await;
            open = self.open_orders();
        }
        for (id, order) in open {
            self.world.broken(
                Check::P3,
                format_args!("order {id} has not ended, and nobody was told: {order:?}"),
            );
        }
    }

    fn look_at_end(&self, id: OrderId, order: &Order) {
        let world = &self.world;
        if !order.phase.has_ended() {
            world.sight("end: listed as stuck");
        }
        let total = order.placed.total.minor();
        let is_card = order.placed.payment_method.is_card();
        let net = self.bank.net(id);
        let expected = match order.phase {
            Phase::Completed if is_card => Some(total),
            Phase::Completed | Phase::Cancelled(_) | Phase::Rejected(_) => Some(0),
            Phase::Open | Phase::Cancelling(_) => None,
        };
        if expected.is_some_and(|expected| expected != net) {
            world.broken(
                Check::P2,
                format_args!(
                    "order {id} ended {:?}, and the provider kept {net} of {total}",
                    order.phase
                ),
            );
        }
    }
}

//! A crash at every step of every way that an order can go: it ends all the same, and with the right money.

use std::time::Duration;

use ordertrace_domain::{
    CancellationCause, Command, Delivery, OrderId, Payment, PaymentMethod, Phase, RejectionCause,
    testing::fixtures::{
        card, cash,
        commands::{approve_payment, complete_delivery, fail_delivery, request_cancellation},
    },
};
use rstest::rstest;

use crate::{
    fuse::Fuse,
    shop::{Running, Shop},
};

/// More rounds of waiting and acting than any of the ways takes.
const ROUNDS_MAX: usize = 50;

/// More steps than the saga takes on any of the ways; the test fails if it never gets past the last one.
const STEPS_MAX: usize = 400;

/// What people do about an order that waits for somebody.
#[derive(Debug, Clone, Copy)]
enum People {
    Deliver,
    DoNothing,
    FailToDeliver,
    CancelWhenOut,
    CancelWhenUnpaid,
}

impl People {
    /// What they do now; nothing means that time passes.
    fn act(self, payment: &Payment, delivery: &Delivery) -> Option<Command> {
        let is_out = matches!(delivery, Delivery::Started { .. });
        let is_unpaid = matches!(payment, Payment::Requested { .. } | Payment::Unknown { .. });
        let is_cash = matches!(payment, Payment::Requested { .. });
        match self {
            Self::Deliver if is_out => Some(complete_delivery()),
            Self::FailToDeliver if is_out => Some(fail_delivery()),
            Self::CancelWhenOut if is_out => Some(request_cancellation()),
            Self::CancelWhenUnpaid if is_unpaid => Some(request_cancellation()),
            Self::Deliver | Self::FailToDeliver | Self::CancelWhenOut if is_cash => {
                Some(approve_payment(None))
            }
            Self::Deliver
            | Self::DoNothing
            | Self::FailToDeliver
            | Self::CancelWhenOut
            | Self::CancelWhenUnpaid => None,
        }
    }
}

/// The order rests: people act, or the clock moves to its first timer.
async fn go_on(shop: &Shop, order: OrderId, people: People) {
    let state = shop.state(order).await;
    let at_rest = state.order().expect("an order");
    let is_card_unsubmitted = at_rest.placed.payment_method.is_card()
        && matches!(at_rest.payment, Payment::Requested { .. });
    let is_cancelling = matches!(at_rest.phase, Phase::Cancelling(_));
    let command = people
        .act(&at_rest.payment, &at_rest.delivery)
        .filter(|_| !is_card_unsubmitted && !is_cancelling);
    match command {
        Some(command) => shop.give(order, command).await,
        None => {
            let waits = shop.waits(order);
            let first = waits.iter().map(|(_, wait)| *wait).min();
            shop.clock
                .advance(first.unwrap_or_else(|| panic!("stranded: {state:?}")));
        }
    }
}

/// The processes of one run: each new one gets a fuse of the same length, so that it crashes again further on.
struct Processes<'a> {
    shop: &'a Shop,
    steps: usize,
    crashes_left: usize,
    crashes: usize,
    running: Option<(Running, Fuse)>,
}

impl Processes<'_> {
    fn start(&mut self) {
        let fuse = if self.crashes_left > 0 {
            self.crashes_left -= 1;
            Fuse::of(self.steps)
        } else {
            Fuse::endless()
        };
        self.running = Some((self.shop.saga(fuse.clone()), fuse));
    }

    /// Waits until nothing more happens by itself, replacing processes that have crashed.
    async fn settled(&mut self) {
        self.shop.settled().await;
        while let Some((process, fuse)) = self.running.take() {
            if !fuse.has_burnt_down() {
                self.running = Some((process, fuse));
                return;
            }
            process.kill().await;
            self.crashes += 1;
            self.start();
            self.shop.settled().await;
        }
    }
}

struct Way {
    method: PaymentMethod,
    minor: i64,
    people: People,
    end: Phase,
    is_money_kept: bool,
}

/// Runs one order to its end, with a crash every so many steps; says how often it crashed.
async fn run(way: &Way, steps: usize, crashes_max: usize) -> usize {
    let shop = Shop::new();
    let mut processes = Processes {
        shop: &shop,
        steps,
        crashes_left: crashes_max,
        crashes: 0,
        running: None,
    };
    processes.start();
    let order = shop.place(way.method.clone(), way.minor).await;
    for _ in 0..ROUNDS_MAX {
        processes.settled().await;
        if shop.phase(order).await.has_ended() {
            check_the_end(&shop, order, way, steps).await;
            return processes.crashes;
        }
        go_on(&shop, order, way.people).await;
    }
    panic!(
        "after {steps} steps: no end of {:?}",
        shop.state(order).await
    );
}

async fn check_the_end(shop: &Shop, order: OrderId, way: &Way, steps: usize) {
    let told = shop.story(order).await;
    assert_eq!(
        shop.phase(order).await,
        way.end,
        "after {steps} steps: {told:?}"
    );
    let (captured, refunded) = shop.money(order);
    let is_card = way.method.is_card();
    let kept = if way.is_money_kept && is_card {
        way.minor
    } else {
        0
    };
    assert_eq!(captured - refunded, kept, "after {steps} steps: {told:?}");
    assert!(
        captured == 0 || captured == way.minor,
        "after {steps} steps: captured {captured}"
    );
}

const CANCELLED: Phase = Phase::Cancelled(CancellationCause::Requested);
const UNDELIVERABLE: Phase = Phase::Cancelled(CancellationCause::Undeliverable);
const DECLINED: Phase = Phase::Rejected(RejectionCause::PaymentDeclined);
const EXPIRED: Phase = Phase::Rejected(RejectionCause::PaymentExpired);

#[rstest]
#[case::cash(cash(), 1_000, People::Deliver, Phase::Completed)]
#[case::card(card(), 1_000, People::Deliver, Phase::Completed)]
#[case::lost_requests(card(), 50_300, People::Deliver, Phase::Completed)]
#[case::lost_answers(card(), 50_400, People::Deliver, Phase::Completed)]
#[case::declined(card(), 40_200, People::Deliver, DECLINED)]
#[case::unpaid(cash(), 1_000, People::DoNothing, EXPIRED)]
#[case::undelivered(card(), 1_000, People::DoNothing, UNDELIVERABLE)]
#[case::undelivered_and_lost_answers(card(), 50_400, People::DoNothing, UNDELIVERABLE)]
#[case::not_taken(cash(), 1_000, People::FailToDeliver, UNDELIVERABLE)]
#[case::not_taken_by_card(card(), 50_300, People::FailToDeliver, UNDELIVERABLE)]
#[case::cancelled_unpaid(cash(), 1_000, People::CancelWhenUnpaid, CANCELLED)]
#[case::cancelled_out(cash(), 1_000, People::CancelWhenOut, CANCELLED)]
#[case::cancelled_out_by_card(card(), 1_000, People::CancelWhenOut, CANCELLED)]
#[case::cancelled_and_lost_answers(card(), 50_400, People::CancelWhenOut, CANCELLED)]
#[tokio::test(start_paused = true)]
async fn an_order_ends_the_same_whenever_the_saga_crashes(
    #[case] method: PaymentMethod,
    #[case] minor: i64,
    #[case] people: People,
    #[case] end: Phase,
) {
    let is_money_kept = end == Phase::Completed;
    let way = Way {
        method,
        minor,
        people,
        end,
        is_money_kept,
    };
    for steps in 1..STEPS_MAX {
        if run(&way, steps, 1).await == 0 {
            assert!(
                steps > 20,
                "only {steps} steps: the crashes missed the saga"
            );
            return;
        }
    }
    panic!("more than {STEPS_MAX} steps");
}

/// Long enough a fuse to get somewhere, short enough to crash several times on the way.
#[rstest]
#[case::card(card(), 1_000, People::Deliver, Phase::Completed)]
#[case::lost_answers(card(), 50_400, People::CancelWhenOut, CANCELLED)]
#[case::not_taken(cash(), 1_000, People::FailToDeliver, UNDELIVERABLE)]
#[tokio::test(start_paused = true)]
async fn an_order_ends_the_same_though_every_process_crashes(
    #[case] method: PaymentMethod,
    #[case] minor: i64,
    #[case] people: People,
    #[case] end: Phase,
) {
    const CRASHES_MAX: usize = 20;
    let is_money_kept = end == Phase::Completed;
    let way = Way {
        method,
        minor,
        people,
        end,
        is_money_kept,
    };
    let mut crashes = 0;
    for steps in 1..60 {
        crashes += run(&way, steps, CRASHES_MAX).await;
    }
    assert!(crashes > 100, "only {crashes} crashes");
}

/// Orders side by side, on all shards, some of them in the middle of a call when the process dies.
#[tokio::test(start_paused = true)]
async fn a_crash_leaves_no_order_behind_among_many() {
    const ORDERS: usize = 40;
    for steps in (5..400).step_by(35) {
        let shop = Shop::new();
        let mut orders = Vec::new();
        for nth in 0..ORDERS {
            let minor = [1_000, 40_200, 50_300, 50_400][nth % 4];
            orders.push(shop.place(card(), minor).await);
        }
        let process = shop.saga(Fuse::of(steps));
        shop.settled().await;
        process.kill().await;
        let _saga = shop.saga(Fuse::endless());
        shop.settled().await;
        for _ in 0..3 {
            shop.later(Duration::from_secs(5)).await;
        }
        for order in orders {
            let state = shop.state(order).await;
            let order_now = state.order().expect("an order");
            let is_out = matches!(order_now.delivery, Delivery::Started { .. });
            assert!(
                is_out || order_now.phase == DECLINED,
                "{steps}: {order_now:?}"
            );
            let total = order_now.placed.total.minor();
            let charged = if is_out { total } else { 0 };
            assert_eq!(shop.money(order), (charged, 0));
        }
    }
}

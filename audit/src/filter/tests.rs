//! Filters on logs in memory: what they let through, and where they begin and end.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, executor::block_on};
use ordertrace_domain::{
    CustomerId, EventLog as _, History, OrderId, OrderLines, PlaceOrder, Record, Records as _,
    Sequence, Span, Timestamp,
    testing::{
        ManualClock, MemoryLog,
        fixtures::{cash, drafts, euro, events, line, order_id},
    },
};
use proptest::{collection::vec, prelude::*};

use super::*;

/// A log of orders by several customers, each event at a time of its own.
struct Shop {
    log: MemoryLog,
    clock: Arc<ManualClock>,
    orders: Vec<History>,
}

const CUSTOMERS: [&str; 3] = ["alice", "bob", "carol"];

impl Shop {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        Self {
            log: MemoryLog::with_clock(clock.clone()),
            clock,
            orders: Vec::new(),
        }
    }

    fn place(&mut self, customer: &str) -> OrderId {
        let order = PlaceOrder::new(
            CustomerId::parse(customer).unwrap(),
            euro(),
            OrderLines::new(vec![line(1, "Coffee", 2, 1_000)]).unwrap(),
            None,
            cash(),
        );
        let placed = events::order_placed_as(order.unwrap());
        let base = History::empty(order_id());
        self.append(base, placed);
        self.orders.last().unwrap().order_id()
    }

    fn go_on(&mut self, index: usize) {
        let order = self.orders.remove(index % self.orders.len());
        self.append(order, events::payment_requested(cash()));
    }

    fn append(&mut self, base: History, event: Event) {
        let drafts = drafts(&base, vec![event]);
        let stored = block_on(self.log.append(&base, drafts));
        self.orders.push(stored.unwrap());
    }

    fn last(&self) -> Sequence {
        block_on(self.log.extent()).unwrap().last
    }

    fn all(&self) -> Vec<Record> {
        let span = Span {
            after: Sequence::START,
            upto: Some(self.last()),
        };
        let scan = self.log.scan(span, None);
        block_on(scan.map(Result::unwrap).collect())
    }

    /// Where those stand that a filter lets through, by its plan.
    fn read(&self, request: &FilterRequest) -> Vec<u64> {
        let filter = Filter::parse(request).unwrap();
        let plan = Plan::of(&filter, &self.log, self.last(), Reach::Now);
        let plan = block_on(plan).unwrap();
        let mut sieve = Sieve::new(filter);
        let mut scan = self.log.scan(plan.span, plan.of);
        let mut places = Vec::new();
        while let Some(record) = block_on(scan.next()) {
            let record = record.unwrap();
            if block_on(sieve.admit(&self.log, &record)).unwrap().is_some() {
                places.push(record.sequence.get());
            }
        }
        places
    }
}

fn some(text: impl ToString) -> Option<String> {
    Some(text.to_string())
}

/// What happens in a shop: somebody orders, or an order goes on; and the clock moves, mostly forwards.
#[derive(Debug, Clone)]
enum Happens {
    Placed(usize),
    GoesOn(usize),
}

fn happenings() -> impl Strategy<Value = Vec<(Happens, i64)>> {
    let what = prop_oneof![
        (0..CUSTOMERS.len()).prop_map(Happens::Placed),
        (0..100_usize).prop_map(Happens::GoesOn),
    ];
    // A step back is smaller than the clocks of two servers may differ.
    vec((what, -4_000_000..40_000_000_i64), 1..40)
}

fn shop(happenings: &[(Happens, i64)]) -> Shop {
    let mut shop = Shop::new();
    let mut latest = ManualClock::START.micros();
    for (what, micros) in happenings {
        // However often the clock was set back, it is never far behind the latest time it showed.
        let time = latest + micros;
        latest = latest.max(time);
        shop.clock.set(Timestamp::from_micros(time));
        match what {
            Happens::GoesOn(index) if !shop.orders.is_empty() => shop.go_on(*index),
            Happens::GoesOn(_) => drop(shop.place(CUSTOMERS[0])),
            Happens::Placed(customer) => drop(shop.place(CUSTOMERS[*customer])),
        }
    }
    shop
}

proptest! {
    // Each case reads a log dozens of times.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_filter_by_time_finds_what_a_scan_of_everything_finds(
        happenings in happenings(),
        ends in (0_i64..1_600, 0_i64..1_600),
    ) {
        let shop = shop(&happenings);
        let time = |seconds: i64| ManualClock::START.after(Duration::from_secs(seconds.unsigned_abs()));
        let (from, to) = (time(ends.0.min(ends.1)), time(ends.0.max(ends.1)));
        let request = FilterRequest {
            recorded_from: some(from),
            recorded_to: some(to),
            ..FilterRequest::default()
        };
        let expected: Vec<u64> = shop
            .all()
            .iter()
            .filter(|record| (from..to).contains(&record.recorded_at.to_timestamp()))
            .map(|record| record.sequence.get())
            .collect();
        prop_assert_eq!(shop.read(&request), expected);
    }

    #[test]
    fn a_read_that_is_resumed_gives_the_rest_of_the_whole(
        happenings in happenings(),
        customer in 0..CUSTOMERS.len(),
        at in 0..50_u64,
        by_type in any::<bool>(),
    ) {
        let shop = shop(&happenings);
        let whole = FilterRequest {
            customer: some(CUSTOMERS[customer]),
            types: Vec::from_iter(by_type.then(|| "PaymentRequested".to_owned())),
            ..FilterRequest::default()
        };
        let begin = FilterRequest { to_position: some(at + 1), ..whole.clone() };
        let rest = FilterRequest { from_position: some(at + 2), ..whole.clone() };
        let parts = [shop.read(&begin), shop.read(&rest)].concat();
        prop_assert_eq!(parts, shop.read(&whole));
    }

    #[test]
    fn every_event_is_of_one_customer_one_type_one_order_and_one_actor(happenings in happenings()) {
        let shop = shop(&happenings);
        let all: Vec<u64> = (1..=shop.last().get()).collect();
        let sorted = |mut places: Vec<u64>| { places.sort_unstable(); places };
        let of = |request: FilterRequest| shop.read(&request);
        let by_customer = CUSTOMERS.iter().flat_map(|customer| {
            of(FilterRequest { customer: some(customer), ..FilterRequest::default() })
        });
        prop_assert_eq!(sorted(by_customer.collect()), all.clone());
        let by_type = Event::types().flat_map(|known| {
            of(FilterRequest { types: vec![known.name.to_owned()], ..FilterRequest::default() })
        });
        prop_assert_eq!(sorted(by_type.collect()), all.clone());
        let by_order = shop.orders.iter().flat_map(|order| {
            of(FilterRequest { order: some(order.order_id()), ..FilterRequest::default() })
        });
        prop_assert_eq!(sorted(by_order.collect()), all.clone());
        let operators = FilterRequest { actor: some("operator:operator"), ..FilterRequest::default() };
        prop_assert_eq!(of(operators), all);
        let others = FilterRequest { actor: some("operator:other"), ..FilterRequest::default() };
        prop_assert_eq!(of(others), Vec::<u64>::new());
    }
}

#[test]
fn a_time_leads_to_its_place_without_a_scan() {
    let mut shop = Shop::new();
    for _ in 0..100 {
        shop.place("alice");
        shop.clock.advance(Duration::from_secs(60));
    }
    let time = |minute: u64| ManualClock::START.after(Duration::from_secs(60 * minute));
    let request = FilterRequest {
        recorded_from: some(time(40)),
        recorded_to: some(time(50)),
        ..FilterRequest::default()
    };
    let filter = Filter::parse(&request).unwrap();
    let plan = block_on(Plan::of(&filter, &shop.log, shop.last(), Reach::Now)).unwrap();
    // Ten minutes, and the event at their very end: by a clock that runs ahead a little it could be within them.
    assert_eq!(plan.positions(), Some(11));
    assert_eq!(shop.read(&request), Vec::from_iter(41..=50));
}

#[test]
fn a_plan_that_goes_on_has_no_end_unless_one_was_asked_for() {
    let mut shop = Shop::new();
    shop.place("alice");
    let plan = |request: FilterRequest| {
        let filter = Filter::parse(&request).unwrap();
        block_on(Plan::of(&filter, &shop.log, shop.last(), Reach::AndOn)).unwrap()
    };
    assert_eq!(plan(FilterRequest::default()).span.upto, None);
    // What is yet to come is waited for from the end of the log.
    let later = plan(FilterRequest {
        from_position: some(9),
        to_position: some(12),
        ..FilterRequest::default()
    });
    assert_eq!(later.span.after, shop.last());
    assert_eq!(later.span.upto, Some(Sequence::new(12)));
}

#[test]
fn what_cannot_be_read_is_left_out_only_where_something_rules_it_out() {
    let mut shop = Shop::new();
    let (alices, bobs) = (shop.place("alice"), shop.place("bob"));
    let garbage = shop.log.write_foreign(alices, b"garbage").get();
    let read = |request: FilterRequest| shop.read(&request);
    let base = FilterRequest::default;
    for request in [
        base(),
        FilterRequest {
            customer: some("alice"),
            ..base()
        },
        FilterRequest {
            order: some(alices),
            ..base()
        },
        FilterRequest {
            types: vec!["OrderCompleted".to_owned()],
            ..base()
        },
        FilterRequest {
            actor: some("courier"),
            ..base()
        },
        FilterRequest {
            from_position: some(garbage),
            ..base()
        },
    ] {
        assert!(read(request.clone()).contains(&garbage), "{request:?}");
    }
    for request in [
        FilterRequest {
            customer: some("bob"),
            ..base()
        },
        FilterRequest {
            order: some(bobs),
            ..base()
        },
        FilterRequest {
            to_position: some(garbage - 1),
            ..base()
        },
        FilterRequest {
            recorded_to: some(ManualClock::START),
            ..base()
        },
    ] {
        assert!(!read(request.clone()).contains(&garbage), "{request:?}");
    }
}

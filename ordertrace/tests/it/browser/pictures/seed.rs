//! A shop with a day's orders in it, whatever can become of an order.

use std::path::Path;

use serde_json::{Value, json};

use super::day::{self, Happened};
use super::fate::{Act, Fate, GOODS};
use crate::harness::{Api, Dev, LogReader, PATIENCE, now, signal, wait_until};
use ordertrace_domain::{OrderId, Position};
use ordertrace_nats::subject;

/// Terms under which trouble comes at once and stays.
pub(super) const TERMS: [&str; 8] = [
    "--payment-checks=1",
    "--payment-check-delay=10min",
    "--refund-attempts=1",
    "--refund-retry-delay=10min",
    "--delivery-attempts=3",
    "--delivery-retry-delay=4h",
    "--currency=EUR",
    "--log=warn",
];

/// How many orders there are: nearly a page.
const ORDERS: usize = 42;

/// How many minutes before the next order an order is placed, counted from the newest back; again and again.
const GAPS: [i64; 14] = [3, 11, 19, 8, 25, 6, 13, 27, 44, 9, 58, 33, 71, 94];

const NS_PER_MINUTE: i64 = 60_000_000_000;

/// Nothing happens on the minute: each step is later than planned by a part of one, which this spreads.
const SPREAD_NS: i64 = 37_413_000_000;

/// What was made.
pub(super) struct Seeded {
    /// An order with much to tell.
    pub(super) told: String,
}

/// Something that is done to an order from outside.
struct Step {
    at_ns: i64,
    number: usize,
    fate: Fate,
    act: Act,
    reaches: &'static str,
}

/// Fills a data folder with a shop's day.
pub(super) async fn fill(data_dir: &Path) -> Seeded {
    let mut dev = Dev::start(data_dir, &TERMS).await;
    let log = LogReader::of_server(&dev.nats()).await;
    let mut orders = vec![String::new(); ORDERS];
    let mut day = Vec::new();
    for step in steps() {
        let sequence_max = take(&dev.api, &log, &step, &mut orders).await;
        let at_ns = step.at_ns;
        day.push(Happened {
            sequence_max,
            at_ns,
        });
    }
    drop(log);
    signal("TERM", dev.program.pid());
    dev.program.ended().await;
    day::spread(data_dir, &day);
    std::fs::remove_dir_all(data_dir.join("views")).unwrap();
    let told = (0..ORDERS).find(|number| Fate::of(*number) == Fate::NeverHandedOver);
    Seeded {
        told: orders[told.unwrap()].clone(),
    }
}

/// All that is done to all orders, in the order of time.
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    let mut placed_ns = now().micros() * 1_000;
    for number in (0..ORDERS).rev() {
        placed_ns -= GAPS[(ORDERS - 1 - number) % GAPS.len()] * NS_PER_MINUTE;
        let fate = Fate::of(number);
        let mut at_ns = placed_ns;
        for (minutes, act, reaches) in fate.acts() {
            at_ns += minutes * NS_PER_MINUTE + SPREAD_NS * (at_ns / NS_PER_MINUTE) % NS_PER_MINUTE;
            let (act, reaches) = (*act, *reaches);
            steps.push(Step {
                at_ns,
                number,
                fate,
                act,
                reaches,
            });
        }
    }
    steps.sort_by_key(|step| step.at_ns);
    steps
}

/// Takes a step, waits for what follows from it, and gives the place of the last event of that.
async fn take(api: &Api, log: &LogReader, step: &Step, orders: &mut [String]) -> u64 {
    if step.act == Act::Place {
        orders[step.number] = api.place(order(step.number, step.fate)).await;
    }
    let order = &orders[step.number];
    match step.act {
        Act::Place => {}
        Act::Pay => post(api, format!("/payments/{order}/approve"), json!({}), 200).await,
        Act::Start => post(api, format!("/deliveries/{order}/start"), json!({}), 200).await,
        Act::Complete => post(api, format!("/deliveries/{order}/complete"), json!({}), 200).await,
        Act::Fail => {
            let reason = json!({"reason": "nobody home"});
            post(api, format!("/deliveries/{order}/fail"), reason, 200).await;
        }
        Act::Resume => post(api, format!("/ops/stuck/{order}/resume"), json!({}), 202).await,
        Act::Cancel => {
            api.delete(format!("/orders/{order}")).await.expect(202);
        }
        Act::Damage => return damage(api, log, order).await,
    }
    let trace = api.trace_at(order, step.reaches).await;
    sequence(trace["position"].as_str().unwrap())
}

async fn post(api: &Api, path: String, body: Value, status: u16) {
    api.post(path, body).await.expect(status);
}

fn sequence(position: &str) -> u64 {
    Position::parse(position).unwrap().sequence.get()
}

/// Writes into the order's history past the program, as nobody should.
async fn damage(api: &Api, log: &LogReader, order: &str) -> u64 {
    let subject = subject::events_of(OrderId::parse(order).unwrap());
    let client = log.connection.client();
    client.request(subject, "{}".into()).await.unwrap();
    let quarantined = wait_until("it is in quarantine", PATIENCE, async || {
        let trace = api.get(format!("/orderTraces/{order}")).await.json();
        let position = trace["quarantined"]["position"].as_str()?;
        Some(position.to_owned())
    });
    sequence(&quarantined.await)
}

/// The body of the order of this number.
fn order(number: usize, fate: Fate) -> Value {
    let (id, name, price) = GOODS[number * 4 % GOODS.len()];
    if let Some(cost) = fate.card_cost(price) {
        return json!({"productId": id, "productName": name, "qty": 1, "cost": cost,
            "paymentType": "card", "paymentMethod": "pm_card_visa"});
    }
    let qty = 1 + number % 3;
    let mut lines = vec![json!({"productId": id, "productName": name, "qty": qty, "price": price})];
    if number.is_multiple_of(3) {
        let (id, name, price) = GOODS[(number * 4 + 5) % GOODS.len()];
        lines.push(json!({"productId": id, "productName": name, "qty": 2, "price": price}));
    }
    json!({"paymentType": "cash", "lines": lines})
}

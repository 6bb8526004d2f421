//! The lists that are asked for: every filter, two at once, both directions, and far from where a list begins.

use std::collections::BTreeSet;

use anyhow::ensure;
use serde_json::Value;

use super::client::Client;

/// How many entries a page has, as it is without `limit`.
const LIMIT: u32 = 50;

/// The longest page there is: to learn what the log holds.
const SAMPLE: u32 = 200;

/// The states in which orders of a loaded log are, the common and the rare.
const STATES: [&str; 4] = ["completed", "rejected", "cancelled", "payment_requested"];

/// A list with several places to begin at.
pub(super) struct List {
    pub(super) name: &'static str,
    /// The paths of first pages.
    pub(super) starts: Vec<String>,
}

/// What the log holds, by a look at its newest and its oldest orders.
#[derive(Default)]
struct Sample {
    products: BTreeSet<String>,
    customers: BTreeSet<String>,
    times: Vec<String>,
}

/// All lists, on what this server has.
pub(super) async fn of(client: &Client) -> anyhow::Result<Vec<List>> {
    let sample = Sample::take(client).await?;
    ensure!(
        !sample.customers.is_empty(),
        "there are no orders: `ordertrace bench load` makes some"
    );
    let products = || sample.products.iter().map(|id| format!("productId={id}"));
    let customers = || sample.customers.iter().map(|id| format!("customerId={id}"));
    let states = || STATES.iter().map(|state| format!("state={state}"));
    let types = || ["cash", "card"].map(|word| format!("paymentType={word}"));
    let times = || sample.times.iter().map(|at| format!("from={at}"));
    let until = || sample.times.iter().map(|at| format!("to={at}"));
    Ok(vec![
        list("newest first", [String::new()]),
        list("oldest first", ["sort=placedAt,asc".to_owned()]),
        list(
            "from a time, oldest first",
            pairs(times(), ["sort=placedAt,asc".to_owned()]),
        ),
        list("to a time", until()),
        list("a state", states()),
        list("a product", products()),
        list("a customer", customers()),
        list("a means of payment", types()),
        list(
            "a product, oldest first",
            pairs(products(), ["sort=placedAt,asc".to_owned()]),
        ),
        list("a product and a state", pairs(products(), states())),
        list(
            "a product and a means of payment",
            pairs(products(), types()),
        ),
        list("a customer and a state", pairs(customers(), states())),
        list("a state and a means of payment", pairs(states(), types())),
        list("a product, to a time", pairs(products(), until())),
    ])
}

fn list(name: &'static str, queries: impl IntoIterator<Item = String>) -> List {
    let path = |query: String| match query.as_str() {
        "" => format!("/orderTraces?limit={LIMIT}"),
        query => format!("/orderTraces?limit={LIMIT}&{query}"),
    };
    List {
        name,
        starts: queries.into_iter().map(path).collect(),
    }
}

/// Each with one after the other of the second kind, and then with the next, until every pair was there.
fn pairs(
    first: impl Iterator<Item = String>,
    second: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let (first, second): (Vec<_>, Vec<_>) = (first.collect(), second.into_iter().collect());
    let rounds = 0..second.len();
    let pair = |(round, (number, query)): (usize, (usize, &String))| {
        let with = &second[(number + round) % second.len()];
        format!("{query}&{with}")
    };
    let all = rounds.flat_map(|round| first.iter().enumerate().map(move |it| (round, it)));
    all.map(pair).collect()
}

impl Sample {
    async fn take(client: &Client) -> anyhow::Result<Self> {
        let mut sample = Self::default();
        for order in ["desc", "asc"] {
            let path = format!("/orderTraces?limit={SAMPLE}&sort=placedAt,{order}");
            sample.add(&client.page(&path).await?.body);
        }
        Ok(sample)
    }

    fn add(&mut self, page: &Value) {
        let traces = page
            .pointer("/_embedded/orderTraces")
            .and_then(Value::as_array);
        for trace in traces.into_iter().flatten() {
            let word = |field: &str| match trace.get(field) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(Value::Number(number)) => Some(number.to_string()),
                _ => None,
            };
            self.products.extend(word("productId"));
            self.customers.extend(word("customerId"));
            self.times.extend(word("placedAt"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_there_once() {
        let words = |words: [&str; 3]| words.map(str::to_owned).into_iter();
        let pairs = pairs(words(["a", "b", "c"]), words(["1", "2", "3"]));
        let all: BTreeSet<_> = pairs.iter().cloned().collect();
        assert_eq!((pairs.len(), all.len()), (9, 9));
        assert_eq!(pairs[..3], ["a&1", "b&2", "c&3"]);
    }
}

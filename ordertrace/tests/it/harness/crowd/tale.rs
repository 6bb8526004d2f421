//! What clients were told, held against the log.

use std::collections::HashMap;

use futures::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::json;

use super::super::{Answer, Api, Call, Log};

/// Requests at a time when those in doubt are sent again.
const AGAIN_AT_A_TIME: usize = 32;

/// The problem whose words are "nothing was changed".
const NOT_STORED: &str = "urn:ordertrace:problem:log-unavailable";

/// The problem whose words are "it may have been done, or may yet be".
const IN_DOUBT: &str = "urn:ordertrace:problem:outcome-unknown";

/// What became of one request, as its client knows it. The order's number is the product that is ordered, by which it is found
/// again in the log.
#[derive(Debug)]
pub(super) enum Word {
    Acknowledged { answer: Answer },
    Refused { number: u64, answer: Answer },
    Silence { number: u64 },
}

/// Everything that a crowd was told.
#[derive(Debug)]
pub(crate) struct Tale {
    words: Vec<Word>,
}

impl Word {
    /// Places the order of this number.
    pub(super) async fn ask(api: &Api, number: u64) -> Self {
        match api.try_call(&place(number)).await {
            Ok(answer) if answer.status >= 500 => Self::Refused { number, answer },
            Ok(answer) => Self::Acknowledged {
                answer: answer.expect(201),
            },
            Err(_) => Self::Silence { number },
        }
    }

    /// Whether the client was told that it is done.
    pub(super) const fn is_acknowledged(&self) -> bool {
        matches!(self, Self::Acknowledged { .. })
    }

    /// The order, if the client was not told that it is done.
    const fn unfinished(&self) -> Option<u64> {
        match self {
            Self::Acknowledged { .. } => None,
            Self::Refused { number, .. } | Self::Silence { number } => Some(*number),
        }
    }
}

fn place(number: u64) -> Call {
    let body = json!({"productId": number, "qty": 1, "cost": 1_000, "productName": "Coffee",
        "paymentType": "cash"});
    Call::new(Method::POST, "/orders")
        .json(body)
        .key(format!("order-{number}"))
}

impl Tale {
    pub(super) const fn of(words: Vec<Word>) -> Self {
        Self { words }
    }

    /// How many requests were acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.answers().count()
    }

    /// How many requests were refused.
    pub(crate) fn refused(&self) -> usize {
        self.refusals().count()
    }

    /// How many requests got no answer.
    pub(crate) fn unanswered(&self) -> usize {
        self.words.len() - self.acknowledged() - self.refused()
    }

    /// How many acknowledged requests are not in the log, or not where they were said to be.
    pub(crate) fn lost_from(&self, log: &Log) -> usize {
        self.answers().filter(|answer| !is_in(log, answer)).count()
    }

    /// Checks that every refusal says what it is, and when to come again, and that somebody was refused.
    pub(crate) fn assert_refused_well(&self) {
        assert!(self.refused() > 0, "no client noticed anything");
        for (_, answer) in self.refusals() {
            assert_eq!(answer.status, 503, "{}", answer.text);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let kind = answer.json()["type"].as_str().unwrap().to_owned();
            assert!([NOT_STORED, IN_DOUBT].contains(&kind.as_str()), "{kind}");
            let retry_after = answer.header("retry-after").parse::<u32>();
            assert!(retry_after.is_ok_and(|secs| secs > 0), "{}", answer.text);
        }
    }

    /// Checks that the log holds what was acknowledged, nothing of what was said not to be stored, and each order once.
    pub(crate) fn assert_kept_by(&self, log: &Log) {
        assert_eq!(
            self.lost_from(log),
            0,
            "of {} acknowledged orders",
            self.acknowledged()
        );
        let times = times_in(log);
        for (number, answer) in self.refusals() {
            let is_denied = answer.json()["type"] == NOT_STORED;
            assert!(
                !(is_denied && times.contains_key(&number)),
                "order {number} was said not to be stored"
            );
        }
        let doubled: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(doubled.is_empty(), "orders are there twice: {doubled:?}");
    }

    /// Sends everything that was not acknowledged again, each under its key; says how many that are.
    pub(crate) async fn insist(&mut self, api: &Api) -> usize {
        let unfinished: Vec<u64> = self.words.iter().filter_map(Word::unfinished).collect();
        let told = stream::iter(&unfinished)
            .map(|number| Word::ask(api, *number))
            .buffer_unordered(AGAIN_AT_A_TIME);
        let told: Vec<Word> = told.collect().await;
        assert!(told.iter().all(Word::is_acknowledged), "refused again");
        self.words.retain(Word::is_acknowledged);
        self.words.extend(told);
        unfinished.len()
    }

    fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.words.iter().filter_map(|word| match word {
            Word::Acknowledged { answer } => Some(answer),
            Word::Refused { .. } | Word::Silence { .. } => None,
        })
    }

    fn refusals(&self) -> impl Iterator<Item = (u64, &Answer)> {
        self.words.iter().filter_map(|word| match word {
            Word::Refused { number, answer } => Some((*number, answer)),
            Word::Acknowledged { .. } | Word::Silence { .. } => None,
        })
    }
}

/// Whether the log has the event that an answer tells of, at the place it names.
fn is_in(log: &Log, answer: &Answer) -> bool {
    let version: u64 = answer.header("etag").trim_matches('"').parse().unwrap();
    let place = log.at(&answer.header("ordertrace-position"));
    place == Some((answer.order_id(), version))
}

/// How often each number was ordered.
fn times_in(log: &Log) -> HashMap<u64, usize> {
    let mut times = HashMap::new();
    for told in log.orders.values() {
        let lines = told.order.placed.lines.as_slice();
        *times.entry(lines[0].product_id.get()).or_default() += 1;
    }
    times
}

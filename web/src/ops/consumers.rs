//! What waits for the saga, shard by shard.

use askama::Template;

use super::{
    model::{Consumer, Consumers},
    section::{Content, Mark},
};
use crate::{
    api::{Api, ApiError, Caller},
    format::number,
};

#[derive(Template)]
#[template(path = "ops/consumers.html")]
struct ConsumersSection {
    /// Those with work, or with nobody to do it.
    rows: Vec<Row>,
    rest: Vec<Row>,
    waiting: String,
    in_hand: String,
}

struct Row {
    name: String,
    kind: String,
    waiting: String,
    in_hand: String,
    is_active: bool,
    is_idle: bool,
}

pub(super) async fn draw(api: &Api, caller: &Caller) -> Result<Content, ApiError> {
    let Consumers { consumers } = api.get(caller, "/ops/consumers").await?.body;
    let sum = |of: fn(&Consumer) -> u64| consumers.iter().map(of).fold(0, u64::saturating_add);
    let rows = consumers.iter().map(Row::of);
    let (rest, rows) = rows.partition(|row| row.is_idle && row.is_active);
    let section = ConsumersSection {
        waiting: number(sum(|consumer| consumer.waiting)),
        in_hand: number(sum(|consumer| consumer.in_hand)),
        rows,
        rest,
    };
    Ok(Content::of(mark(&consumers), &section))
}

fn mark(consumers: &[Consumer]) -> Mark {
    if consumers.is_empty() {
        Mark::None
    } else if consumers.iter().all(|consumer| consumer.is_active) {
        Mark::Word("done", "All taken")
    } else {
        Mark::Word("trouble", "Not all taken")
    }
}

impl Row {
    fn of(consumer: &Consumer) -> Self {
        Self {
            name: consumer.name.clone(),
            kind: consumer.kind.clone(),
            waiting: number(consumer.waiting),
            in_hand: number(consumer.in_hand),
            is_active: consumer.is_active,
            is_idle: consumer.waiting == 0 && consumer.in_hand == 0,
        }
    }
}

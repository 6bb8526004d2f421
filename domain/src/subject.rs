//! The subject that an order's events stand on in the log. It is a part of every stored message, so a verifier needs it
//! as much as a writer does.
//!
//! Invariant: it is built from a parsed id only, so that no wildcard and no foreign token gets into it, and read as strictly.

use crate::{OrderId, Shard};

const PREFIX: &str = "ordertrace.events.";

/// Where an order's events are: `ordertrace.events.<shard>.<order_id>`.
pub fn event_subject(order: OrderId) -> String {
    format!("{PREFIX}{}.{order}", Shard::of(order))
}

/// The order whose events are on this subject; `None` for any other subject.
pub fn order_of_subject(subject: &str) -> Option<OrderId> {
    let rest = subject.strip_prefix(PREFIX)?;
    let (shard, id) = rest.split_once('.')?;
    let order = OrderId::parse(id).ok()?;
    Shard::of(order).is_shown_as(shard).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> OrderId {
        OrderId::parse("01890a5d-ac96-774b-bcce-b302099a8057").unwrap()
    }

    #[test]
    fn a_subject_reads_back_what_it_was_built_from() {
        assert_eq!(order_of_subject(&event_subject(order())), Some(order()));
    }

    #[test]
    fn no_other_text_is_an_orders_subject() {
        let id = order();
        let wrong_shard = Shard::all().find(|shard| *shard != Shard::of(id)).unwrap();
        for subject in [
            format!("ordertrace.events.{wrong_shard}.{id}"),
            format!("ordertrace.events.{}.{id}.more", Shard::of(id)),
            "ordertrace.events.*.*".to_owned(),
            "ordertrace.events.>".to_owned(),
            String::new(),
        ] {
            assert_eq!(order_of_subject(&subject), None, "{subject}");
        }
    }
}

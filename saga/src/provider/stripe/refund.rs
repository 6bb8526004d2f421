//! Giving money back, once.
//!
//! Invariant: a refund is made only for what no earlier one has given back, by Stripe's own list. While one is under way
//! none is made. The idempotency key is a second line of defence, for two who ask at once: all attempts have the same one,
//! and it is given up only for what Stripe keeps under it for good, a failure or a refund that came to nothing.

use ordertrace_domain::{OrderId, ProviderRef, Reason, RefundRef};
use uuid::Uuid;

use super::{
    endpoint::Endpoint,
    http::Call,
    key,
    reading::{Failure, Refusal},
    units,
    wire::{Refund, Refunds},
    words,
};
use crate::provider::{RefundOrder, Refunded};

/// What became of a charge by its refunds; the amounts are in Stripe's units.
#[derive(Debug, PartialEq, Eq)]
enum Tally {
    /// All of it went back; the latest refund.
    GivenBack(RefundRef),
    /// Something is on its way.
    OnItsWay,
    /// Not all refunds can be seen.
    TooMany,
    /// This much has not gone back.
    Due {
        amount: i64,
        /// The names of the refunds that came to nothing.
        in_vain: Vec<String>,
    },
}

/// What is to be given back, in Stripe's words.
struct Wish<'a> {
    order: OrderId,
    intent: &'a ProviderRef,
    amount: i64,
}

impl Wish<'_> {
    /// What its keys begin with. An intent's name may be too long for a key, so it stands there by its hash.
    fn key_name(&self) -> String {
        let intent = Uuid::new_v5(&self.order.as_uuid(), self.intent.as_str().as_bytes());
        format!("ordertrace-{}-refund-{intent}", self.order)
    }
}

impl Call<'_> {
    pub(super) async fn refund_once(
        &mut self,
        order: OrderId,
        wanted: &RefundOrder,
    ) -> Result<Refunded, Failure> {
        let wish = match units::to_stripe(wanted.amount, wanted.currency) {
            Ok(amount) => Wish {
                order,
                intent: &wanted.intent,
                amount,
            },
            Err(why) => return Ok(Refunded::Refused(Reason::lossy(&why.to_string()))),
        };
        for key in key::sequence(&wish.key_name()) {
            match self.refund_under(&key, &wish).await {
                Err(Failure::KeySpent(_)) => {}
                answer => return answer,
            }
        }
        Err(Failure::unclear("it keeps a failure under every key"))
    }

    /// Looks first, under each key anew: whoever spent the key may have made a refund since the last look.
    async fn refund_under(&mut self, key: &str, wish: &Wish<'_>) -> Result<Refunded, Failure> {
        let (due, in_vain) = match self.tally(wish).await? {
            Tally::GivenBack(refund) => return Ok(Refunded::Done(refund)),
            Tally::OnItsWay => return Ok(on_its_way()),
            Tally::TooMany => return Err(too_many()),
            Tally::Due { amount, in_vain } => (amount.to_string(), in_vain),
        };
        // It is the same for all attempts, or else the key would stand for other words.
        let form = [
            ("payment_intent", wish.intent.as_str()),
            ("amount", &due),
            ("metadata[order_id]", &wish.order.to_string()),
        ];
        match self.post::<Refund>(Endpoint::Refunds, &form, key).await? {
            Ok(made) if in_vain.contains(&made.id) => Err(spent("it repeats a refund that failed")),
            Ok(made) => judge(&made),
            Err(refusal) if refusal.is_replayed => Err(spent("it repeats a refusal")),
            Err(refusal) => self.refused(wish, &refusal).await,
        }
    }

    async fn tally(&self, wish: &Wish<'_>) -> Result<Tally, Failure> {
        let page = self.get(Endpoint::RefundsOf(wish.intent)).await?;
        tally(&page, wish.amount)
    }

    async fn refused(&self, wish: &Wish<'_>, refusal: &Refusal) -> Result<Refunded, Failure> {
        if !refusal.error.has_code("charge_already_refunded") {
            return Ok(Refunded::Refused(words::reason(&refusal.error)));
        }
        match self.tally(wish).await? {
            Tally::GivenBack(refund) => Ok(Refunded::Done(refund)),
            Tally::OnItsWay => Ok(on_its_way()),
            Tally::TooMany => Err(too_many()),
            Tally::Due { .. } => Err(Failure::unclear(
                "it says that the money went back, but lists no such refund",
            )),
        }
    }
}

fn on_its_way() -> Refunded {
    Refunded::Pending(Reason::lossy("the refund is on its way"))
}

fn too_many() -> Failure {
    Failure::unclear("it has too many refunds of this payment")
}

fn spent(text: &str) -> Failure {
    Failure::KeySpent(Reason::lossy(text))
}

fn tally(page: &Refunds, wanted: i64) -> Result<Tally, Failure> {
    let with = |status: &'static str| {
        let of_status = move |refund: &&Refund| refund.status.as_deref() == Some(status);
        page.data.iter().filter(of_status)
    };
    let given_back: i64 = with("succeeded")
        .map(|refund| refund.amount)
        .fold(0, i64::saturating_add);
    if given_back >= wanted
        && let Some(latest) = with("succeeded").next()
    {
        return reference(latest).map(Tally::GivenBack);
    }
    if page.has_more {
        return Ok(Tally::TooMany);
    }
    let in_vain: Vec<_> = with("failed").chain(with("canceled")).collect();
    if with("succeeded").count() + in_vain.len() < page.data.len() {
        return Ok(Tally::OnItsWay);
    }
    Ok(Tally::Due {
        amount: wanted - given_back,
        in_vain: in_vain.iter().map(|refund| refund.id.clone()).collect(),
    })
}

/// What a refund that was just made has come to.
fn judge(made: &Refund) -> Result<Refunded, Failure> {
    match made.status.as_deref() {
        Some("succeeded") => reference(made).map(Refunded::Done),
        Some("failed" | "canceled") => {
            let why = made.failure_reason.as_deref().unwrap_or("it failed");
            Ok(Refunded::Refused(Reason::lossy(why)))
        }
        _ => Ok(on_its_way()),
    }
}

fn reference(refund: &Refund) -> Result<RefundRef, Failure> {
    RefundRef::parse(refund.id.clone()).map_err(|_| Failure::unknown("its answer names no refund"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn page(refunds: &[(&str, i64)], has_more: bool) -> Refunds {
        let refund = |(at, (status, amount)): (usize, &(&str, i64))| Refund {
            id: format!("re_{at}"),
            amount: *amount,
            status: Some((*status).to_owned()),
            failure_reason: None,
        };
        Refunds {
            data: refunds.iter().enumerate().map(refund).collect(),
            has_more,
        }
    }

    #[rstest]
    #[case(&[("succeeded", 500)], "re_0")]
    #[case(&[("failed", 500), ("succeeded", 500)], "re_1")]
    #[case(&[("succeeded", 200), ("canceled", 1), ("succeeded", 300)], "re_0")]
    fn what_went_back_is_done(#[case] refunds: &[(&str, i64)], #[case] by: &str) {
        for has_more in [false, true] {
            let done = Tally::GivenBack(RefundRef::parse(by).unwrap());
            assert_eq!(tally(&page(refunds, has_more), 500), Ok(done));
        }
    }

    #[rstest]
    #[case(&[], 500, &[])]
    #[case(&[("failed", 500), ("canceled", 500)], 500, &["re_0", "re_1"])]
    #[case(&[("succeeded", 200), ("failed", 300)], 300, &["re_1"])]
    fn what_did_not_go_back_is_due(
        #[case] refunds: &[(&str, i64)],
        #[case] amount: i64,
        #[case] in_vain: &[&str],
    ) {
        let in_vain = in_vain.iter().map(|id| (*id).to_owned()).collect();
        let due = Tally::Due { amount, in_vain };
        assert_eq!(tally(&page(refunds, false), 500), Ok(due));
    }

    #[rstest]
    #[case("pending")]
    #[case("requires_action")]
    #[case("something_new")]
    fn nothing_is_due_while_a_refund_is_on_its_way(#[case] status: &str) {
        let read = tally(&page(&[("failed", 500), (status, 500)], false), 500);
        assert_eq!(read, Ok(Tally::OnItsWay));
    }

    #[test]
    fn nothing_is_due_while_the_list_goes_on() {
        let read = tally(&page(&[("failed", 500)], true), 500);
        assert_eq!(read, Ok(Tally::TooMany));
    }
}

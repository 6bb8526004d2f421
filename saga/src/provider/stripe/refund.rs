//! Giving money back, once.
//!
//! Invariant: a refund is made only for what no earlier one has given back, by Stripe's own list. While one is under way
//! none is made. The idempotency key is a second line of defence: it is forgotten after a day.

use ordertrace_domain::{OrderId, Reason, RefundRef};

use super::{
    endpoint::Endpoint,
    http::Call,
    reading::{Failure, Refusal},
    wire::{Refund, Refunds},
    words,
};
use crate::provider::{RefundOrder, Refunded};

/// What became of a charge by its refunds.
#[derive(Debug, PartialEq, Eq)]
enum Tally {
    /// All of it went back; the latest refund.
    GivenBack(RefundRef),
    /// Something is on its way, or not all can be seen.
    Unclear(&'static str),
    /// This much has not gone back.
    Due(i64),
}

impl Call<'_> {
    pub(super) async fn refund_once(
        &mut self,
        order: OrderId,
        wanted: &RefundOrder,
    ) -> Result<Refunded, Failure> {
        let due = match self.tally(wanted).await? {
            Tally::GivenBack(refund) => return Ok(Refunded::Done(refund)),
            Tally::Unclear(why) => return Err(Failure::unknown(why)),
            Tally::Due(due) => due.to_string(),
        };
        let (order, attempt) = (order.to_string(), wanted.attempt.to_string());
        let form = [
            ("payment_intent", wanted.intent.as_str()),
            ("amount", &due),
            ("metadata[order_id]", &order),
            ("metadata[attempt]", &attempt),
        ];
        let key = format!("ordertrace-{order}-refund-{attempt}");
        match self.post(Endpoint::Refunds, &form, &key).await? {
            Ok(made) => judge(&made),
            Err(refusal) => self.refused(wanted, &refusal).await,
        }
    }

    async fn tally(&self, wanted: &RefundOrder) -> Result<Tally, Failure> {
        let page = self.get(Endpoint::RefundsOf(&wanted.intent)).await?;
        tally(&page, wanted.amount.minor())
    }

    async fn refused(&self, wanted: &RefundOrder, refusal: &Refusal) -> Result<Refunded, Failure> {
        if !refusal.error.has_code("charge_already_refunded") {
            return Ok(Refunded::Refused(words::reason(&refusal.error)));
        }
        match self.tally(wanted).await? {
            Tally::GivenBack(refund) => Ok(Refunded::Done(refund)),
            Tally::Unclear(why) => Err(Failure::unknown(why)),
            Tally::Due(_) => Err(Failure::unknown(
                "it says that the money went back, but lists no such refund",
            )),
        }
    }
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
        return Ok(Tally::Unclear("it has too many refunds of this payment"));
    }
    let ended_in_vain = with("failed").count() + with("canceled").count();
    if with("succeeded").count() + ended_in_vain < page.data.len() {
        return Ok(Tally::Unclear("a refund is on its way"));
    }
    Ok(Tally::Due(wanted - given_back))
}

/// What a refund that was just made has come to.
fn judge(made: &Refund) -> Result<Refunded, Failure> {
    match made.status.as_deref() {
        Some("succeeded") => reference(made).map(Refunded::Done),
        Some("failed" | "canceled") => {
            let why = made.failure_reason.as_deref().unwrap_or("it failed");
            Ok(Refunded::Refused(Reason::lossy(why)))
        }
        _ => Err(Failure::unknown("the refund is on its way")),
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
    #[case(&[], 500)]
    #[case(&[("failed", 500), ("canceled", 500)], 500)]
    #[case(&[("succeeded", 200)], 300)]
    fn what_did_not_go_back_is_due(#[case] refunds: &[(&str, i64)], #[case] due: i64) {
        assert_eq!(tally(&page(refunds, false), 500), Ok(Tally::Due(due)));
    }

    #[rstest]
    #[case("pending")]
    #[case("requires_action")]
    #[case("something_new")]
    fn nothing_is_due_while_a_refund_is_on_its_way(#[case] status: &str) {
        let read = tally(&page(&[("failed", 500), (status, 500)], false), 500);
        assert!(matches!(read, Ok(Tally::Unclear(_))), "{read:?}");
    }

    #[test]
    fn nothing_is_due_while_the_list_goes_on() {
        let read = tally(&page(&[("failed", 500)], true), 500);
        assert!(matches!(read, Ok(Tally::Unclear(_))), "{read:?}");
    }
}

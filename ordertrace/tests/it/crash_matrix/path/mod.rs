//! The ways that an order can go, each with what people do on it and what it must come to.

mod completed;
mod refunded;
mod unpaid;

use ordertrace_domain::Phase;
use serde_json::{Value, json};

pub(crate) use completed::{CARD, CASH, CONFIRMATION_LOST};
pub(crate) use refunded::{CANCELLED_MEANWHILE, CANCELLED_ON_THE_WAY, REFUND_LOST, UNDELIVERED};
pub(crate) use unpaid::{CANCELLED_UNCONFIRMED, DECLINED, OVERDUE};

/// One way of an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path {
    pub(crate) is_card: bool,
    pub(crate) cost: i64,
    /// Flags of the saga.
    pub(crate) terms: &'static [&'static str],
    /// What people do as soon as this event is in the log; at each of them if there are several.
    pub(crate) people: &'static [(&'static str, Ask)],
    /// The first step around which the process dies; with none it is the very first.
    pub(crate) first: Option<&'static str>,
    /// What happens at a step around which the process does not die any more.
    pub(crate) detour: Option<(&'static str, Detour)>,
    pub(crate) end: Phase,
    /// All events of the order. A doubled one would not be there.
    pub(crate) events: &'static [&'static str],
    /// What was charged, and what was given back.
    pub(crate) money: (i64, i64),
    /// Steps around each of which the process must have died: what leads from an event to the next, and its
    /// acknowledgement.
    pub(crate) steps: &'static [&'static str],
}

/// What people ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Pay,
    Deliver,
    FailToDeliver,
    Cancel,
}

/// Something other than an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detour {
    /// The provider does not listen, at no time.
    Busy,
    /// The process does not die after it, but gets no answer: neither to this nor to anything else that it asks the
    /// provider, until it has died around this step.
    LoseAnswersUntil(&'static str),
    /// The first try that passes is under way while people do what [`Path::people`] says under the step's name.
    PeopleAct,
}

impl Path {
    /// What is ordered.
    pub(crate) fn order(&self) -> Value {
        let mut order = json!({"productId": 1, "qty": 1, "cost": self.cost, "productName": "Coffee",
            "paymentType": "cash"});
        if self.is_card {
            order["paymentType"] = "card".into();
            order["paymentMethod"] = "pm_card_visa".into();
        }
        order
    }

    /// What people do at this event or step.
    pub(crate) fn asks(&self, at: &str) -> Option<Ask> {
        let mut asks = self.people.iter();
        asks.find(|(event, _)| *event == at).map(|(_, ask)| *ask)
    }
}

const CREATE: &str = "POST /v1/payment_intents";
const CONFIRM: &str = "POST /v1/payment_intents/{id}/confirm";
const LOOK_UP: &str = "GET /v1/payment_intents/{id}";
const CALL_OFF: &str = "POST /v1/payment_intents/{id}/cancel";
const LIST_REFUNDS: &str = "GET /v1/refunds";
const REFUND: &str = "POST /v1/refunds";

/// Waits that are as short as a test may make them.
const NO_WAITS: &[&str] = &[
    "--payment-check-delay",
    "100ms",
    "--refund-retry-delay",
    "100ms",
    "--delivery-retry-delay",
    "100ms",
    "--delivery-attempts",
    "2",
];

//! What happens, one thing at a time, and what it costs.
//!
//! Invariant: whatever is a fault, or a whim that could repeat for ever, spends a budget.

use ordertrace_domain::{
    Command,
    testing::fixtures::commands::{
        approve_payment, complete_delivery, fail_delivery, request_cancellation, request_refund,
    },
};

use crate::{book::Item, state::Left, till::Request};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// The process of the saga dies and comes back: all that it had in hand is handed out again.
    Crash,
    /// Something happens to one order.
    To(usize, Act),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// The saga takes work off the queue, or a timer that goes off, and looks at the order. A stale look shows the oldest
    /// state that it may.
    Take { item: Item, is_stale: bool },
    /// It carries out the next effect. A timer that it sets or cancels may have gone off just before.
    Do { hand: u8, is_too_late: bool },
    /// The request to the provider goes out.
    Send(u8, Fate),
    /// The reply comes back, or gets lost.
    Hear { hand: u8, is_lost: bool },
    /// The work is acknowledged; if that gets lost, it is handed out again.
    Acknowledge { hand: u8, is_lost: bool },
    /// Another process takes over, while the one that had the work in hand goes on with it.
    Replace,
    /// A request that we gave up on reaches the provider.
    Arrive(Request),
    /// Somebody asks for something.
    Wish(Person),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    Lost,
    /// We give up on it; it arrives later.
    Late,
    /// It is served, and once more later.
    Doubled,
    /// The breaker is open.
    NotSent,
    /// The provider says that it is still at it.
    Pending,
    /// The provider has forgotten the key.
    KeyForgotten,
    /// The provider has no money to give back.
    NoBalance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    Customer,
    /// Takes the money for an order that is paid in cash.
    Cashier,
    CourierDelivers,
    CourierFails,
    OperatorRefunds,
    OperatorResumes,
}

impl Person {
    pub(crate) const ALL: [Self; 6] = [
        Self::Customer,
        Self::Cashier,
        Self::CourierDelivers,
        Self::CourierFails,
        Self::OperatorRefunds,
        Self::OperatorResumes,
    ];

    /// What they ask for; `None` for the operator who resumes, which is no command.
    pub(crate) fn command(self) -> Option<Command> {
        match self {
            Self::Customer => Some(request_cancellation()),
            Self::Cashier => Some(approve_payment(None)),
            Self::CourierDelivers => Some(complete_delivery()),
            Self::CourierFails => Some(fail_delivery()),
            Self::OperatorRefunds => Some(request_refund()),
            Self::OperatorResumes => None,
        }
    }
}

impl Left {
    /// What is left when this has happened.
    pub(crate) fn after(mut self, action: &Action) -> Self {
        let spend = |budget: &mut u8| *budget -= 1;
        match action {
            Action::Crash => spend(&mut self.crashes),
            Action::To(_, Act::Wish(Person::Customer)) => spend(&mut self.cancellations),
            Action::To(_, Act::Wish(Person::CourierFails)) => spend(&mut self.failed_visits),
            Action::To(_, Act::Wish(Person::OperatorResumes)) => spend(&mut self.resumes),
            Action::To(_, act) if act.is_fault() => spend(&mut self.faults),
            Action::To(..) => {}
        }
        self
    }
}

impl Act {
    const fn is_fault(&self) -> bool {
        match self {
            Self::Take { is_stale: flaw, .. }
            | Self::Hear { is_lost: flaw, .. }
            | Self::Acknowledge { is_lost: flaw, .. } => *flaw,
            Self::Send(_, fate) => !matches!(fate, Fate::Served),
            Self::Replace => true,
            Self::Do { .. } | Self::Arrive(_) | Self::Wish(_) => false,
        }
    }
}

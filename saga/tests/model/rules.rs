//! The rules that the model plays by: the product's own functions, and what the runner and the adapter promise.
//!
//! Invariant: [`Rules::sound`] is the product. A mutation replaces one rule, and nothing else.

use ordertrace_domain::{Order, OrderState};
use ordertrace_saga::{
    Effect, Moment, Policy, ProviderAnswer, ProviderCall, Wake, answered, react,
};

use crate::{
    adapter::{self, Next, Outcome},
    till::Request,
};

/// What is checked. Every field is a rule that a mutation may break.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// What is due.
    pub(crate) react: fn(&OrderState, &Policy, Wake<'_>) -> Vec<Effect>,
    /// What follows from the provider's answer.
    pub(crate) answered: fn(&Order, &Policy, &ProviderCall, ProviderAnswer, Moment) -> Vec<Effect>,
    /// The first request of a call to the provider.
    pub(crate) begin: fn(&ProviderCall) -> Request,
    /// What follows from a request's outcome.
    pub(crate) go_on: fn(&ProviderCall, Request, Outcome) -> Next,
    /// A command of the saga has an id by which its repeat is told.
    pub(crate) derives_ids: bool,
    /// What a timer led to holds for the version it was decided on.
    pub(crate) expects_versions: bool,
    /// Work is acknowledged when all of it is done, not when it is begun.
    pub(crate) acknowledges_last: bool,
}

impl Rules {
    /// The product's.
    pub(crate) fn sound() -> Self {
        Self {
            react,
            answered,
            begin: adapter::begin,
            go_on: adapter::go_on,
            derives_ids: true,
            expects_versions: true,
            acknowledges_last: true,
        }
    }
}

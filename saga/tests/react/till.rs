//! The payment provider of a random walk: it does as it is told by a list of moods, and counts what it charged.
//!
//! It is harsher than a kind provider: an intent that was declined may well be charged when it is confirmed again.

use std::collections::VecDeque;

use ordertrace_domain::testing::fixtures::{provider_ref, reason, refund_ref};
use ordertrace_saga::{
    ProviderAnswer, ProviderCall,
    provider::{Created, IntentStatus, NoAnswer, Refunded},
};

/// How the next call goes. When no mood is left, all is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    LosesRequest,
    LosesAnswer,
    Refuses,
    TakesItsTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intent {
    Unconfirmed,
    Charged,
    Declined,
    Cancelled,
}

#[derive(Debug)]
pub(crate) struct Till {
    moods: VecDeque<Mood>,
    intent: Intent,
    is_refunded: bool,
    pub(crate) calls: u32,
}

impl Till {
    pub(crate) fn new(moods: Vec<Mood>) -> Self {
        Self {
            moods: moods.into(),
            intent: Intent::Unconfirmed,
            is_refunded: false,
            calls: 0,
        }
    }

    /// Whether it holds the customer's money.
    pub(crate) fn holds_money(&self) -> bool {
        self.intent == Intent::Charged && !self.is_refunded
    }

    /// From now on all is well.
    pub(crate) fn cheer_up(&mut self) {
        self.moods.clear();
    }

    pub(crate) fn answer(&mut self, call: &ProviderCall) -> ProviderAnswer {
        self.calls += 1;
        let mood = self.moods.pop_front().unwrap_or(Mood::Well);
        match call {
            ProviderCall::Create(_) => ProviderAnswer::Created(created(mood)),
            ProviderCall::Confirm(_) => ProviderAnswer::Intent(self.confirm(mood)),
            ProviderCall::LookUp(_) => ProviderAnswer::Intent(self.told(mood)),
            ProviderCall::Cancel(_) => ProviderAnswer::Intent(self.cancel(mood)),
            ProviderCall::Refund(_) => ProviderAnswer::Refunded(self.refund(mood)),
        }
    }

    fn confirm(&mut self, mood: Mood) -> Result<IntentStatus, NoAnswer> {
        let is_open = matches!(self.intent, Intent::Unconfirmed | Intent::Declined);
        match mood {
            Mood::LosesRequest => {}
            Mood::Refuses if is_open => self.intent = Intent::Declined,
            Mood::Well | Mood::LosesAnswer | Mood::TakesItsTime if is_open => {
                self.intent = Intent::Charged;
            }
            Mood::Well | Mood::LosesAnswer | Mood::TakesItsTime | Mood::Refuses => {}
        }
        self.told(mood)
    }

    fn cancel(&mut self, mood: Mood) -> Result<IntentStatus, NoAnswer> {
        let is_open = matches!(self.intent, Intent::Unconfirmed | Intent::Declined);
        if is_open && matches!(mood, Mood::Well | Mood::LosesAnswer) {
            self.intent = Intent::Cancelled;
        }
        self.told(mood)
    }

    fn told(&self, mood: Mood) -> Result<IntentStatus, NoAnswer> {
        match mood {
            Mood::LosesRequest | Mood::LosesAnswer => Err(no_answer()),
            Mood::TakesItsTime => Ok(IntentStatus::Pending(reason("under way"))),
            Mood::Well | Mood::Refuses => Ok(match self.intent {
                Intent::Unconfirmed => IntentStatus::Unconfirmed,
                Intent::Charged => IntentStatus::Succeeded,
                Intent::Declined => IntentStatus::Declined(reason("no funds")),
                Intent::Cancelled => IntentStatus::Cancelled,
            }),
        }
    }

    fn refund(&mut self, mood: Mood) -> Result<Refunded, NoAnswer> {
        assert_eq!(self.intent, Intent::Charged, "a refund of nothing");
        match mood {
            Mood::LosesRequest | Mood::TakesItsTime => return Err(no_answer()),
            Mood::Refuses => return Ok(Refunded::Refused(reason("no balance"))),
            Mood::Well | Mood::LosesAnswer => self.is_refunded = true,
        }
        if mood == Mood::LosesAnswer {
            return Err(no_answer());
        }
        Ok(Refunded::Done(refund_ref()))
    }
}

fn created(mood: Mood) -> Result<Created, NoAnswer> {
    match mood {
        Mood::Well => Ok(Created::Intent(provider_ref())),
        Mood::Refuses => Ok(Created::Refused(reason("no such card"))),
        Mood::LosesRequest | Mood::LosesAnswer | Mood::TakesItsTime => Err(no_answer()),
    }
}

fn no_answer() -> NoAnswer {
    NoAnswer::Unknown(reason("no answer"))
}

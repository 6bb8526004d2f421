//! The terms of one seed: which faults may happen in it, and how often.
//!
//! A seed has about half of all faults, each at a rate of its own. Were all of them on at once, none of the rarer ways that
//! need a stretch of calm would ever be taken.

use std::time::Duration;

use ordertrace_domain::Attempt;
use ordertrace_saga::Policy;

use super::{Fault, Mutation};
use crate::dice::Dice;

/// As what the stream is replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replicas {
    /// One server. It looks at the expectation before it looks for the id.
    One,
    /// Three servers. They look for the id first.
    Three,
}

impl Replicas {
    pub(crate) const fn sight(self) -> &'static str {
        match self {
            Self::One => "replicas: R1",
            Self::Three => "replicas: R3",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) replicas: Replicas,
    pub(crate) orders: u64,
    pub(crate) policy: Policy,
    pub(crate) mutation: Option<Mutation>,
    rates: Vec<u16>,
}

impl Terms {
    pub(super) fn draw(dice: &mut Dice, mutation: Option<Mutation>) -> Self {
        let replicas = [Replicas::One, Replicas::Three][usize::from(dice.strikes(500))];
        let rates = Fault::ALL.iter().map(|fault| rate_of(dice, *fault));
        Self {
            replicas,
            rates: rates.collect(),
            orders: 1 + dice.below(6),
            policy: policy(dice),
            mutation,
        }
    }

    /// In how many of a thousand times it happens where it can.
    pub(crate) fn rate(&self, fault: Fault) -> u16 {
        self.rates.get(fault as usize).copied().unwrap_or_default()
    }
}

fn rate_of(dice: &mut Dice, fault: Fault) -> u16 {
    let drawn = dice.below(6);
    let factor = [0, 0, 0, 1, 2, 4][usize::try_from(drawn).unwrap_or_default()];
    usual_rate(fault) * factor
}

/// So often where it can happen, in a thousand times; those that the weather brings are only on or off.
const fn usual_rate(fault: Fault) -> u16 {
    match fault {
        Fault::ApiCrash | Fault::SagaCrash | Fault::ViewCrash => 5,
        Fault::RequestLost | Fault::ReplyLost | Fault::SlowNetwork => 10,
        Fault::RequestDoubled
        | Fault::InFlight
        | Fault::ProviderSlow
        | Fault::ProviderBusy
        | Fault::ProviderUnclear
        | Fault::ProviderPending => 25,
        Fault::Redelivered | Fault::TimerDoubled | Fault::KeyReused => 30,
        Fault::ProviderRequestLost | Fault::ProviderReplyLost | Fault::ProviderDoubled => 60,
        Fault::CommandDoubled | Fault::TimerLate | Fault::Reordered => 80,
        Fault::StaleRead | Fault::RefundRefused => 120,
        Fault::ClockSkew | Fault::ViewTailLost => 200,
        Fault::LeaderGap
        | Fault::SuddenDeath
        | Fault::RedeliveredAll
        | Fault::PinMoved
        | Fault::ProviderDown
        | Fault::ViewWiped => 1,
    }
}

/// Terms of fulfilment that pass within a simulation, some of them in the middle of its faults.
fn policy(dice: &mut Dice) -> Policy {
    let mut secs =
        |least, most| dice.between(Duration::from_secs(least), Duration::from_secs(most));
    Policy {
        payment_deadline: secs(5, 40),
        delivery_deadline: secs(15, 60),
        delivery_attempts_max: Attempt::new(2),
        delivery_retry_delay: secs(2, 8),
        provider_wait: secs(1, 2),
        provider_wait_max: secs(3, 5),
        payment_check_delay: secs(1, 2),
        payment_checks_max: Attempt::new(4),
        refund_retry_delay: secs(1, 2),
        refund_attempts_max: Attempt::new(3),
        idle_max: secs(30, 40),
    }
}

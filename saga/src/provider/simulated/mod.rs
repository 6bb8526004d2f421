//! A payment provider that lives in this process, for development.
//!
//! It does what its amount says (see [`MagicAmount`]) and keeps a ledger, so that tests can count what was charged. With
//! a journal file the ledger outlives the process, and several processes share it. It is no model of any real
//! provider's fees, limits or delays.

mod ledger;

use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use ordertrace_domain::{OrderId, ProviderRef, Reason, RefundRef};

use super::{Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded};
use ledger::{Intent, Ledger, Standing};

pub use ledger::LedgerEntry;

/// Amounts, in minor units, that make the simulator misbehave. All others are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MagicAmount {
    /// 40200: the confirmation is declined.
    Declined,
    /// 50300: the first request for the intent, its confirmation and its refund each get lost, and do nothing.
    LostRequest,
    /// 50400: the first confirmation and the first refund are carried out, but their answers are lost.
    LostAnswer,
}

impl MagicAmount {
    /// What an amount means.
    pub const fn of(minor: i64) -> Option<Self> {
        match minor {
            40_200 => Some(Self::Declined),
            50_300 => Some(Self::LostRequest),
            50_400 => Some(Self::LostAnswer),
            _ => None,
        }
    }
}

/// The simulator. Its ledger is the truth about what was charged.
pub struct SimulatedProvider {
    ledger: Mutex<Ledger>,
}

impl SimulatedProvider {
    /// A simulator whose ledger is gone with the process.
    pub fn in_memory() -> Self {
        Self {
            ledger: Mutex::default(),
        }
    }

    /// A simulator whose ledger is kept in a file, one line a change, together with other processes.
    ///
    /// # Errors
    /// When the file can't be opened or read.
    pub fn with_journal(path: &Path) -> io::Result<Self> {
        Ok(Self {
            ledger: Mutex::new(Ledger::with_journal(path)?),
        })
    }

    /// What was charged and given back, by the intent's name.
    pub fn entries(&self) -> HashMap<String, LedgerEntry> {
        self.ledger().entries()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        // A panic elsewhere leaves no half-made change behind: each is one assignment.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does one thing to an intent while no other process touches the ledger.
    fn change<T>(
        &self,
        name: &ProviderRef,
        change: impl FnOnce(&mut Intent) -> T,
    ) -> Result<T, NoAnswer> {
        let mut ledger = self.ledger();
        ledger
            .exclusively(|ledger| {
                let intent = ledger.intents.get_mut(name.as_str())?;
                let before = intent.clone();
                let result = change(intent);
                if *intent != before {
                    ledger.record(name.as_str());
                }
                Some(result)
            })
            .map_err(|error| unclear(&error.to_string()))?
            .ok_or_else(|| unclear("no such payment intent"))
    }
}

fn unclear(words: &str) -> NoAnswer {
    NoAnswer::Unknown(Reason::lossy(words))
}

fn lost(step: &str) -> NoAnswer {
    unclear(&format!("simulated: no answer to {step}"))
}

#[async_trait]
impl PaymentProvider for SimulatedProvider {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        let name = format!("pi_sim_{order}_{}", charge.attempt);
        let intent = ProviderRef::parse(name.as_str()).map_err(|e| unclear(&e.to_string()))?;
        self.ledger()
            .exclusively(|ledger| {
                if !ledger.intents.contains_key(&name) {
                    let intent = Intent::new(charge.amount.minor());
                    ledger.intents.insert(name.clone(), intent);
                    ledger.record(&name);
                }
            })
            .map_err(|error| unclear(&error.to_string()))?;
        let is_lost = self.change(&intent, |intent| {
            intent.stumbles(MagicAmount::LostRequest, "create")
        })?;
        if is_lost {
            return Err(lost("create"));
        }
        Ok(Created::Intent(intent))
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.change(intent, |intent| {
            if intent.stumbles(MagicAmount::LostRequest, "confirm") {
                return Err(lost("confirm"));
            }
            let is_answer_lost = intent.stumbles(MagicAmount::LostAnswer, "confirm");
            let is_declined = MagicAmount::of(intent.amount) == Some(MagicAmount::Declined);
            intent.settle(if is_declined {
                Standing::Declined
            } else {
                Standing::Succeeded
            });
            if is_answer_lost {
                return Err(lost("confirm"));
            }
            Ok(intent.status())
        })?
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.change(intent, |intent| intent.status())
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        self.change(intent, |intent| {
            intent.settle(Standing::Cancelled);
            intent.status()
        })
    }

    async fn refund(&self, order: OrderId, refund: &RefundOrder) -> Result<Refunded, NoAnswer> {
        let name = RefundRef::parse(format!("re_sim_{order}"));
        let name = name.map_err(|error| unclear(&error.to_string()))?;
        self.change(&refund.intent, |intent| {
            if intent.stumbles(MagicAmount::LostRequest, "refund") {
                return Err(lost("refund"));
            }
            if intent.standing != Standing::Succeeded {
                return Ok(Refunded::Refused(Reason::lossy("nothing was charged")));
            }
            let is_answer_lost = intent.stumbles(MagicAmount::LostAnswer, "refund");
            intent.refunded = true;
            if is_answer_lost {
                return Err(lost("refund"));
            }
            Ok(Refunded::Done(name))
        })?
    }
}

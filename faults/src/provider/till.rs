//! The till: what was really charged and given back.
//!
//! Invariant: a key makes one intent, and one refund; an intent that has succeeded, was declined or called off never
//! changes. After each change the ledger is checked for what was promised of it.

use std::collections::BTreeMap;

use ordertrace_domain::OrderId;

use crate::{
    oracle::Check,
    world::{Fault, Mutation, World},
};

/// A card that every confirmation is refused of.
pub(crate) const DECLINED: &str = "pm_declined";
/// A card that the provider does not know.
pub(crate) const UNKNOWN: &str = "pm_unknown";
/// A card that nothing is ever given back to.
pub(crate) const NO_REFUND: &str = "pm_no_refund";
/// A card that all is well with.
pub(crate) const GOOD: &str = "pm_good";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Unconfirmed,
    Succeeded,
    Declined,
    Cancelled,
}

/// What is asked of a new intent.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) order: OrderId,
    pub(super) attempt: u16,
    pub(super) amount: i64,
    pub(super) token: String,
}

struct Intent {
    wish: Wish,
    standing: Standing,
    /// The keys of the refunds that were made, and how often.
    refunds: BTreeMap<u16, i64>,
}

/// All intents, by their names.
#[derive(Default)]
pub(crate) struct Till {
    intents: BTreeMap<String, Intent>,
    made: u64,
}

impl Intent {
    fn captured(&self) -> i64 {
        if self.standing == Standing::Succeeded {
            self.wish.amount
        } else {
            0
        }
    }

    fn refunded(&self) -> i64 {
        self.refunds.values().sum::<i64>() * self.wish.amount
    }
}

impl Till {
    pub(super) fn net(&self, order: OrderId) -> i64 {
        let of_order = self.intents.values().filter(|it| it.wish.order == order);
        of_order.map(|it| it.captured() - it.refunded()).sum()
    }

    /// Makes an intent, or finds the one that was made under this key; nothing if the card is unknown.
    pub(super) fn create(&mut self, world: &World, wish: &Wish) -> Option<String> {
        if wish.token == UNKNOWN {
            world.sight("provider: method unknown");
            return None;
        }
        let key = (wish.order, wish.attempt);
        let mut known = self.intents.iter();
        let known = known.find(|(_, it)| (it.wish.order, it.wish.attempt) == key);
        if let Some((name, _)) = known
            && !world.is_mutated(Mutation::NoIdempotencyKeys)
        {
            return Some(name.clone());
        }
        self.made += 1;
        let name = format!("pi_{}", self.made);
        world.note(format_args!("provider: {name} for {}", wish.order));
        let intent = Intent {
            wish: wish.clone(),
            standing: Standing::Unconfirmed,
            refunds: BTreeMap::new(),
        };
        self.intents.insert(name.clone(), intent);
        self.check(world, wish.order);
        Some(name)
    }

    pub(super) fn confirm(&mut self, world: &World, name: &str) -> Option<Standing> {
        let intent = self.intents.get_mut(name)?;
        if intent.standing == Standing::Unconfirmed {
            intent.standing = if intent.wish.token == DECLINED {
                world.sight("provider: declined");
                Standing::Declined
            } else {
                world.sight("provider: charged");
                Standing::Succeeded
            };
            world.note(format_args!("provider: {name} {:?}", intent.standing));
        }
        let (standing, order) = (intent.standing, intent.wish.order);
        self.check(world, order);
        Some(standing)
    }

    pub(super) fn look_up(&self, name: &str) -> Option<Standing> {
        self.intents.get(name).map(|intent| intent.standing)
    }

    pub(super) fn cancel(&mut self, world: &World, name: &str) -> Option<Standing> {
        let intent = self.intents.get_mut(name)?;
        if intent.standing == Standing::Unconfirmed {
            intent.standing = Standing::Cancelled;
            world.sight("provider: called off");
            world.note(format_args!("provider: {name} called off"));
        }
        Some(intent.standing)
    }

    /// The refund of an intent, if there is one.
    pub(super) fn refund_of(&self, name: &str) -> Option<String> {
        let (key, _) = self.intents.get(name)?.refunds.first_key_value()?;
        Some(refund_name(name, *key))
    }

    /// Gives the money back, or finds that it went back; nothing if it will not.
    pub(super) fn refund(&mut self, world: &World, name: &str, key: u16) -> Option<String> {
        let intent = self.intents.get_mut(name)?;
        let is_careless = world.is_mutated(Mutation::NoIdempotencyKeys);
        if let Some((made, _)) = intent.refunds.first_key_value()
            && !is_careless
        {
            return Some(refund_name(name, *made));
        }
        let is_refused = intent.wish.token == NO_REFUND || world.strikes(Fault::RefundRefused);
        if intent.standing != Standing::Succeeded || is_refused {
            return None;
        }
        *intent.refunds.entry(key).or_default() += 1;
        world.sight("provider: refunded");
        world.note(format_args!("provider: {name} refunded as {key}"));
        let order = intent.wish.order;
        self.check(world, order);
        Some(refund_name(name, key))
    }

    /// Looks at the ledger of an order.
    fn check(&self, world: &World, order: OrderId) {
        let of_order = || self.intents.values().filter(|it| it.wish.order == order);
        let mut attempts: Vec<u16> = of_order().map(|it| it.wish.attempt).collect();
        attempts.sort_unstable();
        if attempts.windows(2).any(|pair| pair[0] == pair[1]) {
            world.broken(
                Check::P2,
                format_args!("order {order}: an attempt has more than one intent: {attempts:?}"),
            );
        }
        let net = self.net(order);
        let is_sound = of_order().any(|it| net == 0 || net == it.wish.amount);
        if !is_sound {
            world.broken(
                Check::P2,
                format_args!("order {order}: charges less refunds are {net}"),
            );
        }
    }
}

fn refund_name(intent: &str, key: u16) -> String {
    format!("re_{intent}_{key}")
}

/// The cards that customers have.
pub(crate) const CARDS: [&str; 5] = [GOOD, GOOD, DECLINED, UNKNOWN, NO_REFUND];

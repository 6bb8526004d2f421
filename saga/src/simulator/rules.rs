//! What the provider does when it is asked, and when it refuses.
//!
//! Invariant: an intent is charged at most once, and never gives back more than it took.

use std::collections::BTreeMap;

use super::{
    book::Book,
    magic::MagicAmount,
    record::{Intent, Line, Refund, Standing, Wish},
};

/// The most characters of a subject that an intent's name shows.
const SHOWN_CHARS_MAX: usize = 100;

/// The provider won't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such payment method.
    UnknownMethod(String),
    /// There is no intent of that name.
    UnknownIntent(String),
    /// The card was declined.
    Declined(Box<Intent>),
    /// The intent has no payment method, or none any more.
    MethodMissing(Box<Intent>),
    /// The intent has ended.
    Ended(Box<Intent>),
    /// Nothing was charged.
    NotCharged(String),
    /// All of it was given back.
    AlreadyRefunded { charge: String },
    /// More than is left would be given back.
    TooMuch { asked: i64, left: i64 },
}

/// What is asked of a new refund.
#[derive(Debug, Clone)]
pub(super) struct Return {
    pub(super) intent: String,
    /// All that is left, if not said.
    pub(super) amount: Option<i64>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) at: i64,
}

/// Makes an intent: a new one for each call.
pub(super) fn create(book: &mut Book, wish: Wish) -> Result<Intent, Refusal> {
    let is_unknown = MagicAmount::of(wish.amount) == Some(MagicAmount::UnknownMethod);
    let standing = match &wish.payment_method {
        Some(method) if is_unknown => return Err(Refusal::UnknownMethod(method.clone())),
        Some(_) => Standing::RequiresConfirmation,
        None => Standing::RequiresPaymentMethod,
    };
    let intent = Intent {
        id: free_name(book, &wish),
        wish,
        standing,
        was_declined: false,
        confirmations: 0,
    };
    book.put(Line::Intent(intent.clone()));
    Ok(intent)
}

/// Looks at an intent.
pub(super) fn look_up(book: &Book, id: &str) -> Result<Intent, Refusal> {
    let intent = book.intent(id).cloned();
    intent.ok_or_else(|| Refusal::UnknownIntent(id.to_owned()))
}

/// Charges an intent, or declines it.
pub(super) fn confirm(book: &mut Book, id: &str) -> Result<Intent, Refusal> {
    let mut intent = look_up(book, id)?;
    match intent.standing {
        Standing::RequiresConfirmation => {}
        Standing::RequiresPaymentMethod => return Err(Refusal::MethodMissing(Box::new(intent))),
        Standing::Succeeded | Standing::Canceled => return Err(Refusal::Ended(Box::new(intent))),
    }
    intent.confirmations += 1;
    intent.was_declined = MagicAmount::of(intent.wish.amount) == Some(MagicAmount::Declined);
    intent.standing = if intent.was_declined {
        Standing::RequiresPaymentMethod
    } else {
        Standing::Succeeded
    };
    book.put(Line::Intent(intent.clone()));
    if intent.was_declined {
        return Err(Refusal::Declined(Box::new(intent)));
    }
    Ok(intent)
}

/// Calls an intent off.
pub(super) fn cancel(book: &mut Book, id: &str) -> Result<Intent, Refusal> {
    let mut intent = look_up(book, id)?;
    match intent.standing {
        Standing::RequiresConfirmation | Standing::RequiresPaymentMethod => {
            intent.standing = Standing::Canceled;
            book.put(Line::Intent(intent.clone()));
            Ok(intent)
        }
        Standing::Succeeded | Standing::Canceled => Err(Refusal::Ended(Box::new(intent))),
    }
}

/// Gives money back: again for each call, until nothing is left.
pub(super) fn refund(book: &mut Book, wish: Return) -> Result<Refund, Refusal> {
    let intent = look_up(book, &wish.intent)?;
    let left = intent.captured() - book.refunded(&intent.id);
    if intent.captured() == 0 {
        return Err(Refusal::NotCharged(intent.id));
    }
    if left == 0 {
        let charge = intent.charge().unwrap_or_default();
        return Err(Refusal::AlreadyRefunded { charge });
    }
    let amount = wish.amount.unwrap_or(left);
    if amount > left {
        let asked = amount;
        return Err(Refusal::TooMuch { asked, left });
    }
    let number = book.refunds_of(&intent.id).len() + 1;
    let refund = Refund {
        id: format!("{}_{number}", intent.id.replacen("pi_", "re_", 1)),
        intent: intent.id,
        amount,
        metadata: wish.metadata,
        at: wish.at,
    };
    book.put(Line::Refund(refund.clone()));
    Ok(refund)
}

/// The name of the first intent that is made for a wish.
pub(super) fn first_name(wish: &Wish) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let subject = wish.subject();
    let shown = subject.chars().take(SHOWN_CHARS_MAX);
    let shown: String = shown.map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("pi_sim_{shown}")
}

/// A name that no intent has: whoever makes two intents for one wish gets two, and people see that they belong together.
fn free_name(book: &Book, wish: &Wish) -> String {
    let first = first_name(wish);
    let mut name = first.clone();
    let mut number = 1_u32;
    // Bounded by the number of intents, of which each can take one name.
    while book.intent(&name).is_some() {
        number += 1;
        name = format!("{first}_{number}");
    }
    name
}

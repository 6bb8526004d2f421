//! The simulator as a payment provider of this process, without HTTP.

use std::{collections::HashMap, io, path::Path, time::Duration};

use async_trait::async_trait;
use chrono::Utc;
use ordertrace_domain::{OrderId, ProviderRef, Reason, RefundRef};

use super::{
    book::{Book, LedgerEntry, LedgerRow},
    magic::{Course, RETRY_AFTER_SECS, SLOW_ANSWER, Step, Trouble},
    record::{Intent, Line, Standing, Wish},
    rules::{self, Refusal, Return},
    till::Till,
};
use crate::provider::{
    Charge, Created, IntentStatus, NoAnswer, PaymentProvider, RefundOrder, Refunded,
};

/// The simulator, asked by a call. Its ledger is the truth about what was charged.
#[derive(Default)]
pub struct SimulatedProvider {
    till: Till,
}

impl SimulatedProvider {
    /// A simulator whose ledger is gone with the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A simulator whose ledger is kept in a file, together with other processes.
    ///
    /// # Errors
    /// When the file can't be opened or read.
    pub fn with_journal(path: &Path) -> io::Result<Self> {
        let till = Till::with_journal(path)?;
        Ok(Self { till })
    }

    /// What was charged and given back, by the intent's name, as far as this process has seen.
    pub fn entries(&self) -> HashMap<String, LedgerEntry> {
        let entry = |row: LedgerRow| {
            let (captured, refunded) = (row.captured, row.refunded);
            (row.intent, LedgerEntry { captured, refunded })
        };
        let rows = self.till.seen(Book::rows);
        rows.into_iter().map(entry).collect()
    }

    /// Does one thing to the ledger, as far as its amount lets it.
    async fn step<T: Send>(
        &self,
        step: Step,
        subject: &str,
        amount: impl FnOnce(&Book) -> i64 + Send,
        work: impl FnOnce(&mut Book) -> Result<T, NoAnswer> + Send,
    ) -> Result<T, NoAnswer> {
        let (answer, late) = self.exclusively(|book| {
            let amount = amount(book);
            match book.course(amount, subject, step) {
                Course::Before(trouble) => (Err(instead(trouble, step)), false),
                Course::After(Trouble::Late) => (work(book), true),
                Course::After(trouble) => (work(book).and(Err(instead(trouble, step))), false),
                Course::Smooth => (work(book), false),
            }
        })?;
        if late {
            tokio::time::sleep(SLOW_ANSWER).await;
        }
        answer
    }

    fn exclusively<T>(&self, work: impl FnOnce(&mut Book) -> T) -> Result<T, NoAnswer> {
        let result = self.till.exclusively(work);
        result.map_err(|error| unknown(&error.to_string()))
    }
}

fn unknown(words: &str) -> NoAnswer {
    NoAnswer::Unknown(Reason::lossy(words))
}

fn unclear(words: &str) -> NoAnswer {
    NoAnswer::Unclear(Reason::lossy(words))
}

/// What is answered when something goes wrong.
fn instead(trouble: Trouble, step: Step) -> NoAnswer {
    match trouble {
        Trouble::Lost | Trouble::Error | Trouble::Late => {
            unknown(&format!("simulated: no answer to {step:?}"))
        }
        Trouble::RateLimited => NoAnswer::NotAsked {
            reason: Reason::lossy("simulated: too many requests"),
            retry_after: Some(Duration::from_secs(RETRY_AFTER_SECS)),
        },
    }
}

/// How an intent stands, in the port's words. A decline is final here, as the port wants it: nobody else can confirm.
fn status_of(intent: &Intent) -> IntentStatus {
    match intent.standing {
        _ if intent.was_declined => IntentStatus::Declined(Reason::lossy("card_declined")),
        Standing::RequiresConfirmation | Standing::RequiresPaymentMethod => {
            IntentStatus::Unconfirmed
        }
        Standing::Succeeded => IntentStatus::Succeeded,
        Standing::Canceled => IntentStatus::Cancelled,
    }
}

/// What a wish for a change of an intent has come to: one that was refused tells how the intent stands.
fn changed(result: Result<Intent, Refusal>) -> Result<IntentStatus, NoAnswer> {
    match result {
        Ok(intent) => Ok(status_of(&intent)),
        Err(
            Refusal::Declined(intent) | Refusal::MethodMissing(intent) | Refusal::Ended(intent),
        ) => Ok(status_of(&intent)),
        Err(
            Refusal::UnknownIntent(_)
            | Refusal::UnknownMethod(_)
            | Refusal::NotCharged(_)
            | Refusal::AlreadyRefunded { .. }
            | Refusal::TooMuch { .. },
        ) => Err(unclear("no such payment intent")),
    }
}

fn amount_of(book: &Book, intent: &str) -> i64 {
    book.intent(intent).map_or(0, |intent| intent.wish.amount)
}

fn asked(book: &mut Book, intent: &str) {
    book.put(Line::Asked(intent.to_owned()));
}

fn create(book: &mut Book, wish: Wish) -> Result<Created, NoAnswer> {
    let name = rules::first_name(&wish);
    let made = match book.intent(&name).cloned() {
        Some(intent) => Ok(intent),
        None => rules::create(book, wish),
    };
    match made {
        Ok(intent) => {
            asked(book, &intent.id);
            let name = ProviderRef::parse(intent.id);
            let name = name.map_err(|error| unclear(&error.to_string()))?;
            Ok(Created::Intent(name))
        }
        Err(_) => Ok(Created::Refused(Reason::lossy("no such payment method"))),
    }
}

fn refund(book: &mut Book, wish: Return) -> Result<Refunded, NoAnswer> {
    let made = match book.refunds_of(&wish.intent).first().cloned() {
        Some(refund) => Ok(refund),
        None => rules::refund(book, wish),
    };
    match made {
        Ok(refund) => {
            let name = RefundRef::parse(refund.id);
            let name = name.map_err(|error| unclear(&error.to_string()))?;
            Ok(Refunded::Done(name))
        }
        Err(Refusal::UnknownIntent(_)) => Err(unclear("no such payment intent")),
        Err(_) => Ok(Refunded::Refused(Reason::lossy("nothing was charged"))),
    }
}

#[async_trait]
impl PaymentProvider for SimulatedProvider {
    async fn create(&self, order: OrderId, charge: &Charge) -> Result<Created, NoAnswer> {
        let wish = Wish {
            amount: charge.amount.minor(),
            currency: charge.currency.code().to_lowercase(),
            payment_method: Some(charge.token.as_str().to_owned()),
            description: None,
            metadata: [
                ("order_id".to_owned(), order.to_string()),
                ("attempt".to_owned(), charge.attempt.to_string()),
            ]
            .into(),
            at: Utc::now().timestamp(),
        };
        let (amount, subject) = (wish.amount, wish.subject());
        self.step(
            Step::Create,
            &subject,
            |_| amount,
            |book| create(book, wish),
        )
        .await
    }

    async fn confirm(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let name = intent.as_str();
        self.step(
            Step::Confirm,
            name,
            |book| amount_of(book, name),
            |book| {
                asked(book, name);
                changed(rules::confirm(book, name))
            },
        )
        .await
    }

    async fn look_up(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let name = intent.as_str();
        self.exclusively(|book| {
            asked(book, name);
            changed(rules::look_up(book, name))
        })?
    }

    async fn cancel(&self, intent: &ProviderRef) -> Result<IntentStatus, NoAnswer> {
        let name = intent.as_str();
        self.exclusively(|book| {
            asked(book, name);
            changed(rules::cancel(book, name))
        })?
    }

    async fn refund(&self, _: OrderId, wish: &RefundOrder) -> Result<Refunded, NoAnswer> {
        let name = wish.intent.as_str();
        let wish = Return {
            intent: name.to_owned(),
            amount: Some(wish.amount.minor()),
            metadata: [].into(),
            at: Utc::now().timestamp(),
        };
        self.step(
            Step::Refund,
            name,
            |book| amount_of(book, name),
            |book| {
                asked(book, name);
                refund(book, wish)
            },
        )
        .await
    }
}

//! Lets through what is asked for, record by record.

use futures::StreamExt as _;
use ordertrace_domain::{
    CustomerId, DecodeError, Event, FeedError, OrderEvent, OrderId, Record, RecordedEvent, Records,
    Sequence, Span, order_of_subject,
};

use super::{
    Filter,
    customers::{Customers, Whose},
};

/// What a record was read as.
pub type Reading = Result<RecordedEvent, DecodeError>;

/// What becomes of a record.
#[derive(Debug)]
pub enum Verdict {
    /// It is not asked for.
    Out,
    /// It is asked for, or nobody can tell that it is not.
    In(Box<Reading>),
    /// It depends on whose order this is: hand in the order's first record by [`Sieve::learn`], and judge it again.
    Depends(OrderId),
}

/// A filter at work.
#[derive(Debug)]
pub struct Sieve {
    filter: Filter,
    customers: Customers,
}

impl Sieve {
    /// For this filter.
    pub fn new(filter: Filter) -> Self {
        Self {
            filter,
            customers: Customers::default(),
        }
    }

    /// What of a record is asked for: what it was read as, or nothing. The log is read only for the customer of an order
    /// that began before the read did, once an order.
    ///
    /// # Errors
    /// See [`FeedError`].
    pub async fn admit(
        &mut self,
        records: &dyn Records,
        record: &Record,
    ) -> Result<Option<Reading>, FeedError> {
        loop {
            match self.judge(record) {
                Verdict::Out => return Ok(None),
                Verdict::In(reading) => return Ok(Some(*reading)),
                Verdict::Depends(order) => {
                    let first = first_record(records, order, record.sequence).await?;
                    self.learn(order, first.as_ref());
                }
            }
        }
    }

    /// Judges a record by what is known.
    pub fn judge(&mut self, record: &Record) -> Verdict {
        if !self.filter.covers(record.sequence, record.recorded_at) {
            return Verdict::Out;
        }
        let order = order_of_subject(&record.subject);
        if self.filter.order.is_some() && self.filter.order != order {
            return Verdict::Out;
        }
        let reading = record.read();
        self.take_note(order, &reading);
        if !self.may_be_of_type(&reading) || !self.may_be_of_actor(&reading) {
            return Verdict::Out;
        }
        match order {
            Some(order) => self.judge_by_customer(order, reading),
            None => Verdict::In(Box::new(reading)),
        }
    }

    /// Most orders begin within the read: their first event says whose they are.
    fn take_note(&mut self, order: Option<OrderId>, reading: &Reading) {
        let (Some(asked), Some(order)) = (&self.filter.customer, order) else {
            return;
        };
        let whose = customer_in(reading).map(|found| whose(found, asked));
        if let Some(whose) = whose.filter(|_| self.customers.get(order).is_none()) {
            self.customers.put(order, whose);
        }
    }

    fn judge_by_customer(&mut self, order: OrderId, reading: Reading) -> Verdict {
        if self.filter.customer.is_none() {
            return Verdict::In(Box::new(reading));
        }
        match self.customers.get(order) {
            None => Verdict::Depends(order),
            Some(Whose::AnotherOnes) => Verdict::Out,
            Some(Whose::Theirs | Whose::Unknown) => Verdict::In(Box::new(reading)),
        }
    }

    /// Remembers whose an order is, by its first record.
    pub fn learn(&mut self, order: OrderId, first: Option<&Record>) {
        let Some(customer) = &self.filter.customer else {
            return;
        };
        let reading = first.map(Record::read);
        let found = reading.as_ref().and_then(customer_in);
        let whose = found.map_or(Whose::Unknown, |found| whose(found, customer));
        self.customers.put(order, whose);
    }

    /// An event that this program does not know still has a name.
    fn may_be_of_type(&self, reading: &Reading) -> bool {
        let name = match reading {
            Ok(recorded) => recorded.event.envelope.event.event_type().name,
            Err(
                DecodeError::UnknownType(name)
                | DecodeError::FutureSchema { name, .. }
                | DecodeError::Upcast { name, .. },
            ) => name,
            Err(DecodeError::TooLong(_) | DecodeError::Malformed(_) | DecodeError::Mismatch(_)) => {
                return true;
            }
        };
        self.filter.types.is_empty() || self.filter.types.contains(&name)
    }

    fn may_be_of_actor(&self, reading: &Reading) -> bool {
        let (Some(asked), Ok(recorded)) = (&self.filter.actor, reading) else {
            return true;
        };
        let actor = &recorded.event.envelope.actor;
        asked.kind == actor.kind && asked.id.as_ref().is_none_or(|id| *id == actor.id)
    }
}

/// Who placed the order, if this is the event that says so.
fn customer_in(reading: &Reading) -> Option<&CustomerId> {
    let recorded = reading.as_ref().ok()?;
    match &recorded.event.envelope.event {
        Event::Order(OrderEvent::OrderPlaced(placed)) => Some(&placed.customer_id),
        Event::Order(_) | Event::Payment(_) | Event::Delivery(_) => None,
    }
}

fn whose(found: &CustomerId, asked: &CustomerId) -> Whose {
    if found == asked {
        Whose::Theirs
    } else {
        Whose::AnotherOnes
    }
}

/// The order's first record, at this position or before.
async fn first_record(
    records: &dyn Records,
    order: OrderId,
    upto: Sequence,
) -> Result<Option<Record>, FeedError> {
    let span = Span {
        after: Sequence::START,
        upto: Some(upto),
    };
    records.scan(span, Some(order)).next().await.transpose()
}

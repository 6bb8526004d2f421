//! An order's records, folded step by step.

use ordertrace_audit::Reading;
use ordertrace_domain::{Head, OrderId, OrderState, Record, Sequence, evolve};
use ordertrace_http::{trace_state, trace_status};

use super::words::said;

/// One record, and what the order had come to by it.
pub(super) struct Step {
    pub(super) reading: Reading,
    /// What happened, in words; what is wrong with the record, if it is not the order's next event.
    pub(super) told: Result<String, String>,
    /// The precise state after it, and the original's word for it; none before the order was placed.
    pub(super) state: Option<(&'static str, &'static str)>,
}

/// What happened to an order.
pub(super) struct Story {
    pub(super) order_id: OrderId,
    pub(super) steps: Vec<(Sequence, Step)>,
    /// What it has come to.
    pub(super) state: OrderState,
}

impl Story {
    /// The story that these records tell.
    pub(super) fn of(order_id: OrderId, records: &[Record]) -> Self {
        let mut story = Self {
            order_id,
            steps: Vec::with_capacity(records.len()),
            state: OrderState::Absent,
        };
        let mut head = Head::none(order_id);
        for record in records {
            let step = story.step(&mut head, record);
            story.steps.push((record.sequence, step));
        }
        story
    }

    fn step(&mut self, head: &mut Head, record: &Record) -> Step {
        let reading = record.read();
        let told = match &reading {
            Err(error) => Err(format!("can't be read: {error}")),
            Ok(recorded) => match head.check_follows(&recorded.event) {
                Err(broken) => Err(broken.to_string()),
                Ok(()) => {
                    let event = &recorded.event.envelope.event;
                    head.version = head.version.next();
                    head.hash = recorded.event.hash;
                    let told = said(event, &self.state);
                    self.state = evolve(std::mem::take(&mut self.state), event);
                    Ok(told)
                }
            },
        };
        Step {
            reading,
            told,
            state: self.words(),
        }
    }

    /// What it has come to, in the words of the API.
    pub(super) fn words(&self) -> Option<(&'static str, &'static str)> {
        let order = self.state.order()?;
        Some((trace_state(order), trace_status(order)))
    }

    /// Where the first record stands that is not the order's next event, and why it is not.
    pub(super) fn first_fault(&self) -> Option<(Sequence, &str)> {
        let mut faults = self.steps.iter().filter_map(|(sequence, step)| {
            let fault = step.told.as_ref().err()?;
            Some((*sequence, fault.as_str()))
        });
        faults.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt as _, executor::block_on};
    use ordertrace_domain::{
        EventLog as _, History, Records as _, Span,
        testing::{
            MemoryLog,
            fixtures::{cash, drafts, histories, order_id},
        },
    };

    /// The records of an order that went well, as `change` leaves the log.
    fn records(change: impl FnOnce(&MemoryLog, OrderId)) -> (OrderId, Vec<Record>) {
        let (log, base) = (MemoryLog::new(), History::empty(order_id()));
        let drafts = drafts(&base, histories::completed(cash()));
        block_on(log.append(&base, drafts)).unwrap();
        change(&log, base.order_id());
        let upto = block_on(log.extent()).unwrap().last;
        let span = Span {
            after: Sequence::START,
            upto: Some(upto),
        };
        let scan = log.scan(span, None);
        (
            base.order_id(),
            block_on(scan.map(Result::unwrap).collect()),
        )
    }

    fn states(story: &Story) -> Vec<&'static str> {
        let states = story.steps.iter().filter_map(|(_, step)| step.state);
        states.map(|(state, _)| state).collect()
    }

    #[test]
    fn every_step_says_what_the_order_had_come_to() {
        let (order, records) = records(|_, _| {});
        let story = Story::of(order, &records);
        assert_eq!(
            states(&story),
            [
                "placed",
                "payment_requested",
                "payment_approved",
                "delivery_prepared",
                "delivery_started",
                "delivered",
                "completed"
            ]
        );
        assert_eq!(story.words(), Some(("completed", "DELIVERY END")));
        assert_eq!(story.first_fault(), None);
    }

    #[test]
    fn what_does_not_follow_is_told_and_moves_nothing() {
        let (order, records) = records(|log, order| {
            log.write_foreign(order, b"garbage");
        });
        let story = Story::of(order, &records);
        assert_eq!(story.words(), Some(("completed", "DELIVERY END")));
        let (position, fault) = story.first_fault().unwrap();
        assert_eq!(position, Sequence::new(8));
        assert!(fault.contains("can't be read"), "{fault}");
    }

    #[test]
    fn an_event_whose_predecessor_was_altered_is_told() {
        let (order, records) = records(|log, _| {
            log.tamper(Sequence::new(3), |record| {
                let mut bytes = record.payload.to_vec();
                *bytes.last_mut().unwrap() ^= 1;
                record.payload = bytes.into();
            });
        });
        let story = Story::of(order, &records);
        let (position, _) = story.first_fault().unwrap();
        assert!(position == Sequence::new(3) || position == Sequence::new(4));
        assert_ne!(story.words(), Some(("completed", "DELIVERY END")));
    }
}

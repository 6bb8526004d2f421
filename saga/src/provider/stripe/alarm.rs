//! What only an operator can mend, told to them once and not with every order.
//!
//! Invariant: each alarm is raised when it begins, and again only after all was well in between.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::StatusCode;

use super::{endpoint::Operation, reading::RawAnswer};

/// What is wrong with how we are set up, as far as answers show it.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    locked_out: Alarm,
    forbidden: [Alarm; Operation::COUNT],
    elsewhere: Alarm,
}

#[derive(Debug, Default)]
struct Alarm(AtomicBool);

impl Alarm {
    /// Takes note of how it is; whether it has just begun.
    fn begins(&self, is_on: bool) -> bool {
        let was_on = self.0.swap(is_on, Ordering::Relaxed);
        is_on && !was_on
    }
}

impl Alarms {
    pub(super) fn note(&self, operation: Operation, answer: &RawAnswer) {
        let is_locked_out = answer.status == StatusCode::UNAUTHORIZED;
        if self.locked_out.begins(is_locked_out) {
            tracing::error!(
                http.status = answer.status.as_u16(),
                "the payment provider does not accept our secret key: no card is charged until that is mended"
            );
        }
        let is_forbidden = answer.status == StatusCode::FORBIDDEN;
        // A refused key says nothing about what it may do.
        if !is_locked_out && self.forbidden[operation as usize].begins(is_forbidden) {
            tracing::error!(
                http.status = answer.status.as_u16(),
                payment.operation = operation.word(),
                "the payment provider does not let our secret key do this: payments that need it wait until that is mended"
            );
        }
        self.note_elsewhere(operation, answer);
    }

    /// The customers' means of payment are only tried when an intent is made, so nothing else shows that all is well.
    fn note_elsewhere(&self, operation: Operation, answer: &RawAnswer) {
        let is_elsewhere = answer.is_elsewhere();
        let shows = is_elsewhere || operation == Operation::Create && answer.status.is_success();
        if shows && self.elsewhere.begins(is_elsewhere) {
            tracing::error!(
                payment.operation = operation.word(),
                "our secret key is of another account or mode, live or test, than what the payment provider is asked \
                 for: such payments wait until that is mended"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicUsize};

    use reqwest::header::HeaderMap;
    use tracing::{
        Event, Level, Metadata, Subscriber,
        span::{Attributes, Id, Record},
        subscriber::with_default,
    };

    use super::*;

    const OTHER_MODE: &str = r#"{"error": {"code": "resource_missing", "message":
        "No such PaymentMethod: 'pm_1'; a similar object exists in test mode, but a live mode key was used"}}"#;

    /// Counts what is logged at error level.
    struct Errors(Arc<AtomicUsize>);

    impl Subscriber for Errors {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            *metadata.level() == Level::ERROR
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    fn alarms_after(answers: &[(Operation, u16, &str)]) -> usize {
        let errors = Arc::new(AtomicUsize::new(0));
        with_default(Errors(Arc::clone(&errors)), || {
            let alarms = Alarms::default();
            for (operation, status, body) in answers {
                let answer = RawAnswer {
                    status: StatusCode::from_u16(*status).unwrap(),
                    headers: HeaderMap::new(),
                    body: body.as_bytes().to_vec(),
                };
                alarms.note(*operation, &answer);
            }
        });
        errors.load(Ordering::Relaxed)
    }

    #[test]
    fn a_refused_key_is_told_once_until_it_is_taken_again() {
        let refused = (Operation::Create, 401, "{}");
        assert_eq!(alarms_after(&[refused, refused]), 1);
        let taken = (Operation::LookUp, 200, "{}");
        assert_eq!(alarms_after(&[refused, taken, refused]), 2);
    }

    #[test]
    fn what_the_key_may_not_do_is_told_once_for_each_operation() {
        let refund = (Operation::Refund, 403, "{}");
        let confirm = (Operation::Confirm, 403, "{}");
        let charged = (Operation::Create, 200, "{}");
        assert_eq!(alarms_after(&[refund, charged, refund, charged]), 1);
        assert_eq!(alarms_after(&[refund, confirm, refund, confirm]), 2);
    }

    #[test]
    fn a_key_of_another_mode_is_told_once_until_an_intent_is_made() {
        let elsewhere = (Operation::Create, 400, OTHER_MODE);
        let confirmed = (Operation::Confirm, 200, "{}");
        assert_eq!(alarms_after(&[elsewhere, confirmed, elsewhere]), 1);
        let made = (Operation::Create, 200, "{}");
        assert_eq!(alarms_after(&[elsewhere, made, elsewhere]), 2);
    }

    #[test]
    fn an_ordinary_refusal_is_no_alarm() {
        let declined = r#"{"error": {"code": "card_declined"}}"#;
        let missing = r#"{"error": {"code": "resource_missing", "message": "No such PaymentMethod: 'pm_1'"}}"#;
        let answers = [
            (Operation::Confirm, 402, declined),
            (Operation::Create, 400, missing),
        ];
        assert_eq!(alarms_after(&answers), 0);
    }
}

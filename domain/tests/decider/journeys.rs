//! Whole orders, command by command: every event there is follows from some command, and every order ends.

use std::collections::BTreeSet;

use ordertrace_domain::{
    CancellationCause, Command, DeliveryCancellationCause, DeliveryCommand, Event, Phase,
    RejectionCause, decide, fold,
    testing::fixtures::{
        card, cash,
        commands::{
            approve_payment, cancel_delivery, cancel_order, complete_delivery, complete_order,
            confirm_refund, decline_payment, expire_payment, fail_delivery, fail_refund,
            mark_payment_unknown, place_order, prepare_delivery, reject_order,
            request_cancellation, request_payment, request_refund, start_delivery, submit_payment,
            void_payment,
        },
        provider_ref,
    },
};

/// A course of commands, each with the number of events it leads to, and where it ends.
struct Journey {
    name: &'static str,
    steps: Vec<(Command, usize)>,
    end: Phase,
}

impl Journey {
    fn new(
        name: &'static str,
        steps: impl IntoIterator<Item = (Command, usize)>,
        end: Phase,
    ) -> Self {
        let steps = steps.into_iter().collect();
        Self { name, steps, end }
    }

    /// Decides one command after the other.
    fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for (command, count) in &self.steps {
            let decided = decide(&fold(&events), command);
            let added = decided.unwrap_or_else(|no| panic!("{}: {command:?}: {no}", self.name));
            assert_eq!(added.len(), *count, "{}: {command:?}", self.name);
            events.extend(added);
        }
        events
    }
}

fn paid_by_card() -> Vec<(Command, usize)> {
    vec![
        (place_order(card()), 1),
        (request_payment(), 1),
        (submit_payment(), 1),
        (approve_payment(Some(provider_ref())), 1),
    ]
}

fn paid_in_cash() -> Vec<(Command, usize)> {
    vec![
        (place_order(cash()), 1),
        (request_payment(), 1),
        (approve_payment(None), 1),
    ]
}

fn on_its_way(paid: Vec<(Command, usize)>) -> Vec<(Command, usize)> {
    [paid, vec![(prepare_delivery(2), 1), (start_delivery(), 1)]].concat()
}

fn call_back(cause: DeliveryCancellationCause) -> Command {
    DeliveryCommand::CancelDelivery { cause }.into()
}

fn journeys() -> Vec<Journey> {
    let mut journeys = delivered();
    journeys.extend(unpaid());
    journeys.extend(refunded());
    journeys
}

fn delivered() -> Vec<Journey> {
    let arrives = [(complete_delivery(), 1), (complete_order(), 1)];
    vec![
        Journey::new(
            "paid in cash and delivered",
            [on_its_way(paid_in_cash()), arrives.to_vec()].concat(),
            Phase::Completed,
        ),
        Journey::new(
            "paid by card and delivered with the second attempt",
            [
                on_its_way(paid_by_card()),
                vec![(fail_delivery(), 1), (start_delivery(), 1)],
                arrives.to_vec(),
            ]
            .concat(),
            Phase::Completed,
        ),
    ]
}

fn unpaid() -> Vec<Journey> {
    vec![
        Journey::new(
            "declined after the outcome was unknown",
            [
                (place_order(card()), 1),
                (request_payment(), 1),
                (submit_payment(), 1),
                (mark_payment_unknown(), 1),
                (decline_payment(Some(provider_ref())), 1),
                (reject_order(), 1),
            ],
            Phase::Rejected(RejectionCause::PaymentDeclined),
        ),
        Journey::new(
            "not paid in time",
            [
                (place_order(cash()), 1),
                (request_payment(), 1),
                (expire_payment(None), 1),
                (reject_order(), 1),
            ],
            Phase::Rejected(RejectionCause::PaymentExpired),
        ),
        Journey::new(
            "cancelled before it was paid",
            [
                (place_order(cash()), 1),
                (request_payment(), 1),
                (request_cancellation(), 1),
                (void_payment(None), 1),
                (cancel_order(), 1),
            ],
            Phase::Cancelled(CancellationCause::Requested),
        ),
    ]
}

fn refunded() -> Vec<Journey> {
    let refunded = [
        (request_refund(), 1),
        (fail_refund(), 1),
        (request_refund(), 1),
        (confirm_refund(), 1),
        (cancel_order(), 1),
    ];
    vec![
        Journey::new(
            "cancelled on its way, refunded with the second attempt",
            [
                on_its_way(paid_by_card()),
                vec![(request_cancellation(), 1), (cancel_delivery(), 1)],
                refunded.to_vec(),
            ]
            .concat(),
            Phase::Cancelled(CancellationCause::Requested),
        ),
        Journey::new(
            "undeliverable",
            [
                on_its_way(paid_by_card()),
                vec![
                    (fail_delivery(), 1),
                    (call_back(DeliveryCancellationCause::AttemptsExhausted), 1),
                ],
                refunded.to_vec(),
            ]
            .concat(),
            Phase::Cancelled(CancellationCause::Undeliverable),
        ),
        Journey::new(
            "withdrawn by an operator's refund",
            [
                on_its_way(paid_in_cash()),
                vec![
                    (request_refund(), 3),
                    (confirm_refund(), 1),
                    (cancel_order(), 1),
                ],
            ]
            .concat(),
            Phase::Cancelled(CancellationCause::Refunded),
        ),
    ]
}

#[test]
fn every_journey_ends_as_it_should() {
    for journey in journeys() {
        let state = fold(&journey.events());
        assert_eq!(
            state.order().unwrap().phase,
            journey.end,
            "{}",
            journey.name
        );
    }
}

#[test]
fn every_event_follows_from_some_command() {
    let events = journeys().into_iter().flat_map(|journey| journey.events());
    let produced: BTreeSet<_> = events.map(|event| event.event_type()).collect();
    let all: BTreeSet<_> = Event::types().collect();
    assert_eq!(produced, all);
}

#[test]
fn an_ended_order_holds_no_money_without_goods_and_no_goods_without_money() {
    for journey in journeys() {
        let state = fold(&journey.events());
        let order = state.order().unwrap();
        let is_delivered = order.delivery.is_completed();
        assert_eq!(
            is_delivered,
            !order.payment.is_settled(),
            "{}",
            journey.name
        );
        assert!(
            is_delivered || order.delivery.is_settled(),
            "{}",
            journey.name
        );
    }
}

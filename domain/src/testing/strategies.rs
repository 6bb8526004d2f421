//! Orders at random, for properties: commands, whole courses of an order, envelopes.

#![expect(
    clippy::expect_used,
    reason = "a strategy that makes no valid value is a mistake in the strategy"
)]

use std::sync::LazyLock;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
    string::string_regex,
};
use uuid::Uuid;

use super::fixtures::{self, commands, events};
use crate::{
    Actor, ActorId, ActorKind, CancellationCause, Command, CommandId, CorrelationId,
    DeliveryCancellationCause, DeliveryCommand, Envelope, Event, EventId, Hash, OrderCommand,
    OrderId, OrderLine, OrderState, PaymentMethod, PlaceOrder, ProviderRef, Reason, Timestamp,
    TraceParent, Version, decide, evolve,
};

/// The most commands of one course: enough to refund twice after three deliveries failed.
const STEPS_MAX: usize = 40;

/// How long all may go well: as many commands as it takes to pay by card, deliver and complete.
const SMOOTH_STEPS_MAX: usize = 7;

/// In cash or by card.
pub fn payment_method() -> impl Strategy<Value = PaymentMethod> {
    select(vec![fixtures::cash(), fixtures::card()])
}

/// One to four lines of any product.
pub fn place_order() -> impl Strategy<Value = PlaceOrder> {
    (vec(line(), 1..=4), payment_method())
        .prop_map(|(lines, method)| fixtures::order_of(lines, method))
}

fn line() -> impl Strategy<Value = OrderLine> {
    (1_u64..1 << 53, words(), 1_u32..=1_000_000, 1_i64..1 << 50).prop_map(
        |(product, name, quantity, minor)| fixtures::line(product, &name, quantity, minor),
    )
}

/// Up to forty letters of several scripts, in one word or two.
fn words() -> impl Strategy<Value = String> {
    let word = || string_regex("[a-zA-Z0-9äöüßéñжя커피咖啡☕🥐]{1,20}").expect("a pattern");
    let two_words = (word(), select(vec![" ", "-", " & ", "'"]), word());
    prop_oneof![
        word(),
        two_words.prop_map(|(one, between, other)| format!("{one}{between}{other}")),
    ]
}

/// The provider's word on the order's payment, on another one, or nobody's.
fn word() -> impl Strategy<Value = Option<ProviderRef>> {
    select(vec![
        None,
        Some(fixtures::provider_ref()),
        Some(fixtures::other_provider_ref()),
    ])
}

/// Any command at all.
pub fn command() -> impl Strategy<Value = Command> {
    let causes = vec![
        CancellationCause::Requested,
        CancellationCause::PaymentOverdue,
        CancellationCause::Undeliverable,
        CancellationCause::Refunded,
    ];
    prop_oneof![
        1 => place_order().prop_map(|order| OrderCommand::PlaceOrder(order).into()),
        1 => (select(causes), option::of(any_reason())).prop_map(|(cause, reason)| {
            OrderCommand::RequestCancellation { cause, reason }.into()
        }),
        6 => select(commands::one_of_each()),
        4 => worded_command(),
        2 => delivery_command(),
    ]
}

fn worded_command() -> impl Strategy<Value = Command> {
    (word(), 0..5).prop_map(|(word, kind)| match kind {
        0 => commands::approve_payment(word),
        1 => commands::decline_payment(word),
        2 => commands::expire_payment(word),
        3 => commands::void_payment(word),
        _ => word.map_or_else(commands::submit_payment, commands::submit_payment_as),
    })
}

fn delivery_command() -> impl Strategy<Value = Command> {
    let causes = vec![
        DeliveryCancellationCause::OrderCancelled,
        DeliveryCancellationCause::AttemptsExhausted,
        DeliveryCancellationCause::Overdue,
    ];
    prop_oneof![
        select(causes).prop_map(|cause| DeliveryCommand::CancelDelivery { cause }.into()),
        any_reason().prop_map(|reason| DeliveryCommand::FailDelivery { reason }.into()),
        (1_u16..=3).prop_map(commands::prepare_delivery),
    ]
}

/// Any words as a reason.
pub fn any_reason() -> impl Strategy<Value = Reason> {
    any::<String>().prop_map(|text| Reason::lossy(&text))
}

/// The course of one order: commands, each with the events it led to.
#[derive(Debug, Clone)]
pub struct Course {
    /// The commands that were accepted, in their order.
    pub accepted: Vec<(Command, Vec<Event>)>,
}

impl Course {
    /// All events, first to last.
    pub fn events(&self) -> Vec<Event> {
        let events = self.accepted.iter().flat_map(|(_, events)| events);
        events.cloned().collect()
    }
}

/// The course of an order that was placed. For a while all goes well, so that many come far; from then on half of the
/// commands are any, the others ones that lead somewhere.
pub fn course() -> impl Strategy<Value = Course> {
    let step = (command(), any::<bool>(), any::<Index>());
    let steps = vec(step, 0..STEPS_MAX);
    (place_order(), 0..=SMOOTH_STEPS_MAX, steps).prop_map(|(order, smooth_steps, steps)| {
        let mut course = Course { accepted: vec![] };
        let placing = OrderCommand::PlaceOrder(order).into();
        let mut state = accept(&mut course, OrderState::Absent, placing);
        for (nth, (any, is_any, index)) in steps.into_iter().enumerate() {
            let open = match (nth < smooth_steps, is_any) {
                (true, _) => fruitful(&SMOOTH, &state),
                (false, true) => vec![],
                (false, false) => fruitful(&POOL, &state),
            };
            let command = if open.is_empty() {
                any
            } else {
                index.get(&open).clone()
            };
            state = accept(&mut course, state, command);
        }
        course
    })
}

/// One of every command, and those that need no provider without its word.
static POOL: LazyLock<Vec<Command>> = LazyLock::new(|| {
    let mut pool = commands::one_of_each();
    pool.extend([
        commands::approve_payment(None),
        commands::decline_payment(None),
        commands::expire_payment(None),
        commands::void_payment(None),
    ]);
    pool
});

/// What is asked of an order as long as all goes well.
static SMOOTH: LazyLock<Vec<Command>> = LazyLock::new(|| {
    vec![
        commands::request_payment(),
        commands::submit_payment(),
        commands::approve_payment(None),
        commands::approve_payment(Some(fixtures::provider_ref())),
        commands::prepare_delivery(2),
        commands::start_delivery(),
        commands::complete_delivery(),
        commands::complete_order(),
    ]
});

/// The commands that lead to events from here.
fn fruitful(pool: &[Command], state: &OrderState) -> Vec<Command> {
    let leads_on =
        |command: &&Command| decide(state, command).is_ok_and(|events| !events.is_empty());
    pool.iter().filter(leads_on).cloned().collect()
}

fn accept(course: &mut Course, state: OrderState, command: Command) -> OrderState {
    let events = decide(&state, &command).unwrap_or_default();
    let state = events.iter().fold(state, evolve);
    if !events.is_empty() {
        course.accepted.push((command, events));
    }
    state
}

/// Any event that some command leads to, and some that none does.
pub fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        select(events::one_of_each()),
        place_order().prop_map(events::order_placed_as),
        (course(), any::<Index>()).prop_map(|(course, index)| index.get(&course.events()).clone()),
    ]
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn actor() -> impl Strategy<Value = Actor> {
    let kinds = vec![
        ActorKind::Anonymous,
        ActorKind::Customer,
        ActorKind::Courier,
        ActorKind::Operator,
        ActorKind::System,
    ];
    (select(kinds), words()).prop_map(|(kind, id)| Actor {
        kind,
        id: ActorId::parse(id).expect("an actor"),
    })
}

fn traceparent() -> impl Strategy<Value = TraceParent> {
    (1..=u128::MAX, 1..=u64::MAX, any::<u8>()).prop_map(|(trace, parent, flags)| {
        let text = format!("00-{trace:032x}-{parent:016x}-{flags:02x}");
        TraceParent::parse(&text).expect("a trace")
    })
}

/// Any event in any envelope, fit for the log or not.
pub fn envelope() -> impl Strategy<Value = Envelope> {
    let ids = (uuid(), uuid(), uuid(), option::of(uuid()), uuid());
    let log = (any::<u64>(), any::<i64>(), any::<[u8; 32]>());
    let who = (actor(), option::of(traceparent()));
    (ids, log, who, command(), event()).prop_map(|(ids, log, who, command, event)| Envelope {
        event_id: EventId::from_uuid(ids.0),
        order_id: OrderId::from_uuid(ids.1),
        version: Version::new(log.0),
        occurred_at: Timestamp::from_micros(log.1),
        command_id: CommandId::from_uuid(ids.2),
        command_hash: command.hash(),
        causation_id: ids.3.map(EventId::from_uuid),
        correlation_id: CorrelationId::from_uuid(ids.4),
        traceparent: who.1,
        actor: who.0,
        prev_hash: Hash::of(&log.2),
        event,
    })
}

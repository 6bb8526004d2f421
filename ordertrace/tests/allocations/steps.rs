//! The steps, from a request's bytes to the view.

use std::hint::black_box;
use std::sync::Arc;

use allocation_counter::measure;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use ordertrace_command_api::{CommandApi, router};
use ordertrace_domain::testing::fixtures::{
    cash, commands, drafts, euro, events, histories, order_id,
};
use ordertrace_domain::testing::{ManualClock, MemoryLog};
use ordertrace_domain::{
    Command, Draft, Envelope, Event, Executor, FeedItem, History, OrderState, RecordedEvent,
    Sequence, StoredEvent, decide, evolve, fold,
};
use ordertrace_http::with_fallbacks;
use ordertrace_projections::{Change, Record, apply};
use ordertrace_saga::{Policy, Wake, react};
use tower::ServiceExt;

use crate::stored::{Count, assert_within};

/// Where the budget stands, from this crate's folder.
const BUDGET: &str = "tests/allocations/budget.txt";

/// Nothing here is left to chance.
const SLACK_PERCENT: u64 = 0;

#[test]
fn a_step_of_a_command_allocates_no_more_than_its_budget() {
    let counts = [
        (
            "POST /orders, from bytes to bytes, on a log in memory",
            post(),
        ),
        ("the hash of a command", hash()),
        (
            "decide on PlaceOrder",
            decide_on(&OrderState::Absent, &commands::place_order(cash())),
        ),
        ("decide on ApprovePayment", decide_on_payment()),
        ("encode and hash OrderPlaced", encode()),
        ("decode and hash OrderPlaced", decode()),
        ("evolve by OrderPlaced", evolve_by_placed()),
        ("fold an order of eight events", fold_all()),
        ("react to OrderPlaced", react_to_placed()),
        ("apply OrderPlaced to the view", apply_placed()),
        ("apply PaymentRequested to the view", apply_requested()),
    ];
    let counts = counts.map(|(name, count)| Count::of(name, Some(count)));
    assert_within(BUDGET, &counts, SLACK_PERCENT);
}

/// Counts the second time that something is done.
fn second<T>(mut step: impl FnMut() -> T) -> u64 {
    drop(black_box(step()));
    measure(|| drop(black_box(step()))).count_total
}

fn hash() -> u64 {
    let command = commands::place_order(cash());
    second(|| black_box(&command).hash())
}

fn decide_on(state: &OrderState, command: &Command) -> u64 {
    second(|| decide(black_box(state), black_box(command)).unwrap())
}

fn decide_on_payment() -> u64 {
    let state = fold(&histories::requested(cash()));
    decide_on(&state, &commands::approve_payment(None))
}

fn evolve_by_placed() -> u64 {
    let placed = events::order_placed(cash());
    second(|| evolve(OrderState::Absent, black_box(&placed)))
}

fn fold_all() -> u64 {
    let all = histories::completed(cash());
    second(|| fold(black_box(&all)))
}

fn react_to_placed() -> u64 {
    let history = histories::placed(cash());
    let (state, policy) = (fold(&history), Policy::default());
    let wake = Wake::Event {
        event: &history[0],
        version: ordertrace_domain::Version::NONE.next(),
        recorded_at: ManualClock::START,
    };
    let effects = react(&state, &policy, wake);
    assert!(!effects.is_empty());
    second(|| react(black_box(&state), &policy, wake))
}

/// The first events of an order, ready to be stored.
fn ready(events: Vec<Event>) -> Vec<Draft> {
    drafts(&History::empty(order_id()), events)
}

fn encode() -> u64 {
    let draft = ready(histories::placed(cash())).remove(0);
    let envelope: Envelope = draft.envelope;
    // The copy of the envelope is the test's own.
    let copy = second(|| envelope.clone());
    second(|| Draft::new(envelope.clone())) - copy
}

fn decode() -> u64 {
    let draft = ready(histories::placed(cash())).remove(0);
    second(|| StoredEvent::read(Sequence::new(1), black_box(&draft.payload)).unwrap())
}

/// The first two messages of an order, as the view follows them.
fn messages() -> Vec<FeedItem> {
    let drafts = ready(histories::requested(cash())).into_iter();
    let items = drafts.zip(1..).map(|(draft, sequence)| {
        FeedItem::Event(RecordedEvent {
            event: Arc::new(StoredEvent {
                sequence: Sequence::new(sequence),
                hash: draft.hash,
                envelope: draft.envelope,
            }),
            recorded_at: ManualClock::START,
        })
    });
    items.collect()
}

fn apply_placed() -> u64 {
    let messages = messages();
    second(|| apply(None, black_box(&messages[0])))
}

fn apply_requested() -> u64 {
    let messages = messages();
    let Change::Advanced { row, .. } = apply(None, &messages[0]) else {
        panic!("the first message changes nothing");
    };
    let record = Record::Sound(row);
    second(|| apply(Some(&record), black_box(&messages[1])))
}

/// The routes as they are served, without what the program puts around them.
fn post() -> u64 {
    let clock = Arc::new(ManualClock::new());
    let log = MemoryLog::with_clock(clock.clone());
    let state = CommandApi {
        executor: Executor::new(Arc::new(log), clock),
        default_currency: euro(),
    };
    let routes: Router = with_fallbacks(router(state));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    second(|| {
        let answer = routes.clone().oneshot(request());
        let answer = runtime.block_on(answer).unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer
    })
}

fn request() -> Request<Body> {
    let body =
        r#"{"productId":"1","qty":"1","paymentType":"cash","cost":"1000","productName":"Coffee"}"#;
    let request = Request::post("/orders").header("content-type", "application/json");
    request.body(Body::from(body)).unwrap()
}

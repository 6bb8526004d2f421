//! The pure core of Ordertrace: commands, events, deciders, the envelope, the ports and the command executor.
//!
//! Invariant: no I/O, no clock, no randomness. Deciders are sync and total; the executor is the only async code, and it
//! knows the log only as a port. The crate names neither NATS nor sled nor HTTP.

mod id;
mod number;
mod recorded_at;
mod shard;
mod subject;
mod text;
mod time;

mod hash;
mod money;

mod command;
mod decider;
mod delivery;
mod event;
mod order;
mod payment;
mod rejection;
mod stuck;

mod actor;
mod envelope;
mod fields;
mod history;
mod link;
pub mod message;
mod position;
mod upcast;

mod executor;
mod idempotency;
mod ports;

#[cfg(feature = "testing")]
pub mod testing;

pub use actor::{Actor, ActorKind, InvalidTraceParent, TraceParent};
pub use command::{Command, CommandHash};
pub use decider::{decide, evolve, fold};
pub use delivery::{
    Delivery, DeliveryCancellationCause, DeliveryCancelled, DeliveryCommand, DeliveryCompleted,
    DeliveryEvent, DeliveryFailed, DeliveryPrepared, DeliveryStarted,
};
pub use envelope::{DecodeError, Envelope, PAYLOAD_BYTES_MAX};
pub use event::{Event, EventType};
pub use executor::{CommandRequest, ExecuteError, Executor, Outcome, Refusal, ending};
pub use hash::Hash;
pub use history::{BrokenHistory, Head, History, StoredEvent};
pub use id::{CommandId, CorrelationId, EventId, InvalidId, OrderId};
pub use idempotency::{
    IdempotencyKey, InvalidKey, KEY_CHARS_MAX, RequestIdentity, saga_command_id,
};
pub use link::Link;
pub use money::{Amount, Currency, InvalidMoney};
pub use number::{Attempt, Version};
pub use order::{
    CancellationCause, InvalidOrder, Order, OrderCancellationRequested, OrderCancelled,
    OrderCommand, OrderCompleted, OrderEvent, OrderLine, OrderLines, OrderPlaced, OrderRejected,
    OrderState, PaymentMethod, Phase, PlaceOrder, ProductId, Quantity, RejectionCause,
};
pub use payment::{
    Payment, PaymentApproved, PaymentCommand, PaymentDeclined, PaymentEvent, PaymentExpired,
    PaymentOutcomeUnknown, PaymentRefunded, PaymentRequested, PaymentSubmitted, PaymentVoided,
    RefundFailed, RefundRequested,
};
pub use ports::{
    AppendError, Backlog, BacklogKind, Backlogs, Cause, Checkpoints, Clock, DeadLetter,
    DeadLetterId, DeadLetterPage, DeadLetters, Draft, EventArchive, EventFeed, EventLog, Extent,
    FeedError, FeedItem, FiredTimer, Freshness, LogError, Parked, Parking, Receipt, Record,
    RecordedEvent, Records, Settlement, Span, StoredCheckpoint, TimerName, Timers, UnreadableEvent,
    Verdict, Work, WorkItem, WorkQueue,
};
pub use position::{Incarnation, InvalidPosition, Position, Sequence};
pub use recorded_at::RecordedAt;
pub use rejection::Rejection;
pub use shard::Shard;
pub use stuck::{Patience, StuckReason, stuck};
pub use subject::{event_subject, order_of_subject};
pub use text::{
    ActorId, CustomerId, InvalidText, PaymentToken, ProductName, ProviderRef, Reason, RefundRef,
};
pub use time::{InvalidTimestamp, Timestamp};
pub use upcast::{UPCASTERS, UpcastError, Upcaster};

//! Every event's payload, byte for byte.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use ordertrace_domain::{
    Actor, ActorId, ActorKind, CancellationCause, CommandId, CorrelationId,
    DeliveryCancellationCause, Envelope, Event, EventId, EventType, Hash, OrderId, PaymentEvent,
    PaymentRefunded, RejectionCause, Timestamp, TraceParent, Version,
    testing::fixtures::{self, cash, commands, events},
};

use crate::{every, golden, hex, is_updating};

/// An event, and what tells it from others of its type.
struct Sample {
    variant: &'static str,
    envelope: Envelope,
}

impl Sample {
    fn event_type(&self) -> EventType {
        self.envelope.event.event_type()
    }

    fn file_name(&self) -> String {
        let EventType { name, schema } = self.event_type();
        match self.variant {
            "" => format!("{name}.v{schema}.hex"),
            variant => format!("{name}.v{schema}.{variant}.hex"),
        }
    }
}

/// These come with every form of a field, so one without would say nothing new.
const IN_SEVERAL_FORMS: [&str; 4] = [
    "OrderCancelled",
    "OrderRejected",
    "DeliveryStarted",
    "DeliveryCancelled",
];

/// One payload of every event, and more where a field has several forms.
fn samples() -> Vec<Sample> {
    let plain = events::one_of_each()
        .into_iter()
        .filter(|event| !IN_SEVERAL_FORMS.contains(&event.event_type().name));
    let mut samples: Vec<Sample> = plain
        .map(|event| match event.event_type().name {
            "OrderPlaced" => sample("", event, ActorKind::Customer),
            _ => sample("", event, ActorKind::System),
        })
        .collect();
    samples.extend(causes());
    samples.extend(without_provider());
    samples.extend(by_every_actor());
    samples
}

fn causes() -> Vec<Sample> {
    let mut samples = Vec::new();
    for cause in every![CancellationCause: Requested, PaymentOverdue, Undeliverable, Refunded] {
        let variant = match cause {
            CancellationCause::Requested => "requested",
            CancellationCause::PaymentOverdue => "payment_overdue",
            CancellationCause::Undeliverable => "undeliverable",
            CancellationCause::Refunded => "refunded",
        };
        for event in [
            events::cancellation_requested_for(cause),
            events::order_cancelled(cause),
        ] {
            samples.push(sample(variant, event, ActorKind::System));
        }
    }
    for cause in every![RejectionCause: PaymentDeclined, PaymentExpired] {
        let variant = match cause {
            RejectionCause::PaymentDeclined => "payment_declined",
            RejectionCause::PaymentExpired => "payment_expired",
        };
        samples.push(sample(
            variant,
            events::order_rejected(cause),
            ActorKind::System,
        ));
    }
    for cause in every![DeliveryCancellationCause: OrderCancelled, AttemptsExhausted, Overdue] {
        let variant = match cause {
            DeliveryCancellationCause::OrderCancelled => "order_cancelled",
            DeliveryCancellationCause::AttemptsExhausted => "attempts_exhausted",
            DeliveryCancellationCause::Overdue => "overdue",
        };
        samples.push(sample(
            variant,
            events::delivery_cancelled(cause),
            ActorKind::System,
        ));
    }
    samples
}

fn without_provider() -> Vec<Sample> {
    let refunded = Event::Payment(PaymentEvent::PaymentRefunded(PaymentRefunded {
        attempt: ordertrace_domain::Attempt::FIRST,
        refund_ref: None,
    }));
    [
        events::order_placed(cash()),
        events::payment_requested(cash()),
        events::payment_approved(None),
        refunded,
    ]
    .map(|event| sample("cash", event, ActorKind::Operator))
    .into()
}

fn by_every_actor() -> Vec<Sample> {
    every![ActorKind: Anonymous, Customer, Courier, Operator, System]
        .map(|kind| sample(kind.name(), events::delivery_started(1), kind))
        .into()
}

/// An envelope in which nothing changes from run to run. What a user did has no cause and no trace.
fn sample(variant: &'static str, event: Event, kind: ActorKind) -> Sample {
    let is_first = event.event_type().name == "OrderPlaced";
    let version = Version::new(if is_first { 1 } else { 7 });
    let command_id = "8c259453-8fd0-57ef-ad33-09c7dabfd464";
    let command_id = CommandId::parse(command_id).expect("an id");
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let envelope = Envelope {
        event_id: EventId::derive(command_id, version),
        order_id: OrderId::parse("01890a5d-ac96-774b-bcce-b302099a8057").expect("an id"),
        version,
        occurred_at: Timestamp::from_micros(1_700_000_000_000_001),
        command_id,
        command_hash: commands::start_delivery().hash(),
        causation_id: (!is_first).then(|| EventId::derive(command_id, Version::new(6))),
        correlation_id: CorrelationId::from(command_id),
        traceparent: (!is_first).then(|| TraceParent::parse(trace).expect("a trace")),
        actor: Actor {
            kind,
            id: ActorId::parse(kind.name()).expect("an actor"),
        },
        prev_hash: if is_first {
            Hash::ZERO
        } else {
            Hash::of(b"the payload before this one")
        },
        event,
    };
    Sample { variant, envelope }
}

/// Where the payloads are, after those that are missing were written where that is wanted.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = golden().join("events");
    if is_updating() {
        samples()
            .iter()
            .for_each(|sample| write_missing(&folder, sample));
    }
    folder
});

/// The files that are there, with the event type in their names.
fn files() -> Vec<(String, String, u16)> {
    let entries = fs::read_dir(&*FOLDER).expect("the golden payloads");
    let names = entries.map(|entry| {
        let name = entry.expect("a file").file_name();
        name.into_string().expect("a name")
    });
    let parsed = names.map(|file| {
        let mut parts = file.split('.');
        let name = parts.next().expect("an event's name").to_owned();
        let schema = parts.next().and_then(|part| part.strip_prefix('v'));
        let schema = schema.and_then(|digits| digits.parse().ok());
        (file.clone(), name, schema.expect("a schema's number"))
    });
    parsed.collect()
}

fn payload(file: &str) -> Vec<u8> {
    let text = fs::read_to_string(FOLDER.join(file));
    let text = text.unwrap_or_else(|error| panic!("{file}: {error}; UPDATE_GOLDEN=1 writes it"));
    hex::parse(&text)
}

fn decoded(file: &str, payload: &[u8]) -> Envelope {
    Envelope::decode(payload).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Writes a payload, unless there is one: `create_new` makes sure that none is ever overwritten.
fn write_missing(folder: &Path, sample: &Sample) {
    let EventType { name, schema } = sample.event_type();
    let comment = format!(
        "{name}, schema {schema}: a payload as it stands in the log. Never edit it: a changed event gets the next schema."
    );
    let text = hex::dump(&comment, &sample.envelope.encode());
    if let Ok(mut file) = fs::File::create_new(folder.join(sample.file_name())) {
        file.write_all(text.as_bytes()).expect("a written file");
    }
}

#[test]
fn every_event_is_written_and_read_as_it_always_was() {
    for sample in samples() {
        let file = sample.file_name();
        let golden = payload(&file);
        assert_eq!(
            decoded(&file, &golden),
            sample.envelope,
            "{file} reads as another event"
        );
        let comparable = |bytes: &[u8]| hex::dump(&file, bytes);
        assert_eq!(
            comparable(&sample.envelope.encode()),
            comparable(&golden),
            "{file} is written otherwise"
        );
    }
}

#[test]
fn every_event_and_schema_has_a_golden_payload() {
    let files: BTreeSet<(String, u16)> = files()
        .into_iter()
        .map(|(_, name, schema)| (name, schema))
        .collect();
    let expected = Event::types().flat_map(|EventType { name, schema }| {
        (1..=schema).map(move |schema| (name.to_owned(), schema))
    });
    assert_eq!(files, expected.collect());
}

#[test]
fn every_golden_payload_can_be_read_however_old_it_is() {
    let samples: BTreeSet<String> = samples().iter().map(Sample::file_name).collect();
    for (file, name, schema) in files() {
        let envelope =
            Envelope::decode(&payload(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let today = envelope.event.event_type();
        assert_eq!(today.name, name, "{file}");
        let is_old = schema < today.schema;
        assert!(
            is_old || samples.contains(&file),
            "{file}: nothing writes this payload"
        );
    }
}

#[test]
fn no_two_samples_share_a_file() {
    let samples = samples();
    let names: BTreeSet<String> = samples.iter().map(Sample::file_name).collect();
    assert_eq!(names.len(), samples.len());
}

#[test]
fn the_largest_order_fits_a_payload() {
    let name = "\u{10FFFD}".repeat(100);
    let line = fixtures::line((1 << 53) - 1, &name, 1_000_000, 92_233_720_368_547_758);
    let largest = fixtures::order_of(vec![line; 100], fixtures::card());
    let sample = sample("", events::order_placed_as(largest), ActorKind::Customer);
    let payload = sample.envelope.encode();
    assert_eq!(Envelope::decode(&payload), Ok(sample.envelope));
}

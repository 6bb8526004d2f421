//! The envelope: an event with all that the log says of it, and its bytes.
//!
//! Invariant: the whole envelope is the payload, so that one hash covers it. The bytes are MessagePack maps with named
//! fields in the order of [`Envelope::encode`]; `docs/events.md` describes them for readers in other languages. A payload
//! with a key too many, too few, twice or elsewhere is none. It is hashed as it was stored, never as it would be encoded
//! again.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Actor, CommandHash, CommandId, CorrelationId, Event, EventId, Hash, OrderId, Timestamp,
    TraceParent, Version,
    event::ReadData,
    fields::Fields,
    upcast::{UPCASTERS, UpcastError, lift},
};

/// An event with all that the log says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// UUIDv5 of command and version.
    pub event_id: EventId,
    /// Whose event it is; equal to the id in the message's subject.
    pub order_id: OrderId,
    /// The event's number within its order: 1, 2, 3 …
    pub version: Version,
    /// When it was decided, by the clock of the process that did. Information only: positions give the order.
    pub occurred_at: Timestamp,
    /// The command it followed from.
    pub command_id: CommandId,
    /// That command's fingerprint.
    pub command_hash: CommandHash,
    /// The event that led to the command; none where a user did.
    pub causation_id: Option<EventId>,
    /// The first command of the chain that led here.
    pub correlation_id: CorrelationId,
    /// The distributed trace of the request behind it.
    pub traceparent: Option<TraceParent>,
    /// Who gave the command.
    pub actor: Actor,
    /// SHA-256 of the payload of the order's event before this one; zero for the first.
    pub prev_hash: Hash,
    /// What happened. On the wire: `type`, `schema` and, last, `data`.
    pub event: Event,
}

/// The most bytes a payload may have. A decision keeps below it by the bounds of its parts; a stored message above it
/// was written by somebody else.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// A stored payload that can't be read. The order it belongs to waits for an operator; all others go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than any payload of ours.
    #[error("{0} bytes are more than a payload may have")]
    TooLong(usize),
    /// Not MessagePack, or not with an envelope's fields.
    #[error("not an envelope: {0}")]
    Malformed(String),
    /// An event that this version of the program does not know.
    #[error("unknown event type {0:?}")]
    UnknownType(String),
    /// A schema that this version of the program does not know yet.
    #[error("{name} has schema {schema}, this program knows up to {known}")]
    FutureSchema {
        /// The event's name.
        name: String,
        /// The schema it was written in.
        schema: u16,
        /// The newest schema known here.
        known: u16,
    },
    /// An old schema that could not be lifted.
    #[error("{name}: {error}")]
    Upcast {
        /// The event's name.
        name: String,
        /// What is wrong with it.
        error: UpcastError,
    },
    /// The message around it (its subject or a header) says something else than the payload.
    #[error("the message contradicts its payload: {0}")]
    Mismatch(String),
}

#[derive(Serialize)]
struct Written<'a> {
    event_id: &'a EventId,
    order_id: &'a OrderId,
    version: Version,
    r#type: &'a str,
    schema: u16,
    occurred_at: Timestamp,
    command_id: &'a CommandId,
    command_hash: &'a CommandHash,
    causation_id: Option<&'a EventId>,
    correlation_id: &'a CorrelationId,
    traceparent: Option<&'a TraceParent>,
    actor: &'a Actor,
    prev_hash: &'a Hash,
    data: &'a Event,
}

impl Envelope {
    /// The payload: the bytes that are stored and hashed.
    pub fn encode(&self) -> Vec<u8> {
        let event_type = self.event.event_type();
        let written = Written {
            event_id: &self.event_id,
            order_id: &self.order_id,
            version: self.version,
            r#type: event_type.name,
            schema: event_type.schema,
            occurred_at: self.occurred_at,
            command_id: &self.command_id,
            command_hash: &self.command_hash,
            causation_id: self.causation_id.as_ref(),
            correlation_id: &self.correlation_id,
            traceparent: self.traceparent.as_ref(),
            actor: &self.actor,
            prev_hash: &self.prev_hash,
            data: &self.event,
        };
        #[expect(
            clippy::expect_used,
            reason = "an envelope is plain data, and writing to memory does not fail"
        )]
        rmp_serde::to_vec_named(&written).expect("an envelope encodes")
    }

    /// Reads a stored payload, lifting the data of an old schema.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::of_envelope(payload)?;
        let event_id = fields.read("event_id")?;
        let order_id = fields.read("order_id")?;
        let version = fields.read("version")?;
        let name = fields.text("type")?;
        let schema = fields.read("schema")?;
        Ok(Self {
            event_id,
            order_id,
            version,
            // The fields of a struct expression are evaluated in the order in which they are written.
            occurred_at: fields.read("occurred_at")?,
            command_id: fields.read("command_id")?,
            command_hash: fields.read("command_hash")?,
            causation_id: fields.read("causation_id")?,
            correlation_id: fields.read("correlation_id")?,
            traceparent: fields.read_text_or_nil("traceparent")?,
            actor: fields.read_actor()?,
            prev_hash: fields.read("prev_hash")?,
            event: read_event(name, schema, Data(fields.rest()?))?,
        })
    }
}

/// The fields up to the data have been read.
struct Data<'a>(Fields<'a>);

impl ReadData for Data<'_> {
    type Error = DecodeError;

    fn read<T: DeserializeOwned>(self) -> Result<T, DecodeError> {
        self.0.last_map()
    }
}

fn read_event(name: &str, schema: u16, data: Data<'_>) -> Result<Event, DecodeError> {
    let known = Event::types()
        .find(|known| known.name == name)
        .ok_or_else(|| DecodeError::UnknownType(name.to_owned()))?;
    let event = match schema {
        schema if schema > known.schema => {
            return Err(DecodeError::FutureSchema {
                name: name.to_owned(),
                schema,
                known: known.schema,
            });
        }
        schema if schema == known.schema => Event::read(name, data),
        schema => {
            let lifted = lift(UPCASTERS, known, schema, data.read()?).map_err(|error| {
                DecodeError::Upcast {
                    name: name.to_owned(),
                    error,
                }
            })?;
            Event::read(name, Lifted(lifted))
        }
    };
    event.unwrap_or_else(|| Err(DecodeError::UnknownType(name.to_owned())))
}

struct Lifted(rmpv::Value);

impl ReadData for Lifted {
    type Error = DecodeError;

    fn read<T: DeserializeOwned>(self) -> Result<T, DecodeError> {
        rmpv::ext::from_value(self.0).map_err(|error| DecodeError::Malformed(error.to_string()))
    }
}

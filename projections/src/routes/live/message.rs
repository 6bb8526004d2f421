//! The messages of a stream, each with the position it stands at.

use std::time::Duration;

use axum::response::sse::Event;
use ordertrace_domain::{Incarnation, OrderId, Position, Sequence};
use ordertrace_http::{LoginEnd, openapi};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Update,
    routes::collection::{Traces, show},
};

/// How soon a browser is to come back after its stream has ended. Many at once cost little: they ask for what is new.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// One message.
pub(super) struct Message {
    pub(super) id: Position,
    name: &'static str,
    /// One line of JSON.
    pub(super) data: String,
    retry: Option<Duration>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Begin {
    #[schema(schema_with = openapi::position_token)]
    position: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Removed {
    #[schema(schema_with = openapi::order_id)]
    order_id: OrderId,
    #[schema(schema_with = openapi::position_token)]
    position: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Reset {
    #[schema(schema_with = openapi::position_token)]
    position: String,
    reason: ResetReason,
}

/// Why what a client has is not good any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ResetReason {
    /// It has missed more than is told again.
    TooFarBehind,
    /// A view with other rows has taken the place of the one that it was told from.
    ViewReplaced,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Closing {
    reason: ClosingReason,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ClosingReason {
    /// The process stops.
    Shutdown,
    /// The client's login is over.
    LoginExpired,
    /// The client's login was taken back.
    LoginRevoked,
    /// Nobody can say whether the client's login still counts.
    LoginUnverifiable,
}

impl From<LoginEnd> for ClosingReason {
    fn from(end: LoginEnd) -> Self {
        match end {
            LoginEnd::Expired => Self::LoginExpired,
            LoginEnd::Revoked => Self::LoginRevoked,
            LoginEnd::Unverifiable => Self::LoginUnverifiable,
        }
    }
}

impl Message {
    /// Where the stream begins: it tells what comes after this.
    pub(super) fn position(id: Position) -> Self {
        let position = id.to_string();
        Self {
            retry: Some(RETRY_AFTER),
            ..Self::new(id, "position", &Begin { position })
        }
    }

    /// An order's row as it is after a change, if there is one to show.
    pub(super) fn trace(update: &Update, incarnation: Incarnation) -> Option<Self> {
        let row = show::<Traces>(update.order_id, &update.after, incarnation)?;
        Some(Self::new(
            position(update.sequence, incarnation),
            "trace",
            &row,
        ))
    }

    /// An order is not among those that are told of any more.
    pub(super) fn removed(update: &Update, incarnation: Incarnation) -> Self {
        let id = position(update.sequence, incarnation);
        let removed = Removed {
            order_id: update.order_id,
            position: id.to_string(),
        };
        Self::new(id, "removed", &removed)
    }

    /// What came before this is not told, or was told otherwise than it is now.
    pub(super) fn reset(id: Position, reason: ResetReason) -> Self {
        let reset = Reset {
            position: id.to_string(),
            reason,
        };
        Self::new(id, "reset", &reset)
    }

    /// The stream ends; everything up to here was told.
    pub(super) fn closing(at: Sequence, incarnation: Incarnation, reason: ClosingReason) -> Self {
        Self::new(position(at, incarnation), "closing", &Closing { reason })
    }

    /// A line that keeps the connection alive. It has no data, so that nobody is told of it, and yet moves the last id on: a
    /// client of a narrow filter does not fall behind because nothing happens that it asked for.
    pub(super) fn quiet(at: Sequence, incarnation: Incarnation) -> Event {
        Event::default()
            .comment("")
            .id(position(at, incarnation).to_string())
    }

    fn new(id: Position, name: &'static str, data: &impl Serialize) -> Self {
        Self {
            id,
            name,
            // All of them are plain data with named fields: they have a JSON form.
            data: serde_json::to_string(data).unwrap_or_default(),
            retry: None,
        }
    }
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        let event = Self::default()
            .id(message.id.to_string())
            .event(message.name)
            .data(message.data);
        match message.retry {
            Some(after) => event.retry(after),
            None => event,
        }
    }
}

const fn position(sequence: Sequence, incarnation: Incarnation) -> Position {
    Position {
        incarnation,
        sequence,
    }
}

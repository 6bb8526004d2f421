//! Which events an auditor asks for, where the read of them begins and ends, and which of them it lets through.
//!
//! Invariant: what is left out is known not to be asked for. A record that can't be read might be anything: it is left out
//! only where its position, its time, its subject or its name rules it out. Nothing here reads the log but by its port.

mod customers;
mod error;
mod plan;
mod sieve;

use std::fmt;

use ordertrace_domain::{
    ActorId, ActorKind, CustomerId, Event, Incarnation, OrderId, Position, RecordedAt, Sequence,
    Timestamp,
};

use crate::FilterText;

pub use error::{FilterField, InvalidFilter, OtherLog};
pub use plan::{Plan, Reach};
pub use sieve::{Reading, Sieve, Verdict};

/// A filter as somebody wrote it. What is not there does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterRequest {
    /// An order's id.
    pub order: Option<String>,
    /// Names of events; one of them may be several, separated by commas.
    pub types: Vec<String>,
    /// Who did it: a kind such as `customer`, or a kind and an id, `customer:alice`.
    pub actor: Option<String>,
    /// Whose orders.
    pub customer: Option<String>,
    /// RFC 3339; recorded then or later.
    pub recorded_from: Option<String>,
    /// RFC 3339; recorded before.
    pub recorded_to: Option<String>,
    /// The first position: its number, or its token.
    pub from_position: Option<String>,
    /// The last position: its number, or its token.
    pub to_position: Option<String>,
}

/// Which events are asked for: those that fit all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    order: Option<OrderId>,
    types: Vec<&'static str>,
    actor: Option<ActorFilter>,
    customer: Option<CustomerId>,
    recorded_from: Option<Timestamp>,
    recorded_to: Option<Timestamp>,
    from_position: Option<Place>,
    to_position: Option<Place>,
}

/// Whose deeds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ActorFilter {
    kind: ActorKind,
    id: Option<ActorId>,
}

/// A position, with the log that it is of if that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    incarnation: Option<Incarnation>,
    sequence: Sequence,
}

const ACTOR_KINDS: [ActorKind; 5] = [
    ActorKind::Anonymous,
    ActorKind::Customer,
    ActorKind::Courier,
    ActorKind::Operator,
    ActorKind::System,
];

impl Filter {
    /// Reads what somebody wrote.
    ///
    /// # Errors
    /// [`InvalidFilter`] says which field is wrong, and how.
    pub fn parse(request: &FilterRequest) -> Result<Self, InvalidFilter> {
        let filter = Self {
            order: read(&request.order, |text| {
                OrderId::parse(text).map_err(InvalidFilter::Order)
            })?,
            types: types(&request.types)?,
            actor: read(&request.actor, actor)?,
            customer: read(&request.customer, |text| {
                CustomerId::parse(text).map_err(InvalidFilter::Customer)
            })?,
            recorded_from: read(&request.recorded_from, |text| {
                Timestamp::parse(text).map_err(InvalidFilter::From)
            })?,
            recorded_to: read(&request.recorded_to, |text| {
                Timestamp::parse(text).map_err(InvalidFilter::To)
            })?,
            from_position: read(&request.from_position, |text| {
                place(text).ok_or(InvalidFilter::FromPosition)
            })?,
            to_position: read(&request.to_position, |text| {
                place(text).ok_or(InvalidFilter::ToPosition)
            })?,
        };
        filter.check_ends().map(|()| filter)
    }

    fn check_ends(&self) -> Result<(), InvalidFilter> {
        let times = self.recorded_from.zip(self.recorded_to);
        if times.is_some_and(|(from, to)| from > to) {
            return Err(InvalidFilter::ToBeforeFrom);
        }
        let places = self.from_position.zip(self.to_position);
        if places.is_some_and(|(from, to)| from.sequence > to.sequence) {
            return Err(InvalidFilter::ToPositionBeforeFrom);
        }
        Ok(())
    }

    /// Makes sure that the positions in it are of this log; a bare number is of any.
    ///
    /// # Errors
    /// [`OtherLog`].
    pub fn check_log(&self, incarnation: Incarnation) -> Result<(), OtherLog> {
        let places = [
            (self.from_position, FilterField::FromPosition),
            (self.to_position, FilterField::ToPosition),
        ];
        let foreign = places.into_iter().find(|(place, _)| {
            let named = place.and_then(|place| place.incarnation);
            named.is_some_and(|named| named != incarnation)
        });
        foreign.map_or(Ok(()), |(_, field)| Err(OtherLog(field)))
    }

    /// Whether every event is asked for.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The order whose events alone are asked for.
    pub const fn order(&self) -> Option<OrderId> {
        self.order
    }

    /// The names of events that alone are asked for; none if any will do.
    pub fn types(&self) -> &[&'static str] {
        &self.types
    }

    /// The actor whose deeds alone are asked for: `kind` or `kind:id`.
    pub fn actor(&self) -> Option<String> {
        self.actor.as_ref().map(ToString::to_string)
    }

    /// The customer whose orders alone are asked for.
    pub const fn customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }

    /// The time since which it must have been recorded.
    pub const fn recorded_from(&self) -> Option<Timestamp> {
        self.recorded_from
    }

    /// The time before which it must have been recorded.
    pub const fn recorded_to(&self) -> Option<Timestamp> {
        self.recorded_to
    }

    /// The first position that is asked for.
    pub fn from_position(&self) -> Option<Sequence> {
        self.from_position.map(|place| place.sequence)
    }

    /// The last position that is asked for.
    pub fn to_position(&self) -> Option<Sequence> {
        self.to_position.map(|place| place.sequence)
    }

    /// The filter as it stands in the header of a verifiable export, in one spelling. Positions are not in it: the header has
    /// them beside it.
    pub fn text(&self) -> FilterText {
        FilterText {
            order: self.order.map(|order| order.to_string()),
            r#type: (!self.types.is_empty()).then(|| self.types.join(",")),
            actor: self.actor(),
            customer: self.customer.as_ref().map(ToString::to_string),
            recorded_from: self.recorded_from.map(|time| time.to_string()),
            recorded_to: self.recorded_to.map(|time| time.to_string()),
        }
    }

    /// Whether position and time are among those that are asked for.
    fn covers(&self, sequence: Sequence, recorded_at: RecordedAt) -> bool {
        let time = recorded_at.to_timestamp();
        self.from_position().is_none_or(|from| sequence >= from)
            && self.to_position().is_none_or(|to| sequence <= to)
            && self.recorded_from.is_none_or(|from| time >= from)
            && self.recorded_to.is_none_or(|to| time < to)
    }
}

impl fmt::Display for ActorFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            None => f.write_str(self.kind.name()),
            Some(id) => write!(f, "{}:{id}", self.kind.name()),
        }
    }
}

fn read<T>(
    text: &Option<String>,
    parse: impl FnOnce(&str) -> Result<T, InvalidFilter>,
) -> Result<Option<T>, InvalidFilter> {
    text.as_deref().map(parse).transpose()
}

/// Each once, in the order in which the log's documentation has them.
fn types(names: &[String]) -> Result<Vec<&'static str>, InvalidFilter> {
    let asked = names.iter().flat_map(|names| names.split(','));
    let asked: Vec<&str> = asked.map(str::trim).collect();
    let known: Vec<&'static str> = Event::types().map(|known| known.name).collect();
    match asked.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(InvalidFilter::Type {
            found: (*unknown).to_owned(),
            known: known.join(", "),
        }),
        None => Ok(known
            .into_iter()
            .filter(|name| asked.contains(name))
            .collect()),
    }
}

fn actor(text: &str) -> Result<ActorFilter, InvalidFilter> {
    let (kind, id) = text
        .split_once(':')
        .map_or((text, None), |(kind, id)| (kind, Some(id)));
    let kind = ACTOR_KINDS.into_iter().find(|known| known.name() == kind);
    let kind = kind.ok_or_else(|| InvalidFilter::ActorKind {
        known: ACTOR_KINDS.map(ActorKind::name).join(", "),
    })?;
    let id = id.map(ActorId::parse).transpose();
    Ok(ActorFilter {
        kind,
        id: id.map_err(InvalidFilter::ActorId)?,
    })
}

fn place(text: &str) -> Option<Place> {
    let place = match Position::parse(text) {
        Ok(position) => Place {
            incarnation: Some(position.incarnation),
            sequence: position.sequence,
        },
        Err(_) => Place {
            incarnation: None,
            sequence: Sequence::new(number(text)?),
        },
    };
    (place.sequence > Sequence::START).then_some(place)
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests;

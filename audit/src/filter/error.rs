//! What is wrong with a filter.

use ordertrace_domain::{InvalidId, InvalidText, InvalidTimestamp};

/// A field of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterField {
    /// The order's id.
    Order,
    /// Names of events.
    Type,
    /// Who did it.
    Actor,
    /// Whose orders.
    Customer,
    /// Since when.
    From,
    /// Until when.
    To,
    /// The first position.
    FromPosition,
    /// The last position.
    ToPosition,
}

impl FilterField {
    /// Every field there is.
    pub const ALL: [Self; 8] = [
        Self::Order,
        Self::Type,
        Self::Actor,
        Self::Customer,
        Self::From,
        Self::To,
        Self::FromPosition,
        Self::ToPosition,
    ];

    /// Its flag on the command line.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Order => "--order",
            Self::Type => "--type",
            Self::Actor => "--actor",
            Self::Customer => "--customer",
            Self::From => "--from",
            Self::To => "--to",
            Self::FromPosition => "--from-position",
            Self::ToPosition => "--to-position",
        }
    }

    /// Its parameter in a query.
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Type => "type",
            Self::Actor => "actor",
            Self::Customer => "customer",
            Self::From => "from",
            Self::To => "to",
            Self::FromPosition => "fromPosition",
            Self::ToPosition => "toPosition",
        }
    }
}

/// A filter that can't be read. The message does not name the field: the command line and the API call it differently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilter {
    /// The order is no id.
    #[error(transparent)]
    Order(InvalidId),
    /// No event has this name.
    #[error("no event is called {found:?}; there are {known}")]
    Type {
        /// The name.
        found: String,
        /// Every name there is.
        known: String,
    },
    /// The actor is of no kind there is.
    #[error(
        "an actor is of a kind, or of a kind and an id as in customer:alice; the kinds are {known}"
    )]
    ActorKind {
        /// Every kind there is.
        known: String,
    },
    /// What is behind the actor's kind is no id.
    #[error(transparent)]
    ActorId(InvalidText),
    /// The customer is no id.
    #[error(transparent)]
    Customer(InvalidText),
    /// The first time is none.
    #[error(transparent)]
    From(InvalidTimestamp),
    /// The last time is none.
    #[error(transparent)]
    To(InvalidTimestamp),
    /// The first position is none.
    #[error("not a position: a number from 1, or as an answer shows it")]
    FromPosition,
    /// The last position is none.
    #[error("not a position: a number from 1, or as an answer shows it")]
    ToPosition,
    /// Nothing lies between the times.
    #[error("it ends before it begins")]
    ToBeforeFrom,
    /// Nothing lies between the positions.
    #[error("it ends before it begins")]
    ToPositionBeforeFrom,
}

impl InvalidFilter {
    /// Which field is wrong.
    pub const fn field(&self) -> FilterField {
        match self {
            Self::Order(_) => FilterField::Order,
            Self::Type { .. } => FilterField::Type,
            Self::ActorKind { .. } | Self::ActorId(_) => FilterField::Actor,
            Self::Customer(_) => FilterField::Customer,
            Self::From(_) => FilterField::From,
            Self::To(_) | Self::ToBeforeFrom => FilterField::To,
            Self::FromPosition => FilterField::FromPosition,
            Self::ToPosition | Self::ToPositionBeforeFrom => FilterField::ToPosition,
        }
    }
}

/// A position of a filter is of another log: of one that was there before this one, or of another installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the position is of another log")]
pub struct OtherLog(pub FilterField);

#[cfg(test)]
mod tests {
    use ordertrace_domain::{Event, Incarnation};
    use rstest::rstest;

    use super::super::{Filter, FilterRequest};
    use super::*;

    fn some(text: impl ToString) -> Option<String> {
        Some(text.to_string())
    }

    #[rstest]
    #[case(FilterRequest { order: some("a.b"), ..FilterRequest::default() }, FilterField::Order)]
    #[case(FilterRequest { types: vec!["OrderPlaced,orderplaced".to_owned()], ..FilterRequest::default() }, FilterField::Type)]
    #[case(FilterRequest { types: vec![String::new()], ..FilterRequest::default() }, FilterField::Type)]
    #[case(FilterRequest { actor: some("robot"), ..FilterRequest::default() }, FilterField::Actor)]
    #[case(FilterRequest { actor: some("customer:"), ..FilterRequest::default() }, FilterField::Actor)]
    #[case(FilterRequest { customer: some(""), ..FilterRequest::default() }, FilterField::Customer)]
    #[case(FilterRequest { recorded_from: some("yesterday"), ..FilterRequest::default() }, FilterField::From)]
    #[case(FilterRequest { recorded_to: some("2026-11-23"), ..FilterRequest::default() }, FilterField::To)]
    #[case(FilterRequest { from_position: some("0"), ..FilterRequest::default() }, FilterField::FromPosition)]
    #[case(FilterRequest { from_position: some("+1"), ..FilterRequest::default() }, FilterField::FromPosition)]
    #[case(FilterRequest { to_position: some("18c0-"), ..FilterRequest::default() }, FilterField::ToPosition)]
    #[case(FilterRequest { from_position: some("2"), to_position: some("1"), ..FilterRequest::default() }, FilterField::ToPosition)]
    #[case(FilterRequest { recorded_from: some("2026-11-23T07:00:01Z"), recorded_to: some("2026-11-23T07:00:00Z"), ..FilterRequest::default() }, FilterField::To)]
    fn what_is_wrong_with_a_filter_is_told_by_field(
        #[case] request: FilterRequest,
        #[case] field: FilterField,
    ) {
        let invalid = Filter::parse(&request).unwrap_err();
        assert_eq!(invalid.field(), field);
        assert!(!invalid.to_string().is_empty());
    }

    #[test]
    fn an_unknown_type_is_answered_with_those_there_are() {
        let request = FilterRequest {
            types: vec!["OrderLost".to_owned()],
            ..FilterRequest::default()
        };
        let told = Filter::parse(&request).unwrap_err().to_string();
        for known in Event::types() {
            assert!(told.contains(known.name), "{told}");
        }
    }

    #[test]
    fn a_position_of_another_log_is_refused() {
        let request = FilterRequest {
            to_position: some("18c0-7"),
            ..FilterRequest::default()
        };
        let filter = Filter::parse(&request).unwrap();
        let this = Incarnation::from_created_nanos(0x18c0);
        assert_eq!(filter.check_log(this), Ok(()));
        let other = Incarnation::from_created_nanos(0x18c1);
        assert_eq!(
            filter.check_log(other),
            Err(OtherLog(FilterField::ToPosition))
        );
        let bare = FilterRequest {
            to_position: some("7"),
            ..FilterRequest::default()
        };
        assert_eq!(Filter::parse(&bare).unwrap().check_log(other), Ok(()));
    }
}

//! Which events are asked for: the same words as on the command line.

use axum::http::Uri;
use ordertrace_audit::{Filter, FilterField, FilterRequest};
use ordertrace_domain::{ActorId, CustomerId, Incarnation};
use ordertrace_http::{
    Params, Problem,
    openapi::{line_of_text, order_id, query, time},
};
use utoipa::openapi::{
    path::Parameter,
    schema::{Object, ObjectBuilder, Type},
};

use super::described::place;

/// Their names, with those that the route takes beside.
pub(super) fn known<'a>(beside: &[&'a str]) -> Vec<&'a str> {
    let fields = FilterField::ALL.map(FilterField::parameter);
    fields.into_iter().chain(beside.iter().copied()).collect()
}

/// Reads the filter of a request.
pub(super) fn read(
    params: &Params,
    uri: &Uri,
    incarnation: Incarnation,
) -> Result<Filter, Problem> {
    let text = |field: FilterField| params.get(field.parameter()).map(str::to_owned);
    let request = FilterRequest {
        order: text(FilterField::Order),
        types: text(FilterField::Type).into_iter().collect(),
        actor: text(FilterField::Actor),
        customer: text(FilterField::Customer),
        recorded_from: text(FilterField::From),
        recorded_to: text(FilterField::To),
        from_position: text(FilterField::FromPosition),
        to_position: text(FilterField::ToPosition),
    };
    let filter = Filter::parse(&request).map_err(|error| {
        let name = error.field().parameter();
        Problem::invalid_request(format!("{name}: {error}{}", hint(uri)))
    })?;
    filter.check_log(incarnation).map_err(|error| {
        let name = error.0.parameter();
        Problem::invalid_request(format!("{name}: {error}"))
    })?;
    Ok(filter)
}

/// What may have gone wrong with a time: in a query a `+`, as before an offset from UTC, stands for a space.
fn hint(uri: &Uri) -> &'static str {
    if uri.query().is_some_and(|query| query.contains('+')) {
        "; a + has to be written as %2B there"
    } else {
        ""
    }
}

/// The parameters, described.
pub(super) fn described() -> [Parameter; 8] {
    let parameter = |field: FilterField, schema: Object, description: &str| {
        query(field.parameter(), schema, description)
    };
    let ends =
        |field: FilterField, description: &str| query(field.parameter(), place(), description);
    [
        parameter(FilterField::Order, order_id(), "Only this order's."),
        parameter(
            FilterField::Type,
            words("^[A-Za-z]+(,[A-Za-z]+)*$"),
            "Only events of this type, or of one of these, separated by commas.",
        ),
        parameter(
            FilterField::Actor,
            words(&actors()),
            "Only what was done by this kind of actor, or by this one: `customer:alice`.",
        ),
        parameter(
            FilterField::Customer,
            line_of_text(CustomerId::CHARS_MAX),
            "Only of this customer's orders.",
        ),
        parameter(
            FilterField::From,
            time(),
            "Only what was recorded then or later.",
        ),
        parameter(FilterField::To, time(), "Only what was recorded before."),
        ends(FilterField::FromPosition, "Only from this position on."),
        ends(
            FilterField::ToPosition,
            "Only up to this position, itself included.",
        ),
    ]
}

/// A kind of actor, or one of that kind by their id.
fn actors() -> String {
    let id = line_of_text(ActorId::CHARS_MAX).pattern.unwrap_or_default();
    let id = id.trim_start_matches('^').trim_end_matches('$');
    format!("^(anonymous|customer|courier|operator|system)(:{id})?$")
}

fn words(pattern: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .build()
}

//! What a request brings: its parameters, and the values in its body.

use utoipa::openapi::{
    Ref, RefOr, Required, Schema,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::{Object, ObjectBuilder, OneOfBuilder, Type},
};

use super::{digits, value};

/// Characters that nobody sees, or that reorder others: what `ordertrace_domain` refuses in words. Those beyond 16 bits
/// have no escape that every dialect of patterns knows, so they stand for themselves.
const UNPRINTABLE: &str = "\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f\
    \\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\u{e0000}-\u{e007f}";

/// White space that is none of those.
const BLANK: &str = "\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000";

/// A parameter of the path: always there.
pub fn path(name: &str, schema: impl Into<RefOr<Schema>>, description: &str) -> Parameter {
    parameter(ParameterIn::Path, name, schema, description)
        .required(Required::True)
        .build()
}

/// A parameter of the query.
pub fn query(name: &str, schema: impl Into<RefOr<Schema>>, description: &str) -> Parameter {
    parameter(ParameterIn::Query, name, schema, description).build()
}

/// A header of the request.
pub fn header(name: &str, schema: impl Into<RefOr<Schema>>, description: &str) -> Parameter {
    parameter(ParameterIn::Header, name, schema, description).build()
}

fn parameter(
    place: ParameterIn,
    name: &str,
    schema: impl Into<RefOr<Schema>>,
    description: &str,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}

/// A whole number from 1, as a JSON number or as text of digits.
pub fn integer_or_digits(most: u64) -> Schema {
    let digits = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^0*{}$", digits::up_to(most))));
    let either = OneOfBuilder::new()
        .item(value::integer(1, most))
        .description(Some("Written in digits only: neither `1.0` nor `1e3`."));
    Schema::OneOf(either.item(digits).build())
}

/// Words on one line, fit to be shown, without white space at either end.
pub fn line_of_text(chars_max: usize) -> Object {
    let (any, end) = (
        format!("[^{UNPRINTABLE}]"),
        format!("[^{UNPRINTABLE}{BLANK}]"),
    );
    let within = chars_max.saturating_sub(2);
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(chars_max))
        .pattern(Some(format!("^{end}({any}{{0,{within}}}{end})?$")))
        .build()
}

/// The same, or `null`, which counts as left out.
pub fn or_null(schema: impl Into<RefOr<Schema>>) -> Schema {
    let null = ObjectBuilder::new().schema_type(Type::Null);
    Schema::OneOf(OneOfBuilder::new().item(schema).item(null).build())
}

/// A schema by its name.
pub fn reference(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

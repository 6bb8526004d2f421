//! The values that resources and parameters are made of.

use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};

/// An order's id in the examples: the one that `docs/http.md` shows.
const ORDER_ID: &str = "0bff1311-4371-507b-bccd-aa96e86ad0f3";

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A whole number within bounds.
pub fn integer(least: u64, most: u64) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(least))
        .maximum(Some(most))
        .build()
}

/// One of these words.
pub fn word(words: &[&str]) -> Object {
    text().enum_values(Some(words.iter().copied())).build()
}

/// A UUID in its one spelling, lowercase.
pub fn id() -> Object {
    text()
        .format(Some(SchemaFormat::Custom("uuid".to_owned())))
        .pattern(Some(
            "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        ))
        .build()
}

/// The id that an order, its payment, its delivery and its trace share.
pub fn order_id() -> Object {
    let mut id = id();
    id.examples.push(ORDER_ID.into());
    id
}

/// A position of the log. To clients it is opaque, and one of another log is refused: so there is no example.
pub fn position_token() -> Object {
    text()
        .format(Some(SchemaFormat::Custom("position".to_owned())))
        .pattern(Some("^[1-9a-f][0-9a-f]{0,15}-(0|[1-9][0-9]{0,18})$"))
        .build()
}

/// A time, as RFC 3339 writes it.
pub fn time() -> Object {
    text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .build()
}

/// A SHA-256 in hexadecimal digits.
pub fn hash() -> Object {
    text().pattern(Some("^[0-9a-f]{64}$")).build()
}

/// A link to a path on this server.
pub fn link_to() -> Object {
    ObjectBuilder::new()
        .property("href", text().pattern(Some("^/")))
        .required("href")
        .build()
}

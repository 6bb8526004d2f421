//! What the descriptions of all queries have in common, and those of the collections.

use axum::http::StatusCode;
use ordertrace_http::{
    Access, ProblemKind,
    openapi::{
        Answer, Described, Schemas, collection, etag, header, integer, link, order_id, path,
        position, position_token, query,
    },
};
use utoipa::{
    ToSchema,
    openapi::{
        RefOr, Schema,
        path::Parameter,
        schema::{Object, ObjectBuilder, SchemaFormat, Type},
    },
};

use super::{
    collection::{Collected, shown},
    list::{CURSOR, LIMIT, LIMIT_DEFAULT, LIMIT_MAX},
    params::AFTER,
};

/// The group of what operators look at.
pub(super) const OPERATORS: &str = "operators";

/// Who sees orders.
pub(super) const READERS: Access = Access::READING;

/// Any query of the view.
pub(super) fn asking(id: &str, tag: &str, access: Access, summary: &str) -> Described {
    let after = "A position: the answer is not older than it. Waits for up to 5 seconds.";
    Described::new(id, tag, access, summary)
        .takes([
            query(AFTER, position_token(), after),
            header(
                "Ordertrace-After",
                position_token(),
                "The same as `after`, as a header.",
            ),
        ])
        .problems([
            ProblemKind::InvalidRequest,
            ProblemKind::NotAcceptable,
            ProblemKind::ViewBehind,
        ])
}

/// A query of one order.
pub(super) fn asking_for_one(id: &str, tag: &str, access: Access, summary: &str) -> Described {
    let order = path(
        "id",
        order_id(),
        "The order's id, which all of its resources share.",
    );
    asking(id, tag, access, summary).takes([order]).problems([
        ProblemKind::InvalidId,
        ProblemKind::NotFound,
        ProblemKind::OrderUnreadable,
    ])
}

/// An answer that says where the view stands.
pub(super) fn answer(schema: impl Into<RefOr<Schema>>, description: &str) -> Answer {
    Answer::json(StatusCode::OK, schema, description)
        .with(position("The view has everything up to there."))
}

/// `GET /{collection}`
pub(super) fn list<C: Collected>(id: &str, summary: &str) -> Described
where
    C::Resource: ToSchema,
{
    asking(id, C::NAME, C::ACCESS, summary)
        .takes(paging())
        .answers(page::<C>)
}

/// `GET /{collection}/{id}`
pub(super) fn item<C: Collected>(id: &str, summary: &str) -> Described
where
    C::Resource: ToSchema,
{
    asking_for_one(id, C::NAME, C::ACCESS, summary)
        .answers(|schemas| answer(shown::<C::Resource>(schemas), "It.").with(etag()))
}

/// A page of a collection.
pub(super) fn page<C: Collected>(schemas: &mut Schemas) -> Answer
where
    C::Resource: ToSchema,
{
    let entry = shown::<C::Resource>(schemas);
    let page = collection(schemas, C::NAME, entry, true);
    let page = schemas.named(format!("PageOf{}", C::Resource::name()), page);
    answer(page, "A page, and where the next one is.").with(link())
}

/// Which page of a list.
pub(super) fn paging() -> [Parameter; 2] {
    let mut limit = integer(1, LIMIT_MAX as u64);
    limit.default = Some(LIMIT_DEFAULT.into());
    [
        query(LIMIT, limit, "How many entries a page has."),
        query(
            CURSOR,
            cursor(),
            "Where the page begins: from the `next` link of the one before.",
        ),
    ]
}

/// Opaque; good for the list that gave it out.
fn cursor() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("cursor".to_owned())))
        .pattern(Some("^[0-9a-f]{40}$"))
        .build()
}

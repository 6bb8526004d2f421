//! An answer, and the headers that answers have.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use utoipa::openapi::{
    Content, Header, RefOr, Response, ResponseBuilder, Schema,
    link::{Link, LinkBuilder},
    schema::{Object, ObjectBuilder, Type},
};

use super::value;

/// An answer that is no problem.
pub struct Answer {
    pub(super) status: StatusCode,
    response: ResponseBuilder,
    links: Vec<(&'static str, Link)>,
}

impl Answer {
    /// An answer in JSON.
    pub fn json(status: StatusCode, schema: impl Into<RefOr<Schema>>, description: &str) -> Self {
        Self::of_type(status, "application/json", schema, description)
    }

    /// An answer of another type of content.
    pub fn of_type(
        status: StatusCode,
        content_type: &str,
        schema: impl Into<RefOr<Schema>>,
        description: &str,
    ) -> Self {
        let response = ResponseBuilder::new()
            .description(description)
            .content(content_type, Content::new(Some(schema)));
        Self {
            status,
            response,
            links: Vec::new(),
        }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, (name, header): (&str, Header)) -> Self {
        self.response = self.response.header(name, header);
        self
    }

    /// With a link to the operation that takes the id under `field` of this answer. A document without that operation
    /// leaves it out.
    #[must_use]
    pub fn leads_to(mut self, operation_id: &'static str, field: &str) -> Self {
        let link: Link = LinkBuilder::new()
            .operation_id(operation_id)
            .parameter("id", format!("$response.body#/{field}"))
            .build();
        self.links.push((operation_id, link));
        self
    }

    /// The answer in a document of these operations.
    pub(super) fn build(self, operations: &BTreeSet<String>) -> Response {
        let links = self.links.into_iter();
        let links = links.filter(|(operation, _)| operations.contains(*operation));
        let response = links.fold(self.response, |response, (operation, link)| {
            response.link(operation, link)
        });
        response.build()
    }
}

fn described(schema: Object, description: &str) -> Header {
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    header
}

fn text(pattern: &str) -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.pattern(Some(pattern)).build()
}

/// `Ordertrace-Position`
pub fn position(description: &str) -> (&'static str, Header) {
    let header = described(value::position_token(), description);
    ("Ordertrace-Position", header)
}

/// `ETag`
pub fn etag() -> (&'static str, Header) {
    let description = "The order's version: how many events it has. For `If-Match`.";
    ("ETag", described(text("^\"[1-9][0-9]*\"$"), description))
}

/// `Location`
pub fn location(of: &str) -> (&'static str, Header) {
    let description = format!("The path of the {of}.");
    ("Location", described(text("^/"), &description))
}

/// `Link`
pub fn link() -> (&'static str, Header) {
    let description = "Where the next page is; missing on the last one.";
    let header = described(text("^</.*>; rel=\"next\"$"), description);
    ("Link", header)
}

//! The body of commands that take somebody's words for why.

use ordertrace_domain::Reason;
use ordertrace_http::{
    Faulty, Fields, FromJson, JsonBody,
    openapi::{line_of_text, or_null},
};
use utoipa::openapi::schema::{Object, ObjectBuilder};

use crate::openapi::closed;

/// `{"reason": "…"}`, or nothing.
#[derive(Debug)]
pub(crate) struct Explained {
    reason: Option<Reason>,
}

impl Explained {
    /// The reason, if the body was sent and has one.
    pub(crate) fn reason(body: Option<JsonBody<Self>>) -> Option<Reason> {
        body.and_then(|JsonBody(explained)| explained.reason)
    }
}

impl FromJson for Explained {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let reason = fields.optional("reason", |value| Ok(Reason::parse(value.text()?)?))?;
        Ok(Self { reason })
    }
}

/// The same, described.
pub(crate) fn schema() -> Object {
    let reason = or_null(line_of_text(Reason::CHARS_MAX));
    closed(ObjectBuilder::new().property("reason", reason))
}

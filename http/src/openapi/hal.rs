//! HAL, described: links, and pages of resources.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{ArrayBuilder, Object, ObjectBuilder},
};

use super::Schemas;
use crate::{Link, Page};

/// `_links` with these names. Those in `always` are never left out.
pub fn links(schemas: &mut Schemas, always: &[&str], sometimes: &[&str]) -> Object {
    let link = schemas.of::<Link>();
    let names = always.iter().chain(sometimes);
    let described = names.fold(ObjectBuilder::new(), |object, name| {
        object.property(*name, link.clone())
    });
    let described = always
        .iter()
        .fold(described, |object, name| object.required(*name));
    described.build()
}

/// A page of entries under `name`; `is_counted` where it says which one it is.
pub fn collection(
    schemas: &mut Schemas,
    name: &str,
    entry: RefOr<Schema>,
    is_counted: bool,
) -> Object {
    let embedded = ObjectBuilder::new()
        .property(name, ArrayBuilder::new().items(entry))
        .required(name);
    let described = ObjectBuilder::new()
        .property("_embedded", embedded)
        .required("_embedded")
        .property("_links", links(schemas, &["self"], &["next"]))
        .required("_links");
    if is_counted {
        let page = schemas.of::<Page>();
        described.property("page", page).required("page").build()
    } else {
        described.build()
    }
}

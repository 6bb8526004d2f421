//! From described routes to the parts of a document.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::{
    Components, ComponentsBuilder, HttpMethod, Response,
    path::{Paths, PathsBuilder},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{Described, Schemas};

/// The name of the scheme by which a token is sent.
pub(super) const TOKEN: &str = "token";
/// The name of the scheme by which an API key is sent.
pub(super) const API_KEY: &str = "apiKey";

/// A route with its description.
pub struct Endpoint {
    /// Its method.
    pub method: HttpMethod,
    /// Its path, with its parameters in braces.
    pub path: String,
    /// What it takes and answers.
    pub described: Described,
}

/// What many operations refer to.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) schemas: Schemas,
    pub(super) responses: BTreeMap<String, Response>,
    /// The operations of the document.
    pub(super) operations: BTreeSet<String>,
}

/// The paths of these routes, and what they refer to.
pub fn parts(endpoints: impl IntoIterator<Item = Endpoint>) -> (Paths, Components) {
    let endpoints: Vec<Endpoint> = endpoints.into_iter().collect();
    let names = endpoints.iter().map(|it| it.described.id().to_owned());
    let mut shared = Shared {
        operations: names.collect(),
        ..Shared::default()
    };
    let mut paths = PathsBuilder::new().build();
    for Endpoint {
        method,
        path,
        described,
    } in endpoints
    {
        paths.add_path_operation(path, vec![method], described.build(&mut shared));
    }
    (paths, shared.components())
}

impl Shared {
    fn components(self) -> Components {
        let schemas = self.schemas.into_inner().into_iter();
        let components = schemas.fold(ComponentsBuilder::new(), |components, (name, schema)| {
            components.schema(name, schema)
        });
        let responses = self.responses.into_iter();
        let components = responses.fold(components, |components, (name, response)| {
            components.response(name, response)
        });
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A token whose `scope` has one of the roles that stand beside the operation.",
            ));
        let key = ApiKeyValue::with_description(
            "X-API-Key",
            "A key that was given one of these roles (`ordertrace ops apikey create`).",
        );
        components
            .security_scheme(TOKEN, SecurityScheme::Http(token.build()))
            .security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)))
            .build()
    }
}

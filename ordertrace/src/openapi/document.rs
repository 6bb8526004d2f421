//! The routes' descriptions, put together, with what holds for all of them.

use ordertrace_http::{
    ProblemKind,
    openapi::{Endpoint, parts},
};
use utoipa::openapi::{
    HttpMethod, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, ServerBuilder, Tag,
    tag::TagBuilder,
};

/// The group of what other programs look at to see how this one is doing.
pub(crate) const MACHINES: &str = "machines";

const DESCRIPTION: &str = "Orders are placed, paid and delivered by commands (`POST`, `PUT`, `PATCH`, `DELETE`) and looked \
    at by queries (`GET`). Hand the `Ordertrace-Position` of a command's answer to a query as `after`, and the answer is \
    never older than the command. Every error is a problem (RFC 9457) with a stable `type`.";

/// What stands before every route may answer these, and to a request that changes something the last one, too.
const ANYWHERE: [ProblemKind; 7] = [
    ProblemKind::UriTooLong,
    ProblemKind::WrongHost,
    ProblemKind::RateLimited,
    ProblemKind::HeadersTooLarge,
    ProblemKind::Overloaded,
    ProblemKind::Internal,
    ProblemKind::OutcomeUnknown,
];
const ON_A_CHANGE: [ProblemKind; 1] = [ProblemKind::CrossSite];

/// The document of these routes.
pub(super) fn json(endpoints: Vec<Endpoint>) -> String {
    let document = document(endpoints);
    #[expect(clippy::expect_used, reason = "plain data with names has a JSON form")]
    document.to_json().expect("a document")
}

fn document(endpoints: Vec<Endpoint>) -> OpenApi {
    let (paths, components) = parts(endpoints.into_iter().map(guarded));
    let license = LicenseBuilder::new()
        .name("Apache License 2.0")
        .identifier(Some("Apache-2.0"));
    let info = InfoBuilder::new()
        .title("Ordertrace")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license.build()));
    let here = ServerBuilder::new()
        .url("/")
        .description(Some("Where this document came from."));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([here.build()]))
        .paths(paths)
        .components(Some(components))
        .tags(Some(tags()))
        .build()
}

fn guarded(mut endpoint: Endpoint) -> Endpoint {
    endpoint.described = endpoint.described.problems(ANYWHERE);
    if endpoint.method != HttpMethod::Get {
        endpoint.described = endpoint.described.problems(ON_A_CHANGE);
    }
    endpoint
}

fn tags() -> [Tag; 7] {
    let tag = |name: &str, description: &str| {
        let tag = TagBuilder::new().name(name);
        tag.description(Some(description)).build()
    };
    [
        tag("orders", "Placing orders, and taking them back."),
        tag("payments", "Whether the money is there."),
        tag("deliveries", "Where the goods are."),
        tag(
            "orderTraces",
            "All that an order has come to: now, then, and live.",
        ),
        tag(
            "audit",
            "Every event, and the proof that none was changed or left out.",
        ),
        tag(
            "operators",
            "What needs a person, and how the parts are doing.",
        ),
        tag(MACHINES, "Health, metrics, and this document."),
    ]
}

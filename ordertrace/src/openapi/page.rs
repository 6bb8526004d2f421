//! `/docs`: the document in a browser, by Swagger UI. All of it is in this binary; nothing is fetched from elsewhere.

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use ordertrace_http::Problem;
use utoipa_swagger_ui::Config;

const PAGE: &str = include_str!("docs.html");

const SCRIPT: &str = include_str!("docs.js");

/// What of Swagger UI the page uses.
const ASSETS: [&str; 3] = [
    "favicon-32x32.png",
    "swagger-ui-bundle.js",
    "swagger-ui.css",
];

/// Everything comes from here, and so does what the scripts ask for. The pictures in the style sheet are `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

/// The page and what it needs.
pub(super) fn router() -> Router {
    Router::new()
        .route(
            "/docs",
            get(|| async { text("text/html; charset=utf-8", PAGE) }),
        )
        .route(
            "/docs/docs.js",
            get(|| async { text("text/javascript; charset=utf-8", SCRIPT) }),
        )
        .route("/docs/{asset}", get(asset))
}

fn text(content_type: &'static str, text: &'static str) -> Response {
    (HEADERS, [(header::CONTENT_TYPE, content_type)], text).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    if !ASSETS.contains(&name.as_str()) {
        return Problem::not_found().into_response();
    }
    match utoipa_swagger_ui::serve(&name, Arc::new(Config::default())) {
        Ok(Some(file)) => (
            HEADERS,
            [
                (header::CONTENT_TYPE, file.content_type.as_str()),
                (header::CONTENT_ENCODING, "gzip"),
            ],
            file.bytes.into_owned(),
        )
            .into_response(),
        Ok(None) | Err(_) => Problem::not_found().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn everything_the_page_names_is_served_compressed_and_under_the_policy() {
        for name in ASSETS {
            assert!(PAGE.contains(&format!("\"/docs/{name}\"")), "{name}");
            let response = asset(Path(name.to_owned())).await;
            assert_eq!(response.status(), StatusCode::OK, "{name}");
            let headers = response.headers();
            assert_eq!(headers[header::CONTENT_SECURITY_POLICY], POLICY);
            let body = axum::body::to_bytes(response.into_body(), usize::MAX);
            let body = body.await.unwrap();
            // The mark of gzip (RFC 1952, 2.3.1): what the header says of it is true.
            assert!(body.starts_with(&[0x1f, 0x8b]), "{name}");
        }
    }

    #[tokio::test]
    async fn nothing_else_of_swagger_ui_is_served() {
        for name in [
            "index.html",
            "swagger-initializer.js",
            "oauth2-redirect.html",
            "..",
        ] {
            let response = asset(Path(name.to_owned())).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}

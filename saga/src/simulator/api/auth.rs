//! Who may ask: whoever names a secret, any secret.

use axum::{
    extract::Request,
    http::header::AUTHORIZATION,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::refusal::ApiError;

/// Lets nobody through who names no secret.
pub(super) async fn require_secret(request: Request, next: Next) -> Response {
    let header = request.headers().get(AUTHORIZATION);
    let secret = header
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, secret)| secret.trim());
    if secret.is_empty() {
        return ApiError::no_secret().into_response();
    }
    next.run(request).await
}

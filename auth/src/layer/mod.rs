//! Says of every request who asks, before anything else looks at it.
//!
//! Invariant: a request goes on with the [`Principal`] of a credential that counts, or with none and without a credential.
//! One that changes something and comes with a session's cookie goes on only with the session's own token: a browser sends
//! the cookie for any page that has it do so. Nothing of a credential is logged.

mod csrf;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use chrono::Utc;
use ordertrace_domain::Timestamp;
use ordertrace_http::{Principal, Problem};

pub use csrf::{CSRF_FIELD, CSRF_HEADER};

use crate::{
    AuthError, Authenticated, Authenticator, Credential, Session, session::Kept, standing::standing,
};

/// The middleware: `axum::middleware::from_fn_with_state(authenticator, authenticate)`. Puts a [`Principal`] into the
/// request's extensions, for how long that [stands](ordertrace_http::StandingLogin), and the [`Session`] if that is what it
/// comes from.
pub async fn authenticate(
    State(authenticator): State<Arc<Authenticator>>,
    mut request: Request,
    next: Next,
) -> Response {
    if authenticator.is_open() {
        request.extensions_mut().insert(Principal::open());
        return next.run(request).await;
    }
    let shown = match Credential::of(request.headers()) {
        Ok(shown) => shown,
        Err(refused) => return answer(&refused.into()),
    };
    match shown {
        Some(credential) => match authenticator.check(&credential).await {
            Ok(authenticated) => {
                admit(&authenticator, credential, authenticated, &mut request);
                next.run(request).await
            }
            Err(error) => answer(&error),
        },
        None => with_session(&authenticator, request, next).await,
    }
}

/// Goes on with the session that a request's cookie is, if it is one. One that has ended is no reason to refuse a page:
/// that is how one gets to log in again.
async fn with_session(
    authenticator: &Arc<Authenticator>,
    request: Request,
    next: Next,
) -> Response {
    let Some(sessions) = authenticator.sessions() else {
        return next.run(request).await;
    };
    let session = match sessions.of(request.headers(), Timestamp::from(Utc::now())) {
        Kept::Nothing => return next.run(request).await,
        Kept::Useless => None,
        Kept::Session(session) => match authenticator.check(session.credential()).await {
            Ok(authenticated) => Some((session, authenticated)),
            Err(AuthError::Refused(refused)) => {
                tracing::debug!(auth.reason = %refused, "a session has ended");
                None
            }
            Err(error @ AuthError::NoKeys) => return answer(&error),
        },
    };
    if let Some((session, authenticated)) = session {
        return go_on(authenticator, session, authenticated, request, next).await;
    }
    let mut response = next.run(request).await;
    forget(&mut response, sessions.end());
    response
}

async fn go_on(
    authenticator: &Arc<Authenticator>,
    session: Session,
    mut authenticated: Authenticated,
    request: Request<Body>,
    next: Next,
) -> Response {
    let mut request = match csrf::checked(&session, request).await {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    let ends = authenticated.expires_at.into_iter();
    authenticated.expires_at = ends.chain([session.expires_at()]).min();
    let credential = session.credential().clone();
    admit(authenticator, credential, authenticated, &mut request);
    request.extensions_mut().insert(session);
    next.run(request).await
}

/// Says of a request who asks, and for how long that stands.
fn admit(
    authenticator: &Arc<Authenticator>,
    credential: Credential,
    authenticated: Authenticated,
    request: &mut Request,
) {
    let principal = authenticated.principal.clone();
    let login = standing(authenticator, credential, authenticated);
    request.extensions_mut().insert(principal);
    request.extensions_mut().insert(login);
}

/// Has the browser forget a cookie, unless the answer brings a new one.
fn forget(response: &mut Response, end: HeaderValue) {
    let name = |cookie: &HeaderValue| {
        let cookie = cookie.to_str().ok()?;
        Some(cookie.split_once('=')?.0.to_owned())
    };
    let headers = response.headers_mut();
    let mut others = headers.get_all(header::SET_COOKIE).iter();
    if !others.any(|cookie| name(cookie) == name(&end)) {
        headers.append(header::SET_COOKIE, end);
    }
}

/// The answer to somebody who is not let in.
fn answer(error: &AuthError) -> Response {
    let mut response = Problem::from(error).into_response();
    if let AuthError::Refused(refused) = error {
        tracing::debug!(
            auth.reason = refused as &dyn std::error::Error,
            "a credential was refused"
        );
        let challenge = HeaderValue::from_static(r#"Bearer error="invalid_token""#);
        let headers = response.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

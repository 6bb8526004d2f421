//! What becomes of the form by which one logs in.
//!
//! That it was sent from a page of this site is looked at before, as for whatever changes something: another site that could
//! log somebody in as somebody else would see what they do then.

use std::sync::Arc;

use axum::http::HeaderValue;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Redirect, Response},
};
use chrono::Utc;
use ordertrace_auth::{AuthError, Authenticator, Credential, SealError};
use ordertrace_domain::Timestamp;

use super::{
    next,
    page::{Refusal, refused},
};
use crate::api::Caller;

/// What the form says. It has no `Debug`: what was typed in is a secret.
#[derive(Default)]
struct Form {
    credential: String,
    next: String,
}

/// `POST /ui/login`
pub(super) async fn post(
    State(authenticator): State<Arc<Authenticator>>,
    caller: Caller,
    body: String,
) -> Response {
    let form = Form::read(&body);
    match session(&authenticator, &form.credential).await {
        Ok(cookie) => {
            let mut response = Redirect::to(next::of(&form.next)).into_response();
            let headers = response.headers_mut();
            headers.append(header::SET_COOKIE, cookie);
            response
        }
        Err(refusal) => refused(&caller, &form.next, refusal),
    }
}

/// The cookie of a new session.
async fn session(authenticator: &Authenticator, text: &str) -> Result<HeaderValue, Refusal> {
    let credential = Credential::parse(text).map_err(|refused| does_not_count(&refused))?;
    let checked = authenticator.check(&credential).await;
    let checked = checked.map_err(|error| match error {
        AuthError::Refused(refused) => does_not_count(&refused),
        AuthError::NoKeys => Refusal::NotNow,
    })?;
    let sessions = authenticator.sessions().ok_or(Refusal::NotNow)?;
    let now = Timestamp::from(Utc::now());
    let begun = sessions.begin(&credential, checked.expires_at, now);
    begun.map_err(|error| match error {
        SealError::TooLong => Refusal::TooLong,
        SealError::Ended => does_not_count(&error),
        SealError::NoRandomness => {
            tracing::error!(%error, "no session can be begun");
            Refusal::NotNow
        }
    })
}

fn does_not_count(reason: &(dyn std::error::Error + 'static)) -> Refusal {
    tracing::debug!(auth.reason = reason, "a log-in was refused");
    Refusal::DoesNotCount
}

impl Form {
    /// The form as it was sent. What was copied may have a line's end around it.
    fn read(body: &str) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            match name.as_ref() {
                "credential" => value.trim().clone_into(&mut form.credential),
                "next" => form.next = value.into_owned(),
                _ => {}
            }
        }
        form
    }
}

//! The form by which one logs in.

use askama::Template;
use axum::{
    extract::RawQuery,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::next;
use crate::{
    api::Caller,
    chrome::{self, Chrome, Section},
};

/// When to come back if nobody can be logged in: keys are asked for again by then.
const RETRY_AFTER_SECS: u32 = 2;

/// Why somebody is not let in, as far as they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// What they have sent does not count; why is for the log.
    DoesNotCount,
    /// It counts, but a cookie has no room for it.
    TooLong,
    /// It can't be said now whether it counts.
    NotNow,
}

#[derive(Template)]
#[template(path = "login/page.html")]
struct LoginPage<'a> {
    chrome: Chrome,
    next: &'a str,
    refusal: Option<Refusal>,
}

/// `GET /ui/login`
pub(super) async fn get(caller: Caller, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut params = form_urlencoded::parse(query.as_bytes());
    let found = params.find(|(name, _)| name == "next");
    let next = found.map_or_else(String::new, |(_, value)| value.into_owned());
    draw(&caller, &next, None)
}

/// The form once more, with the reason why nobody was let in.
pub(super) fn refused(caller: &Caller, next: &str, refusal: Refusal) -> Response {
    let mut response = draw(caller, next, Some(refusal));
    let headers = response.headers_mut();
    match refusal {
        Refusal::DoesNotCount => {
            let challenge = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        Refusal::NotNow => {
            let wait = HeaderValue::from(RETRY_AFTER_SECS);
            headers.insert(header::RETRY_AFTER, wait);
        }
        Refusal::TooLong => {}
    }
    response
}

fn draw(caller: &Caller, next: &str, refusal: Option<Refusal>) -> Response {
    let page = LoginPage {
        chrome: Chrome::new(caller, Section::Nowhere, "Log in"),
        next: next::of(next),
        refusal,
    };
    chrome::page(refusal.map_or(StatusCode::OK, Refusal::status), &page)
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::DoesNotCount => StatusCode::UNAUTHORIZED,
            Self::TooLong => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotNow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// For whoever has tried.
    const fn words(self) -> &'static str {
        match self {
            Self::DoesNotCount => {
                "This does not count here. Check that it is whole, and still valid."
            }
            Self::TooLong => {
                "This token is too long for a browser to keep. Log in with an API key, or with a token that says less."
            }
            Self::NotNow => "Nobody can be logged in just now. Try again in a few seconds.",
        }
    }
}

//! The page for what did not work: what it means, and what to do about it.

use askama::Template;
use axum::{
    extract::{Path, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use ordertrace_http::ProblemKind;

use crate::{
    api::{ApiError, Caller},
    chrome::{Chrome, Section, page},
    headers::harden,
};

/// For a script that asked for a part of a page: the failure takes the place of the whole page.
const INSTEAD_OF_THE_PAGE: [(&str, &str); 3] = [
    ("hx-retarget", "#main"),
    ("hx-reselect", "#main"),
    ("hx-reswap", "outerHTML show:window:top"),
];

/// What an error of the API is.
const PROBLEM: &str = "application/problem+json";

/// The title of every page for what is not there, whoever found that out.
const NOTHING_HERE: &str = "There is nothing here";

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    chrome: Chrome,
    status: u16,
    title: &'a str,
    meaning: &'a str,
    detail: &'a str,
    request_id: Option<&'a str>,
    is_temporary: bool,
}

/// The page for an error of the API.
pub(crate) fn failed(caller: &Caller, section: Section, error: &ApiError) -> Response {
    if error.problem().is_none() {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "a page has nothing to show"
        );
    }
    let status = error.status();
    let (title, detail) = error
        .problem()
        .map_or(("The answer can't be shown", ""), |problem| {
            (problem.title.as_str(), problem.detail.as_str())
        });
    let kind = error.problem().map_or("", |problem| problem.kind.as_str());
    let (title, detail) = match kind {
        "not-found" => (NOTHING_HERE, ""),
        _ => (title, detail),
    };
    let failure = FailurePage {
        chrome: Chrome::new(caller, section, title),
        status: status.as_u16(),
        title,
        meaning: meaning(status, kind),
        detail,
        request_id: caller.request_id(),
        is_temporary: status.is_server_error(),
    };
    let retry_after = error.problem().and_then(|problem| problem.retry_after_secs);
    let mut response = answer(caller, status, &failure);
    if let Some(secs) = retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}

/// The middleware for whatever else is wrong with a request for a page, such as one too many: it is told in a page. It stands
/// before all that may refuse a request.
pub async fn in_words(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_for_a_page = path == "/ui" || path.starts_with("/ui/");
    let is_partial = request.headers().contains_key("hx-request");
    let response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if !is_for_a_page || content_type.is_none_or(|it| it != PROBLEM) {
        return response;
    }
    let mut headers = response.headers().clone();
    let caller = Caller::unknown(is_partial, &headers);
    let told = failed(&caller, Section::Nowhere, &ApiError::of(response).await);
    let mut told = harden(told).await;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    headers.extend(told.headers().clone());
    *told.headers_mut() = headers;
    told
}

/// `GET /ui/…` where nothing is.
pub(crate) async fn no_such_page(caller: Caller, Path(_): Path<String>) -> Response {
    not_found(&caller)
}

/// The page for what one may not do, where that is known before the API is asked.
pub(crate) fn forbidden(caller: &Caller, section: Section) -> Response {
    let (status, kind) = (StatusCode::FORBIDDEN, ProblemKind::Forbidden);
    let failure = FailurePage {
        chrome: Chrome::new(caller, section, kind.title()),
        status: status.as_u16(),
        title: kind.title(),
        meaning: meaning(status, kind.name()),
        detail: "",
        request_id: caller.request_id(),
        is_temporary: false,
    };
    answer(caller, status, &failure)
}

/// The page for what is not there.
pub(crate) fn not_found(caller: &Caller) -> Response {
    let title = NOTHING_HERE;
    let failure = FailurePage {
        chrome: Chrome::new(caller, Section::Nowhere, title),
        status: StatusCode::NOT_FOUND.as_u16(),
        title,
        meaning: meaning(StatusCode::NOT_FOUND, "not-found"),
        detail: "",
        request_id: caller.request_id(),
        is_temporary: false,
    };
    answer(caller, StatusCode::NOT_FOUND, &failure)
}

fn answer(caller: &Caller, status: StatusCode, failure: &FailurePage<'_>) -> Response {
    let mut response = page(status, failure);
    if caller.is_partial {
        for (name, value) in INSTEAD_OF_THE_PAGE {
            let name = HeaderName::from_static(name);
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What an error means to somebody who looks at a page.
fn meaning(status: StatusCode, kind: &str) -> &'static str {
    match kind {
        "view-behind" => {
            "The list of orders has not caught up with the event log yet. Nothing is lost; it usually takes seconds."
        }
        "log-unavailable" => {
            "The event log is out of reach just now. Nothing was changed; what was acknowledged before is kept."
        }
        "outcome-unknown" => {
            "The event log did not say whether this was carried out. Sending the same form again finds out, and does it at most once."
        }
        "order-unreadable" => {
            "The history of this order is damaged, and somebody has to look at it. Other orders are not affected."
        }
        "invalid-request" => {
            "The address of this page asks for something that can't be looked for."
        }
        "not-found" => "The address is wrong, or what was here is not yours to see.",
        "cross-site" => {
            "This was not sent from a page of yours that still holds, so nothing was done. Load the page again, and send the form once more."
        }
        "forbidden" => {
            "You are logged in, and may not see or do this. Somebody with another role may."
        }
        "rate-limited" => {
            "Too much was asked for in too short a time. Nothing was done; try again in a moment."
        }
        _ if status.is_server_error() => {
            "Something did not work on our side. Trying again does no harm."
        }
        _ => "The request could not be carried out as it is.",
    }
}

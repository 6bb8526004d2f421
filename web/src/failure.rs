//! The page for what did not work: what it means, and what to do about it.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    api::{ApiError, Caller},
    chrome::{Chrome, Section, page},
};

/// For a script that asked for a part of a page: the failure takes the place of the whole page.
const INSTEAD_OF_THE_PAGE: [(&str, &str); 3] = [
    ("hx-retarget", "#main"),
    ("hx-reselect", "#main"),
    ("hx-reswap", "outerHTML show:window:top"),
];

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
        chrome: Chrome::new(section, title),
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

/// `GET /ui/…` where nothing is.
pub(crate) async fn no_such_page(caller: Caller, Path(_): Path<String>) -> Response {
    not_found(&caller)
}

/// The page for what is not there.
pub(crate) fn not_found(caller: &Caller) -> Response {
    let title = NOTHING_HERE;
    let failure = FailurePage {
        chrome: Chrome::new(Section::Nowhere, title),
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
        "cross-site" => "The form was sent from another site, so nothing was done.",
        _ if status.is_server_error() => {
            "Something did not work on our side. Trying again does no harm."
        }
        _ => "The request could not be carried out as it is.",
    }
}

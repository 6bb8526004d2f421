//! What a person does about it: the API's calls behind the buttons of the page.
//!
//! Invariant: a form does what the API's call of the same name does, and no more; what the API says no to is shown in its
//! own words.

use axum::{
    extract::{Path, State},
    http::Method,
    response::{IntoResponse, Redirect, Response},
};
use ordertrace_domain::OrderId;
use serde::Serialize;
use serde_json::Value;

use super::{
    PATH,
    page::{Deed, refused},
    section::Section,
};
use crate::{
    api::{Answer, Api, ApiError, Caller},
    failure,
};

/// The body of a rebuild.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Begin {
    dry_run: bool,
    switch_despite_differences: bool,
}

/// The body of a discard.
#[derive(Debug, Serialize)]
struct Reason {
    reason: String,
}

/// `POST /ui/ops/rebuild`
pub(super) async fn rebuild(State(api): State<Api>, caller: Caller, body: String) -> Response {
    let (begin, deed) = match field(&body, "mode").as_str() {
        "compare" => (begin(true, false), Deed::Comparing),
        "rebuild" => (begin(false, false), Deed::Rebuilding),
        "switch" => (begin(false, true), Deed::Rebuilding),
        _ => return failure::not_found(&caller),
    };
    let answer = api.post(&caller, "/ops/rebuild", &begin, &[]).await;
    done(&api, &caller, answer, deed).await
}

const fn begin(dry_run: bool, switch_despite_differences: bool) -> Begin {
    Begin {
        dry_run,
        switch_despite_differences,
    }
}

/// `POST /ui/ops/stuck/{id}/resume`
pub(super) async fn resume(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = OrderId::parse(&id) else {
        return failure::not_found(&caller);
    };
    let path = format!("/ops/stuck/{id}/resume");
    let answer = api.order(&caller, Method::POST, &path, &[]).await;
    done(&api, &caller, answer, Deed::Resumed).await
}

/// `POST /ui/ops/dlq/{id}/retry`
pub(super) async fn retry(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Response {
    if !is_letter(&id) {
        return failure::not_found(&caller);
    }
    let path = format!("/ops/dlq/{id}/retry");
    let answer = api.order(&caller, Method::POST, &path, &[]).await;
    done(&api, &caller, answer, Deed::Retried).await
}

/// `POST /ui/ops/dlq/{id}/discard`
pub(super) async fn discard(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    body: String,
) -> Response {
    if !is_letter(&id) {
        return failure::not_found(&caller);
    }
    let reason = Reason {
        reason: field(&body, "reason"),
    };
    let path = format!("/ops/dlq/{id}/discard");
    let answer = api.post(&caller, &path, &reason, &[]).await;
    done(&api, &caller, answer, Deed::Discarded).await
}

/// Back to the page, which says what was done; or the page with the API's refusal.
async fn done(
    api: &Api,
    caller: &Caller,
    answer: Result<Answer<Value>, ApiError>,
    deed: Deed,
) -> Response {
    match answer {
        Ok(_) => Redirect::to(&format!(
            "{PATH}?done={}#{}",
            deed.name(),
            deed.section().name()
        ))
        .into_response(),
        Err(error) => refused(api, caller, deed, &error).await,
    }
}

impl Deed {
    /// Where it is to be seen.
    const fn section(self) -> Section {
        match self {
            Self::Comparing | Self::Rebuilding => Section::Rebuild,
            Self::Resumed => Section::Stuck,
            Self::Retried | Self::Discarded => Section::Letters,
        }
    }
}

/// Whether it may be the name of a parked message, such as `saga.17`; which of them there are, the API knows.
fn is_letter(id: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    id.bytes().all(is_plain) && id.contains('.') && !id.contains("..")
}

/// A field of a form; empty if it is not there.
fn field(body: &str, name: &str) -> String {
    let mut fields = form_urlencoded::parse(body.as_bytes());
    let found = fields.find(|(field, _)| field == name);
    found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

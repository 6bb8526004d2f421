//! The API as the pages see it: a real router with canned answers, which remembers how it was called.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use http_body_util::BodyExt as _;
use ordertrace_domain::{ActorId, CustomerId};
use ordertrace_http::{Principal, Roles};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// What it answers: a status, headers, a body.
#[derive(Clone)]
struct Canned {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// How it was called.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// `GET /orderTraces`, with the query.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Clone, Default)]
pub(crate) struct Peer(Arc<Inner>);

#[derive(Default)]
struct Inner {
    answers: Mutex<HashMap<String, Canned>>,
    calls: Mutex<Vec<Call>>,
}

/// A page as the browser gets it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn has(&self, text: &str) -> &Self {
        assert!(self.html.contains(text), "no {text:?} in\n{}", self.html);
        self
    }

    #[track_caller]
    pub(crate) fn has_no(&self, text: &str) -> &Self {
        assert!(
            !self.html.contains(text),
            "there is {text:?} in\n{}",
            self.html
        );
        self
    }
}

impl Peer {
    /// From now on it answers such a call, with or without a query, with this.
    pub(crate) fn answers(&self, line: impl Into<String>, body: &Value) -> &Self {
        self.with(
            line,
            StatusCode::OK,
            &[("ordertrace-position", "a-9")],
            body,
        )
    }

    /// From now on it refuses such a call.
    pub(crate) fn refuses(&self, line: &str, status: u16, kind: &str, detail: &str) -> &Self {
        let body = json!({
            "type": format!("urn:ordertrace:problem:{kind}"), "title": format!("Title of {kind}"),
            "status": status, "detail": detail,
        });
        self.with(line, StatusCode::from_u16(status).unwrap(), &[], &body)
    }

    pub(crate) fn with(
        &self,
        line: impl Into<String>,
        status: StatusCode,
        headers: &[(&'static str, &str)],
        body: &Value,
    ) -> &Self {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        let body = match body {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let headers = headers.collect();
        let canned = Canned {
            status,
            headers,
            body,
        };
        self.0.answers.lock().unwrap().insert(line.into(), canned);
        self
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().unwrap().clone()
    }

    /// The last call that begins so.
    #[track_caller]
    pub(crate) fn call(&self, line: &str) -> Call {
        let calls = self.calls();
        let found = calls.iter().rev().find(|call| call.line.starts_with(line));
        found
            .unwrap_or_else(|| panic!("no {line:?} among {calls:?}"))
            .clone()
    }

    /// The pages over this API.
    pub(crate) fn pages(&self) -> Router {
        ordertrace_web::router(self.api())
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// As a script gets a part of a page.
    pub(crate) async fn get_part(&self, path: &str) -> Page {
        let request = Request::get(path).header("hx-request", "true");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// As a browser sends a form.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    /// A page as somebody in these roles gets it, who has logged in.
    pub(crate) async fn get_as(&self, roles: Roles, path: &str) -> Page {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(Principal {
            id: ActorId::parse("ann").unwrap(),
            customer_id: CustomerId::parse("ann").unwrap(),
            roles,
            is_anonymous: false,
        });
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request) -> Page {
        Page::of(self.pages().oneshot(request).await.unwrap()).await
    }

    /// The API alone.
    pub(crate) fn api(&self) -> Router {
        Router::new()
            .route("/", any(answer))
            .route("/{*path}", any(answer))
            .with_state(self.clone())
    }
}

impl Page {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8_lossy(&body).into_owned();
        Self {
            status,
            headers,
            html,
        }
    }
}

async fn answer(State(peer): State<Peer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let line = |path: &str| format!("{} {path}", as_text(&parts.method));
    let (with_query, plain) = (line(&parts.uri.to_string()), line(parts.uri.path()));
    peer.0.calls.lock().unwrap().push(Call {
        line: with_query.clone(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let answers = peer.0.answers.lock().unwrap();
    let Some(canned) = answers.get(&with_query).or_else(|| answers.get(&plain)) else {
        let problem = json!({
            "type": "urn:ordertrace:problem:not-found", "title": "Not found", "status": 404,
            "detail": "there is nothing here",
        });
        return (StatusCode::NOT_FOUND, problem.to_string()).into_response();
    };
    let mut response = (canned.status, canned.body.clone()).into_response();
    for (name, value) in &canned.headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn as_text(method: &Method) -> &str {
    method.as_str()
}

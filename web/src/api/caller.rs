//! On whose behalf the API is called: what is handed on of the browser's request.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderName, Method, StatusCode, header, request},
};
use ordertrace_auth::Session;
use ordertrace_http::Access;

use crate::{Site, viewer::Viewer};

/// The headers that the API is to see as the browser sent them. Whatever speaks of the form of an answer, of caching or
/// of the page itself is not among them, nor is the page's cookie: what is sealed in it is shown instead.
const HANDED_ON: [HeaderName; 7] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-forwarded-for"),
    header::FORWARDED,
    header::HOST,
    header::AUTHORIZATION,
    HeaderName::from_static("x-api-key"),
];

/// Whether the API has said meanwhile that one has to log in. Whoever lets requests in puts one into each, and looks at it
/// afterwards; so no page has to.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoginOver(Arc<AtomicBool>);

/// On whose behalf the API is called.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    headers: HeaderMap,
    peer: Option<ConnectInfo<SocketAddr>>,
    over: LoginOver,
    /// Who looks at the page.
    pub(crate) viewer: Viewer,
    /// Where the page is served.
    pub(crate) site: Site,
    /// Whether the page is fetched by a script, for a part of it.
    pub(crate) is_partial: bool,
}

impl Caller {
    /// A request of the API, with what is handed on.
    pub(super) fn request(&self, method: Method, path: &str) -> request::Builder {
        let mut builder = axum::http::Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        match self.peer {
            Some(peer) => builder.extension(peer),
            None => builder,
        }
    }

    /// Somebody of whom nothing is known, whose request was answered with these headers.
    pub(crate) fn unknown(is_partial: bool, answered: &HeaderMap) -> Self {
        let id = answered.get(&HANDED_ON[0]).cloned();
        Self {
            headers: id
                .map(|id| (HANDED_ON[0].clone(), id))
                .into_iter()
                .collect(),
            peer: None,
            over: LoginOver::default(),
            viewer: Viewer::default(),
            site: Site::Alone,
            is_partial,
        }
    }

    /// Takes note of how the API has answered.
    pub(super) fn answered(&self, status: StatusCode) {
        if status == StatusCode::UNAUTHORIZED {
            self.over.0.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the API would carry this out.
    pub(crate) fn may(&self, access: Access) -> bool {
        self.viewer.may(access)
    }

    /// The id under which the request is in the process's log.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(&HANDED_ON[0])?.to_str().ok()
    }
}

impl LoginOver {
    /// Whether one has to log in.
    pub(crate) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Infallible> {
        let mut headers = HeaderMap::new();
        for name in HANDED_ON {
            for value in parts.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        if let Some(session) = parts.extensions.get::<Session>() {
            headers.insert(header::AUTHORIZATION, session.authorization());
        }
        Ok(Self {
            headers,
            over: parts.extensions.get().cloned().unwrap_or_default(),
            viewer: Viewer::of(parts),
            site: parts.extensions.get().copied().unwrap_or_default(),
            peer: parts.extensions.get().copied(),
            is_partial: parts.headers.contains_key("hx-request"),
        })
    }
}

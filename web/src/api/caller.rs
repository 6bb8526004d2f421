//! On whose behalf the API is called: what is handed on of the browser's request.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderName, Method, header, request},
};

/// The headers that the API is to see as the browser sent them. Whatever speaks of the form of an answer, of caching or
/// of the page itself is not among them.
const HANDED_ON: [HeaderName; 7] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-forwarded-for"),
    header::FORWARDED,
    header::HOST,
    header::AUTHORIZATION,
    header::COOKIE,
];

/// Who looks at a page.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    headers: HeaderMap,
    peer: Option<ConnectInfo<SocketAddr>>,
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

    /// The id under which the request is in the process's log.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(&HANDED_ON[0])?.to_str().ok()
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
        Ok(Self {
            headers,
            peer: parts.extensions.get().copied(),
            is_partial: parts.headers.contains_key("hx-request"),
        })
    }
}

//! Who gets to see pages, and where everybody else is sent.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use ordertrace_http::Principal;

use super::{LOG_IN_PATH, LOG_OUT_PATH};
use crate::{
    Site,
    api::{LoginOver, path_with},
    home,
};

/// Has htmx load another page.
const REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");

/// The page on which a script makes its request.
const CURRENT_URL: &str = "hx-current-url";

/// What a stream tells whose listener has to log in: the status of its answer is kept from scripts.
const LOGGED_OUT: &str = "event: login\ndata: {}\n\n";

/// What stands before the pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate {
    site: Site,
    is_open: bool,
}

impl Gate {
    /// Everybody may do everything.
    pub(crate) const fn open(site: Site) -> Self {
        let is_open = true;
        Self { site, is_open }
    }

    /// One has to log in first.
    pub(crate) const fn closed(site: Site) -> Self {
        let is_open = false;
        Self { site, is_open }
    }

    /// The middleware. It stands behind what finds out who asks.
    pub(crate) async fn let_in(
        State(gate): State<Self>,
        mut request: Request,
        next: Next,
    ) -> Response {
        request.extensions_mut().insert(gate.site);
        if gate.is_open {
            let extensions = request.extensions_mut();
            extensions.get_or_insert_with(Principal::open);
            return next.run(request).await;
        }
        let way = Way::of(&request);
        let is_known = request.extensions().get::<Principal>().is_some();
        let mut response = if is_known || is_for_everybody(&request) {
            let over = LoginOver::default();
            request.extensions_mut().insert(over.clone());
            let response = next.run(request).await;
            if over.is_over() {
                way.to_the_log_in()
            } else {
                response
            }
        } else {
            way.to_the_log_in()
        };
        // Nothing of it is kept: who comes after them at the same browser is not to go back to it.
        let unkept = HeaderValue::from_static("no-store");
        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(unkept);
        response
    }
}

/// Whether it says nothing about anybody's orders.
fn is_for_everybody(request: &Request) -> bool {
    match request.uri().path() {
        LOG_IN_PATH | LOG_OUT_PATH => true,
        // A program gets the API's index.
        "/" => !home::wants_a_page(request.headers()),
        path => path.starts_with("/ui/assets/"),
    }
}

/// How whoever asks is sent to log in.
struct Way {
    kind: Kind,
    /// The page that they come back to.
    back: String,
}

enum Kind {
    Page,
    /// A script asks for a part of a page.
    Part,
    /// A script listens.
    Stream,
}

impl Way {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let kind = if headers.contains_key("hx-request") {
            Kind::Part
        } else if request.uri().path().ends_with("/stream") {
            Kind::Stream
        } else {
            Kind::Page
        };
        let back = page_of(headers).unwrap_or_else(|| {
            let uri = request.uri();
            // Whoever has sent a form comes back to where the form was: its path is that of a page.
            let target = uri.path_and_query().map_or("/", |target| target.as_str());
            let is_question = [Method::GET, Method::HEAD].contains(request.method());
            if is_question { target } else { uri.path() }.to_owned()
        });
        Self { kind, back }
    }

    fn to_the_log_in(&self) -> Response {
        let address = path_with(LOG_IN_PATH, [("next", self.back.as_str())]);
        match self.kind {
            Kind::Page => Redirect::to(&address).into_response(),
            Kind::Part => {
                let mut response = StatusCode::UNAUTHORIZED.into_response();
                let headers = response.headers_mut();
                let challenge = HeaderValue::from_static("Bearer");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
                if let Ok(address) = HeaderValue::try_from(address) {
                    headers.insert(REDIRECT, address);
                }
                response
            }
            Kind::Stream => {
                let event_stream = [(header::CONTENT_TYPE, "text/event-stream")];
                (event_stream, Body::from(LOGGED_OUT)).into_response()
            }
        }
    }
}

/// The page on which a script makes its request: where its reader is, whatever a part of it is called.
fn page_of(headers: &HeaderMap) -> Option<String> {
    let url: Uri = headers.get(CURRENT_URL)?.to_str().ok()?.parse().ok()?;
    Some(url.path_and_query()?.as_str().to_owned())
}

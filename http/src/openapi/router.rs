//! A router that knows what it serves.

use axum::{
    Extension, Router,
    handler::Handler,
    middleware::from_fn,
    routing::{MethodFilter, on},
};
use utoipa::openapi::HttpMethod;

use super::{Described, Endpoint};
use crate::Principal;

/// Routes, each with its description.
#[must_use = "routes are to be served"]
pub struct ApiRouter<S = ()> {
    routes: Router<S>,
    endpoints: Vec<Endpoint>,
}

impl<S: Clone + Send + Sync + 'static> ApiRouter<S> {
    /// No routes yet.
    pub fn new() -> Self {
        Self {
            routes: Router::new(),
            endpoints: Vec::new(),
        }
    }

    /// Adds an operation: the method and the path are routed and described by the same words, and only who may call it by
    /// the description gets to the handler.
    pub fn route<H, T>(
        mut self,
        method: HttpMethod,
        path: &str,
        handler: H,
        described: Described,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let access = described.access();
        let judged = from_fn(move |request, next| access.check(request, next));
        let handler = on(filter(&method), handler).route_layer(judged);
        self.routes = self.routes.route(path, handler);
        self.endpoints.push(Endpoint {
            method,
            path: path.to_owned(),
            described,
        });
        self
    }

    /// Adds the routes of another.
    pub fn merge(mut self, other: Self) -> Self {
        self.routes = self.routes.merge(other.routes);
        self.endpoints.extend(other.endpoints);
        self
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> ApiRouter<S2> {
        ApiRouter {
            routes: self.routes.with_state(state),
            endpoints: self.endpoints,
        }
    }

    /// The routes alone, for a program that asks nobody to log in: whoever can reach them may do everything.
    pub fn open(self) -> Router<S> {
        self.routes.layer(Extension(Principal::open()))
    }

    /// The routes, and what they are.
    pub fn split(self) -> (Router<S>, Vec<Endpoint>) {
        (self.routes, self.endpoints)
    }
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}

const fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}

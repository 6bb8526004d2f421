//! The API, as its client sees it: calls in process, JSON there and back.
//!
//! Invariant: what is read has a bound, and an answer that is not a success is an [`ApiError`], with the API's own words
//! where it has any. Answers are read into what a page needs of them; fields it does not know are none of its business.

mod answer;
mod caller;
mod error;
mod events;

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request, header},
    response::Response,
};
use form_urlencoded::Serializer;
use serde::{Serialize, de::DeserializeOwned};
use tower::ServiceExt as _;

pub(crate) use answer::Answer;
pub(crate) use caller::{Caller, LoginOver};
pub(crate) use error::{ApiError, FieldProblem};
pub(crate) use events::{Events, Message};

/// A header that a call has beside those that every call has.
pub(crate) type Extra<'a> = (HeaderName, &'a str);

/// The API, ready to be called.
#[derive(Clone)]
pub(crate) struct Api {
    routes: Router,
}

impl Api {
    /// The API that these routes are.
    pub(crate) const fn over(routes: Router) -> Self {
        Self { routes }
    }

    /// `GET` of a resource.
    ///
    /// # Errors
    /// When the API does not answer with it.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        path: &str,
    ) -> Result<Answer<T>, ApiError> {
        let request = caller.request(Method::GET, path);
        let request = request.header(header::ACCEPT, "application/json");
        Answer::read(self.send(caller, request.body(Body::empty())).await?).await
    }

    /// `POST` of a body in JSON.
    ///
    /// # Errors
    /// When the API does not carry it out.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        path: &str,
        body: &impl Serialize,
        extra: &[Extra<'_>],
    ) -> Result<Answer<T>, ApiError> {
        let body = serde_json::to_vec(body).map_err(ApiError::unsendable)?;
        let request = caller
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/json");
        self.command(caller, request, extra, Body::from(body)).await
    }

    /// A call that changes something and has no body, such as a `DELETE`.
    ///
    /// # Errors
    /// When the API does not carry it out.
    pub(crate) async fn order<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        method: Method,
        path: &str,
        extra: &[Extra<'_>],
    ) -> Result<Answer<T>, ApiError> {
        let request = caller.request(method, path);
        self.command(caller, request, extra, Body::empty()).await
    }

    /// The events of a stream, as long as it goes on.
    ///
    /// # Errors
    /// When the API refuses the stream.
    pub(crate) async fn events(
        &self,
        caller: &Caller,
        path: &str,
        last_event_id: Option<&str>,
    ) -> Result<Events, ApiError> {
        let mut request = caller.request(Method::GET, path);
        request = request.header(header::ACCEPT, "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        Events::read(self.send(caller, request.body(Body::empty())).await?).await
    }

    /// Whatever the API answers to a request that is handed on as it is.
    pub(crate) async fn forward(&self, request: Request<Body>) -> Response {
        let Ok(response) = self.routes.clone().oneshot(request).await;
        response
    }

    async fn command<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        mut request: axum::http::request::Builder,
        extra: &[Extra<'_>],
        body: Body,
    ) -> Result<Answer<T>, ApiError> {
        request = request.header(header::ACCEPT, "application/json");
        for (name, value) in extra {
            let value = HeaderValue::try_from(*value).map_err(ApiError::unsendable)?;
            request = request.header(name, value);
        }
        Answer::read(self.send(caller, request.body(body)).await?).await
    }

    async fn send(
        &self,
        caller: &Caller,
        request: Result<Request<Body>, axum::http::Error>,
    ) -> Result<Response, ApiError> {
        let request = request.map_err(ApiError::unsendable)?;
        let response = self.forward(request).await;
        caller.answered(response.status());
        Ok(response)
    }
}

/// A path with these parameters, encoded; those that are empty are left out.
pub(crate) fn path_with<'a>(
    path: &str,
    params: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in params {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

//! What is looked at before a request is let in: its size, where it is meant for and where it comes from, and whether there
//! is room for it.
//!
//! Invariant: nobody waits here for longer than [`PLACE_WAIT_MAX`]. A request that can't be worked on is refused, so that
//! what is worked on is answered in time; health and metrics are always let in, for they are asked most of all when there is
//! no room. It remembers nothing of anybody: that is for [`super::rate`].

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ordertrace_http::{Problem, ProblemKind};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::hosts::Hosts;
use crate::cli::ServerArgs;

/// How long a request waits for a place: a burst is over by then. A refusal that came at once would be cheap, but so many
/// come of clients that ask again at once that answering them takes the time of those that were let in.
pub(super) const PLACE_WAIT_MAX: Duration = Duration::from_millis(250);

/// What a field's line has beside its name and value: `: ` and the line's end.
const FIELD_OVERHEAD_BYTES: usize = 4;

/// The paths that machines ask to see how the process is doing.
const FOR_MACHINES: [&str; 4] = ["/livez", "/readyz", "/metrics", "/actuator/"];

/// Whether this asks how the process is doing.
pub(super) fn is_for_machines(path: &str) -> bool {
    FOR_MACHINES.iter().any(|known| path.starts_with(known))
}

/// Lets requests in.
#[derive(Clone)]
pub(super) struct Entrance {
    hosts: Hosts,
    uri_bytes_max: usize,
    header_bytes_max: usize,
    places: Arc<Semaphore>,
    leaving: CancellationToken,
}

impl Entrance {
    pub(super) fn new(hosts: Hosts, limits: &ServerArgs, leaving: CancellationToken) -> Self {
        Self {
            hosts,
            uri_bytes_max: limits.http_uri_bytes as usize,
            header_bytes_max: limits.http_header_bytes as usize,
            places: Arc::new(Semaphore::new(limits.http_requests as usize)),
            leaving,
        }
    }

    /// Answers a request, or says why it is not let in. In a process that is being left, it is the last of its connection:
    /// the client finds the next one elsewhere.
    pub(super) async fn enter(
        State(entrance): State<Self>,
        request: Request,
        next: Next,
    ) -> Response {
        let is_for_machines = is_for_machines(request.uri().path());
        let mut response = match entrance.check(&request) {
            Err(problem) => problem.into_response(),
            Ok(()) if is_for_machines => next.run(request).await,
            Ok(()) => match entrance.place().await {
                Ok(_place) => next.run(request).await,
                Err(problem) => problem.into_response(),
            },
        };
        if entrance.leaving.is_cancelled() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }

    /// A place to be kept while a request is worked on.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = timeout(PLACE_WAIT_MAX, self.places.clone().acquire_owned());
        match place.await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => {
                let detail = "this process has as many requests in hand as it can answer in time; nothing was done";
                Err(Problem::new(ProblemKind::Overloaded, detail))
            }
        }
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        self.check_size(request)?;
        self.check_host(request)?;
        self.check_origin(request)
    }

    fn check_size(&self, request: &Request) -> Result<(), Problem> {
        let target = request.uri().path_and_query();
        if target.is_some_and(|target| target.as_str().len() > self.uri_bytes_max) {
            let detail = format!(
                "a path and its query have at most {} bytes",
                self.uri_bytes_max
            );
            return Err(Problem::new(ProblemKind::UriTooLong, detail));
        }
        if header_bytes(request.headers()) > self.header_bytes_max {
            let detail = format!(
                "header fields have at most {} bytes together",
                self.header_bytes_max
            );
            return Err(Problem::new(ProblemKind::HeadersTooLarge, detail));
        }
        Ok(())
    }

    fn check_host(&self, request: &Request) -> Result<(), Problem> {
        if self.hosts.admit(authority(request).as_ref()) {
            return Ok(());
        }
        Err(Problem::new(
            ProblemKind::WrongHost,
            "this server does not answer to that host name; --allowed-host adds one",
        ))
    }

    fn check_origin(&self, request: &Request) -> Result<(), Problem> {
        if self.hosts.admit_change(request.method(), request.headers()) {
            return Ok(());
        }
        Err(Problem::new(
            ProblemKind::CrossSite,
            "a page of another site sent this; only this server's own pages and programs may change something here",
        ))
    }
}

fn header_bytes(headers: &HeaderMap) -> usize {
    let lines = headers.iter();
    lines
        .map(|(name, value)| name.as_str().len() + value.len() + FIELD_OVERHEAD_BYTES)
        .sum()
}

/// The host that the request is meant for: of its target if that is absolute, else of its one `Host` header.
fn authority(request: &Request) -> Option<Authority> {
    let of_target = Uri::authority(request.uri()).cloned();
    of_target.or_else(|| {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok()?.parse().ok(),
            _ => None,
        }
    })
}

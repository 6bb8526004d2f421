//! What stands before every route: a request id, a bound on time, the check of `Host`, problems in one form.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use ordertrace_http::{Problem, ProblemKind, with_fallbacks};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};

use crate::cli::HostArgs;

/// How long a request may take. Reads of the log give up after 10 s, an append after 16 s; a command needs a read, an
/// append and a read at the most, and has its own answer by then. A slow body is refused long before.
const REQUEST_MAX: Duration = Duration::from_secs(40);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The host names that requests may be meant for; `None` takes any.
#[derive(Debug, Clone)]
pub(crate) struct Hosts(Option<Arc<[String]>>);

impl Hosts {
    /// This machine's own names, and some more. An open API on loopback must not be reachable by a web page whose name
    /// was pointed at this machine (DNS rebinding).
    pub(crate) fn local_and(more: &[String]) -> Self {
        let local = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        let all: Vec<String> = local.into_iter().chain(more.iter().cloned()).collect();
        Self(Some(all.into()))
    }

    /// Any name: for a server that a proxy stands before.
    pub(crate) const fn any() -> Self {
        Self(None)
    }

    fn admit(&self, authority: Option<&Authority>) -> bool {
        match (&self.0, authority) {
            (None, _) => true,
            (Some(allowed), Some(authority)) => allowed
                .iter()
                .any(|host| host.eq_ignore_ascii_case(authority.host())),
            (Some(_), None) => false,
        }
    }
}

/// On loopback the API is open, so it answers to known names only; elsewhere it stands behind something that has names.
pub(crate) fn hosts_for(addr: SocketAddr, args: &HostArgs) -> Hosts {
    if addr.ip().is_loopback() || !args.allowed.is_empty() {
        Hosts::local_and(&args.allowed)
    } else {
        Hosts::any()
    }
}

/// Puts the guards before a role's routes.
pub(crate) fn guarded(routes: Router, hosts: Hosts) -> Router {
    with_fallbacks(routes)
        .layer(middleware::from_fn(bounded))
        .layer(middleware::from_fn_with_state(hosts, check_host))
        .layer(CatchPanicLayer::custom(|_| internal()))
        .layer(TraceLayer::new_for_http().on_failure(()))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

fn internal() -> Response {
    Problem::new(
        ProblemKind::Internal,
        "the request could not be handled; it is in our log",
    )
    .into_response()
}

async fn bounded(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            ProblemKind::OutcomeUnknown,
            "the answer took too long; a command may have been carried out all the same",
        )
        .into_response(),
    }
}

async fn check_host(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if hosts.admit(authority(&request).as_ref()) {
        return next.run(request).await;
    }
    Problem::new(
        ProblemKind::WrongHost,
        "this server does not answer to that host name; --allowed-host adds one",
    )
    .into_response()
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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("localhost:8088", true)]
    #[case("LOCALHOST", true)]
    #[case("127.0.0.1:8088", true)]
    #[case("[::1]:8088", true)]
    #[case("shop.example", true)]
    #[case("evil.example:8088", false)]
    #[case("localhost.evil.example", false)]
    #[case("127.0.0.1.nip.io", false)]
    fn only_known_hosts_are_answered(#[case] host: &str, #[case] is_admitted: bool) {
        let hosts = Hosts::local_and(&["shop.example".to_owned()]);
        assert_eq!(hosts.admit(host.parse().ok().as_ref()), is_admitted);
    }

    #[test]
    fn a_request_without_a_host_is_not_answered() {
        assert!(!Hosts::local_and(&[]).admit(None));
        assert!(Hosts::any().admit(None));
    }
}

//! How often one client may ask.
//!
//! Invariant: what is remembered has a bound, whoever comes: [`CLIENTS_MAX`] clients, and of each a few bytes. One who is
//! forgotten to make room begins anew with a full allowance. Somebody who has logged in is known by that, anybody else by
//! address. It does not know what a request costs; [`super::entrance`] looks after the process as a whole.

use std::{
    convert::Infallible,
    hash::Hash,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use ordertrace_domain::ActorId;
use ordertrace_http::{Principal, Problem, ProblemKind};
use quick_cache::sync::Cache;

use super::entrance::is_for_machines;
use crate::cli::ServerArgs;

/// More clients than ask a process within the seconds that an allowance lasts; 10,000 of them take some 2 MB.
pub(super) const CLIENTS_MAX: usize = 10_000;

/// How often an address may try to log in to the page. Nobody types faster, and behind a proxy, where all have one address, a
/// house full of people does not either; what is typed can't be guessed at any rate, but checking it costs a signature.
pub(super) const LOG_INS_A_SECOND: u32 = 5;

/// For so many seconds that may be used up in a moment.
pub(super) const LOG_INS_BURST_SECS: u32 = 4;

/// The rates of all clients.
pub(super) struct Rates {
    log_ins: Option<Allowances<Address>>,
    known: Option<Allowances<ActorId>>,
    anonymous: Option<Allowances<Address>>,
}

/// What is left to each of these clients.
struct Allowances<K> {
    quota: Quota,
    by_client: Cache<K, Arc<DefaultDirectRateLimiter>>,
}

/// Whoever an address belongs to: one of IPv4, or a network of 64 bits, which is what a customer of IPv6 gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Address(IpAddr);

impl Rates {
    pub(super) fn new(limits: &ServerArgs) -> Self {
        let burst_secs = limits.http_rate_burst_secs;
        Self {
            log_ins: Allowances::new(LOG_INS_A_SECOND, LOG_INS_BURST_SECS),
            known: Allowances::new(limits.http_rate, burst_secs),
            anonymous: Allowances::new(limits.http_rate_anonymous, burst_secs),
        }
    }

    /// Answers a request, unless its client has sent too many.
    pub(super) async fn limit(
        State(rates): State<Arc<Self>>,
        request: Request,
        next: Next,
    ) -> Response {
        if is_for_machines(request.uri().path()) {
            return next.run(request).await;
        }
        match rates.take(&request) {
            Ok(()) => next.run(request).await,
            Err(wait) => refused(wait).into_response(),
        }
    }

    /// Takes one request off what is left to its client; else says how long it takes until there is one again.
    fn take(&self, request: &Request) -> Result<(), Duration> {
        let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let address = client.map(|ConnectInfo(client)| Address::of(client.ip()));
        if is_log_in(request) {
            address.map_or(Ok(()), |it| take(self.log_ins.as_ref(), &it))?;
        }
        let principal = request.extensions().get::<Principal>();
        match principal.filter(|principal| !principal.is_anonymous) {
            Some(principal) => take(self.known.as_ref(), &principal.id),
            None => address.map_or(Ok(()), |it| take(self.anonymous.as_ref(), &it)),
        }
    }
}

/// Whether somebody tries to log in to the page.
fn is_log_in(request: &Request) -> bool {
    request.uri().path() == ordertrace_web::LOG_IN_PATH && !request.method().is_safe()
}

fn take<K: Hash + Eq + Clone>(
    allowances: Option<&Allowances<K>>,
    client: &K,
) -> Result<(), Duration> {
    allowances.map_or(Ok(()), |allowances| allowances.take(client))
}

fn refused(wait: Duration) -> Problem {
    let secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let secs = u32::try_from(secs.max(1)).unwrap_or(u32::MAX);
    let detail = "you have sent more requests than you may; nothing was done";
    Problem::new(ProblemKind::RateLimited, detail).with_retry_after(secs)
}

impl<K: Hash + Eq + Clone> Allowances<K> {
    /// `None` if there is no limit.
    fn new(a_second: u32, burst_secs: u32) -> Option<Self> {
        let a_second = NonZeroU32::new(a_second)?;
        let burst = NonZeroU32::new(burst_secs.saturating_mul(a_second.get()))?;
        Some(Self {
            quota: Quota::per_second(a_second).allow_burst(burst),
            by_client: Cache::new(CLIENTS_MAX),
        })
    }

    fn take(&self, client: &K) -> Result<(), Duration> {
        let fresh = || Ok::<_, Infallible>(Arc::new(RateLimiter::direct(self.quota)));
        let Ok(left) = self.by_client.get_or_insert_with(client, fresh);
        let taken = left.check();
        taken.map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

impl Address {
    fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => Self(ip.into()),
            IpAddr::V6(ip) => {
                let network = u128::from(ip) & (u128::MAX << 64);
                Self(Ipv6Addr::from(network).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Method};
    use ordertrace_http::Roles;

    fn rates(known: u32, anonymous: u32) -> Rates {
        Rates {
            log_ins: Allowances::new(LOG_INS_A_SECOND, LOG_INS_BURST_SECS),
            known: Allowances::new(known, 2),
            anonymous: Allowances::new(anonymous, 2),
        }
    }

    fn from(ip: &str) -> Request {
        let mut request = Request::new(Body::empty());
        let client = SocketAddr::new(ip.parse().unwrap(), 1);
        request.extensions_mut().insert(ConnectInfo(client));
        request
    }

    fn by(id: &str, ip: &str) -> Request {
        let mut request = from(ip);
        request.extensions_mut().insert(Principal {
            id: ActorId::parse(id).unwrap(),
            roles: Roles::NONE,
            is_anonymous: false,
            ..Principal::open()
        });
        request
    }

    /// How many of ten requests are let through.
    fn taken(rates: &Rates, request: impl Fn() -> Request) -> usize {
        (0..10).filter(|_| rates.take(&request()).is_ok()).count()
    }

    #[test]
    fn each_who_has_logged_in_has_an_allowance_of_their_own_wherever_they_come_from() {
        let rates = rates(1, 0);
        assert_eq!(taken(&rates, || by("ann", "192.0.2.1")), 2);
        assert_eq!(taken(&rates, || by("ann", "192.0.2.2")), 0);
        assert_eq!(taken(&rates, || by("bob", "192.0.2.1")), 2);
        assert_eq!(taken(&rates, || from("192.0.2.1")), 10);
    }

    #[test]
    fn who_is_not_known_goes_by_address() {
        let rates = rates(0, 1);
        assert_eq!(taken(&rates, || from("192.0.2.1")), 2);
        assert_eq!(taken(&rates, || from("::ffff:192.0.2.1")), 0);
        assert_eq!(taken(&rates, || from("192.0.2.2")), 2);
        assert_eq!(taken(&rates, || from("2001:db8::1")), 2);
        assert_eq!(taken(&rates, || from("2001:db8::2")), 0);
        assert_eq!(taken(&rates, || by("ann", "192.0.2.1")), 10);
    }

    #[test]
    fn who_tries_to_log_in_has_an_allowance_for_that_whoever_they_are() {
        let rates = rates(0, 0);
        let trying = |mut request: Request, method: Method| {
            *request.uri_mut() = ordertrace_web::LOG_IN_PATH.parse().unwrap();
            *request.method_mut() = method;
            request
        };
        let tries = |request: &dyn Fn() -> Request| {
            let tries = (0..100).filter(|_| rates.take(&request()).is_ok());
            u32::try_from(tries.count()).unwrap()
        };
        let at_once = LOG_INS_A_SECOND * LOG_INS_BURST_SECS;
        let few = at_once..at_once + LOG_INS_A_SECOND;
        assert!(few.contains(&tries(&|| trying(from("192.0.2.1"), Method::POST))));
        assert!(tries(&|| trying(by("ann", "192.0.2.1"), Method::POST)) <= LOG_INS_A_SECOND);
        assert!(few.contains(&tries(&|| trying(from("192.0.2.2"), Method::POST))));
        assert_eq!(tries(&|| trying(from("192.0.2.1"), Method::GET)), 100);
        assert_eq!(tries(&|| from("192.0.2.1")), 100);
    }

    #[test]
    fn a_refusal_says_when_to_come_back() {
        let rates = rates(0, 1);
        let refused_after = (0..10).find_map(|_| rates.take(&from("192.0.2.1")).err());
        let wait = refused_after.unwrap();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        let answer = refused(wait).into_response();
        assert_eq!(answer.status(), 429);
        assert_eq!(answer.headers()["retry-after"], "1");
    }

    #[test]
    fn strangers_can_not_fill_the_memory() {
        let rates = rates(0, 1);
        for host in 0..3 * u32::try_from(CLIENTS_MAX).unwrap() {
            let ip = std::net::Ipv4Addr::from(host).to_string();
            rates.take(&from(&ip)).unwrap();
        }
        let kept = rates.anonymous.unwrap().by_client.len();
        assert!(kept <= CLIENTS_MAX, "{kept}");
    }
}

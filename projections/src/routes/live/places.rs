//! How many streams there may be: of one client, and in all.
//!
//! Invariant: a place is free again when its stream has ended, however it did. A client is an address; whoever shares one,
//! behind a proxy or a router, shares the places.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use metrics::{describe_gauge, gauge};
use ordertrace_http::{Problem, ProblemKind};

/// How many streams there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// Of all clients together.
    pub in_all: usize,
    /// Of one client.
    pub of_client: usize,
}

impl Default for StreamLimits {
    /// In all as many as half of the connections that a server takes by default, so that the other half is there for
    /// queries. Of a client as some people behind one address have, each with some windows: a browser opens six at most to
    /// one server over HTTP/1.1.
    fn default() -> Self {
        Self {
            in_all: 256,
            of_client: 32,
        }
    }
}

const STREAMS: &str = "ordertrace_sse_streams";

/// Who a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Client(Option<IpAddr>);

impl Client {
    /// Whoever is at this address; all of those without one are one client. An IPv6 client has a network of 64 bits to itself.
    pub(super) fn at(ip: Option<IpAddr>) -> Self {
        Self(ip.map(|ip| match ip.to_canonical() {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }))
    }
}

/// The places for streams.
#[derive(Clone)]
pub(super) struct Places {
    limits: StreamLimits,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    in_all: usize,
    /// Only clients that have one.
    by_client: HashMap<Client, usize>,
}

/// A place of one stream.
pub(super) struct Place {
    client: Client,
    taken: Arc<Mutex<Taken>>,
}

impl Places {
    pub(super) fn new(limits: StreamLimits) -> Self {
        describe_gauge!(STREAMS, "Live streams that clients have open");
        Self {
            limits,
            taken: Arc::default(),
        }
    }

    /// Takes a place for a client's stream.
    pub(super) fn take(&self, client: Client) -> Result<Place, Problem> {
        let limits = self.limits;
        let mut taken = lock(&self.taken);
        let of_client = taken.by_client.get(&client).copied().unwrap_or_default();
        if of_client >= limits.of_client {
            return Err(Problem::new(
                ProblemKind::TooManyStreams,
                format!(
                    "a client has at most {} streams; close one",
                    limits.of_client
                ),
            ));
        }
        if taken.in_all >= limits.in_all {
            return Err(Problem::new(
                ProblemKind::NoStreamFree,
                format!("all {} streams are taken; come back later", limits.in_all),
            ));
        }
        taken.in_all += 1;
        taken.by_client.insert(client, of_client + 1);
        gauge!(STREAMS).increment(1);
        Ok(Place {
            client,
            taken: self.taken.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.in_all -= 1;
        let left = taken.by_client.get(&self.client).copied().unwrap_or(1) - 1;
        if left == 0 {
            taken.by_client.remove(&self.client);
        } else {
            taken.by_client.insert(self.client, left);
        }
        gauge!(STREAMS).decrement(1);
    }
}

/// Nothing that holds it can panic half-way.
fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn client(number: u8) -> Client {
        Client::at(Some(IpAddr::from([192, 0, 2, number])))
    }

    fn kind(taken: Result<Place, Problem>) -> Option<ProblemKind> {
        taken.err().map(|problem| problem.kind())
    }

    const LIMITS: StreamLimits = StreamLimits {
        in_all: 3,
        of_client: 2,
    };

    #[test]
    fn a_client_has_so_many_streams_and_others_theirs() {
        let places = Places::new(LIMITS);
        let first = places.take(client(1)).unwrap();
        let _second = places.take(client(1)).unwrap();
        let refused = kind(places.take(client(1)));
        assert_eq!(refused, Some(ProblemKind::TooManyStreams));
        assert!(places.take(client(2)).is_ok());
        drop(first);
        assert!(places.take(client(1)).is_ok());
    }

    #[test]
    fn all_clients_together_have_so_many() {
        let places = Places::new(LIMITS);
        let held = [1, 2, 1].map(|number| places.take(client(number)).unwrap());
        let refused = kind(places.take(client(3)));
        assert_eq!(refused, Some(ProblemKind::NoStreamFree));
        drop(held);
        assert!(places.take(client(3)).is_ok());
        assert!(lock(&places.taken).by_client.is_empty());
    }

    #[rstest]
    #[case("2001:db8::1", "2001:db8::2", true)]
    #[case("2001:db8::1", "2001:db8:0:1::1", false)]
    #[case("::ffff:192.0.2.1", "192.0.2.1", true)]
    #[case("192.0.2.1", "192.0.2.2", false)]
    fn a_client_is_who_an_address_belongs_to(
        #[case] one: IpAddr,
        #[case] other: IpAddr,
        #[case] is_same: bool,
    ) {
        assert_eq!(Client::at(Some(one)) == Client::at(Some(other)), is_same);
    }
}

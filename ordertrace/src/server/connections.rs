//! How many clients may be connected at once, and who each of them is.
//!
//! Invariant: at most one connection beyond the bound is accepted; the others wait in the kernel's queue and cost this
//! process nothing. It does not share the places out fairly among clients.

use std::{
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{extract::ConnectInfo, http::Request};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tower::{Service, service_fn};

/// What answers one connection, and tells the routes whose it is; its place is free again when the connection is gone.
#[derive(Clone)]
pub(super) struct Connected<S> {
    service: S,
    client: ConnectInfo<SocketAddr>,
    _place: Arc<OwnedSemaphorePermit>,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Connected<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.client);
        self.service.call(request)
    }
}

/// Makes what answers each connection, and waits for a place first. The server accepts the next connection only when
/// this one has its place.
pub(super) fn at_most<S: Clone + Send>(
    connections_max: usize,
    service: S,
) -> impl Service<SocketAddr, Response = Connected<S>, Error = AcquireError, Future: Send> {
    let places = Arc::new(Semaphore::new(connections_max));
    service_fn(move |client| {
        let (places, service) = (places.clone(), service.clone());
        async move {
            Ok(Connected {
                service,
                client: ConnectInfo(client),
                _place: Arc::new(places.acquire_owned().await?),
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn a_connection_beyond_the_bound_waits_until_another_one_ends() {
        let client = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut server = at_most(2, ());
        let mut connect = || server.call(client);
        let first = connect().now_or_never().unwrap().unwrap();
        let _second = connect().now_or_never().unwrap().unwrap();
        let request_under_way = first.clone();
        drop(first);
        let mut third = Box::pin(connect());
        assert!((&mut third).now_or_never().is_none());
        drop(request_under_way);
        assert!(third.now_or_never().unwrap().is_ok());
    }
}

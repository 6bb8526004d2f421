//! The listener: bound before anything else starts, so that a busy port is told at once.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use tokio_util::sync::CancellationToken;

use super::{
    connections::{CONNECTIONS_MAX, at_most},
    guard::guarded,
    hosts::Hosts,
    patience::Patient,
};

/// How long a client may take to send a request's head, from its connection or its last answer on.
const HEAD_MAX: Duration = Duration::from_secs(10);

/// How long a shutdown waits for answers under way.
const GRACE: Duration = Duration::from_secs(10);

/// A bound port.
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
}

impl Listener {
    /// Binds the port; 0 takes a free one.
    pub(crate) fn bind(addr: SocketAddr) -> anyhow::Result<Self> {
        let socket = TcpListener::bind(addr).with_context(|| match addr.port() {
            0 => format!("could not listen on {addr}"),
            port => format!(
                "could not listen on {addr}: is port {port} in use? --listen takes another address"
            ),
        })?;
        socket.set_nonblocking(true)?;
        let addr = socket.local_addr()?;
        Ok(Self { socket, addr })
    }

    /// Where it listens.
    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `shutdown`, and then lets answers under way finish.
    pub(crate) async fn serve(
        self,
        routes: Router,
        hosts: Hosts,
        shutdown: CancellationToken,
    ) -> io::Result<()> {
        let handle = Handle::new();
        // Nobody speaks HTTP/2 without TLS here, and waiting to see which version a client speaks has no bound.
        let mut server = axum_server::from_tcp(self.socket)?
            .acceptor(Patient)
            .handle(handle.clone())
            .http1_only();
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_MAX);
        let stop = async move {
            shutdown.cancelled().await;
            handle.graceful_shutdown(Some(GRACE));
            std::future::pending::<()>().await;
        };
        // With its state, routes are made ready once and not for every request.
        let routes = guarded(routes, hosts.and_bound(self.addr.ip())).with_state::<()>(());
        tokio::select! {
            result = server.serve(at_most(CONNECTIONS_MAX, routes)) => result,
            () = stop => Ok(()),
        }
    }
}

/// Refuses an address beyond this machine, unless whoever starts it takes the risk.
pub(crate) fn check_exposure(addr: SocketAddr, is_insecure_allowed: bool) -> anyhow::Result<()> {
    if addr.ip().is_loopback() || is_insecure_allowed {
        return Ok(());
    }
    bail!(
        "{addr} can be reached from other machines, and nobody would have to log in: listen on 127.0.0.1, \
         or give --insecure-no-auth if something else keeps strangers away"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_open_without_being_told_so() {
        let check = |addr: &str, allowed| check_exposure(addr.parse().unwrap(), allowed).is_ok();
        assert!(check("127.0.0.1:80", false));
        assert!(check("[::1]:80", false));
        assert!(!check("0.0.0.0:80", false));
        assert!(!check("192.0.2.1:80", false));
        assert!(check("0.0.0.0:80", true));
    }
}

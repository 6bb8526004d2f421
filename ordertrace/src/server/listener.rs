//! The listener: bound before anything else starts, so that a busy port is told at once.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::Context as _;
use axum::{Router, middleware::from_fn};
use axum_server::Handle;
use hyper_util::rt::TokioTimer;

use super::{
    connections::at_most, entrance::Entrance, guard::guarded, hosts::Hosts, login::Login,
    patience::Patient,
};
use crate::{cli::ServerArgs, shutdown::Stop};

/// How long a stop waits for answers under way. No balancer that heeds readiness sends anything by then, and what takes
/// longer is refused by the client's own patience.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// What is read ahead of a connection at the most: a head that does not fit is refused before anybody looks at it, and
/// without words. Twice the largest that the settings allow, so that there are words where they do not.
pub(super) const BUFFER_BYTES_MAX: usize = 128 * 1024;

/// A bound port.
pub(crate) struct Listener {
    socket: TcpListener,
    addr: SocketAddr,
    has_pages: bool,
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
        Ok(Self {
            socket,
            addr,
            has_pages: false,
        })
    }

    /// The same for routes that have pages: what is wrong with a request for one is told in a page.
    pub(crate) fn with_pages(self) -> Self {
        Self {
            has_pages: true,
            ..self
        }
    }

    /// Where it listens.
    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until the process is left, and then lets answers under way finish.
    pub(crate) async fn serve(
        self,
        routes: Router,
        hosts: Hosts,
        login: Login,
        limits: ServerArgs,
        stop: Stop,
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
            .header_read_timeout(limits.http_head_timeout)
            .max_headers(limits.http_header_fields as usize)
            .max_buf_size(BUFFER_BYTES_MAX);
        let hosts = hosts.and_bound(self.addr.ip());
        let entrance = Entrance::new(hosts, &limits, stop.leaving);
        // With its state, routes are made ready once and not for every request.
        let mut routes = guarded(routes, entrance, &login, &limits);
        if self.has_pages {
            routes = routes.layer(from_fn(ordertrace_web::in_words));
        }
        let routes = routes.with_state::<()>(());
        let connections_max = limits.http_connections as usize;
        let closed = async move {
            stop.closing.cancelled().await;
            handle.graceful_shutdown(Some(GRACE));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            result = server.serve(at_most(connections_max, routes)) => result,
            () = closed => Ok(()),
        }
    }
}

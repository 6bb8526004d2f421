//! A handler that does nothing but return bytes, behind the same middleware and the same listener as a role's.

use axum::{Router, body::Bytes, http::header, routing::get};
use clap::Parser;
use tokio_util::sync::CancellationToken;

use crate::cli::ServerArgs;
use crate::server::{Hosts, Listener, Login};
use crate::shutdown::Stop;

/// The limits of a role that nobody has set any for.
#[derive(Debug, Parser)]
struct Defaults {
    #[command(flatten)]
    server: ServerArgs,
}

/// A server of this process; it ends with the value.
pub(super) struct Bare {
    pub(super) url: String,
    closing: CancellationToken,
}

impl Bare {
    /// Serves these bytes for every `GET`.
    pub(super) fn start(body: Bytes, content_type: &'static str) -> anyhow::Result<Self> {
        let limits = Defaults::try_parse_from(["bare"])?.server;
        let listener = Listener::bind(([127, 0, 0, 1], 0).into())?;
        let url = format!("http://{}", listener.addr());
        let answer = move || async move { ([(header::CONTENT_TYPE, content_type)], body) };
        let routes = Router::new().route("/{*path}", get(answer));
        let stop = Stop::default();
        let closing = stop.closing.clone();
        tokio::spawn(listener.serve(routes, Hosts::any(), Login::open(), limits, stop));
        Ok(Self { url, closing })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

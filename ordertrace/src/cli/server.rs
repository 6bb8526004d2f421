//! What a role's HTTP server takes, and how it is left.

use std::time::Duration;

use clap::{Args, value_parser};
use ordertrace_projections::StreamLimits;

use super::saga::duration;

/// Limits of a role's HTTP server. `docs/operations.md` has them in a table, with the answer beyond each.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits of the HTTP server")]
pub(crate) struct ServerArgs {
    /// How long a client may take to send a request's head
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_HTTP_HEAD_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub(crate) http_head_timeout: Duration,
    /// How long a request's body may take to arrive
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_HTTP_BODY_TIMEOUT", default_value = "10s", value_parser = duration)]
    pub(crate) http_body_timeout: Duration,
    /// The largest body, in bytes; no valid one needs more than the default
    #[arg(long, value_name = "BYTES", env = "ORDERTRACE_HTTP_BODY_BYTES", default_value_t = 65_536, value_parser = value_parser!(u32).range(1_024..=65_536))]
    pub(crate) http_body_bytes: u32,
    /// The longest path with its query, in bytes
    #[arg(long, value_name = "BYTES", env = "ORDERTRACE_HTTP_URI_BYTES", default_value_t = 8_192, value_parser = value_parser!(u32).range(256..=32_768))]
    pub(crate) http_uri_bytes: u32,
    /// How many bytes the header fields of a request have together
    #[arg(long, value_name = "BYTES", env = "ORDERTRACE_HTTP_HEADER_BYTES", default_value_t = 16_384, value_parser = value_parser!(u32).range(1_024..=32_768))]
    pub(crate) http_header_bytes: u32,
    /// How many header fields a request has
    #[arg(long, value_name = "N", env = "ORDERTRACE_HTTP_HEADER_FIELDS", default_value_t = 100, value_parser = value_parser!(u32).range(16..=1_000))]
    pub(crate) http_header_fields: u32,
    /// How many clients are connected at once; each is an open file
    #[arg(long, value_name = "N", env = "ORDERTRACE_HTTP_CONNECTIONS", default_value_t = 512, value_parser = value_parser!(u32).range(1..=100_000))]
    pub(crate) http_connections: u32,
    /// How many requests are worked on at once; health and metrics don't count
    #[arg(long, value_name = "N", env = "ORDERTRACE_HTTP_REQUESTS", default_value_t = 256, value_parser = value_parser!(u32).range(1..=100_000))]
    pub(crate) http_requests: u32,
    /// How many requests a second somebody who has logged in may send, on average; 0 for any number
    #[arg(
        long,
        value_name = "N",
        env = "ORDERTRACE_HTTP_RATE",
        default_value_t = 100
    )]
    pub(crate) http_rate: u32,
    /// How many requests a second an address may send whose user is not known; 0 for any number. Behind a proxy all have
    /// one address
    #[arg(
        long,
        value_name = "N",
        env = "ORDERTRACE_HTTP_RATE_ANONYMOUS",
        default_value_t = 0
    )]
    pub(crate) http_rate_anonymous: u32,
    /// How many seconds' worth of a rate may be used up in a moment
    #[arg(long, value_name = "SECS", env = "ORDERTRACE_HTTP_RATE_BURST_SECS", default_value_t = 2, value_parser = value_parser!(u32).range(1..=60))]
    pub(crate) http_rate_burst_secs: u32,
    /// How many live streams are open at once; each is a connection, too. Half of those by default, so that the other half is
    /// there for queries
    #[arg(long, value_name = "N", env = "ORDERTRACE_HTTP_STREAMS", default_value_t = 256, value_parser = value_parser!(u32).range(1..=100_000))]
    http_streams: u32,
    /// How many of them one address has. A browser opens six at most to one server; behind a proxy all have one address
    #[arg(long, value_name = "N", env = "ORDERTRACE_HTTP_STREAMS_PER_CLIENT", default_value_t = 32, value_parser = value_parser!(u32).range(1..=100_000))]
    http_streams_per_client: u32,
    /// How long a part of the process may not come for its work, or one thread be at one piece of it. A thousand events become
    /// rows in a second, and a payment provider that does not answer is given up after some: this leaves room for a disk that
    /// stutters
    #[arg(long, value_name = "TIME", env = "ORDERTRACE_WEDGED_AFTER", default_value = "2min", value_parser = duration)]
    pub(crate) wedged_after: Duration,
    /// How long a process that is told to stop goes on answering while it says that it is not ready, in seconds: as long as
    /// what stands before it needs to notice
    #[arg(long, value_name = "SECS", env = "ORDERTRACE_DRAIN_SECS", default_value_t = 0, value_parser = value_parser!(u32).range(0..=600))]
    drain_secs: u32,
}

impl ServerArgs {
    /// How many live streams there may be.
    pub(crate) const fn streams(&self) -> StreamLimits {
        StreamLimits {
            in_all: self.http_streams as usize,
            of_client: self.http_streams_per_client as usize,
        }
    }

    /// How long to go on answering at a stop.
    pub(crate) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_secs.into())
    }
}

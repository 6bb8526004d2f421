//! The managed `nats-server`: development and tests need a real log, and nobody should have to set one up.
//!
//! [`ManagedServer::start`] finds a `nats-server` (or fetches a pinned one), runs it on loopback with its store inside
//! the data folder, restarts it when it dies and takes it along when this process ends.
//!
//! Invariants: the server never outlives the process that started it, not even one that was killed with SIGKILL; two
//! servers never share a store; clients can reconnect to the same address for as long as one [`ManagedServer`] lives.
//!
//! It deliberately does not run production servers: no TLS, no accounts, no address but loopback. Unix only, for its
//! process group and its `/bin/sh`.

mod cluster;
mod config;
mod endpoint;
mod error;
mod external;
mod find;
mod folder;
mod health;
mod launch;
mod lock;
mod node;
mod ports;
mod pypi;
mod server;
mod supervise;
mod version;

pub use cluster::{Cluster, ClusterNode};
pub use config::SyncPolicy;
pub(crate) use config::quote;
pub use endpoint::Endpoint;
pub use error::{LogTail, ManagedError};
pub use external::ExternalError;
pub use find::{Environment, FindError, ProbeError, ServerBinary, find};
pub use pypi::PypiError;
pub use server::{ManagedServer, StartOptions};
pub use version::ServerVersion;

//! The routes: the last checkpoint, proofs against it, how the audit is doing, and the log itself, readable or verifiable.
//!
//! Invariant: every proof is against a checkpoint that was published, and names it. What no checkpoint covers yet is waited
//! for, within a bound, and then refused; nothing is ever proven by the word of this process. An answer that can't be
//! finished is cut off, so that nobody takes a part of it for the whole.

mod bundle;
mod checkpoint;
mod consistency;
mod covered;
mod described;
mod events;
mod export;
mod filter;
mod params;
mod proof;
mod silence;
mod status;
mod streamed;

use std::sync::Arc;

use ordertrace_audit::PublicKey;
use ordertrace_domain::Records;
use ordertrace_http::openapi::ApiRouter;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{Audit, Settings, Witnesses};
use bundle::BUNDLES_MAX;
use streamed::STREAMS_MAX;

/// What the routes need.
#[derive(Clone)]
pub struct AuditRoutes {
    audit: Audit,
    records: Arc<dyn Records>,
    key: Option<PublicKey>,
    accepted: Arc<[PublicKey]>,
    witnesses: Witnesses,
    streams: Arc<Semaphore>,
    bundles: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl AuditRoutes {
    /// Routes to this audit. `shutdown` cuts off those who follow the log, so that a process with them ends as soon as one
    /// without.
    pub fn new(
        audit: Audit,
        records: Arc<dyn Records>,
        settings: &Settings,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            audit,
            records,
            key: settings.public_key(),
            accepted: settings.accepted_keys().into(),
            witnesses: settings.witnesses().clone(),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
            bundles: Arc::new(Semaphore::new(BUNDLES_MAX)),
            shutdown,
        }
    }
}

/// The routes, described.
pub fn api(routes: AuditRoutes) -> ApiRouter {
    ApiRouter::new()
        .merge(events::routes())
        .merge(export::routes())
        .merge(checkpoint::routes())
        .merge(proof::routes())
        .merge(consistency::routes())
        .merge(bundle::routes())
        .merge(status::routes())
        .with_state(routes)
}

//! Verifies a log that was restored, before anybody is served from it.

use ordertrace_audit::{Report, Trust};
use ordertrace_domain::{Incarnation, Sequence};
use ordertrace_nats::{Connection, JetStreamCheckpoints, JetStreamRecords};
use tokio_util::sync::CancellationToken;

use super::{
    live::{Ports, verify_log},
    refuted::Refuted,
};

/// Verifies all of it, with the checkpoints that were restored beside it, against what whoever restores trusts. `progress` is
/// told each position that was looked at.
///
/// # Errors
/// It could not be looked at. What is wrong with it is in the result.
pub(crate) async fn verify_restored(
    connection: &Connection,
    incarnation: Incarnation,
    trust: Trust,
    progress: impl Fn(Sequence),
) -> anyhow::Result<Result<Report, Refuted>> {
    let identity = connection.watch(incarnation);
    let records = JetStreamRecords::new(connection, identity.clone());
    let checkpoints = JetStreamCheckpoints::new(connection, identity);
    let ports = Ports {
        records: &records,
        checkpoints: Some(&checkpoints),
    };
    // Whoever restores ends the whole process when it is interrupted.
    let never = CancellationToken::new();
    Ok(verify_log(ports, trust, &never, |_| progress).await?)
}

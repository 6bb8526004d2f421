//! Verifies a log that was restored, before anybody is served from it.

use ordertrace_audit::{Report, SignedCheckpoint, Trust};
use ordertrace_domain::{Incarnation, Sequence};
use ordertrace_nats::{Connection, JetStreamCheckpoints, JetStreamRecords};
use tokio_util::sync::CancellationToken;

use super::{
    live::{Ports, verify_log},
    refuted::Refuted,
};

/// Verifies all of it, with the checkpoints that were restored beside it: it has to go on from the one that was the last
/// when it was backed up. Nobody's key is at hand, so who has signed is not looked at. `progress` is told each
/// position that was looked at.
///
/// # Errors
/// It could not be looked at. What is wrong with it is in the result.
pub(crate) async fn verify_restored(
    connection: &Connection,
    incarnation: Incarnation,
    last: Option<SignedCheckpoint>,
    progress: impl Fn(Sequence),
) -> anyhow::Result<Result<Report, Refuted>> {
    let identity = connection.watch(incarnation);
    let records = JetStreamRecords::new(connection, identity.clone());
    let checkpoints = JetStreamCheckpoints::new(connection, identity);
    let ports = Ports {
        records: &records,
        checkpoints: Some(&checkpoints),
    };
    let trust = Trust {
        kept: last,
        ..Trust::default()
    };
    // Whoever restores ends the whole process when it is interrupted.
    let never = CancellationToken::new();
    Ok(verify_log(ports, trust, &never, |_| progress).await?)
}

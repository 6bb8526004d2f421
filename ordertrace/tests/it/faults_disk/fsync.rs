//! The disk of the log answers "no" when it is asked to keep something.

use super::stand::Stand;
use crate::harness::{PATIENCE, Strace, wait_until};

/// Each call by which a process waits for its disk, answered with an error of the disk.
const FAILING: [&str; 4] = [
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    "inject=fsync,fdatasync:error=EIO",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_disk_that_fails_to_sync_nothing_is_acknowledged_that_is_not_in_the_log() {
    let store = tempfile::tempdir().unwrap();
    let stand = Stand::on(store.path(), |_| (), &[]).await;
    let crowd = stand.crowd().await;

    let attached = Strace::attach(stand.nats_pid(), &FAILING, "an fsync that fails").await;
    let Some(strace) = attached else {
        return;
    };
    wait_until("clients are refused", PATIENCE, async || {
        (crowd.refused() > 0).then_some(())
    })
    .await;
    stand.views.api.get("/orders").await.expect(200);
    let mut tale = crowd.finish().await;
    tale.assert_refused_well();
    let calls = strace.stop().await;
    let failed = calls.matches("EIO (Input/output error) (INJECTED)").count();
    println!("{failed} syncs failed");
    assert!(failed > 0, "{calls}");

    stand.restart_nats().await;
    stand.assert_true(&mut tale).await;
}

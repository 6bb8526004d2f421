//! The disk of the log is full: commands are refused, queries go on, and with room and a restart of the server all goes on.

use std::fs;

use super::small_disk::SmallDisk;
use super::stand::Stand;
use crate::harness::{PATIENCE, wait_until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_is_acknowledged_that_is_not_in_the_log_nor_kept_for_later() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let stand = Stand::on(disk.path(), |_| (), &[]).await;
    let crowd = stand.crowd().await;

    disk.fill();
    wait_until("clients are refused", PATIENCE, async || {
        // What the server tidies away meanwhile is no room for it.
        disk.fill();
        (crowd.refused() > 0).then_some(())
    })
    .await;
    for path in ["/orders", "/orderTraces", "/livez"] {
        stand.views.api.get(path).await.expect(200);
    }
    let mut tale = crowd.finish().await;
    tale.assert_refused_well();
    let said = fs::read_to_string(stand.site.nats.log_file()).unwrap();
    assert!(said.contains("no space left on device"), "{said}");

    disk.free();
    stand.restart_nats().await;
    stand.assert_true(&mut tale).await;
}

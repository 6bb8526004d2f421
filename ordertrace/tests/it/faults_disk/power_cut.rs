//! The power is cut: what the disk was not told to keep is gone, and every process with it.
//!
//! The same is done to a log that syncs before it acknowledges, which loses nothing, and to one that does not, which does: that
//! shows that this test can see a loss.

use std::fs;

use ordertrace_nats::managed::{StartOptions, SyncPolicy};

use super::stand::Stand;
use super::volatile_disk::VolatileDisk;
use crate::harness::{Log, Tale, signal};

/// How many more requests are acknowledged before the cut, after everything was brought into safety for the last time.
const AT_STAKE: u64 = 300;

/// A process beside the log that wrote and did not sync.
const CARELESS: &str = "careless";

/// What is left after a cut.
struct Aftermath {
    stand: Stand,
    tale: Tale,
    log: Log,
    _disk: VolatileDisk,
}

/// A server that stays where it fell: what is started too early would start on an empty folder.
fn options(sync: SyncPolicy) -> impl Fn(&mut StartOptions) {
    move |options| {
        options.sync = sync;
        options.restarts_max = 0;
    }
}

/// Cuts the power under load, and starts everything anew; `None` where that can't be done.
async fn cut(sync: SyncPolicy, more: &[&str]) -> Option<Aftermath> {
    let mut disk = VolatileDisk::mount().await?;
    let mut stand = Stand::on(&disk.path(), options(sync), more).await;
    let crowd = stand.crowd().await;
    disk.sync();
    let careless = disk.path().with_file_name(CARELESS);
    fs::write(&careless, "written").unwrap();
    crowd.acknowledged_more(AT_STAKE).await;

    disk.cut();
    signal("KILL", stand.nats_pid());
    let tale = crowd.finish().await;
    stand.site.nats.stopped().await;

    let disk = disk.back().await;
    let found = fs::read_to_string(careless);
    assert!(
        found.map_or(true, |text| text.is_empty()),
        "what was not synced is there: the power was not cut"
    );
    stand.site.start_again(options(sync)).await;
    stand.commands.api.ready().await;
    let log = stand.log().await.read().await;
    println!(
        "{sync:?}: {} acknowledged, lost {}",
        tale.acknowledged(),
        tale.lost_from(&log)
    );
    Some(Aftermath {
        stand,
        tale,
        log,
        _disk: disk,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let Some(mut aftermath) = cut(SyncPolicy::Always, &[]).await else {
        return;
    };
    aftermath.tale.assert_refused_well();
    aftermath.stand.assert_true(&mut aftermath.tale).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_acknowledged_orders_where_the_log_does_not_sync_each_write() {
    let accepted = ["--allow-losing-acknowledged-orders"];
    let Some(aftermath) = cut(SyncPolicy::ServerDefault, &accepted).await else {
        return;
    };
    let lost = aftermath.tale.lost_from(&aftermath.log);
    assert!(lost > 0, "a loss is not seen");
}

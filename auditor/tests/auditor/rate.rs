//! How fast it is, on the machine at hand: measured, not asserted. `cargo test --release -- --ignored --nocapture`

use std::time::{Duration, Instant};

use ordertrace_auditor::{Settings, SigningPolicy};
use tokio::time::timeout;

use crate::{
    http::get,
    site::{Site, folder, hurried, key},
};

/// So many events.
const EVENTS: usize = 1_000_000;

/// How long their fold may take on a slow machine, without optimization.
const FOLDED_WITHIN: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, which takes a while"]
async fn folding_and_proving_in_a_log_of_a_million_events() {
    let (site, folder) = (Site::new(), folder());
    site.write(EVENTS / 7 + 1).await;
    let head = site.head().await;
    let began = Instant::now();
    let settings = hurried(Settings::signer(key())).signing(SigningPolicy::default());
    let running = site.audit(folder.path(), settings);
    let mut status = running.audit.watch_status();
    let folded = status.wait_for(|status| status.position.sequence >= head);
    drop(timeout(FOLDED_WITHIN, folded).await.unwrap().unwrap());
    site.pass();
    running.until_signed(head).await;
    let took = began.elapsed();
    let checkpoints = site.checkpoints().await.len();
    println!("{head} events were folded and put under {checkpoints} checkpoints in {took:?}");
    let mut times = Vec::new();
    for at in 0..1_000 {
        let position = at * 997 % head.get() + 1;
        let began = Instant::now();
        get(
            &running.routes,
            &format!("/audit/proof?position={position}"),
        )
        .await
        .ok();
        times.push(began.elapsed());
    }
    times.sort_unstable();
    println!(
        "a proof: p50 {:?}, p99 {:?}, most {:?}",
        times[500], times[990], times[999]
    );
    let began = Instant::now();
    running.stop().await;
    println!("keeping the map took {:?}", began.elapsed());
    let began = Instant::now();
    let running = site.signer(&folder);
    running.until("ready", |status| status.is_ready()).await;
    println!("a restart took {:?}", began.elapsed());
    running.stop().await;
}

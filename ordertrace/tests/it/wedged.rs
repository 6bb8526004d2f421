//! A process that is alive and stands still: a disk that does not return keeps the audit from following the log.
//!
//! Of all roles this one waits for its disk: it signs nothing that it could forget. Views are written behind their back, and
//! go on from memory.
//!
//! The disk is `strace`'s doing, so the process is the one that is shipped. Where that can't be had this is skipped, and says
//! so. A process that is stopped as a whole, and answers nothing at all, is in `redeploy`.

use ordertrace_audit::{KeyUse, SecretKey, SignedCheckpoint};

use crate::harness::{PATIENCE, Role, Site, Strace, cash_order, signal, wait_until};

/// Far longer than the test.
const DELAY: &str = "3600s";

/// Lets every call of the process that waits for its disk go on waiting from now on; `None` where that can't be done.
async fn slow_disk_under(pid: u32) -> Option<Strace> {
    let calls = "fsync,fdatasync";
    let traced = format!("trace={calls}");
    let delayed = format!("inject={calls}:delay_enter={DELAY}");
    let args = ["-e", &traced, "-e", &delayed];
    Strace::attach(pid, &args, "a disk that does not return").await
}

/// A process that signs a checkpoint after every event or two.
async fn audit(site: &Site) -> Role {
    let key = SecretKey::from_seed("localhost/wedged", KeyUse::Log, [9; 32]).unwrap();
    let file = site.path().join("audit.key");
    std::fs::write(&file, key.to_secret_text()).unwrap();
    let flags = [
        ["--audit-key-file", file.to_str().unwrap()],
        ["--checkpoint-events", "1"],
        ["--checkpoint-every", "100ms"],
        ["--wedged-after", "2s"],
    ];
    let flags = flags.concat().into_iter().map(str::to_owned);
    site.role_with("audit serve", "audit", &flags.collect::<Vec<_>>())
        .await
}

/// Waits for the checkpoint over so many events.
async fn signed(role: &Role, size: u64) {
    wait_until("all events are signed for", PATIENCE, async || {
        let answer = role.api.get("/audit/checkpoint").await;
        let signed = SignedCheckpoint::parse(answer.text.as_bytes()).ok()?;
        (signed.checkpoint().size.get() == size).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_does_not_return_is_told_by_livez_and_a_restart_loses_nothing() {
    let site = Site::start().await;
    let commands = site.role("command-api", "commands").await;
    let mut stuck = audit(&site).await;
    commands.api.place(cash_order()).await;
    signed(&stuck, 1).await;
    stuck.api.get("/livez").await.expect(200);
    let Some(disk) = slow_disk_under(stuck.program.pid()).await else {
        return;
    };

    let told = wait_until("/livez says no", PATIENCE, async || {
        commands.api.place(cash_order()).await;
        let answer = stuck.api.get("/livez?verbose").await;
        (answer.status == 503).then_some(answer.text)
    })
    .await;
    let is_told = told.contains("[-]audit failed: has not come for its work for ");
    assert!(is_told && told.contains("[+]runtime ok\n"), "{told}");
    let actuator = stuck.api.get("/actuator/health/liveness").await;
    assert_eq!(actuator.expect(503).json()["status"], "DOWN");
    // It goes on answering with what it has.
    stuck.api.get("/audit/checkpoint").await.expect(200);
    stuck.api.get("/metrics").await.expect(200);

    // As a kubelet does when a process is not alive. What is traced is not gone before its tracer is.
    signal("KILL", stuck.program.pid());
    drop(disk);
    stuck.program.ended().await;
    let again = audit(&site).await;
    let head = site.log().await.read().await.head.sequence.get();
    assert!(head > 1);
    signed(&again, head).await;
    again.api.get("/livez").await.expect(200);
    let status = again.api.get("/audit/status").await.expect(200).json();
    assert_eq!(status["isReady"], true, "{status}");
}

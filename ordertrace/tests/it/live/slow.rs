//! Clients that ask for a stream and never read it.

use std::time::Duration;

use futures::{StreamExt as _, future::join_all, stream};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
};

use super::AT_ONCE;
use crate::harness::{Role, Site, wait_until};

/// As many as one client may have.
const STREAMS: usize = 32;

const ORDERS: usize = 600;

/// What all messages of all streams take is several times as much.
const GROWTH_BYTES_MAX: u64 = 96 << 20;

/// The 30 s that a client may take nothing, and some more for a busy machine.
const DROPPED_WITHIN: Duration = Duration::from_secs(60);

/// An order whose row is as large as rows get: a hundred lines with long names.
fn large_order() -> Value {
    let name = "x".repeat(100);
    let line = json!({"productId": 1, "productName": name, "qty": 1, "price": 1});
    json!({"paymentType": "cash", "lines": vec![line; 100]})
}

/// Asks for a stream, and never reads it.
async fn deaf(addr: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut connection = socket.connect(addr.parse().unwrap()).await.unwrap();
    let request = format!("GET /orderTraces/stream HTTP/1.1\r\nHost: {addr}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// How many streams the process serves, by its own account.
async fn streams(views: &Role) -> usize {
    let metrics = views.api.get("/metrics").await.expect(200).text;
    let gauge = metrics
        .lines()
        .find_map(|line| line.strip_prefix("ordertrace_sse_streams "));
    gauge.map_or(0, |gauge| gauge.parse().unwrap())
}

/// What the process has in memory.
fn resident_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = resident.unwrap().trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() << 10
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_is_dropped_and_nothing_is_kept_for_it() {
    let site = Site::start().await;
    let (commands, views) = tokio::join!(
        site.role("command-api", "commands"),
        site.role("projections", "views")
    );
    let log = site.log().await;
    let _deaf = join_all((0..STREAMS).map(|_| deaf(&views.addr))).await;
    wait_until("all streams are open", DROPPED_WITHIN, async || {
        (streams(&views).await == STREAMS).then_some(())
    })
    .await;
    let before = resident_bytes(views.program.pid());
    stream::iter(0..ORDERS)
        .for_each_concurrent(AT_ONCE, async |_| {
            commands.api.place(large_order()).await;
        })
        .await;
    super::level(&views, &log).await;
    let growth = resident_bytes(views.program.pid()).saturating_sub(before);
    assert!(growth < GROWTH_BYTES_MAX, "it grew by {growth} bytes");
    wait_until("all streams have ended", DROPPED_WITHIN, async || {
        (streams(&views).await == 0).then_some(())
    })
    .await;
}

//! Clients that want more live streams than there are.

use std::net::Ipv4Addr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{
    assert_refused,
    raw::{self, Answer, Sent},
    rows::row,
};
use crate::harness::{Dev, PATIENCE, wait_until};

const PATH: &str = "/orderTraces/stream";

/// A connection of the client with this number.
async fn connection(addr: &str, client: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let own = Ipv4Addr::new(127, 0, 0, client);
    socket.bind((own, 0).into()).unwrap();
    socket.connect(addr.parse().unwrap()).await.unwrap()
}

/// A stream that has begun.
async fn held(addr: &str, client: u8) -> TcpStream {
    let mut stream = connection(addr, client).await;
    stream.write_all(&Sent::get(PATH).bytes).await.unwrap();
    let mut told = Vec::new();
    let begun = timeout(PATIENCE, async {
        while !String::from_utf8_lossy(&told).contains("event: position") {
            assert_ne!(stream.read_buf(&mut told).await.unwrap(), 0, "{told:?}");
        }
    });
    begun.await.unwrap();
    stream
}

async fn refused(addr: &str, client: u8) -> Option<Answer> {
    let stream = connection(addr, client).await;
    raw::over(stream, &Sent::get(PATH)).await
}

#[tokio::test]
async fn a_client_has_so_many_streams_and_all_together_have_so_many() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--http-streams", "3", "--http-streams-per-client", "2"];
    let dev = Dev::start(data.path(), &flags).await;
    let first = held(&dev.addr, 1).await;
    let _second = held(&dev.addr, 1).await;
    let of_client = row("a third stream", Sent::get(PATH), 429, "too-many-streams");
    assert_refused(&of_client, refused(&dev.addr, 1).await);
    let _others = held(&dev.addr, 2).await;
    let in_all = row("a fourth in all", Sent::get(PATH), 503, "no-stream-free");
    assert_refused(&in_all, refused(&dev.addr, 3).await);
    drop(first);
    wait_until("there is a place again", PATIENCE, async || {
        let metrics = dev.api.get("/metrics").await.text;
        metrics.contains("ordertrace_sse_streams 2\n").then_some(())
    })
    .await;
    held(&dev.addr, 3).await;
}

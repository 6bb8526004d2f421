//! The wire between a role and the nats-server: bytes, which it can hold back, lose, or end.
//!
//! Invariant: what passes is in order, and after bytes were lost nothing more comes on that connection. Unlike
//! [`crate::harness::NatsProxy`] it knows nothing of the protocol, so that it can lose a reply in the middle.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// A packet of the loopback has no more.
const CHUNK_BYTES: usize = 64 * 1_024;

/// How many chunks may be on their way; a sender waits for room.
const CHUNKS_MAX: usize = 1_024;

/// How the wire is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weather {
    /// All passes.
    Fair,
    /// What the server says comes so much later.
    Late(Duration),
    /// What the server says is lost; what it is told arrives.
    Deaf,
    /// Connections end with a reset, also those that come anew.
    Storm,
}

/// A wire to one server.
pub(super) struct Wire {
    addr: SocketAddr,
    weather: watch::Sender<Weather>,
    harm: Arc<AtomicU64>,
    _accepting: JoinSet<()>,
}

impl Wire {
    /// A wire to the server at this URL, such as `nats://127.0.0.1:4222`.
    pub(super) async fn lay(server_url: &str) -> Self {
        let server = server_url.strip_prefix("nats://").unwrap().to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (weather, seen) = watch::channel(Weather::Fair);
        let harm = Arc::<AtomicU64>::default();
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, server, seen, Arc::clone(&harm)));
        Self {
            addr,
            weather,
            harm,
            _accepting: accepting,
        }
    }

    /// Where clients find it.
    pub(super) fn url(&self) -> String {
        format!("nats://{}", self.addr)
    }

    /// Changes the weather.
    pub(super) fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// How many chunks were held back or lost, and how many connections reset.
    pub(super) fn harm(&self) -> u64 {
        self.harm.load(Ordering::SeqCst)
    }
}

async fn accept(
    listener: TcpListener,
    server: String,
    weather: watch::Receiver<Weather>,
    harm: Arc<AtomicU64>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (client, _) = accepted.unwrap();
                let (server, weather, harm) = (server.clone(), weather.clone(), Arc::clone(&harm));
                connections.spawn(async move { connect(client, &server, weather, &harm).await });
            }
            Some(ended) = connections.join_next() => ended.unwrap(),
        }
    }
}

/// One connection, to its end.
async fn connect(
    mut client: TcpStream,
    server: &str,
    weather: watch::Receiver<Weather>,
    harm: &AtomicU64,
) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    for end in [&client, &server] {
        end.set_nodelay(true).unwrap();
    }
    let mut stormy = weather.clone();
    let is_reset = {
        let (mut from_client, to_client) = client.split();
        let (from_server, mut to_server) = server.split();
        tokio::select! {
            biased;
            changed = stormy.wait_for(|weather| *weather == Weather::Storm) => changed.is_ok(),
            // An error ends a connection as well.
            _ = tokio::io::copy(&mut from_client, &mut to_server) => false,
            () = down(from_server, to_client, weather, harm) => false,
        }
    };
    if is_reset {
        harm.fetch_add(1, Ordering::SeqCst);
        // With no time to linger a connection is reset when it is dropped.
        client.set_zero_linger().unwrap();
    }
}

/// What the server says, until it ends, or until the weather clears after something was lost.
async fn down(
    mut from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    mut weather: watch::Receiver<Weather>,
    harm: &AtomicU64,
) {
    let (queue, queued) = mpsc::channel(CHUNKS_MAX);
    let read = async {
        let mut chunk = vec![0; CHUNK_BYTES];
        while let Ok(count @ 1..) = from.read(&mut chunk).await {
            let now = *weather.borrow();
            if now != Weather::Fair {
                harm.fetch_add(1, Ordering::SeqCst);
            }
            let at = match now {
                Weather::Fair | Weather::Storm => Instant::now(),
                Weather::Late(delay) => Instant::now() + delay,
                Weather::Deaf => break,
            };
            if queue.send((at, chunk[..count].to_vec())).await.is_err() {
                return;
            }
        }
        if *weather.borrow() == Weather::Deaf {
            // The rest is lost as well. Nobody is left to tell when the wire itself is gone.
            let _ = tokio::select! {
                _ = drain(&mut from, &mut chunk) => Ok(()),
                cleared = weather.wait_for(|weather| *weather != Weather::Deaf) => cleared.map(|_| ()),
            };
        }
    };
    tokio::select! {
        () = read => {}
        () = write(to, queued) => {}
    }
}

async fn drain(from: &mut ReadHalf<'_>, chunk: &mut [u8]) {
    while let Ok(1..) = from.read(chunk).await {}
}

/// Passes each chunk on when its time has come.
async fn write(mut to: WriteHalf<'_>, mut queued: mpsc::Receiver<(Instant, Vec<u8>)>) {
    while let Some((at, chunk)) = queued.recv().await {
        sleep_until(at).await;
        if to.write_all(&chunk).await.is_err() {
            return;
        }
    }
}

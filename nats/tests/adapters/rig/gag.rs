//! A way to a server on which the server's words can be lost: what is sent to it arrives, and no answer comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// As much as is passed on at once.
const PASSED_BYTES: usize = 16 * 1024;

/// Ends with its last connection when it is dropped.
pub(crate) struct GaggedServer {
    url: String,
    is_gagged: Arc<AtomicBool>,
    /// Counts how often all connections were cut.
    cuts: watch::Sender<u64>,
    accepting: JoinHandle<()>,
}

impl GaggedServer {
    /// In front of the server at this address. It lets everything through.
    pub(crate) async fn before(url: &str) -> Self {
        let server = url.trim_start_matches("nats://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let is_gagged = Arc::new(AtomicBool::new(false));
        let (cuts, cut) = watch::channel(0);
        let gag = Arc::clone(&is_gagged);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass(client, server, Arc::clone(&gag), cut.clone()));
            }
        });
        Self {
            url,
            is_gagged,
            cuts,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// From now on nothing that the server says comes through.
    pub(crate) fn gag(&self) {
        self.is_gagged.store(true, Ordering::SeqCst);
    }

    /// Cuts all connections; on new ones the server is heard again.
    pub(crate) fn cut_and_ungag(&self) {
        self.cuts.send_modify(|count| *count += 1);
        self.is_gagged.store(false, Ordering::SeqCst);
    }
}

impl Drop for GaggedServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Until either side ends the connection, or it is cut.
async fn pass(
    client: TcpStream,
    server: TcpStream,
    is_gagged: Arc<AtomicBool>,
    mut cuts: watch::Receiver<u64>,
) {
    cuts.mark_unchanged();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy(from_client, to_server, || false) => {}
        () = copy(from_server, to_client, || is_gagged.load(Ordering::SeqCst)) => {}
        // Cut, or the test is over.
        _ = cuts.changed() => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_lost: impl Fn() -> bool) {
    let mut bytes = vec![0; PASSED_BYTES];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if !is_lost() && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

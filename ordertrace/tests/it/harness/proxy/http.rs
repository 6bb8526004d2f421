//! Between a client and an HTTP server.
//!
//! Each request is a step, named by its method and path with ids left out: `POST /v1/payment_intents/{id}/confirm`. A
//! server that closes the connection has answered, too: whatever it wanted to do is done.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::sync::CancellationToken;

use super::{Doorway, Gate, Relay, Verdict};

/// A proxy before one HTTP server.
pub(crate) struct HttpProxy {
    addr: SocketAddr,
    gate: Arc<dyn Gate>,
    relay: Arc<HttpRelay>,
    doorway: Mutex<Option<Doorway>>,
}

impl HttpProxy {
    /// A proxy on a free port before the server at this address, such as `127.0.0.1:8080`.
    pub(crate) async fn start(server: &str, gate: Arc<dyn Gate>) -> Self {
        let relay = Arc::new(HttpRelay {
            server: server.to_owned(),
            gate: Arc::clone(&gate),
            requests: AtomicUsize::new(0),
        });
        let doorway = Doorway::open(Arc::clone(&gate), Arc::clone(&relay) as Arc<dyn Relay>).await;
        Self {
            addr: doorway.addr,
            gate,
            relay,
            doorway: Mutex::new(Some(doorway)),
        }
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// How many requests have come so far.
    pub(crate) fn requests(&self) -> usize {
        self.relay.requests.load(Ordering::SeqCst)
    }

    /// From now on connections are refused, and those there are end.
    pub(crate) fn close(&self) {
        let mut doorway = self.doorway.lock().unwrap_or_else(PoisonError::into_inner);
        *doorway = None;
    }

    /// Connections are accepted again.
    pub(crate) async fn reopen(&self) {
        let relay = Arc::clone(&self.relay) as Arc<dyn Relay>;
        let open = Doorway::open_at(self.addr, Arc::clone(&self.gate), relay).await;
        let mut doorway = self.doorway.lock().unwrap_or_else(PoisonError::into_inner);
        *doorway = Some(open);
    }
}

struct HttpRelay {
    server: String,
    gate: Arc<dyn Gate>,
    requests: AtomicUsize,
}

#[async_trait]
impl Relay for HttpRelay {
    async fn relay(&self, client: TcpStream, life: CancellationToken) {
        tokio::select! {
            biased;
            () = life.cancelled() => {}
            _ = self.exchanges(client) => {}
        }
    }
}

impl HttpRelay {
    /// One exchange after the other; `None` at the end of the connection.
    async fn exchanges(&self, client: TcpStream) -> Option<()> {
        let (from_client, mut to_client) = client.into_split();
        let mut from_client = BufReader::new(from_client);
        let server = TcpStream::connect(&self.server).await.ok()?;
        server.set_nodelay(true).unwrap();
        let (mut from_server, mut to_server) = server.into_split();
        let mut request = read_request(&mut from_client).await?;
        loop {
            let step = step_of(&request)?;
            self.requests.fetch_add(1, Ordering::SeqCst);
            let verdict = self.gate.meet(&step).await;
            if verdict == Verdict::Cut {
                return None;
            }
            if let Verdict::Refuse(answer) = verdict {
                to_client.write_all(answer.as_bytes()).await.ok()?;
                request = read_request(&mut from_client).await?;
                continue;
            }
            to_server.write_all(&request).await.ok()?;
            match verdict {
                Verdict::KeepAnswer => {
                    first_bytes(&mut from_server).await;
                    self.gate.answered(&step).await;
                    return None;
                }
                Verdict::Replace(answer) => {
                    first_bytes(&mut from_server).await;
                    // What the server says is not read to its end, so the connection is of no more use.
                    to_client.write_all(answer.as_bytes()).await.ok()?;
                    return None;
                }
                Verdict::Pass | Verdict::Cut | Verdict::Refuse(_) => {}
            }
            request = pass_answer(&mut from_client, &mut to_client, &mut from_server).await?;
        }
    }
}

/// Waits for the beginning of an answer, or for the end of the connection.
async fn first_bytes(from_server: &mut OwnedReadHalf) {
    let mut bytes = [0; 1];
    // An error is an end, too.
    let _ = from_server.read(&mut bytes).await;
}

/// Passes what the server says until the client asks for more, which it does when it has the whole answer.
async fn pass_answer(
    from_client: &mut BufReader<OwnedReadHalf>,
    to_client: &mut OwnedWriteHalf,
    from_server: &mut OwnedReadHalf,
) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 16 * 1_024];
    loop {
        tokio::select! {
            biased;
            read = from_server.read(&mut bytes) => match read {
                Ok(0) | Err(_) => return None,
                Ok(count) => to_client.write_all(&bytes[..count]).await.ok()?,
            },
            // Nothing of the request is read yet, so nothing is lost when the server speaks first.
            more = from_client.fill_buf() => {
                if more.ok()?.is_empty() {
                    return None;
                }
                return read_request(from_client).await;
            }
        }
    }
}

/// A whole request: its head, and as many bytes as that says; `None` at the end of the connection.
async fn read_request(from_client: &mut BufReader<OwnedReadHalf>) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut body_bytes = 0;
    loop {
        let start = request.len();
        from_client.read_until(b'\n', &mut request).await.ok()?;
        let line = str::from_utf8(&request[start..]).ok()?;
        if line.is_empty() {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        let header = line.to_ascii_lowercase();
        if let Some(size) = header.strip_prefix("content-length:") {
            body_bytes = size.trim().parse().ok()?;
        }
        assert!(!header.starts_with("transfer-encoding:"), "{line}");
    }
    let head_bytes = request.len();
    request.resize(head_bytes + body_bytes, 0);
    let body = &mut request[head_bytes..];
    from_client.read_exact(body).await.ok()?;
    Some(request)
}

/// The method and the path, without ids and without the query.
fn step_of(request: &[u8]) -> Option<String> {
    let line = request.split(|byte| *byte == b'\r').next()?;
    let mut words = str::from_utf8(line).ok()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let parts = path.split('/').map(|part| {
        let is_id = part.starts_with("pi_") || part.starts_with("re_");
        if is_id { "{id}" } else { part }
    });
    Some(format!("{method} {}", parts.collect::<Vec<_>>().join("/")))
}

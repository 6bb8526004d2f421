//! Between a client and a nats-server.
//!
//! Steps are the publishes that ask for an answer: appends, timers, parked messages and acknowledgements. Requests to the
//! JetStream API, signs of life and the earlier messages of a batch change nothing by themselves, and pass.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_util::sync::CancellationToken;

use super::frame::Frame;
use super::in_hand::InHand;
use super::{Doorway, Gate, Relay, Verdict};

/// A proxy before one nats-server.
pub(crate) struct NatsProxy {
    doorway: Doorway,
}

impl NatsProxy {
    /// A proxy on a free port before the server at this URL, such as `nats://127.0.0.1:4222`.
    ///
    /// What a client that has died had in hand comes again when the server has waited for it long enough; with `gives_back`
    /// it comes again at once, as if that time had passed.
    pub(crate) async fn start(server_url: &str, gate: Arc<dyn Gate>, gives_back: bool) -> Self {
        let server = server_url.strip_prefix("nats://").unwrap().to_owned();
        let relay = NatsRelay {
            server,
            gate: Arc::clone(&gate),
            gives_back,
        };
        Self {
            doorway: Doorway::open(gate, Arc::new(relay)).await,
        }
    }

    /// Where clients find it.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.doorway.addr)
    }
}

struct NatsRelay {
    server: String,
    gate: Arc<dyn Gate>,
    gives_back: bool,
}

#[async_trait]
impl Relay for NatsRelay {
    async fn relay(&self, client: TcpStream, life: CancellationToken) {
        // While there is no server, clients are turned away, as the server's own port would.
        let Ok(server) = TcpStream::connect(&self.server).await else {
            return;
        };
        server.set_nodelay(true).unwrap();
        let (mut from_client, mut to_client) = halves(client);
        let (mut from_server, mut to_server) = halves(server);
        let known = Mutex::default();
        tokio::select! {
            biased;
            () = life.cancelled() => {}
            () = up(&*self.gate, &known, &mut from_client, &mut to_server) => {}
            () = down(&*self.gate, &known, &mut from_server, &mut to_client) => {}
        }
        // The client is told at once that its connection is gone.
        drop((from_client, to_client));
        if self.gives_back {
            catch_up(&known, &mut from_server, &mut to_server).await;
        }
        // Who closes with something unread takes back what the other has not read yet.
        let _ = to_server.shutdown().await;
        let _ = tokio::io::copy(&mut from_server, &mut tokio::io::sink()).await;
        if self.gives_back {
            let words = lock(&known).in_hand.last_words();
            give_back(&self.server, &words).await;
        }
    }
}

/// Reads what the server had sent before it knew that the client is gone.
async fn catch_up(
    known: &Mutex<Known>,
    from_server: &mut BufReader<OwnedReadHalf>,
    to_server: &mut OwnedWriteHalf,
) {
    // A server that is gone, too, ends the reading.
    let _ = to_server.write_all(b"PING\r\n").await;
    while let Some(frame) = Frame::read(from_server).await {
        match frame.operation() {
            "PONG" => return,
            _ => note_delivery(&frame, known),
        }
    }
}

/// Says a client's last words, on a connection of its own: on the client's the server would hand the messages right back.
async fn give_back(server: &str, words: &str) {
    let Ok(stream) = TcpStream::connect(server).await else {
        return;
    };
    let (mut from_server, mut to_server) = halves(stream);
    let text = format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\n{words}PING\r\n");
    if to_server.write_all(text.as_bytes()).await.is_ok() {
        while let Some(frame) = Frame::read(&mut from_server).await {
            if frame.operation() == "PONG" {
                return;
            }
        }
    }
}

fn halves(stream: TcpStream) -> (BufReader<OwnedReadHalf>, OwnedWriteHalf) {
    let (read, write) = stream.into_split();
    (BufReader::new(read), write)
}

/// What both directions of a connection know.
#[derive(Default)]
struct Known {
    in_hand: InHand,
    /// The step whose answer is kept, and the inbox where the answer comes.
    kept: Option<(String, String)>,
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From the client to the server, until the connection ends or is cut.
async fn up(
    gate: &dyn Gate,
    known: &Mutex<Known>,
    from_client: &mut BufReader<OwnedReadHalf>,
    to_server: &mut OwnedWriteHalf,
) {
    while let Some(frame) = Frame::read(from_client).await {
        if let Some((step, inbox)) = step_of(&frame, known) {
            match gate.meet(&step).await {
                Verdict::Pass => {}
                Verdict::KeepAnswer => lock(known).kept = Some((step, inbox)),
                Verdict::Cut => return,
                Verdict::Replace(_) | Verdict::Refuse(_) => panic!("{step} has no such answer"),
            }
        }
        if let "PUB" | "HPUB" = frame.operation() {
            lock(known).in_hand.note_sent(frame.subject());
        }
        if to_server.write_all(&frame.bytes).await.is_err() {
            return;
        }
    }
}

/// From the server to the client, until the connection ends or is cut.
async fn down(
    gate: &dyn Gate,
    known: &Mutex<Known>,
    from_server: &mut BufReader<OwnedReadHalf>,
    to_client: &mut OwnedWriteHalf,
) {
    while let Some(mut frame) = Frame::read(from_server).await {
        match frame.operation() {
            "INFO" => frame = frame.without_other_addresses(),
            "MSG" | "HMSG" => {
                if let Some(step) = kept_answer(&frame, known) {
                    gate.answered(&step).await;
                    return;
                }
                note_delivery(&frame, known);
                gate.retell(frame.message());
            }
            _ => {}
        }
        if to_client.write_all(&frame.bytes).await.is_err() {
            return;
        }
    }
}

/// A step's words and the inbox of its answer; `None` for what is no step.
fn step_of(frame: &Frame, known: &Mutex<Known>) -> Option<(String, String)> {
    let inbox = match frame.operation() {
        "PUB" | "HPUB" => frame.reply()?.to_owned(),
        _ => return None,
    };
    let subject = frame.subject();
    let step = if subject.starts_with("ordertrace.events.") {
        format!("append {}", frame.header("Ordertrace-Type")?)
    } else if let Some(timer) = subject.strip_prefix("ordertrace.timers.at.") {
        let is_set = frame.header("Nats-Schedule").is_some();
        let verb = if is_set { "set" } else { "cancel" };
        format!("{verb} {}", timer.split_once('.')?.1)
    } else if subject.starts_with("ordertrace.dlq.") {
        "park".to_owned()
    } else {
        format!("ack {}", lock(known).in_hand.name(subject)?)
    };
    Some((step, inbox))
}

fn kept_answer(frame: &Frame, known: &Mutex<Known>) -> Option<String> {
    let known = lock(known);
    let (step, inbox) = known.kept.as_ref()?;
    (inbox == frame.subject()).then(|| step.clone())
}

/// What can be acknowledged is remembered by what it is: the event's name, or the timer's.
fn note_delivery(frame: &Frame, known: &Mutex<Known>) {
    let Some(receipt) = frame.reply().filter(|reply| reply.starts_with("$JS.ACK.")) else {
        return;
    };
    let timer = frame.subject().strip_prefix("ordertrace.timers.due.");
    let name = match timer.and_then(|rest| rest.splitn(3, '.').nth(2)) {
        Some(timer) => Some(timer.to_owned()),
        None => frame.header("Ordertrace-Type").map(str::to_owned),
    };
    if let Some(name) = name {
        lock(known).in_hand.take(receipt, name);
    }
}

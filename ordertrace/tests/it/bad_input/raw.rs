//! A client that sends whatever bytes it is given.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The longest wait of the server's, which is for a view, and some more for a busy machine.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Far more than the server takes of anything.
const ENDLESS_BYTES: usize = 8 << 20;

/// What a client sends, and how.
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    /// Sent over and over afterwards.
    pub(super) without_end: Option<&'static [u8]>,
}

/// What comes back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Sent {
    /// Exactly these bytes.
    pub(super) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            without_end: None,
        }
    }

    /// A request without a body.
    pub(super) fn get(target: &str) -> Self {
        Self::headers("GET", target, "")
    }

    /// A request without a body, with these header lines.
    pub(super) fn headers(method: &str, target: &str, lines: &str) -> Self {
        let head =
            format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        Self::bytes(format!("{head}{lines}\r\n"))
    }

    /// A request without a body, of somebody with this token or key.
    pub(super) fn by(bearer: &str, method: &str, target: &str) -> Self {
        Self::headers(
            method,
            target,
            &format!("Authorization: Bearer {bearer}\r\n"),
        )
    }

    /// A request with a JSON body.
    pub(super) fn json(method: &str, target: &str, body: &[u8]) -> Self {
        Self::body(method, target, "Content-Type: application/json\r\n", body)
    }

    /// A request with a body, and lines that say what it is.
    pub(super) fn body(method: &str, target: &str, lines: &str, body: &[u8]) -> Self {
        let lines = format!("{lines}Content-Length: {}\r\n", body.len());
        let mut sent = Self::headers(method, target, &lines);
        sent.bytes.extend_from_slice(body);
        sent
    }

    /// The same, and then these bytes until the server has enough.
    pub(super) fn and_without_end(self, bytes: &'static [u8]) -> Self {
        Self {
            without_end: Some(bytes),
            ..self
        }
    }
}

/// Sends it, and gives the answer; `None` if the connection was closed without one.
pub(super) async fn exchange(addr: &str, sent: &Sent) -> Option<Answer> {
    over(TcpStream::connect(addr).await.unwrap(), sent).await
}

/// The same over a connection that is there.
pub(super) async fn over(connection: TcpStream, sent: &Sent) -> Option<Answer> {
    let (mut reader, mut writer) = connection.into_split();
    let write = async {
        // A server that has seen enough may close before all was sent.
        let _ = writer.write_all(&sent.bytes).await;
        if let Some(more) = sent.without_end {
            for _ in 0..ENDLESS_BYTES / more.len() {
                if writer.write_all(more).await.is_err() {
                    return;
                }
            }
            panic!("the server takes {ENDLESS_BYTES} bytes");
        }
    };
    let read = async {
        let mut bytes = Vec::new();
        // What came before a reset counts.
        let _ = reader.read_to_end(&mut bytes).await;
        bytes
    };
    let exchanged = timeout(ANSWER_MAX, async { tokio::join!(read, write).0 }).await;
    let shown = String::from_utf8_lossy(&sent.bytes[..sent.bytes.len().min(200)]);
    let bytes = exchanged.unwrap_or_else(|_| panic!("still open after {shown:?}"));
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        head: format!("{head}\r\n"),
        body: body.to_owned(),
    })
}

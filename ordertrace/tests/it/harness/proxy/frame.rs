//! The NATS protocol, as far as a proxy has to understand it: lines, and the messages behind some of them.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::tcp::OwnedReadHalf;

/// One operation of the protocol: its line, and the message behind it, if it has one.
pub(super) struct Frame {
    pub(super) bytes: Vec<u8>,
    /// How many of them are the line with its end.
    line_bytes: usize,
}

impl Frame {
    /// The next one; `None` at the end of the connection.
    pub(super) async fn read(from: &mut BufReader<OwnedReadHalf>) -> Option<Self> {
        let mut bytes = Vec::new();
        let line_bytes = from.read_until(b'\n', &mut bytes).await.ok()?;
        let mut frame = Self { bytes, line_bytes };
        if !frame.bytes.ends_with(b"\n") {
            return None;
        }
        if let "PUB" | "HPUB" | "MSG" | "HMSG" = frame.operation() {
            let size: usize = frame.words().last()?.parse().ok()?;
            let all = line_bytes + size + b"\r\n".len();
            frame.bytes.resize(all, 0);
            let message = &mut frame.bytes[line_bytes..];
            from.read_exact(message).await.ok()?;
        }
        Some(frame)
    }

    /// The server's greeting without the addresses that lead around a proxy.
    pub(super) fn without_other_addresses(&self) -> Self {
        let json = self.line().strip_prefix("INFO ").unwrap();
        let mut greeting: serde_json::Value = serde_json::from_str(json).unwrap();
        greeting.as_object_mut().unwrap().remove("connect_urls");
        let line = format!("INFO {greeting}\r\n");
        Self {
            line_bytes: line.len(),
            bytes: line.into_bytes(),
        }
    }

    /// The headers and the payload behind the line.
    pub(super) fn message(&mut self) -> &mut [u8] {
        &mut self.bytes[self.line_bytes..]
    }

    fn line(&self) -> &str {
        let line = &self.bytes[..self.line_bytes];
        str::from_utf8(line).unwrap_or_default().trim_end()
    }

    fn words(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.line().split_ascii_whitespace()
    }

    pub(super) fn operation(&self) -> &str {
        self.words().next().unwrap_or_default()
    }

    pub(super) fn subject(&self) -> &str {
        self.words().nth(1).unwrap_or_default()
    }

    /// The subject for answers: `PUB subject [reply] bytes`, `MSG subject sid [reply] bytes`, and with the size of the
    /// headers before the last word.
    pub(super) fn reply(&self) -> Option<&str> {
        let (at, words_with_reply) = match self.operation() {
            "PUB" => (2, 4),
            "HPUB" => (2, 5),
            "MSG" => (3, 5),
            "HMSG" => (3, 6),
            _ => return None,
        };
        let words: Vec<&str> = self.words().collect();
        (words.len() == words_with_reply).then(|| words[at])
    }

    /// A header of the message behind the line.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let size: usize = match self.operation() {
            "HPUB" | "HMSG" => self.words().nth_back(1)?.parse().ok()?,
            _ => return None,
        };
        let block = self.bytes.get(self.line_bytes..self.line_bytes + size)?;
        let lines = str::from_utf8(block).ok()?.lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        values.next().map(str::trim)
    }
}

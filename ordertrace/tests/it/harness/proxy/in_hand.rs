//! What a client has in hand: messages that were handed to it and that it has not acknowledged yet.

use std::collections::{BTreeSet, HashMap};

/// The group of clients of which one is served.
const GROUP: &str = r#"{"group":"saga"}"#;

/// The messages in hand, and the consumers that they came from.
#[derive(Default)]
pub(super) struct InHand {
    /// By the subjects on which they are acknowledged.
    handed: HashMap<String, Handed>,
    count: usize,
    /// Those that were asked for messages, as `<stream>.<consumer>`.
    consumers: BTreeSet<String>,
}

/// A message in hand.
struct Handed {
    /// What it is, in words.
    name: String,
    /// In which order it came.
    number: usize,
}

impl InHand {
    /// A message was handed over.
    pub(super) fn take(&mut self, receipt: &str, name: String) {
        let number = self.count;
        self.count += 1;
        let handed = Handed { name, number };
        self.handed.insert(receipt.to_owned(), handed);
    }

    /// What the message is that this receipt is for.
    pub(super) fn name(&self, receipt: &str) -> Option<&str> {
        self.handed.get(receipt).map(|handed| handed.name.as_str())
    }

    /// The client sends something: it may acknowledge a message, or ask a consumer for more.
    pub(super) fn note_sent(&mut self, subject: &str) {
        self.handed.remove(subject);
        if let Some(consumer) = subject.strip_prefix("$JS.API.CONSUMER.MSG.NEXT.")
            && !self.consumers.contains(consumer)
        {
            self.consumers.insert(consumer.to_owned());
        }
    }

    /// What the server would find out by itself in time: this client asks no more, and each message in hand, in the order
    /// in which it came, is not going to be acknowledged.
    pub(super) fn last_words(&self) -> String {
        let mut handed: Vec<_> = self.handed.iter().collect();
        handed.sort_by_key(|(_, handed)| handed.number);
        let refusals = handed.iter().map(|(receipt, _)| (receipt.as_str(), "-NAK"));
        let refusals = refusals.map(|(receipt, word)| publish(receipt, word));
        let unpins = self.consumers.iter().map(|consumer| {
            let subject = format!("$JS.API.CONSUMER.UNPIN.{consumer}");
            publish(&subject, GROUP)
        });
        refusals.chain(unpins).collect()
    }
}

fn publish(subject: &str, text: &str) -> String {
    format!("PUB {subject} {}\r\n{text}\r\n", text.len())
}

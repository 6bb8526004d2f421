//! What is told before anything that happens: where the client was, and what it has missed.
//!
//! Invariant: it is held until the client has taken it, so all clients together hold no more than [`HELD_BYTES_MAX`] of what was
//! missed. Nobody waits for room, for clients that do not read would hold up those that do: one for whom there is none loads its
//! list anew.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::message::Message;

/// The most bytes of what was missed that are held for all clients together: some eight thousand rows of one line each. Who was away
/// for a moment is due a few.
const HELD_BYTES_MAX: usize = 8 << 20;

/// The messages that are due to one client.
pub(super) struct Due {
    messages: VecDeque<Message>,
    /// Their share of the room; given back when the last of them is taken, or nobody takes them any more.
    room: Option<OwnedSemaphorePermit>,
}

/// Room for what is due.
#[derive(Clone)]
pub(super) struct Room(Arc<Semaphore>);

impl Room {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(HELD_BYTES_MAX)))
    }

    /// Holds these messages, if there is room for that many bytes.
    pub(super) fn hold(&self, messages: Vec<Message>, bytes: usize) -> Option<Due> {
        let bytes = u32::try_from(bytes).ok()?;
        let room = self.0.clone().try_acquire_many_owned(bytes).ok()?;
        Some(Due {
            messages: messages.into(),
            room: Some(room),
        })
    }
}

impl Due {
    /// The same after this one.
    pub(super) fn after(mut self, first: Message) -> Self {
        self.messages.push_front(first);
        self
    }

    /// The next of them.
    pub(super) fn next(&mut self) -> Option<Message> {
        let message = self.messages.pop_front();
        if self.messages.is_empty() {
            self.room = None;
        }
        message
    }
}

impl<const N: usize> From<[Message; N]> for Due {
    fn from(messages: [Message; N]) -> Self {
        Self {
            messages: messages.into(),
            room: None,
        }
    }
}

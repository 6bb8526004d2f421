//! One stream at work: first what the client has missed, then what happens, as it happens.
//!
//! Invariant: the client is never sent a position before everything up to it was told. Messages are made when the connection
//! takes them: what a slow client has not taken is not kept, and once it has fallen behind what is held for all streams
//! together, its stream ends. So does that of a client whose login has ended, before anything else is told.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::response::sse::Event;
use futures::{Stream, stream};
use ordertrace_domain::{Incarnation, Position, Sequence};
use ordertrace_http::StandingLogin;
use tokio::{
    sync::{broadcast, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use super::{
    due::Due,
    message::{ClosingReason, Message, ResetReason},
    places::Place,
    replay::REPLAY_EVENTS_MAX,
    scope::Scope,
};
use crate::{Update, ViewStatus};

/// How long a stream is silent at most: proxies and browsers take one that says nothing for a minute for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// After so many changes that are none of the client's, its last id is moved on, so that one who was away for a moment is
/// not taken to be too far behind.
const PASSED_OVER_MAX: u64 = REPLAY_EVENTS_MAX / 4;

/// A stream of one client.
pub(super) struct Following {
    pub(super) scope: Scope,
    pub(super) incarnation: Incarnation,
    /// What comes before all changes after `cursor`.
    pub(super) due: Due,
    /// The last change that was looked at.
    pub(super) cursor: Sequence,
    /// Where the client was, and then everything up to here was told.
    pub(super) told: Sequence,
    pub(super) updates: broadcast::Receiver<Arc<Update>>,
    pub(super) status: watch::Receiver<ViewStatus>,
    /// How often the view was replaced by the time of what was told last.
    pub(super) replacements: u64,
    pub(super) shutdown: CancellationToken,
    /// Whose stream it is, for as long as that is known.
    pub(super) login: StandingLogin,
    pub(super) is_closed: bool,
    /// How many changes were none of the client's since it was sent something.
    pub(super) passed_over: u64,
    /// Free again when the stream is dropped.
    pub(super) _place: Place,
}

impl Following {
    /// What is sent, one after the other.
    pub(super) fn messages(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut following| async move {
            let event = following.next().await?;
            Some((Ok(event), following))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        if self.is_closed {
            return None;
        }
        if let Some(end) = self.login.end() {
            return Some(self.close(end.into()));
        }
        if let Some(message) = self.due.next() {
            self.told = message.id.sequence;
            return Some(message.into());
        }
        self.told = self.cursor;
        let silence = sleep(KEEP_ALIVE);
        tokio::pin!(silence);
        loop {
            tokio::select! {
                // Whoever is not known any more is told nothing more. To others, what has happened is told before a stop is:
                // at a stop nothing more happens.
                biased;
                end = self.login.ended() => return Some(self.close(end.into())),
                update = self.updates.recv() => {
                    // A client that has missed some comes back with its last id, and is told them from the log.
                    let update = update.ok()?;
                    if let Some(event) = self.look_at(&update) {
                        return Some(event);
                    }
                }
                () = self.shutdown.cancelled() => return Some(self.close(ClosingReason::Shutdown)),
                turn = turned(&mut self.status, self.replacements) => return self.start_over(turn?),
                () = &mut silence => return Some(self.move_on()),
            }
        }
    }

    fn close(&mut self, reason: ClosingReason) -> Event {
        self.is_closed = true;
        Message::closing(self.told, self.incarnation, reason).into()
    }

    /// What was told before is not good any more: it was another view's.
    fn start_over(&mut self, status: ViewStatus) -> Option<Event> {
        self.replacements = status.replacements;
        self.cursor = self.cursor.max(status.position.sequence);
        self.told = self.cursor;
        let at = Position {
            incarnation: self.incarnation,
            sequence: self.cursor,
        };
        Some(Message::reset(at, ResetReason::ViewReplaced).into())
    }

    fn look_at(&mut self, update: &Update) -> Option<Event> {
        if update.sequence <= self.cursor {
            return None;
        }
        self.cursor = update.sequence;
        self.told = self.cursor;
        self.passed_over += 1;
        match self.scope.told(update, self.incarnation) {
            Some(message) => {
                self.passed_over = 0;
                Some(message.into())
            }
            None => (self.passed_over >= PASSED_OVER_MAX).then(|| self.move_on()),
        }
    }

    fn move_on(&mut self) -> Event {
        self.passed_over = 0;
        Message::quiet(self.cursor, self.incarnation)
    }
}

/// Waits until the view was replaced by one with other rows. `None` if it stops for good, or is gone.
async fn turned(status: &mut watch::Receiver<ViewStatus>, seen: u64) -> Option<ViewStatus> {
    let is_turned = |status: &ViewStatus| status.halted.is_some() || status.replacements != seen;
    let turned = status.wait_for(is_turned).await.ok()?.clone();
    turned.halted.is_none().then_some(turned)
}

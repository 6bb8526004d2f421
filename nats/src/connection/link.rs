//! Whether there is a server on the other end, and how often that was so anew.

use tokio::sync::watch;

/// The state of the connection, to be looked at and waited for.
#[derive(Debug, Clone)]
pub(crate) struct Link(watch::Receiver<State>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    is_up: bool,
    /// Counts the connections there were.
    connects: u64,
}

/// Tells all links of a connection.
#[derive(Debug, Clone)]
pub(super) struct LinkPublisher(watch::Sender<State>);

impl Link {
    pub(super) fn channel() -> (LinkPublisher, Self) {
        let (sender, receiver) = watch::channel(State::default());
        (LinkPublisher(sender), Self(receiver))
    }

    /// Whether there is a connection.
    pub(crate) fn is_up(&self) -> bool {
        self.0.borrow().is_up
    }

    /// The number of the connection there is, or there was last.
    pub(crate) fn connects(&self) -> u64 {
        self.0.borrow().connects
    }

    /// Waits until there is a connection. `false` once there never will be one again.
    pub(crate) async fn up(&mut self) -> bool {
        self.0.wait_for(|state| state.is_up).await.is_ok()
    }

    /// Waits until the connection of this number is gone, whether or not there is another by now.
    pub(crate) async fn lost(&mut self, connects: u64) {
        // Without a publisher the connection is closed, and gone as well.
        let _ = self
            .0
            .wait_for(|state| state.connects > connects || !state.is_up)
            .await;
    }

    /// Waits until there is a later connection than this one. `false` once there never will be.
    pub(crate) async fn later_than(&mut self, connects: u64) -> bool {
        self.0
            .wait_for(|state| state.connects > connects)
            .await
            .is_ok()
    }
}

impl LinkPublisher {
    pub(super) fn is_up(&self) {
        self.0.send_modify(|state| {
            state.is_up = true;
            state.connects += 1;
        });
    }

    pub(super) fn is_down(&self) {
        self.0.send_modify(|state| state.is_up = false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reconnect_is_seen_even_by_who_looked_away_while_it_was_down() {
        let (publisher, mut link) = Link::channel();
        publisher.is_up();
        let first = link.connects();
        publisher.is_down();
        assert!(!link.is_up());
        publisher.is_up();
        assert!(link.later_than(first).await);
        assert!(link.up().await);
    }

    #[tokio::test]
    async fn a_connection_is_lost_when_it_is_down_or_there_is_another() {
        let (publisher, mut link) = Link::channel();
        publisher.is_up();
        let first = link.connects();
        publisher.is_down();
        link.lost(first).await;
        publisher.is_up();
        link.lost(first).await;
        let second = link.connects();
        let still = tokio::time::timeout(std::time::Duration::ZERO, link.lost(second)).await;
        assert!(still.is_err());
    }

    #[tokio::test]
    async fn a_closed_connection_is_not_waited_for() {
        let (publisher, mut link) = Link::channel();
        drop(publisher);
        assert!(!link.up().await);
        assert!(!link.later_than(0).await);
    }
}

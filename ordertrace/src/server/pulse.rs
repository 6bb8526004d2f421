//! Whether a part of the process still comes for its work.
//!
//! Invariant: a part that waits for the log is well, however long it waits. One that the log has something for, and that
//! does not come for it within a bound, is stuck: in a write that does not return, or because nobody runs it any more.
//! It looks at the streams that feed a part from outside, so that the parts need not know of it; what a part does
//! with its work is not looked at.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use futures::{Stream, StreamExt as _, stream::BoxStream, task::AtomicWaker};
use tokio::time::Instant;

/// The pulse of one part, which may be fed by several streams.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<Vec<Weak<Signal>>>>);

/// Since when one stream has had something that nobody came for.
#[derive(Debug, Default)]
struct Signal {
    called_at: Mutex<Option<Instant>>,
    part: AtomicWaker,
}

impl Pulse {
    /// The same stream, looked at.
    pub(crate) fn of<T: Send + 'static>(
        &self,
        stream: BoxStream<'static, T>,
    ) -> BoxStream<'static, T> {
        let signal = Arc::new(Signal::default());
        let mut streams = locked(&self.0);
        streams.retain(|stream| stream.strong_count() > 0);
        streams.push(Arc::downgrade(&signal));
        drop(streams);
        let waker = Waker::from(signal.clone());
        let fed = Fed {
            stream,
            signal,
            waker,
        };
        fed.boxed()
    }

    /// For how long the part has not come for its work, if that is longer than this.
    pub(crate) fn stuck_for(&self, bound: Duration) -> Option<Duration> {
        let streams = locked(&self.0);
        let waits = streams.iter().filter_map(|stream| {
            let called_at = *locked(&stream.upgrade()?.called_at);
            Some(called_at?.elapsed())
        });
        waits.max().filter(|wait| *wait > bound)
    }
}

impl Signal {
    /// There is something, and it is the first that nobody came for.
    fn call(&self) {
        locked(&self.called_at).get_or_insert_with(Instant::now);
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.call();
        self.part.wake();
    }
}

struct Fed<T> {
    stream: BoxStream<'static, T>,
    signal: Arc<Signal>,
    waker: Waker,
}

impl<T> Stream for Fed<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = &mut *self;
        this.signal.part.register(context.waker());
        *locked(&this.signal.called_at) = None;
        let polled = this
            .stream
            .as_mut()
            .poll_next(&mut Context::from_waker(&this.waker));
        if matches!(polled, Poll::Ready(Some(_))) {
            // Whoever takes something is to come back for the next.
            this.signal.call();
        }
        polled
    }
}

/// A panic while it is held leaves nothing half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use tokio::{
        sync::mpsc::{UnboundedSender, unbounded_channel},
        time::advance,
    };

    const BOUND: Duration = Duration::from_secs(120);
    const LONGER: Duration = BOUND.saturating_add(Duration::from_secs(1));

    /// A pulse, and a stream that is fed by hand.
    fn fed() -> (Pulse, UnboundedSender<u8>, BoxStream<'static, u8>) {
        let (sender, mut receiver) = unbounded_channel();
        let stream = futures::stream::poll_fn(move |context| receiver.poll_recv(context));
        let pulse = Pulse::default();
        let stream = pulse.of(stream.boxed());
        (pulse, sender, stream)
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_waits_is_well_for_ever() {
        let (pulse, _sender, mut stream) = fed();
        assert_eq!(stream.next().now_or_never(), None);
        advance(LONGER * 100).await;
        assert_eq!(pulse.stuck_for(BOUND), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_does_not_come_for_what_there_is_is_stuck_until_it_does() {
        let (pulse, sender, mut stream) = fed();
        assert_eq!(stream.next().now_or_never(), None);
        sender.send(1).unwrap();
        advance(BOUND).await;
        assert_eq!(pulse.stuck_for(BOUND), None);
        advance(Duration::from_secs(1)).await;
        assert_eq!(pulse.stuck_for(BOUND), Some(LONGER));
        sender.send(2).unwrap();
        assert_eq!(
            pulse.stuck_for(BOUND),
            Some(LONGER),
            "since the first of them"
        );
        assert_eq!(stream.next().now_or_never(), Some(Some(1)));
        assert_eq!(pulse.stuck_for(BOUND), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_never_returns_with_what_it_took_is_stuck() {
        let (pulse, sender, mut stream) = fed();
        sender.send(1).unwrap();
        assert_eq!(stream.next().await, Some(1));
        advance(LONGER).await;
        assert_eq!(pulse.stuck_for(BOUND), Some(LONGER));
        drop(stream);
        assert_eq!(pulse.stuck_for(BOUND), None, "nobody is fed by it any more");
    }

    #[tokio::test]
    async fn whoever_waits_is_woken() {
        let (_pulse, sender, mut stream) = fed();
        let (next, ()) = tokio::join!(stream.next(), async { sender.send(7).unwrap() });
        assert_eq!(next, Some(7));
    }
}

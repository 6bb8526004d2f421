//! Where the log ends, for those who only want to know about how far the view is behind.
//!
//! Invariant: however many ask, the log is asked once at a time, and what it said is good for [`GOOD_FOR`]; that it said nothing is,
//! too. So a log out of reach holds up one of them for a moment, and not each.

use std::{sync::Arc, time::Duration};

use ordertrace_domain::{EventFeed, Sequence};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// How long an answer is good for: those who look do so once a second at most.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// How long the log may take. It answers within milliseconds; somebody is looking, and would rather know less than wait.
const WAIT_MAX: Duration = Duration::from_millis(500);

/// The end of the log. Its clones are the same.
#[derive(Clone)]
pub(super) struct Head {
    feed: Arc<dyn EventFeed>,
    last: Arc<Mutex<Option<Answer>>>,
}

/// What the log said, if anything.
#[derive(Clone, Copy)]
struct Answer {
    at: Instant,
    head: Option<Sequence>,
}

impl Head {
    pub(super) fn of(feed: Arc<dyn EventFeed>) -> Self {
        Self {
            feed,
            last: Arc::default(),
        }
    }

    /// Where the log ended within the last second; `None` if it did not say so.
    pub(super) async fn now(&self) -> Option<Sequence> {
        let mut last = self.last.lock().await;
        if let Some(answer) = last.filter(|answer| answer.at.elapsed() < GOOD_FOR) {
            return answer.head;
        }
        let asked = timeout(WAIT_MAX, self.feed.head()).await;
        let head = asked.ok().and_then(Result::ok);
        let at = Instant::now();
        *last = Some(Answer { at, head });
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use futures::{StreamExt as _, future, stream::BoxStream};
    use ordertrace_domain::{FeedError, FeedItem, Incarnation, LogError};
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A log that ends one further each time it is asked, or never answers.
    struct Asked {
        times: AtomicU64,
        is_silent: bool,
    }

    #[async_trait]
    impl EventFeed for Asked {
        fn incarnation(&self) -> Incarnation {
            Incarnation::from_created_nanos(1)
        }

        async fn head(&self) -> Result<Sequence, LogError> {
            let times = self.times.fetch_add(1, Ordering::Relaxed) + 1;
            if self.is_silent {
                future::pending::<()>().await;
            }
            Ok(Sequence::new(times))
        }

        fn follow(&self, _: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
            futures::stream::pending().boxed()
        }
    }

    fn log(is_silent: bool) -> (Arc<Asked>, Head) {
        let times = AtomicU64::new(0);
        let log = Arc::new(Asked { times, is_silent });
        (log.clone(), Head::of(log))
    }

    #[tokio::test(start_paused = true)]
    async fn the_log_is_asked_once_a_second_however_many_look() {
        let (_, head) = log(false);
        for _ in 0..3 {
            assert_eq!(head.now().await, Some(Sequence::new(1)));
        }
        tokio::time::advance(GOOD_FOR).await;
        assert_eq!(head.clone().now().await, Some(Sequence::new(2)));
        assert_eq!(head.now().await, Some(Sequence::new(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_out_of_reach_is_waited_for_once_by_all_together() {
        let (log, head) = log(true);
        let before = Instant::now();
        let heads = future::join_all([head.now(), head.now(), head.now()]).await;
        assert_eq!(heads, [None, None, None]);
        assert_eq!(before.elapsed(), WAIT_MAX);
        assert_eq!(log.times.load(Ordering::Relaxed), 1);
    }
}

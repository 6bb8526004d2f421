//! The log from first to last, as a view follows it.

use std::{pin::pin, sync::Arc};

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use ordertrace_domain::{EventFeed, FeedError, FeedItem, Incarnation, LogError, Sequence};
use tokio::time::{sleep, sleep_until};

use super::{
    link::{Link, silence},
    server::Server,
};

/// How long a new message takes on its way to a view at most.
const ON_THE_WAY_MS_MAX: u64 = 40;

#[async_trait]
impl EventFeed for Link {
    fn incarnation(&self) -> Incarnation {
        Server::incarnation()
    }

    async fn head(&self) -> Result<Sequence, LogError> {
        let head = self.ask(|server| server.head()).await;
        head.ok_or_else(|| LogError::Unavailable(silence()))
    }

    fn follow(&self, after: Sequence) -> BoxStream<'static, Result<FeedItem, FeedError>> {
        let start = (Arc::clone(&self.server), after);
        stream::unfold(start, |(server, after)| async move {
            let item = next_item(&server, after.next()).await;
            Some((Ok(item), (server, after.next())))
        })
        .boxed()
    }
}

/// The message that stands here, as soon as it does.
async fn next_item(server: &Server, sequence: Sequence) -> FeedItem {
    let mut is_new = false;
    loop {
        let mut grown = pin!(server.grown.notified());
        grown.as_mut().enable();
        if let Some(recorded) = server.message(sequence) {
            if is_new {
                sleep(server.world.between_ms(0, ON_THE_WAY_MS_MAX)).await;
            }
            if let Some(gap) = server.gap() {
                sleep_until(gap.until).await;
            }
            return FeedItem::Event(recorded);
        }
        is_new = true;
        grown.await;
    }
}

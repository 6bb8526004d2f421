//! A view that is rebuilt, as it is in the process.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use ordertrace_domain::{
    EventFeed,
    testing::{
        ManualClock,
        fixtures::{self, histories},
    },
};
use ordertrace_projections::{Rebuild, RebuildRequest, Rebuilds, ViewStore};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    scene::PATIENCE,
};

/// Rebuilds of a view, as the process carries them out.
pub(crate) struct Rebuilding {
    pub(crate) rebuilds: Rebuilds,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Rebuilding {
    pub(crate) fn start(store: &ViewStore, feed: Arc<dyn EventFeed>) -> Self {
        let clock = Arc::new(ManualClock::new());
        let (rebuilds, rebuilder) = Rebuilds::new(store.clone(), feed, clock);
        let shutdown = CancellationToken::new();
        let run = rebuilder.run(shutdown.clone());
        let task = tokio::spawn(async move { run.await.unwrap() });
        Self {
            rebuilds,
            shutdown,
            task,
        }
    }

    pub(crate) fn of(store: &ViewStore, feed: &Feed) -> Self {
        Self::start(store, Arc::new(feed.clone()))
    }

    /// Waits until the rebuild is as the test expects it.
    pub(crate) async fn until(&self, is_so: impl Fn(&Rebuild) -> bool) -> Rebuild {
        let mut watch = self.rebuilds.watch();
        let is_so = |rebuild: &Option<Rebuild>| rebuild.as_ref().is_some_and(&is_so);
        let rebuild = timeout(PATIENCE, watch.wait_for(is_so)).await;
        rebuild.unwrap().unwrap().clone().unwrap()
    }

    /// Waits for the end of the rebuild.
    pub(crate) async fn ended(&self) -> Rebuild {
        self.until(|rebuild| rebuild.state.has_ended()).await
    }

    /// Begins a rebuild, and waits for its end.
    pub(crate) async fn rebuild(&self, request: RebuildRequest) -> Rebuild {
        self.rebuilds.begin(request).unwrap();
        self.ended().await
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}

/// What is in the folder of a view, by name.
pub(crate) fn names(view: &Path) -> Vec<String> {
    let entries = fs::read_dir(view).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// Orders that are placed and completed all the while.
pub(crate) struct Writing {
    is_over: Arc<AtomicBool>,
    thread: thread::JoinHandle<()>,
}

impl Writing {
    pub(crate) fn start(feed: &Feed, store: &ViewStore) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, feed, store) = (is_over.clone(), feed.clone(), store.clone());
        let thread = thread::spawn(move || {
            for number in 1_000_000.. {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                feed.write_all(number, Tip::NONE, histories::completed(fixtures::cash()));
                // The view is level with each order before the next one comes, as in a system that can bear its load.
                let written = feed.head_now().sequence.get();
                while store.status().position.sequence.get() < written {
                    thread::yield_now();
                }
            }
        });
        Self { is_over, thread }
    }

    pub(crate) fn stop(self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// A closed view in which an order stands as it stood before its last event, as if that had been lost.
pub(crate) fn with_an_old_row(feed: &Feed, number: u64) -> Folder {
    let (head, key) = (
        feed.head_now(),
        [&[2], &order_id(number).as_bytes()[..]].concat(),
    );
    let stored = |items| {
        let contents = Folder::contents_of(items, head);
        let entry = contents.into_iter().find(|entry| entry.key == key);
        entry.map(|entry| entry.value)
    };
    let items = feed.items();
    let now = stored(&items).unwrap();
    let lengths = (0..items.len()).rev();
    let before = lengths
        .filter_map(|length| stored(&items[..length]))
        .find(|before| *before != now);
    let (folder, store) = Folder::with(feed);
    drop(store);
    let tree = sled::open(folder.path().join("sled")).unwrap();
    tree.insert(key, before.unwrap()).unwrap();
    folder
}

/// Two orders that are completed.
pub(crate) fn a_small_feed() -> Feed {
    Feed::of([
        histories::completed(fixtures::cash()),
        histories::completed(fixtures::card()),
    ])
}

//! The log as it stands: every event of the stream, read past the views, checked and folded order by order.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::{StreamExt as _, stream::BoxStream};
use ordertrace_domain::{
    EventFeed as _, FeedError, FeedItem, History, Order, OrderId, OrderState, Position,
    RecordedEvent, Sequence, StoredEvent, Timestamp, evolve,
};
use ordertrace_nats::{
    ConnectOptions, Connection, JetStreamFeed, Topology, TopologyOptions, managed::Endpoint,
};
use tokio::time::{Instant, timeout_at};

/// A connection of the test's own.
pub(crate) struct LogReader {
    pub(crate) connection: Connection,
    feed: JetStreamFeed,
}

/// The log as it grows.
pub(crate) struct Follower {
    log: Log,
    feed: BoxStream<'static, Result<FeedItem, FeedError>>,
}

/// The log up to a position.
pub(crate) struct Log {
    pub(crate) head: Position,
    pub(crate) orders: HashMap<OrderId, ToldOrder>,
    /// Whose event stands at a sequence, and which of that order's.
    places: HashMap<Sequence, (OrderId, u64)>,
}

/// An order as its events tell it.
pub(crate) struct ToldOrder {
    pub(crate) id: OrderId,
    pub(crate) order: Order,
    history: History,
    recorded_at: Vec<Timestamp>,
}

/// The time by this machine's clock, which is the log's as well: its server runs here.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
}

impl LogReader {
    /// Reads the log of the nats-server that runs on a data folder.
    pub(crate) async fn of_server(server: &Endpoint) -> Self {
        Self::of_url(&server.client_url).await
    }

    /// Reads the log of this nats-server.
    pub(crate) async fn of_url(url: &str) -> Self {
        Self::of(&[url.to_owned()], TopologyOptions::SINGLE).await
    }

    /// Reads the log that three servers keep.
    pub(crate) async fn of_cluster(urls: &[String]) -> Self {
        Self::of(urls, TopologyOptions::REPLICATED).await
    }

    async fn of(urls: &[String], options: TopologyOptions) -> Self {
        let connection = Connection::open(ConnectOptions::new(urls, "test"));
        let connection = connection.await.unwrap();
        let topology = Topology::new(options);
        let incarnation = topology.verify(&connection).await.unwrap();
        let feed = JetStreamFeed::new(&connection, connection.watch(incarnation));
        Self { connection, feed }
    }

    /// The log from its first event on.
    pub(crate) fn follow(&self) -> Follower {
        Follower {
            log: Log::empty(&self.feed),
            feed: self.feed.follow(Sequence::START),
        }
    }

    /// Everything that is in the log now.
    pub(crate) async fn read(&self) -> Log {
        self.read_until(Duration::from_secs(60), |_| true).await
    }

    /// Everything that is in the log now, and what comes until `done`, within the bound.
    pub(crate) async fn read_until(&self, bound: Duration, done: impl Fn(&Log) -> bool) -> Log {
        let deadline = Instant::now() + bound;
        let head = self.feed.head().await.unwrap();
        let mut follower = self.follow();
        while follower.log.head.sequence < head || !done(&follower.log) {
            if timeout_at(deadline, follower.next()).await.is_err() {
                panic!("waited {bound:?} in vain:\n{}", follower.log.unsettled());
            }
        }
        follower.log
    }
}

impl Follower {
    /// Waits for the next event, and gives the order that it is of, up to it.
    pub(crate) async fn next(&mut self) -> &ToldOrder {
        match self.feed.next().await.unwrap().unwrap() {
            FeedItem::Event(recorded) => self.log.push(&recorded),
            FeedItem::Unreadable(unreadable) => panic!("{unreadable:?}"),
        }
    }
}

impl Log {
    fn empty(feed: &JetStreamFeed) -> Self {
        Self {
            head: Position {
                incarnation: feed.incarnation(),
                sequence: Sequence::START,
            },
            orders: HashMap::new(),
            places: HashMap::new(),
        }
    }

    fn push(&mut self, recorded: &RecordedEvent) -> &ToldOrder {
        let (sequence, id) = (recorded.event.sequence, recorded.event.envelope.order_id);
        let told = self.orders.remove(&id);
        let told = ToldOrder::after(told, id, recorded);
        self.places.insert(sequence, (id, told.order.version.get()));
        self.head.sequence = sequence;
        self.orders.entry(id).or_insert(told)
    }

    /// Whose event stands at a position, and which of that order's.
    pub(crate) fn at(&self, position: &str) -> Option<(String, u64)> {
        let position = Position::parse(position).ok()?;
        assert_eq!(position.incarnation, self.head.incarnation);
        let (id, version) = self.places.get(&position.sequence)?;
        Some((id.to_string(), *version))
    }

    /// The order of this id.
    #[track_caller]
    pub(crate) fn order(&self, id: &str) -> &ToldOrder {
        match self.orders.get(&OrderId::parse(id).unwrap()) {
            Some(told) => told,
            None => panic!("order {id} is not in the log"),
        }
    }

    /// Whether no order is on its way: each has ended, or waits for somebody outside.
    pub(crate) fn is_settled(&self) -> bool {
        self.orders.values().all(ToldOrder::is_settled)
    }

    fn unsettled(&self) -> String {
        let unsettled = self.orders.values().filter(|told| !told.is_settled());
        let lines = unsettled.map(|told| format!("{} {:?}\n", told.id, told.event_names()));
        lines.collect()
    }
}

impl ToldOrder {
    /// The order after one more event, which has to follow: no version left out or doubled, the hash chain whole.
    fn after(before: Option<Self>, id: OrderId, recorded: &RecordedEvent) -> Self {
        let (state, mut history, mut recorded_at) = match before {
            None => (OrderState::Absent, History::empty(id), Vec::new()),
            Some(told) => {
                let state = OrderState::Placed(Box::new(told.order));
                (state, told.history, told.recorded_at)
            }
        };
        history.push(recorded.event.clone()).unwrap();
        recorded_at.push(recorded.recorded_at);
        let state = evolve(state, &recorded.event.envelope.event);
        Self {
            id,
            order: state.order().unwrap().clone(),
            history,
            recorded_at,
        }
    }

    /// The names of its events, first to last.
    pub(crate) fn event_names(&self) -> Vec<&'static str> {
        let events = self.history.events().iter();
        events
            .map(|event| event.envelope.event.event_type().name)
            .collect()
    }

    /// The names of its events with the times at which the log recorded them.
    pub(crate) fn story(&self) -> impl Iterator<Item = (&'static str, Timestamp)> {
        self.event_names().into_iter().zip(self.recorded_at.clone())
    }

    /// Where its first event of this name stands.
    pub(crate) fn place_of(&self, name: &str) -> Option<Sequence> {
        let index = self.event_names().iter().position(|event| *event == name)?;
        Some(self.history.events()[index].sequence)
    }

    /// Its last event.
    pub(crate) fn last_event(&self) -> &StoredEvent {
        self.history.events().last().unwrap()
    }

    /// Its events, first to last.
    pub(crate) fn events(&self) -> &[Arc<StoredEvent>] {
        self.history.events()
    }

    /// Where its last event stands.
    pub(crate) fn last_place(&self) -> Sequence {
        self.history.last_sequence()
    }

    /// When the log recorded its first event, and when its last.
    pub(crate) fn recorded(&self) -> (Timestamp, Timestamp) {
        (self.recorded_at[0], *self.recorded_at.last().unwrap())
    }

    fn is_settled(&self) -> bool {
        let state = ordertrace_http::trace_state(&self.order);
        let waits_for_cash =
            !self.order.placed.payment_method.is_card() && state == "payment_requested";
        self.order.phase.has_ended() || waits_for_cash || state == "delivery_started"
    }
}

//! Long logs made from a seed: many orders at once, each on one of the ways an order can take, and now and then a message
//! that no program of ours writes.

use ordertrace_domain::{
    CancellationCause, Event, RejectionCause,
    testing::fixtures::{self, events, histories},
};

use crate::feed::{Feed, Tip};

/// Numbers that are the same for the same seed (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).unwrap()
    }
}

/// The ways an order can take.
pub(crate) fn ways() -> Vec<Vec<Event>> {
    let with = |mut history: Vec<Event>, more: Vec<Event>| {
        history.extend(more);
        history
    };
    let cancelled = events::order_cancelled(CancellationCause::Requested);
    vec![
        histories::completed(fixtures::cash()),
        histories::completed(fixtures::card()),
        histories::requested(fixtures::cash()),
        histories::placed(fixtures::card()),
        with(
            histories::submitted(fixtures::card()),
            vec![
                events::payment_declined(),
                events::order_rejected(RejectionCause::PaymentDeclined),
            ],
        ),
        with(
            histories::approved(fixtures::cash()),
            vec![
                events::cancellation_requested(),
                events::refund_requested(1),
                events::payment_refunded(1),
                cancelled,
            ],
        ),
    ]
}

struct Order {
    number: u64,
    tip: Tip,
    left: std::vec::IntoIter<Event>,
}

/// How many orders are under way at once.
const OPEN_ORDERS: usize = 40;

/// A log of `count` messages. About one in a hundred does not belong there.
pub(crate) fn feed_of(seed: u64, count: u64) -> Feed {
    let (feed, mut dice, ways) = (Feed::new(), Dice::new(seed), ways());
    let mut open: Vec<Order> = Vec::new();
    let mut last_payload = Vec::new();
    let mut orders = 0;
    while feed.head_now().sequence.get() < count {
        if open.len() < OPEN_ORDERS {
            let left = ways[dice.below(ways.len())].clone().into_iter();
            let (number, tip) = (orders, Tip::NONE);
            open.push(Order { number, tip, left });
            orders += 1;
        }
        let at = dice.below(open.len());
        let Some(event) = open[at].left.next() else {
            open.swap_remove(at);
            continue;
        };
        let order = &mut open[at];
        let draft = crate::feed::draft(order.number, order.tip, event);
        order.tip = Tip {
            version: draft.envelope.version,
            hash: draft.hash,
        };
        match dice.below(300) {
            0 => drop(feed.write_stray()),
            1 => drop(feed.write(order.number, b"no envelope")),
            // A version is left out: what follows does not follow.
            2 => {}
            3 => drop(feed.write(order.number, &last_payload)),
            _ => drop(feed.write(order.number, &draft.payload)),
        }
        last_payload = draft.payload;
    }
    feed
}

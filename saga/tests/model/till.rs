//! The payment provider as it really is: what it was asked for and what it did, whether anybody heard of it or not.
//!
//! Invariant: it behaves as Stripe does. A key makes one intent as long as it is remembered; an intent that has
//! succeeded or was cancelled never changes; one that was refused can be confirmed again until it is cancelled.

/// What the customer's card is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Card {
    Good,
    /// Refused at every confirmation.
    Declined,
    /// Refused at the first confirmation of an intent; the customer's bank would agree to a second one.
    DeclinedAtFirst,
    /// The provider won't even make an intent for it.
    Unknown,
}

/// How an intent stands at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Standing {
    Unconfirmed,
    /// Refused, but open to another confirmation.
    Refused,
    Succeeded,
    /// Called off; `refused` if a confirmation had been refused before.
    Cancelled {
        refused: bool,
    },
}

impl Standing {
    /// Whether a confirmation that arrives now would charge it.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Unconfirmed | Self::Refused)
    }
}

/// One request over the wire. Intents go by their place among the order's intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Request {
    /// Make an intent; with a key that was never used, a new one.
    Create {
        anew: bool,
    },
    Confirm(u8),
    Get(u8),
    Cancel(u8),
    ListRefunds(u8),
    /// Give the money back, under the key of this attempt.
    Refund {
        intent: u8,
        attempt: u8,
    },
}

impl Request {
    /// Whether it makes a difference at the provider when it is carried out.
    pub(crate) const fn changes_something(self) -> bool {
        !matches!(self, Self::Get(_) | Self::ListRefunds(_))
    }
}

/// What comes back over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reply {
    Made(u8),
    CardUnknown,
    Stands(Standing),
    /// It is still being worked on.
    Pending,
    Refunds {
        any: bool,
    },
    Refunded,
    RefundRefused,
    AlreadyRefunded,
}

/// More intents than this an order never has: one, and one more when the provider forgot a key.
pub(crate) const INTENTS_MAX: usize = 2;

/// One order's account with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Till {
    card: Card,
    /// It gives the money back as often as it is asked under a new key, as localstripe does.
    is_careless: bool,
    pub(crate) intents: [Option<Standing>; INTENTS_MAX],
    /// For each intent, a bit for each attempt whose refund was made.
    refunds: [u8; INTENTS_MAX],
}

impl Till {
    pub(crate) const fn new(card: Card, is_careless: bool) -> Self {
        Self {
            card,
            is_careless,
            intents: [None; INTENTS_MAX],
            refunds: [0; INTENTS_MAX],
        }
    }

    /// How many intents were charged.
    pub(crate) fn captures(&self) -> u32 {
        let charged = self.intents.iter().flatten();
        charged
            .filter(|it| **it == Standing::Succeeded)
            .map(|_| 1)
            .sum()
    }

    /// How often money went back.
    pub(crate) fn refunds(&self) -> u32 {
        self.refunds.iter().map(|made| made.count_ones()).sum()
    }

    /// Whether it has said that there will be no charge: it refused the card, or called an intent off.
    pub(crate) fn has_closed(&self) -> bool {
        let is_closed =
            |it: &Standing| matches!(it, Standing::Refused | Standing::Cancelled { .. });
        self.card == Card::Unknown || self.intents.iter().flatten().any(is_closed)
    }

    pub(crate) fn standing(&self, intent: u8) -> Option<Standing> {
        self.intents[usize::from(intent)]
    }

    /// Carries a request out.
    pub(crate) fn act(&mut self, request: Request) -> Reply {
        match request {
            Request::Create { anew } => self.create(anew),
            Request::Confirm(intent) => {
                self.change(intent, |card, standing| match (standing, card) {
                    (Standing::Unconfirmed, Card::Good) => Standing::Succeeded,
                    (Standing::Refused, Card::DeclinedAtFirst) => Standing::Succeeded,
                    (Standing::Unconfirmed, _) => Standing::Refused,
                    (Standing::Refused | Standing::Succeeded | Standing::Cancelled { .. }, _) => {
                        standing
                    }
                })
            }
            Request::Get(intent) => self.change(intent, |_, standing| standing),
            Request::Cancel(intent) => self.change(intent, |_, standing| match standing {
                Standing::Unconfirmed => Standing::Cancelled { refused: false },
                Standing::Refused => Standing::Cancelled { refused: true },
                Standing::Succeeded | Standing::Cancelled { .. } => standing,
            }),
            Request::ListRefunds(intent) => Reply::Refunds {
                any: self.refunds[usize::from(intent)] > 0,
            },
            Request::Refund { intent, attempt } => self.refund(intent, attempt),
        }
    }

    fn create(&mut self, anew: bool) -> Reply {
        if self.card == Card::Unknown {
            return Reply::CardUnknown;
        }
        let made = self.intents.iter().flatten().count();
        if made == 0 || (anew && made < INTENTS_MAX) {
            self.intents[made] = Some(Standing::Unconfirmed);
        }
        let last = self.intents.iter().flatten().count().saturating_sub(1);
        Reply::Made(u8::try_from(last).unwrap_or(u8::MAX))
    }

    fn change(&mut self, intent: u8, change: impl Fn(Card, Standing) -> Standing) -> Reply {
        let place = &mut self.intents[usize::from(intent)];
        let standing = place.map_or(Standing::Unconfirmed, |it| change(self.card, it));
        *place = Some(standing);
        Reply::Stands(standing)
    }

    fn refund(&mut self, intent: u8, attempt: u8) -> Reply {
        let (place, key) = (usize::from(intent), 1 << attempt);
        let made = self.refunds[place];
        if self.intents[place] != Some(Standing::Succeeded) {
            return Reply::RefundRefused;
        }
        if made != 0 && made & key == 0 && !self.is_careless {
            return Reply::AlreadyRefunded;
        }
        self.refunds[place] |= key;
        Reply::Refunded
    }
}

//! What becomes of the orders of the shop in the pictures.

/// What the shop sells: number, name, price in cents.
pub(super) const GOODS: [(u32, &str, i64); 9] = [
    (101, "Espresso beans, 1 kg", 1_850),
    (102, "Filter roast, 500 g", 1_120),
    (110, "Decaf beans, 500 g", 1_240),
    (204, "Paper filters, 100", 420),
    (207, "Pour-over kettle", 6_900),
    (212, "Burr grinder", 12_900),
    (215, "Moka pot, 6 cups", 3_450),
    (301, "Oat drink, 6 × 1 l", 1_314),
    (318, "Porcelain cup", 980),
];

/// The simulated provider carries out what is asked for this amount, and its answers get lost, once each.
const ANSWERS_GET_LOST: i64 = 50_400;

/// The simulated provider declines this amount.
const DECLINED: i64 = 40_200;

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Unpaid,
    PaidByCard,
    OnTheWay,
    NobodyHome,
    Delivered,
    Declined,
    CancelledUnpaid,
    CancelledOnTheWay,
    NeverHandedOver,
    OutcomeUnknown,
    RefundStuck,
    Quarantined,
}

/// What is done to an order from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Place,
    Pay,
    Fail,
    Start,
    Complete,
    Cancel,
    /// An operator has the saga look at it again.
    Resume,
    /// Somebody writes into its history past the program.
    Damage,
}

/// How many minutes after the act before, what is done, and the state that the order comes to by it.
type Acts = &'static [(i64, Act, &'static str)];

impl Fate {
    /// That of the order of this number; most of them go well.
    pub(super) fn of(number: usize) -> Self {
        match number {
            2 | 23 => Self::CancelledUnpaid,
            6 | 39 => Self::CancelledOnTheWay,
            9 | 33 => Self::Declined,
            15 => Self::RefundStuck,
            18 => Self::NeverHandedOver,
            19 => Self::OutcomeUnknown,
            17 | 24 | 27 | 32 | 38 => Self::PaidByCard,
            21 | 26 | 31 | 35 => Self::OnTheWay,
            28 => Self::Quarantined,
            30 | 37 => Self::NobodyHome,
            36 | 40 | 41 => Self::Unpaid,
            _ => Self::Delivered,
        }
    }

    /// What the card is charged, if it is by card.
    pub(super) fn card_cost(self, price: i64) -> Option<i64> {
        match self {
            Self::PaidByCard => Some(price),
            Self::Declined => Some(DECLINED),
            Self::OutcomeUnknown | Self::RefundStuck => Some(ANSWERS_GET_LOST),
            Self::Unpaid
            | Self::OnTheWay
            | Self::NobodyHome
            | Self::Delivered
            | Self::CancelledUnpaid
            | Self::CancelledOnTheWay
            | Self::NeverHandedOver
            | Self::Quarantined => None,
        }
    }

    /// How it comes about.
    pub(super) fn acts(self) -> Acts {
        const PLACED: (i64, Act, &str) = (0, Act::Place, "payment_requested");
        const PAID: (i64, Act, &str) = (4, Act::Pay, "delivery_started");
        match self {
            Self::Unpaid => &[PLACED],
            Self::PaidByCard => &[(0, Act::Place, "delivery_started")],
            Self::OnTheWay => &[PLACED, PAID],
            Self::NobodyHome => &[PLACED, PAID, (47, Act::Fail, "delivery_failed")],
            Self::Delivered => &[PLACED, PAID, (38, Act::Complete, "completed")],
            Self::Declined => &[(0, Act::Place, "rejected")],
            Self::CancelledUnpaid => &[PLACED, (9, Act::Cancel, "cancelled")],
            Self::CancelledOnTheWay => &[PLACED, PAID, (15, Act::Cancel, "cancelled")],
            Self::NeverHandedOver => &[
                PLACED,
                PAID,
                (47, Act::Fail, "delivery_failed"),
                (63, Act::Start, "delivery_started"),
                (31, Act::Fail, "delivery_failed"),
                (75, Act::Start, "delivery_started"),
                (28, Act::Fail, "cancelled"),
            ],
            Self::OutcomeUnknown => &[(0, Act::Place, "payment_unknown")],
            Self::RefundStuck => &[
                (0, Act::Place, "payment_unknown"),
                (12, Act::Resume, "delivery_started"),
                (26, Act::Cancel, "refund_failed"),
            ],
            Self::Quarantined => &[PLACED, (5, Act::Damage, "payment_requested")],
        }
    }
}

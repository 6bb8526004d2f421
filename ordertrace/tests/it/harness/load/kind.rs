//! The kinds of orders: what is asked for each, and where it ends.

/// What becomes of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unpaid,
    Paid,
    Delivered,
    CancelledUnpaid,
    CancelledOnTheWay,
    Card,
    CardDeclined,
    CardLostRequest,
    CardLostAnswer,
    CardCancelled,
}

/// One request of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Place,
    Pay,
    Deliver,
    Cancel,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Unpaid,
        Self::Card,
        Self::Paid,
        Self::CancelledUnpaid,
        Self::CardLostRequest,
        Self::Delivered,
        Self::CardCancelled,
        Self::CardDeclined,
        Self::CancelledOnTheWay,
        Self::CardLostAnswer,
    ];

    /// What a client does, in turn.
    pub(super) const fn steps(self) -> &'static [Step] {
        match self {
            Self::Unpaid | Self::Card | Self::CardDeclined => &[Step::Place],
            Self::CardLostRequest | Self::CardLostAnswer => &[Step::Place],
            Self::Paid => &[Step::Place, Step::Pay],
            Self::Delivered => &[Step::Place, Step::Pay, Step::Deliver],
            Self::CancelledUnpaid | Self::CardCancelled => &[Step::Place, Step::Cancel],
            Self::CancelledOnTheWay => &[Step::Place, Step::Pay, Step::Cancel],
        }
    }

    /// The state in which its order is left in the end.
    pub(crate) const fn end(self) -> &'static str {
        match self {
            Self::Unpaid => "payment_requested",
            Self::Paid | Self::Card | Self::CardLostRequest | Self::CardLostAnswer => {
                "delivery_started"
            }
            Self::Delivered => "completed",
            Self::CancelledUnpaid | Self::CancelledOnTheWay | Self::CardCancelled => "cancelled",
            Self::CardDeclined => "rejected",
        }
    }

    /// What it costs; the simulated payment provider goes by it.
    pub(crate) const fn cost(self) -> i64 {
        match self {
            Self::CardDeclined => 40_200,
            Self::CardLostRequest => 50_300,
            Self::CardLostAnswer => 50_400,
            _ => 1_000,
        }
    }

    /// What the provider has of it in the end. An order that is cancelled on the way may have been charged before, or not.
    pub(crate) const fn kept(self) -> i64 {
        match self {
            Self::Card | Self::CardLostRequest | Self::CardLostAnswer => self.cost(),
            Self::Unpaid
            | Self::Paid
            | Self::Delivered
            | Self::CancelledUnpaid
            | Self::CancelledOnTheWay
            | Self::CardDeclined
            | Self::CardCancelled => 0,
        }
    }

    /// Whether it is paid by card.
    pub(crate) const fn is_card(self) -> bool {
        matches!(
            self,
            Self::Card
                | Self::CardDeclined
                | Self::CardLostRequest
                | Self::CardLostAnswer
                | Self::CardCancelled
        )
    }
}

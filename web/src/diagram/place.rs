//! Where each state stands.
//!
//! Three columns: trouble with the payment on the left, the way down to a completed order in the middle, what goes wrong
//! with the delivery and its undoing on the right. Undoing climbs back up, to `cancelled` at the top.

/// How wide and how high the drawing is, in its own units: CSS pixels at full size.
pub(super) const SIZE: (i32, i32) = (600, 530);

/// A box's width and height.
pub(super) const BOX: (i32, i32) = (132, 36);

/// What kind of state it is. Told by shape and by a sign, too, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On the way to a completed order.
    Flow,
    /// Something went wrong, and somebody or something is to mend it.
    Trouble,
    /// What was done is being taken back.
    Undoing,
    /// The end, as hoped for.
    Done,
    /// The end, without goods or money.
    Void,
}

impl Kind {
    /// The name of its CSS class.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Trouble => "trouble",
            Self::Undoing => "undoing",
            Self::Done => "done",
            Self::Void => "void",
        }
    }

    /// Whether it is an end.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Done | Self::Void)
    }
}

/// A state's place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) state: &'static str,
    pub(super) kind: Kind,
    /// The middle of its box.
    pub(super) at: (i32, i32),
}

/// The middle of the left, the centre and the right column.
pub(super) const LEFT: i32 = 98;
/// The centre column.
pub(super) const MAIN: i32 = 294;
/// The right column.
pub(super) const RIGHT: i32 = 486;

/// The middle of a row, from the top.
pub(super) const fn row(number: i32) -> i32 {
    34 + 66 * number
}

const fn place(state: &'static str, kind: Kind, column: i32, number: i32) -> Place {
    Place {
        state,
        kind,
        at: (column, row(number)),
    }
}

/// Every state there is, once.
pub(super) const PLACES: [Place; 19] = [
    place("placed", Kind::Flow, MAIN, 0),
    place("payment_requested", Kind::Flow, MAIN, 1),
    place("payment_submitted", Kind::Flow, MAIN, 2),
    place("payment_approved", Kind::Flow, MAIN, 3),
    place("delivery_prepared", Kind::Flow, MAIN, 4),
    place("delivery_started", Kind::Flow, MAIN, 5),
    place("delivered", Kind::Flow, MAIN, 6),
    place("completed", Kind::Done, MAIN, 7),
    place("payment_unknown", Kind::Trouble, LEFT, 2),
    place("payment_declined", Kind::Trouble, LEFT, 3),
    place("payment_expired", Kind::Trouble, LEFT, 4),
    place("rejected", Kind::Void, LEFT, 5),
    place("delivery_failed", Kind::Trouble, RIGHT, 6),
    place("delivery_cancelled", Kind::Undoing, RIGHT, 5),
    place("cancelling", Kind::Undoing, RIGHT, 4),
    place("refund_requested", Kind::Undoing, RIGHT, 3),
    place("refund_failed", Kind::Trouble, RIGHT, 2),
    place("refunded", Kind::Undoing, RIGHT, 1),
    place("cancelled", Kind::Void, RIGHT, 0),
];

//! The steps by which an order comes to be cancelled, from wherever it is.

use super::{CANCEL, L0, M1, OUTER_CANCEL, OUTER_NEAR, R0, R1, REFUNDED, Step, bottom, step, top};
use crate::diagram::place::{RIGHT, row};

pub(super) const STEPS: [Step; 14] = [
    // Cancelling, from the middle.
    step(
        "placed",
        "cancelling",
        &[
            (M1, row(0)),
            (CANCEL, row(0)),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    step(
        "payment_requested",
        "cancelling",
        &[
            (M1, row(1)),
            (CANCEL, row(1)),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    step(
        "payment_submitted",
        "cancelling",
        &[
            (M1, row(2)),
            (CANCEL, row(2)),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    step(
        "payment_approved",
        "cancelling",
        &[
            (M1, row(3)),
            (CANCEL, row(3)),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    step(
        "delivery_prepared",
        "cancelling",
        &[(M1, row(4)), (R0, row(4))],
    ),
    step(
        "delivery_started",
        "cancelling",
        &[
            (M1, row(5) - 10),
            (CANCEL, row(5) - 10),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    // Cancelling, from the left: below the expired payment, and across.
    step(
        "payment_unknown",
        "cancelling",
        &[
            (L0, row(2)),
            (OUTER_CANCEL, row(2)),
            (OUTER_CANCEL, row(4) + 28),
            (CANCEL, row(4) + 28),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    step(
        "payment_declined",
        "cancelling",
        &[
            (L0, row(3) - 8),
            (OUTER_CANCEL, row(3) - 8),
            (OUTER_CANCEL, row(4) + 28),
            (CANCEL, row(4) + 28),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    step(
        "payment_expired",
        "cancelling",
        &[
            (L0, row(4)),
            (OUTER_CANCEL, row(4)),
            (OUTER_CANCEL, row(4) + 28),
            (CANCEL, row(4) + 28),
            (CANCEL, row(4)),
            (R0, row(4)),
        ],
    ),
    // Cancelling, from the right.
    step(
        "delivery_cancelled",
        "cancelling",
        &[(RIGHT, top(5)), (RIGHT, bottom(4))],
    ),
    step(
        "delivery_failed",
        "cancelling",
        &[
            (R1, row(6)),
            (OUTER_NEAR, row(6)),
            (OUTER_NEAR, row(4) + 8),
            (R1, row(4) + 8),
        ],
    ),
    step(
        "refund_requested",
        "cancelling",
        &[(500, bottom(3)), (500, top(4))],
    ),
    step(
        "refunded",
        "cancelling",
        &[
            (R0, row(1)),
            (REFUNDED, row(1)),
            (REFUNDED, row(4) - 10),
            (R0, row(4) - 10),
        ],
    ),
    step(
        "cancelling",
        "cancelling",
        &[
            (430, top(4)),
            (430, top(4) - 10),
            (450, top(4) - 10),
            (450, top(4)),
        ],
    ),
];

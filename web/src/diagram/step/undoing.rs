//! What goes wrong with the delivery, and how the goods and the money come back.

use super::{
    CALL_BACK, CANCEL, M1, OUTER_FAR, OUTER_MIDDLE, OUTER_NEAR, R0, R1, Step, bottom, step, top,
};
use crate::diagram::place::{RIGHT, row};

pub(super) const STEPS: [Step; 14] = [
    // The delivery in trouble.
    step(
        "delivery_started",
        "delivery_failed",
        &[
            (330, bottom(5)),
            (330, row(5) + 40),
            (CALL_BACK, row(5) + 40),
            (CALL_BACK, row(6)),
            (R0, row(6)),
        ],
    ),
    step(
        "delivery_failed",
        "delivery_started",
        &[
            (442, top(6)),
            (442, row(5) + 28),
            (CANCEL, row(5) + 28),
            (CANCEL, row(5) + 10),
            (M1, row(5) + 10),
        ],
    ),
    step(
        "delivery_failed",
        "delivery_cancelled",
        &[(RIGHT, top(6)), (RIGHT, bottom(5))],
    ),
    step(
        "delivery_prepared",
        "delivery_cancelled",
        &[
            (M1, row(4) + 10),
            (CALL_BACK, row(4) + 10),
            (CALL_BACK, row(5)),
            (R0, row(5)),
        ],
    ),
    step(
        "delivery_started",
        "delivery_cancelled",
        &[(M1, row(5)), (R0, row(5))],
    ),
    // The money back.
    step(
        "delivery_cancelled",
        "refund_requested",
        &[
            (R1, row(5)),
            (OUTER_FAR, row(5)),
            (OUTER_FAR, row(3) + 8),
            (R1, row(3) + 8),
        ],
    ),
    step(
        "cancelling",
        "refund_requested",
        &[(472, top(4)), (472, bottom(3))],
    ),
    step(
        "refund_requested",
        "refund_failed",
        &[(472, top(3)), (472, bottom(2))],
    ),
    step(
        "refund_failed",
        "refund_requested",
        &[(500, bottom(2)), (500, top(3))],
    ),
    step(
        "refund_failed",
        "refund_failed",
        &[
            (430, top(2)),
            (430, top(2) - 10),
            (450, top(2) - 10),
            (450, top(2)),
        ],
    ),
    step(
        "refund_requested",
        "refund_requested",
        &[
            (430, top(3)),
            (430, top(3) - 10),
            (450, top(3) - 10),
            (450, top(3)),
        ],
    ),
    step(
        "refund_requested",
        "refunded",
        &[
            (R1, row(3) - 8),
            (OUTER_NEAR, row(3) - 8),
            (OUTER_NEAR, row(1)),
            (R1, row(1)),
        ],
    ),
    step(
        "refunded",
        "cancelled",
        &[(RIGHT, top(1)), (RIGHT, bottom(0))],
    ),
    step(
        "cancelling",
        "cancelled",
        &[
            (R1, row(4) - 8),
            (OUTER_MIDDLE, row(4) - 8),
            (OUTER_MIDDLE, row(0)),
            (R1, row(0)),
        ],
    ),
];

//! From the order to its completion, and what may go wrong with the payment on the way.

use super::{APPROVE, L0, L1, M0, OUTER_REJECT, REFUSE, Step, bottom, step, top};
use crate::diagram::place::{LEFT, MAIN, row};

pub(super) const STEPS: [Step; 20] = [
    // Down the middle.
    step(
        "placed",
        "payment_requested",
        &[(MAIN, bottom(0)), (MAIN, top(1))],
    ),
    step(
        "payment_requested",
        "payment_submitted",
        &[(MAIN, bottom(1)), (MAIN, top(2))],
    ),
    step(
        "payment_submitted",
        "payment_approved",
        &[(MAIN, bottom(2)), (MAIN, top(3))],
    ),
    step(
        "payment_approved",
        "delivery_prepared",
        &[(MAIN, bottom(3)), (MAIN, top(4))],
    ),
    step(
        "delivery_prepared",
        "delivery_started",
        &[(MAIN, bottom(4)), (MAIN, top(5))],
    ),
    step(
        "delivery_started",
        "delivered",
        &[(MAIN, bottom(5)), (MAIN, top(6))],
    ),
    step(
        "delivered",
        "completed",
        &[(MAIN, bottom(6)), (MAIN, top(7))],
    ),
    // Approved without the provider, or after its silence.
    step(
        "payment_requested",
        "payment_approved",
        &[
            (M0, row(1) + 8),
            (APPROVE, row(1) + 8),
            (APPROVE, row(3)),
            (M0, row(3)),
        ],
    ),
    step(
        "payment_unknown",
        "payment_approved",
        &[
            (L1, row(2)),
            (APPROVE, row(2)),
            (APPROVE, row(3)),
            (M0, row(3)),
        ],
    ),
    // The payment in trouble.
    step(
        "payment_submitted",
        "payment_unknown",
        &[(M0, row(2) - 10), (L1, row(2) - 10)],
    ),
    step(
        "payment_unknown",
        "payment_unknown",
        &[
            (46, top(2)),
            (46, top(2) - 10),
            (66, top(2) - 10),
            (66, top(2)),
        ],
    ),
    step(
        "payment_requested",
        "payment_declined",
        &[
            (M0, row(1) - 8),
            (REFUSE, row(1) - 8),
            (REFUSE, row(3)),
            (L1, row(3)),
        ],
    ),
    step(
        "payment_requested",
        "payment_expired",
        &[
            (M0, row(1) - 8),
            (REFUSE, row(1) - 8),
            (REFUSE, row(4)),
            (L1, row(4)),
        ],
    ),
    step(
        "payment_submitted",
        "payment_declined",
        &[
            (M0, row(2) + 10),
            (REFUSE, row(2) + 10),
            (REFUSE, row(3)),
            (L1, row(3)),
        ],
    ),
    step(
        "payment_submitted",
        "payment_expired",
        &[
            (M0, row(2) + 10),
            (REFUSE, row(2) + 10),
            (REFUSE, row(4)),
            (L1, row(4)),
        ],
    ),
    step(
        "payment_unknown",
        "payment_declined",
        &[(LEFT, bottom(2)), (LEFT, top(3))],
    ),
    step(
        "payment_unknown",
        "payment_expired",
        &[
            (L1, row(2) + 10),
            (REFUSE, row(2) + 10),
            (REFUSE, row(4)),
            (L1, row(4)),
        ],
    ),
    // Rejected.
    step(
        "payment_declined",
        "rejected",
        &[
            (L0, row(3) + 8),
            (OUTER_REJECT, row(3) + 8),
            (OUTER_REJECT, row(5)),
            (L0, row(5)),
        ],
    ),
    step(
        "payment_expired",
        "rejected",
        &[(LEFT, bottom(4)), (LEFT, top(5))],
    ),
    step(
        "cancelling",
        "rejected",
        &[
            (442, bottom(4)),
            (442, row(4) + 38),
            (128, row(4) + 38),
            (128, top(5)),
        ],
    ),
];

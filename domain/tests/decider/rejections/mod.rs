//! Every rejection there is, with an order and a command that lead to it.

mod rows;

use ordertrace_domain::{Rejection, decide, fold, testing::given};

use rows::{Row, delivery_rows, order_rows, payment_rows, refund_rows, unplaced_rows};

/// Lists the rejections, in a way that does not compile when one is left out.
macro_rules! every_rejection {
    ($($name:ident),+ $(,)?) => {
        const EVERY_REJECTION: &[Rejection] = &[$(Rejection::$name),+];

        const _: fn(Rejection) = |rejection| match rejection {
            $(Rejection::$name => (),)+
        };
    };
}

every_rejection![
    OrderNotFound,
    OrderAlreadyPlaced,
    OrderBeingCancelled,
    OrderAlreadyCancelled,
    OrderAlreadyRejected,
    OrderAlreadyCompleted,
    CancellationNotRequested,
    PaymentNotSettled,
    DeliveryNotSettled,
    PaymentNotRefused,
    PaymentNotRequested,
    PaymentNotByCard,
    PaymentNotSubmitted,
    PaymentHeldByProvider,
    ProviderReferenceMismatch,
    PaymentAlreadyApproved,
    PaymentNotApproved,
    PaymentClosed,
    RefundAlreadyRequested,
    RefundNotRequested,
    DeliveryNotPrepared,
    DeliveryAlreadyStarted,
    DeliveryNotStarted,
    NotDelivered,
    AlreadyDelivered,
    DeliveryAlreadyCancelled,
    DeliveryAttemptsExhausted,
];

fn rows() -> Vec<Row> {
    [
        unplaced_rows(),
        order_rows(),
        payment_rows(),
        refund_rows(),
        delivery_rows(),
    ]
    .concat()
}

#[test]
fn each_command_is_rejected_for_the_reason_stated() {
    for (history, command, rejection) in rows() {
        given(history).when(command).then_rejected(rejection);
    }
}

#[test]
fn every_rejection_is_exercised() {
    let rows = rows();
    for rejection in EVERY_REJECTION {
        let is_exercised = rows
            .iter()
            .any(|(history, command, _)| decide(&fold(history), command) == Err(*rejection));
        assert!(is_exercised, "no order and command lead to {rejection:?}");
    }
}

#[test]
fn no_two_rejections_read_the_same() {
    let mut texts: Vec<String> = EVERY_REJECTION.iter().map(ToString::to_string).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), EVERY_REJECTION.len());
}

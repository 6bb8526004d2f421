//! A saga process dies by SIGKILL before and after every step that it takes: each append, each timer, each call to the
//! payment provider, each acknowledgement. On every path the order ends as it should all the same.
//!
//! The saga runs behind two proxies, which name its steps. What a killed process had in hand is handed out again at once,
//! not after the queue's patience; [`failover`](crate::failover) takes the time that it takes.

mod killer;
mod path;
mod walk;

use rstest::rstest;

use path::{
    CANCELLED_MEANWHILE, CANCELLED_ON_THE_WAY, CANCELLED_UNCONFIRMED, CARD, CASH,
    CONFIRMATION_LOST, DECLINED, OVERDUE, Path, REFUND_LOST, UNDELIVERED,
};
use walk::Walk;

#[rstest]
#[case::cash(CASH)]
#[case::card(CARD)]
#[case::declined(DECLINED)]
#[case::cancelled_unconfirmed(CANCELLED_UNCONFIRMED)]
#[case::cancelled_meanwhile(CANCELLED_MEANWHILE)]
#[case::cancelled_on_the_way(CANCELLED_ON_THE_WAY)]
#[case::confirmation_lost(CONFIRMATION_LOST)]
#[case::refund_lost(REFUND_LOST)]
#[case::undelivered(UNDELIVERED)]
#[case::overdue(OVERDUE)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_ends_as_it_should_though_the_saga_dies_around_every_step(#[case] path: Path) {
    let started = std::time::Instant::now();
    let walked = Walk::prepare(path).await.go().await;
    println!(
        "{} kills around {} steps in {:?}",
        walked.kills,
        walked.steps.len(),
        started.elapsed()
    );
    let events = walked.order.event_names();
    assert_eq!(events, path.events, "{:#?}", walked.steps);
    assert_eq!(walked.order.order.phase, path.end);
    let money = (walked.money.captured, walked.money.refunded);
    assert_eq!(money, path.money, "{events:?}");
    assert!(walked.money.confirmations <= 1, "{:?}", walked.money);
    for step in path.steps {
        assert!(
            walked.steps.iter().any(|killed| killed == step),
            "the saga did not die around {step}: {:#?}",
            walked.steps
        );
    }
}

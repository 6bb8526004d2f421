//! Following the log.

use super::{args, events, order_of, place_some, sequences};
use crate::harness::{Dev, Program, signal};

/// The events on those lines that have been written to their end.
fn lines_of(stdout: &str) -> Vec<serde_json::Value> {
    let whole = stdout.rfind('\n').map_or("", |end| &stdout[..=end]);
    events(whole)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_shows_what_comes_and_says_how_to_go_on() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    place_some(&dev, 3).await;
    let words = ["tail", "--last", "2", "-o", "ndjson"];
    let mut tail = Program::start(args(&dev, &words));
    tail.said("the last two events", |stdout, _| {
        (stdout.lines().count() == 2).then_some(())
    })
    .await;
    let order = dev.api.place(order_of("Tea")).await;
    tail.said("what comes", |stdout, _| {
        (stdout.lines().count() == 4).then_some(())
    })
    .await;
    let shown = events(&tail.stdout());
    assert_eq!(sequences(&shown), [5, 6, 7, 8]);
    assert_eq!(shown[2]["orderId"], order);
    assert_eq!(shown[2]["type"], "OrderPlaced");

    signal("INT", tail.pid());
    tail.ended().await;
    assert_eq!(tail.code(), Some(130));
    let told = tail.stderr();
    assert!(told.contains("before position 9"), "{told}");
    let next = format!("--from-position={}", shown[3]["position"].as_str().unwrap());
    let next = next.replace("-8", "-9");
    assert!(
        told.contains("ordertrace audit tail ") && told.contains(&next),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_of_one_order_shows_nothing_of_others_and_ends_where_it_was_told() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let orders = place_some(&dev, 2).await;
    let words = [
        "tail",
        "--order",
        &orders[1],
        "--from-position",
        "1",
        "-o",
        "ndjson",
    ];
    let mut tail = Program::start(args(&dev, &words));
    tail.said("its events", |stdout, _| {
        (stdout.lines().count() == 2).then_some(())
    })
    .await;
    super::complete(&dev, &orders[0]).await;
    super::complete(&dev, &orders[1]).await;
    tail.said("all of its events", |stdout, _| {
        stdout.contains("OrderCompleted").then_some(())
    })
    .await;
    let shown = events(&tail.stdout());
    assert_eq!(shown.len(), 7);
    assert!(
        shown
            .iter()
            .all(|event| event["orderId"] == orders[1].as_str())
    );
    let last = ["tail", "--order", &orders[0], "--last", "2", "-o", "ndjson"];
    let mut tail = Program::start(args(&dev, &last));
    tail.said("its last two events", |stdout, _| {
        let shown = lines_of(stdout);
        let kinds: Vec<_> = shown
            .iter()
            .map(|event| event["type"].as_str().unwrap())
            .collect();
        (kinds == ["DeliveryCompleted", "OrderCompleted"]).then_some(())
    })
    .await;
    let until = [
        "tail",
        "--from-position",
        "1",
        "--to-position",
        "3",
        "-o",
        "ndjson",
    ];
    assert_eq!(
        sequences(&events(&super::said(&dev, &until).await)),
        [1, 2, 3]
    );
}

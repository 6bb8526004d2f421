//! The payment provider.

use super::{client::Client, print::Printer};

const ROWS: [(&str, &str); 6] = [
    ("breaker", "/breaker"),
    ("for (ms)", "/breakerForMs"),
    ("times opened", "/openedTotal"),
    ("last failure", "/lastFailure"),
    ("calls in flight", "/callsInFlight"),
    ("at once at most", "/callsAtOnceMax"),
];

pub(super) async fn run(client: &Client, printer: &Printer) -> anyhow::Result<()> {
    printer.one(&client.get(&["ops", "provider"]).await?, &ROWS)
}

//! The read models.

use super::{client::Client, print::Printer};

const ROWS: [(&str, &str); 11] = [
    ("position", "/views/position"),
    ("log ends at", "/views/head"),
    ("behind", "/views/behind"),
    ("ready", "/views/isReady"),
    ("stopped", "/views/halted"),
    ("orders", "/views/orders"),
    ("quarantined", "/views/quarantined"),
    ("strays", "/views/strays"),
    ("revision", "/views/revision"),
    ("digest", "/views/digest"),
    ("last rebuild", "/rebuild/state"),
];

pub(super) async fn run(client: &Client, printer: &Printer) -> anyhow::Result<()> {
    printer.one(&client.get(&["ops", "views"]).await?, &ROWS)
}

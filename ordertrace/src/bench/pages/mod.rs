//! `ordertrace bench pages`: how long a page of a filtered list takes, as a client sees it.
//!
//! Each list is walked as somebody would who looks through it: the first page, some more by its `next` link, then the same
//! with another value. After every page the same connection asks for `/livez`, which does nothing: what the machine, the
//! listener and the client take by themselves.
//!
//! Invariant: a page that is not answered with 200 ends the bench.

mod client;
mod lists;

use anyhow::Context as _;
use futures::future::try_join_all;
use indicatif::{ProgressBar, ProgressStyle};

use super::figure::{self, Figure};
use super::times::{Percentile, Times};
use crate::cli::PagesArgs;
pub(super) use client::Client;
use lists::List;

/// How many connections ask at once: one, and as many as a few people who look at lists.
const CONNECTIONS: [u32; 2] = [1, 4];

/// How many pages deep a walk goes before it begins again elsewhere.
const DEPTH_MAX: usize = 20;

/// Measures and prints.
pub(super) async fn run(args: PagesArgs) -> anyhow::Result<()> {
    let client = Client::new(&args.api)?;
    let lists = lists::of(&client).await?;
    let walks = (lists.len() * CONNECTIONS.len()) as u64 * u64::from(args.runs);
    let bar = ProgressBar::new(walks).with_style(ProgressStyle::with_template(
        "{bar:32} {pos}/{len} walks  {msg}  {eta} to go",
    )?);
    let mut figures = Vec::new();
    for list in &lists {
        for connections in CONNECTIONS {
            bar.set_message(list.name);
            let runs = runs(&args, list, connections, &bar).await;
            let runs = runs.with_context(|| format!("the list {:?}", list.name))?;
            figures.extend(
                Percentile::ALL
                    .map(|percentile| figure_of(&args, list.name, connections, percentile, &runs)),
            );
        }
    }
    bar.finish_and_clear();
    figure::print(&figures, args.output)
}

/// Pages and raw answers, run by run.
async fn runs(
    args: &PagesArgs,
    list: &List,
    connections: u32,
    bar: &ProgressBar,
) -> anyhow::Result<Vec<(Times, Times)>> {
    let mut runs = Vec::new();
    for run in 0..args.runs {
        let walks = (0..connections).map(|walker| {
            let first = (run * connections + walker) as usize;
            walk(args, list, first, args.requests / connections)
        });
        let mut both = (Times::default(), Times::default());
        for (pages, raw) in try_join_all(walks).await? {
            both.0.merge(pages);
            both.1.merge(raw);
        }
        runs.push(both);
        bar.inc(1);
    }
    Ok(runs)
}

/// One client with a connection of its own.
async fn walk(
    args: &PagesArgs,
    list: &List,
    first: usize,
    requests: u32,
) -> anyhow::Result<(Times, Times)> {
    let client = Client::new(&args.api)?;
    client.raw().await?;
    let mut starts = list.starts.iter().cycle().skip(first);
    let mut next: Option<String> = None;
    let mut depth = 0;
    let (mut pages, mut raw) = (Times::default(), Times::default());
    for _ in 0..requests {
        let path = match next.take().filter(|_| depth < DEPTH_MAX) {
            Some(path) => path,
            None => {
                depth = 0;
                starts
                    .next()
                    .context("there is nothing to ask for")?
                    .clone()
            }
        };
        let page = client.page(&path).await?;
        pages.add(page.took);
        next = page.next;
        depth += 1;
        raw.add(client.raw().await?);
    }
    Ok((pages, raw))
}

fn figure_of(
    args: &PagesArgs,
    list: &str,
    connections: u32,
    percentile: Percentile,
    runs: &[(Times, Times)],
) -> Figure {
    let ours = runs.iter().map(|(pages, _)| pages.at(percentile));
    let raw = runs.iter().map(|(_, raw)| raw.at(percentile));
    Figure::of(
        format!(
            "pages: {list}, {connections} at once, {}",
            percentile.name()
        ),
        args.topology.clone(),
        "ms",
        ours.collect(),
        raw.collect(),
    )
}

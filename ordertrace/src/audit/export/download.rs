//! A verifiable export of a part of the log. Each event in it needs a proof, which the `audit` role has: it makes the export,
//! and it is taken from there as it comes.

use std::io::Write as _;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use ordertrace_audit::SignedCheckpoint;
use ordertrace_domain::{Position, Sequence};
use reqwest::Response;
use tokio_util::sync::CancellationToken;

use super::{
    summary::Summary,
    trailer::{End, Watch},
};
use crate::{
    audit::{Failure, api::Api, file::Unfinished},
    cli::{ExportArgs, FilterArgs},
};

/// How much has come; how much there will be is not known before it is there.
const SPINNER: &str = "{spinner} {bytes}, {bytes_per_sec}";

pub(super) async fn export(
    args: &ExportArgs,
    shutdown: &CancellationToken,
) -> anyhow::Result<Summary> {
    let mut file = Unfinished::begin(&args.file, args.force)?;
    let taken = tokio::select! {
        biased;
        () = shutdown.cancelled() => Err(Failure::Interrupted(
            "before its end, and nothing was kept: a verifiable export is whole or none; the same command begins it anew".to_owned(),
        ).into()),
        taken = take(args, &mut file) => taken,
    };
    let (end, sha256) = taken?;
    let checkpoint = end.checkpoint.as_ref();
    let checkpoint = checkpoint.context("the export has no checkpoint; nothing was kept")?;
    let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
    let checkpoint = checkpoint.checkpoint();
    file.finish()?;
    let position = |number| Position {
        incarnation: checkpoint.incarnation,
        sequence: Sequence::new(number),
    };
    Ok(Summary {
        file: args.file.clone(),
        events: end.events,
        first: end.first.map(position),
        last: end.last.map(position),
        sha256,
        checkpoint: Some(format!("{} of {}", checkpoint.size, checkpoint.origin)),
    })
}

/// Takes it into the file, and looks at its end.
async fn take(args: &ExportArgs, file: &mut Unfinished) -> anyhow::Result<(End, String)> {
    let mut answer = ask(args).await?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template(SPINNER) {
        bar.set_style(style);
    }
    let mut watch = Watch::default();
    let cut_off = "the export was cut off on its way; nothing was kept";
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|_| Failure::Unreachable(cut_off.to_owned()))?
    {
        watch.take(&chunk)?;
        file.write_all(&chunk)?;
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    watch.finish()
}

async fn ask(args: &ExportArgs) -> anyhow::Result<Response> {
    let types = (!args.filter.types.is_empty()).then(|| args.filter.types.join(","));
    let query = query(&args.filter, types.as_deref());
    Api::at(&args.api)?.get(&["audit", "export"], query).await
}

/// The parameters of a filter.
fn query<'a>(
    filter: &'a FilterArgs,
    types: Option<&'a str>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let asked = [
        ("order", filter.order.as_deref()),
        ("type", types),
        ("actor", filter.actor.as_deref()),
        ("customer", filter.customer.as_deref()),
        ("from", filter.from.as_deref()),
        ("to", filter.to.as_deref()),
        ("fromPosition", filter.from_position.as_deref()),
        ("toPosition", filter.to_position.as_deref()),
    ];
    asked
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
}

//! `audit export`: events into a file, whole or not at all.

mod download;
mod sheet;
mod summary;
mod trailer;
mod whole;

use crate::{
    cli::{self, EventFormat, ExportArgs, ExportFormat},
    shutdown,
};

use super::selection::filter;

pub(super) async fn run(args: ExportArgs) -> anyhow::Result<()> {
    if args.file.as_os_str() == "-" {
        let why =
            "FILE: an export is there only when it is whole; `audit replay` prints as it reads";
        return Err(cli::wrong(why).into());
    }
    let filter = filter(&args.filter)?;
    let shutdown = shutdown::on_signal()?;
    let summary = match sheet_format(args.output) {
        Some(format) => sheet::export(&args, filter, format, &shutdown).await?,
        None if filter.is_all() => whole::export(&args, &shutdown).await?,
        None => download::export(&args, &shutdown).await?,
    };
    summary.print()
}

/// The form of what is not verifiable.
const fn sheet_format(format: ExportFormat) -> Option<EventFormat> {
    match format {
        ExportFormat::Verifiable => None,
        ExportFormat::Ndjson => Some(EventFormat::Ndjson),
        ExportFormat::Json => Some(EventFormat::Json),
        ExportFormat::Csv => Some(EventFormat::Csv),
        ExportFormat::Table => Some(EventFormat::Table),
    }
}

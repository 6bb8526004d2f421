//! `GET /audit/export`: the log, or a part of it, with all that it takes to verify it offline.

use std::sync::Arc;

use axum::{extract::State, http::request::Parts, response::Response};
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use ordertrace_audit::{ExportWriter, Filter, Header, Plan, Reach, Sieve, leaf_hash};
use ordertrace_domain::{Record, Sequence};
use ordertrace_http::{
    Params, Problem, ProblemKind, check_accept_lines,
    openapi::{ApiRouter, Described},
};
use tokio::task::spawn_blocking;
use utoipa::openapi::HttpMethod::Get;

use super::{
    AuditRoutes,
    described::{asking, lines},
    filter,
    silence::{Awaited, unless_silent},
    streamed::{CutOff, PIECE_RECORDS, whole},
};
use crate::audit::Proven;

const PATH: &str = "/audit/export";

const EXPLAINED: &str = "The stored bytes, line by line, with a last line that has the SHA-256 of everything before it \
    (`ordertrace-export/1`), to be saved byte for byte and verified offline (`ordertrace audit verify FILE`). It ends at the \
    last checkpoint: what is newer is not in it. Without any parameter it is complete, and proven as a whole; with one, each \
    event brings its inclusion proof, and that nothing was left out is not shown.";

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, show, described())
}

fn described() -> Described {
    asking(
        "exportEvents",
        "Events with the proof that they were not changed",
    )
    .explained(EXPLAINED)
    .takes(filter::described())
    .problems([
        ProblemKind::NotAcceptable,
        ProblemKind::NoCheckpoint,
        ProblemKind::CheckpointBehind,
        ProblemKind::LogUnavailable,
        ProblemKind::NoStreamFree,
    ])
    .answers(|_| lines("The export."))
}

async fn show(State(routes): State<AuditRoutes>, request: Parts) -> Result<Response, Problem> {
    check_accept_lines(&request.headers)?;
    let params = Params::read(&request.uri, &filter::known(&[]))?;
    let filter = filter::read(&params, &request.uri, routes.audit.incarnation())?;
    let place = routes.place()?;
    let proven = routes.covering(filter.from_position()).await?;
    // What is asked for is there, by the checkpoint; whether the log is, only its leader knows.
    routes.extent().await?;
    let plan = Plan::of(&filter, routes.records.as_ref(), proven.size(), Reach::Now);
    let plan = routes.told(plan).await?;
    let records = whole(routes.records.as_ref(), plan);
    let export = Export::begin(&routes, proven, filter).map_err(|error| {
        tracing::error!(%error, "an export did not begin");
        Problem::new(ProblemKind::Internal, "the export did not begin")
    })?;
    Ok(routes.streamed(pieces(records, export), place))
}

/// An export on its way.
struct Export {
    routes: AuditRoutes,
    proven: Arc<Proven>,
    sieve: Sieve,
    writer: ExportWriter<Vec<u8>>,
    /// Whether it has all that its checkpoint covers, and needs no proof for each event.
    is_complete: bool,
}

impl Export {
    fn begin(routes: &AuditRoutes, proven: Arc<Proven>, filter: Filter) -> std::io::Result<Self> {
        let size = proven.size();
        let first = Sequence::START.next();
        let from = filter.from_position().unwrap_or(first).max(first);
        let to = filter.to_position().map_or(size, |to| to.min(size));
        let text = filter.text();
        let is_complete = from == first && to == size && text.is_empty();
        let header = Header {
            origin: Some(proven.signed().checkpoint().origin.clone()),
            incarnation: routes.audit.incarnation(),
            from,
            to,
            filter: Some(text).filter(|text| !text.is_empty()),
        };
        Ok(Self {
            routes: routes.clone(),
            proven,
            sieve: Sieve::new(filter),
            writer: ExportWriter::new(Vec::new(), &header)?,
            is_complete,
        })
    }

    /// Takes records, and gives what they make of the file.
    async fn piece(
        mut self,
        chunk: Vec<Result<Record, CutOff>>,
    ) -> Result<(Vec<u8>, Self), CutOff> {
        let mut admitted = Vec::with_capacity(chunk.len());
        for record in chunk {
            let record = record?;
            let records = self.routes.records.as_ref();
            let admit = self.sieve.admit(records, &record);
            let verdict = unless_silent(records, Awaited::There, admit).await?;
            if verdict?.is_some() {
                admitted.push(record);
            }
        }
        let written = spawn_blocking(move || {
            admitted.iter().try_for_each(|record| self.write(record))?;
            Ok((std::mem::take(self.writer.get_mut()), self))
        });
        written.await.unwrap_or(Err(CutOff::Stopping))
    }

    fn write(&mut self, record: &Record) -> Result<(), CutOff> {
        let (position, size) = (record.sequence, self.proven.size());
        let proof = if self.is_complete {
            None
        } else {
            let proof = self.routes.audit.inclusion(&self.proven, position, size);
            let proof = proof.map_err(|_| CutOff::Unproven)?;
            // What is not what was signed has no proof, and none is pretended.
            if proof.leaf != leaf_hash(record) {
                return Err(CutOff::Unproven);
            }
            Some(proof.path)
        };
        Ok(self.writer.event(record, proof.as_deref())?)
    }

    fn finish(self) -> Result<Vec<u8>, CutOff> {
        let (rest, summary) = self.writer.finish(Some(self.proven.signed()))?;
        tracing::info!(export.events = summary.events, export.bytes = summary.bytes, export.sha256 = %summary.sha256, "an export was made");
        Ok(rest)
    }
}

type Records = BoxStream<'static, Result<Record, CutOff>>;

fn pieces(records: Records, export: Export) -> impl Stream<Item = Result<Vec<u8>, CutOff>> {
    let chunks = records.ready_chunks(PIECE_RECORDS);
    stream::try_unfold(Some((chunks, export)), |state| async {
        let Some((mut chunks, export)) = state else {
            return Ok(None);
        };
        let records = Arc::clone(&export.routes.records);
        let chunk = unless_silent(records.as_ref(), Awaited::There, chunks.next());
        match chunk.await? {
            Some(chunk) => {
                let (piece, export) = export.piece(chunk).await?;
                Ok(Some((piece, Some((chunks, export)))))
            }
            None => Ok(Some((export.finish()?, None))),
        }
    })
}

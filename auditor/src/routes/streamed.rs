//! Answers of any length, a line an event.
//!
//! Invariant: no more is read of the log than the client takes, but for one piece; so what an answer holds is bounded
//! however slow its reader is, and the listener cuts off one that takes nothing. An answer that can't be finished is cut
//! off, never ended.

use std::{error::Error, future::ready};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
use futures::{
    Stream, StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use ordertrace_audit::Plan;
use ordertrace_domain::{FeedError, Record, Records};
use ordertrace_http::{Problem, ProblemKind};
use tokio::sync::OwnedSemaphorePermit;

use super::{AuditRoutes, silence::Silent};

pub(super) const NDJSON: &str = "application/x-ndjson";

/// How many answers of this kind are under way at the same time: each reads the log as fast as its client takes it.
pub(super) const STREAMS_MAX: usize = 16;

/// So many records become one piece of an answer: some 50 KB, and 10 MB if each is as large as can be.
pub(super) const PIECE_RECORDS: usize = 64;

/// Why an answer is cut off. The client sees a connection that has failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CutOff {
    /// See [`FeedError`].
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// See [`Silent`].
    #[error(transparent)]
    Silent(#[from] Silent),
    /// A record can't be put into the answer.
    #[error("a record can't be written")]
    Unwritable(#[from] std::io::Error),
    /// An event can't be proven.
    #[error("an event can't be proven")]
    Unproven,
    /// The log was not read to where the answer ends: the connection to it was closed on purpose.
    #[error("the log ended before the answer does")]
    EndedEarly,
    /// The process stops.
    #[error("the process stops")]
    Stopping,
}

/// The records of a plan, and an error if they end before it does. Positions have no gaps, so the last one tells; of one order
/// only the log itself knows which one that is.
pub(super) fn whole(
    records: &dyn Records,
    plan: Plan,
) -> BoxStream<'static, Result<Record, CutOff>> {
    let scan = records.scan(plan.span, plan.of).map_err(CutOff::from);
    if plan.of.is_some() {
        return scan.boxed();
    }
    let (mut at, upto) = (plan.span.after, plan.span.upto);
    let scan = scan.map(Some).chain(stream::iter([None]));
    let scan = scan.filter_map(move |next| {
        if let Some(Ok(record)) = &next {
            at = record.sequence;
        }
        let is_short = upto.is_none_or(|upto| at < upto);
        ready(next.or_else(|| is_short.then_some(Err(CutOff::EndedEarly))))
    });
    scan.boxed()
}

impl AuditRoutes {
    /// A place among those that are answered at length.
    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = self.streams.clone().try_acquire_owned();
        place.map_err(|_| {
            let detail = format!("{STREAMS_MAX} others read the log here at the moment");
            Problem::new(ProblemKind::NoStreamFree, detail)
        })
    }

    /// The answer that these pieces make. The place is held until its end.
    pub(super) fn streamed(
        &self,
        pieces: impl Stream<Item = Result<Vec<u8>, CutOff>> + Send + 'static,
        place: OwnedSemaphorePermit,
    ) -> Response {
        let shutdown = self.shutdown.clone().cancelled_owned();
        let stopping = futures::stream::once(async move {
            shutdown.await;
            Err(CutOff::Stopping)
        });
        // `None` marks the end of the pieces, lest the answer waits for the end of the process.
        let pieces = pieces.map(Some).chain(futures::stream::iter([None]));
        let either = futures::stream::select(pieces, stopping.map(Some));
        let body = either
            .take_while(|piece| std::future::ready(piece.is_some()))
            .filter_map(std::future::ready)
            .map(move |piece| {
                let _held = &place;
                piece.map(Bytes::from).inspect_err(told)
            });
        let headers = [
            (header::CONTENT_TYPE, NDJSON),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, Body::from_stream(body)).into_response()
    }
}

fn told(why: &CutOff) {
    tracing::warn!(error = why as &dyn Error, "an answer of events is cut off");
}

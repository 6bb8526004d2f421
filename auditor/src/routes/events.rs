//! `GET /audit/events`: the log, readable, as far as a filter lets it through.

use std::sync::Arc;

use axum::{extract::State, http::request::Parts, response::Response};
use futures::{Stream, StreamExt, stream};
use ordertrace_audit::{Filter, Plan, Reach, Readable, Sieve};
use ordertrace_domain::{Incarnation, Record, Records};
use ordertrace_http::{
    Params, Problem, ProblemKind, check_accept_lines,
    openapi::{ApiRouter, Described, query, word},
};
use utoipa::openapi::HttpMethod::Get;

use super::{
    AuditRoutes,
    described::{asking, lines},
    filter,
    silence::{Awaited, unless_silent},
    streamed::{CutOff, PIECE_RECORDS, whole},
};

const PATH: &str = "/audit/events";
const FOLLOW: &str = "follow";

const EXPLAINED: &str = "One JSON object a line, in the order of the log: where the event stands, when it was recorded, and what \
    it says. A message that is no event is there too, with `unreadable` and its bytes. The end of the answer is its end; \
    one that is cut off is not complete, and is asked for again with `fromPosition` behind the last line. This is for \
    reading: what can be verified is at `/audit/export`.";

pub(super) fn routes() -> ApiRouter<AuditRoutes> {
    ApiRouter::new().route(Get, PATH, list, described())
}

fn described() -> Described {
    let follow = "Whether the answer goes on with what will come.";
    asking("listLogEvents", "Every event of the log, readable")
        .explained(EXPLAINED)
        .takes(filter::described())
        .takes([query(FOLLOW, word(&["true", "false"]), follow)])
        .problems([
            ProblemKind::NotAcceptable,
            ProblemKind::LogUnavailable,
            ProblemKind::NoStreamFree,
        ])
        .answers(|_| lines("The events."))
}

async fn list(State(routes): State<AuditRoutes>, request: Parts) -> Result<Response, Problem> {
    check_accept_lines(&request.headers)?;
    let params = Params::read(&request.uri, &filter::known(&[FOLLOW]))?;
    let incarnation = routes.audit.incarnation();
    let filter = filter::read(&params, &request.uri, incarnation)?;
    let reach = reach(&params)?;
    let place = routes.place()?;
    let records = Arc::clone(&routes.records);
    let last = routes.extent().await?.last;
    let plan = Plan::of(&filter, records.as_ref(), last, reach);
    let plan = routes.told(plan).await?;
    let awaited = match reach {
        Reach::Now => Awaited::There,
        Reach::AndOn => Awaited::ToCome,
    };
    let pieces = pieces(records, plan, awaited, filter, incarnation);
    Ok(routes.streamed(pieces, place))
}

fn reach(params: &Params) -> Result<Reach, Problem> {
    match params.get(FOLLOW) {
        None | Some("false") => Ok(Reach::Now),
        Some("true") => Ok(Reach::AndOn),
        Some(_) => Err(Problem::invalid_request(format!(
            "{FOLLOW} is true or false"
        ))),
    }
}

fn pieces(
    records: Arc<dyn Records>,
    plan: Plan,
    awaited: Awaited,
    filter: Filter,
    incarnation: Incarnation,
) -> impl Stream<Item = Result<Vec<u8>, CutOff>> {
    let chunks = whole(records.as_ref(), plan).ready_chunks(PIECE_RECORDS);
    let reader = Reader {
        records,
        awaited,
        sieve: Sieve::new(filter),
        incarnation,
    };
    let pieces = stream::try_unfold((chunks, reader), |(mut chunks, mut reader)| async {
        let piece = reader.next_piece(&mut chunks).await?;
        Ok(piece.map(|piece| (piece, (chunks, reader))))
    });
    // Where the filter lets nothing through there is nothing to send.
    pieces.filter(|piece| {
        let is_empty = piece.as_ref().is_ok_and(Vec::is_empty);
        std::future::ready(!is_empty)
    })
}

struct Reader {
    records: Arc<dyn Records>,
    awaited: Awaited,
    sieve: Sieve,
    incarnation: Incarnation,
}

impl Reader {
    /// `None` at the end of the log that is read.
    async fn next_piece(
        &mut self,
        chunks: &mut (impl Stream<Item = Vec<Result<Record, CutOff>>> + Unpin),
    ) -> Result<Option<Vec<u8>>, CutOff> {
        let chunk = unless_silent(self.records.as_ref(), self.awaited, chunks.next()).await?;
        match chunk {
            Some(chunk) => self.piece(chunk).await.map(Some),
            None => Ok(None),
        }
    }

    async fn piece(&mut self, chunk: Vec<Result<Record, CutOff>>) -> Result<Vec<u8>, CutOff> {
        let mut piece = Vec::new();
        for record in chunk {
            let record = record?;
            let records = self.records.as_ref();
            let admit = self.sieve.admit(records, &record);
            let admitted = unless_silent(records, Awaited::There, admit).await?;
            if let Some(reading) = admitted? {
                Readable::of(&record, &reading, self.incarnation).write_line(&mut piece);
            }
        }
        Ok(piece)
    }
}

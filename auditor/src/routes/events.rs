//! `GET /audit/events`: the log, readable, as far as a filter lets it through.

use std::sync::Arc;

use axum::{extract::State, http::Uri, response::Response};
use futures::{Stream, StreamExt, stream};
use ordertrace_audit::{Filter, Plan, Reach, Readable, Sieve};
use ordertrace_domain::{Incarnation, LogError, Record, Records};
use ordertrace_http::{
    Params, Problem, ProblemKind,
    openapi::{ApiRouter, Described, query, word},
};
use utoipa::openapi::HttpMethod::Get;

use super::{
    AuditRoutes,
    described::{asking, lines},
    filter,
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
        .problems([ProblemKind::LogUnavailable, ProblemKind::NoStreamFree])
        .answers(|_| lines("The events."))
}

async fn list(State(routes): State<AuditRoutes>, uri: Uri) -> Result<Response, Problem> {
    let params = Params::read(&uri, &filter::known(&[FOLLOW]))?;
    let incarnation = routes.audit.incarnation();
    let filter = filter::read(&params, &uri, incarnation)?;
    let reach = reach(&params)?;
    let place = routes.place()?;
    let records = Arc::clone(&routes.records);
    let last = records.extent().await.map_err(|error| not_read(&error))?;
    let plan = Plan::of(&filter, records.as_ref(), last.last, reach).await;
    let plan = plan.map_err(|error| not_read(&error))?;
    let pieces = pieces(records, plan, filter, incarnation);
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

pub(super) fn not_read(error: &LogError) -> Problem {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "the log can't be read"
    );
    Problem::from(error)
}

fn pieces(
    records: Arc<dyn Records>,
    plan: Plan,
    filter: Filter,
    incarnation: Incarnation,
) -> impl Stream<Item = Result<Vec<u8>, CutOff>> {
    let chunks = whole(records.as_ref(), plan).ready_chunks(PIECE_RECORDS);
    let reader = Reader {
        records,
        sieve: Sieve::new(filter),
        incarnation,
    };
    let pieces = stream::unfold((chunks, reader), |(mut chunks, mut reader)| async {
        let chunk = chunks.next().await?;
        let piece = reader.piece(chunk).await;
        Some((piece, (chunks, reader)))
    });
    // Where the filter lets nothing through there is nothing to send.
    pieces.filter(|piece| {
        let is_empty = piece.as_ref().is_ok_and(Vec::is_empty);
        std::future::ready(!is_empty)
    })
}

struct Reader {
    records: Arc<dyn Records>,
    sieve: Sieve,
    incarnation: Incarnation,
}

impl Reader {
    async fn piece(&mut self, chunk: Vec<Result<Record, CutOff>>) -> Result<Vec<u8>, CutOff> {
        let mut piece = Vec::new();
        for record in chunk {
            let record = record?;
            let admitted = self.sieve.admit(self.records.as_ref(), &record).await?;
            if let Some(reading) = admitted {
                Readable::of(&record, &reading, self.incarnation).write_line(&mut piece);
            }
        }
        Ok(piece)
    }
}

//! From a request to its answer: the parameters, the wait for a position, the read, the position in the header.

use axum::{
    http::{HeaderName, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use ordertrace_domain::{OrderId, Position, RecordedEvent};
use ordertrace_http::{POSITION_HEADER, Params, Problem, ProblemKind, Reach, check_accept};
use tokio::{task::spawn_blocking, time::timeout};

use super::{Queries, params};
use crate::{Halt, Record, StoreError, ViewStatus, ViewStore};

impl Queries {
    /// Answers a request with what `read` makes of the view. The position in the answer is taken before the read: the
    /// data may be newer than it says, never older.
    pub(super) async fn answer<R>(&self, request: &Parts, known: &[&str], read: R) -> Response
    where
        R: FnOnce(&ViewStore, &Params, Position) -> Result<Response, Problem> + Send + 'static,
    {
        let params =
            check_accept(&request.headers).and_then(|()| params::read(&request.uri, known));
        let waited = match &params {
            Ok(params) => self.wait(params::after(params, &request.headers)).await,
            Err(_) => Ok(()),
        };
        let status = self.store.status();
        let position = status.position;
        let answer = match (params, waited.and_then(|()| serving(&status))) {
            (Err(problem), _) | (Ok(_), Err(problem)) => Err(problem),
            (Ok(params), Ok(())) => self.read(read, params, position).await,
        };
        with_position(answer.into_response(), position)
    }

    /// Checks a request that is not answered from the view, and waits for the position it asks for.
    pub(super) async fn checked(&self, request: &Parts, known: &[&str]) -> Result<(), Problem> {
        check_accept(&request.headers)?;
        let params = params::read(&request.uri, known)?;
        self.wait(params::after(&params, &request.headers)).await?;
        serving(&self.store.status())
    }

    /// How far the view has come.
    pub(super) fn position(&self) -> Position {
        self.store.status().position
    }

    /// The answer to such a request.
    pub(super) fn positioned(&self, answer: Result<Response, Problem>) -> Response {
        with_position(answer.into_response(), self.position())
    }

    /// All events of an order, from the log. Whose it is the view says first, so that the log is not even asked about
    /// another's: how long it takes would tell that there is one.
    pub(super) async fn events_of(
        &self,
        order: OrderId,
        reach: Reach,
    ) -> Result<Vec<RecordedEvent>, Problem> {
        if reach.owner().is_some() {
            self.blocking(move |store| reached(store, order, &reach))
                .await?;
        }
        self.archive.events_of(order).await.map_err(|error| {
            tracing::warn!(order.id = %order, %error, "an order's past can't be read");
            Problem::from(&error)
        })
    }

    /// Waits until the view has a position, or says that it is behind.
    pub(super) async fn wait(
        &self,
        after: Result<Option<Position>, Problem>,
    ) -> Result<(), Problem> {
        let Some(after) = after? else {
            return Ok(());
        };
        let mut status = self.store.watch_status();
        if after.incarnation != status.borrow().position.incarnation {
            return Err(Problem::invalid_request(format!(
                "{after} is a position of another log"
            )));
        }
        let has_come = |status: &ViewStatus| {
            status.halted.is_some() || status.position.sequence >= after.sequence
        };
        match timeout(self.after_wait_max, status.wait_for(has_come)).await {
            Ok(_) => Ok(()),
            Err(_) => Err(Problem::new(
                ProblemKind::ViewBehind,
                format!("the view has not come to {after} yet; ask again"),
            )),
        }
    }

    /// Reads the view where blocking is allowed.
    async fn read<R>(
        &self,
        read: R,
        params: Params,
        position: Position,
    ) -> Result<Response, Problem>
    where
        R: FnOnce(&ViewStore, &Params, Position) -> Result<Response, Problem> + Send + 'static,
    {
        self.blocking(move |store| read(store, &params, position))
            .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        read: impl FnOnce(&ViewStore) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let answer = spawn_blocking(move || read(&store)).await;
        answer.unwrap_or_else(|error| {
            tracing::error!(error = %error, "a query did not come to an end");
            Err(Problem::new(
                ProblemKind::Internal,
                "the query did not come to an end",
            ))
        })
    }
}

/// What the view has of an order that is within reach. Another's is answered like one that there is not; one of which not
/// even the first event can be read is nobody's.
pub(super) fn reached(store: &ViewStore, order: OrderId, reach: &Reach) -> Result<Record, Problem> {
    let record = store.record(order).map_err(|error| unreadable(&error))?;
    let record = record.filter(|record| is_within(reach, record));
    record.ok_or_else(Problem::not_found)
}

/// Whether an order is within reach.
pub(super) fn is_within(reach: &Reach, record: &Record) -> bool {
    let customer = record.row().map(|row| &row.order.placed.customer_id);
    customer.map_or(reach.owner().is_none(), |customer| reach.has(customer))
}

/// A view that has stopped for good answers nothing: what it has may be wrong, or of another log.
pub(super) fn serving(status: &ViewStatus) -> Result<(), Problem> {
    status
        .halted
        .as_ref()
        .map_or(Ok(()), |halt| Err(stopped(halt)))
}

pub(super) fn stopped(halt: &Halt) -> Problem {
    let detail = match halt {
        Halt::Recreated => "the event log was replaced; the view has to start anew",
        Halt::Gap { .. } | Halt::FeedEnded => "the view can't follow the event log any more",
        Halt::Damaged(_) | Halt::Storage(_) => "the view can't be read; it has to start anew",
    };
    Problem::new(ProblemKind::ViewBehind, detail)
}

/// The answer to a query that the store could not read. The store has stopped by now, and the runner, which ends with
/// the same error, is the one whose error is logged.
pub(super) fn unreadable(error: &StoreError) -> Problem {
    stopped(&Halt::from(error))
}

pub(super) fn with_position(mut response: Response, position: Position) -> Response {
    // A position is digits and a dash.
    if let Ok(value) = HeaderValue::try_from(position.to_string()) {
        let name = HeaderName::from_static(POSITION_HEADER);
        response.headers_mut().insert(name, value);
    }
    response
}

//! What a client asks of a stream: from where on, and in which form.

use axum::http::{HeaderMap, HeaderName, request::Parts};
use ordertrace_domain::{Incarnation, Position};
use ordertrace_http::{Params, Problem, check_accept_events};

use crate::routes::params;

/// What a browser sends when it comes back (WHATWG HTML, 9.2.4).
const LAST_EVENT_ID_HEADER: HeaderName = HeaderName::from_static("last-event-id");

/// The same for the first time, when a browser sends no header.
pub(super) const LAST_EVENT_ID: &str = "lastEventId";

/// A request for a stream.
pub(super) struct Asked {
    pub(super) params: Params,
    /// What the view must have before the stream begins.
    pub(super) after: Option<Position>,
    /// The last message that the client has.
    pub(super) last: Option<Position>,
}

impl Asked {
    /// Reads a request that may have these parameters, too.
    pub(super) fn read(request: &Parts, known: &[&str]) -> Result<Self, Problem> {
        check_accept_events(&request.headers)?;
        let known = [known, &[LAST_EVENT_ID]].concat();
        let params = params::read(&request.uri, &known)?;
        let after = params::after(&params, &request.headers)?;
        let of_param = params.get(LAST_EVENT_ID).map(position).transpose()?;
        let last = of_header(&request.headers)?.or(of_param);
        Ok(Self {
            params,
            after,
            last,
        })
    }

    /// The last message that the client has, which is to be of this log.
    pub(super) fn last_in(&self, log: Incarnation) -> Result<Option<Position>, Problem> {
        match self.last {
            Some(last) if last.incarnation != log => Err(Problem::invalid_request(
                "the last event's id is a position of another log",
            )),
            last => Ok(last),
        }
    }
}

fn of_header(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let mut values = headers.get_all(LAST_EVENT_ID_HEADER).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Problem::invalid_request("Last-Event-ID is there twice"));
    }
    first
        .map(|value| position(value.to_str().unwrap_or_default()))
        .transpose()
}

fn position(text: &str) -> Result<Position, Problem> {
    Position::parse(text)
        .map_err(|error| Problem::invalid_request(format!("the last event's id is {error}")))
}

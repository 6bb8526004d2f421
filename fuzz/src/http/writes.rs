//! Commands over HTTP.

use std::cell::RefCell;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use ordertrace_command_api::{CommandApi, router};
use ordertrace_domain::testing::{
    ManualClock, MemoryLog,
    fixtures::{self, commands},
};
use ordertrace_domain::{Executor, OrderId};
use ordertrace_http::with_fallbacks;

use super::{answer, headers};
use crate::{parts, wait};

/// After so many requests the log is begun anew: it is kept in memory, and never forgets.
const REQUESTS_PER_LOG: u32 = 2_000;

struct Site {
    routes: Router,
    left: u32,
}

thread_local! {
    static SITE: RefCell<Site> = RefCell::new(Site::new());
}

/// A request: its method and path, its headers, an empty line, its body. `$ORDER` stands for an order that waits for its
/// payment. Whatever is sent, it is done or refused; and what is done is answered by where it is found.
pub fn command(bytes: &[u8]) -> bool {
    let Some((lines, body)) = parts::of(bytes) else {
        return false;
    };
    let (method, path) = lines
        .first()
        .and_then(|line| line.split_once(' '))
        .unwrap_or_default();
    let path = path.replace("$ORDER", &order().to_string());
    let request = Request::builder().method(method).uri(path);
    let Ok(mut request) = request.body(Body::from(body.to_vec())) else {
        return false;
    };
    *request.headers_mut() = headers(&parts::named(&lines));
    let answer = SITE.with_borrow_mut(|site| site.send(request));
    if answer.status == StatusCode::CREATED {
        assert!(answer.headers.contains_key("location"));
    }
    answer.status.is_success()
}

/// The order that [`Site::new`] places.
fn order() -> OrderId {
    OrderId::parse("01890a5d-ac96-774b-bcce-b302099a8057").expect("an id")
}

impl Site {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let log = MemoryLog::with_clock(clock.clone());
        let executor = Executor::new(Arc::new(log), clock);
        for command in [
            commands::place_order(fixtures::cash()),
            commands::request_payment(),
        ] {
            let request = fixtures::request(order(), command);
            let done = wait::for_it(executor.execute(&request));
            done.expect("the log answers").expect("it is accepted");
        }
        let state = CommandApi {
            executor,
            default_currency: fixtures::euro(),
        };
        Self {
            routes: with_fallbacks(router(state)),
            left: REQUESTS_PER_LOG,
        }
    }

    fn send(&mut self, request: Request<Body>) -> answer::Answer {
        if self.left == 0 {
            *self = Self::new();
        }
        self.left -= 1;
        answer::to(&self.routes, request)
    }
}

//! Health: is the process alive, and can it serve?
//!
//! Alive means that its runtime turns, or nobody would answer, and that no part is stuck over its work. A restart helps
//! there, and nowhere else: a process that only waits for NATS is alive. Ready means that every part says it can do its
//! work now; it turns false first when the process is left.

use std::{iter, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use metrics::gauge;
use ordertrace_http::openapi::ApiRouter;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::HttpMethod::Get;

use super::{Pulse, workers::Workers};

mod described;

const READY: &str = "ordertrace_ready";

/// Asks one part whether it can do its work; if not, it says why.
pub(crate) type Check = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Each part with what is wrong with it, if anything is.
type Parts = Vec<(&'static str, Result<(), String>)>;

/// The parts of this process.
#[derive(Clone)]
pub(crate) struct Health {
    checks: Arc<[(&'static str, Check)]>,
    pulses: Arc<[(&'static str, Pulse)]>,
    workers: Arc<Workers>,
    wedged_after: Duration,
    leaving: CancellationToken,
}

impl Health {
    /// The health of these parts, and of the runtime that this is called in.
    pub(crate) fn new(
        checks: Vec<(&'static str, Check)>,
        wedged_after: Duration,
        leaving: CancellationToken,
    ) -> Self {
        Self {
            checks: checks.into(),
            pulses: Arc::new([]),
            workers: Arc::new(Workers::here()),
            wedged_after,
            leaving,
        }
    }

    /// The same with the pulses of parts that work by themselves.
    pub(crate) fn and_pulses(self, pulses: impl Into<Arc<[(&'static str, Pulse)]>>) -> Self {
        Self {
            pulses: pulses.into(),
            ..self
        }
    }

    /// Whether each part can do its work, and requests are to be sent here.
    fn readiness(&self) -> Parts {
        let checks = self.checks.iter();
        let mut parts: Parts = checks.map(|(part, check)| (*part, check())).collect();
        if self.leaving.is_cancelled() {
            parts.push(("process", Err("is stopping".to_owned())));
        }
        parts
    }

    /// Shows the metrics whether each part can do its work.
    pub(crate) fn measure(&self) {
        for (part, check) in self.readiness() {
            gauge!(READY, "part" => part).set(f64::from(u8::from(check.is_ok())));
        }
    }

    /// Whether the runtime turns, and each part comes for its work. While one that it depends on can't be reached a part may
    /// not, and a restart would not help it; no thread ever waits for it.
    fn liveness(&self) -> Parts {
        let is_waiting = self.checks.iter().any(|(_, check)| check().is_err());
        let beats = |pulse: &Pulse| {
            let wait = pulse.stuck_for(self.wedged_after);
            fault(wait.filter(|_| !is_waiting), "has not come for its work")
        };
        let at_one_thing = Some(self.workers.at_one_thing_for());
        let blocked = at_one_thing.filter(|wait| *wait > self.wedged_after);
        let runtime = fault(blocked, "a thread has been at one piece of work");
        let pulses = self.pulses.iter();
        let parts = pulses.map(|(part, pulse)| (*part, beats(pulse)));
        iter::once(("runtime", runtime)).chain(parts).collect()
    }

    /// `/livez`, `/readyz` and `/actuator/health` with its groups.
    pub(crate) fn api(self) -> ApiRouter {
        ApiRouter::new()
            .route(Get, "/livez", live, described::live())
            .route(Get, "/readyz", ready, described::ready())
            .route(Get, "/actuator/health", actuator, described::actuator())
            .route(
                Get,
                "/actuator/health/liveness",
                actuator_liveness,
                described::actuator_liveness(),
            )
            .route(
                Get,
                "/actuator/health/readiness",
                actuator_readiness,
                described::actuator_readiness(),
            )
            .with_state(self)
    }
}

fn fault(wait: Option<Duration>, what: &str) -> Result<(), String> {
    wait.map_or(Ok(()), |wait| {
        Err(format!("{what} for {} s", wait.as_secs()))
    })
}

async fn live(State(health): State<Health>, RawQuery(query): RawQuery) -> Response {
    told(&health.liveness(), query.as_deref(), "livez")
}

async fn ready(State(health): State<Health>, RawQuery(query): RawQuery) -> Response {
    told(&health.readiness(), query.as_deref(), "readyz")
}

/// For programs the status says it all; for people, and with `?verbose`, there is a line for each part, in the words of
/// Kubernetes.
fn told(parts: &Parts, query: Option<&str>, check: &str) -> Response {
    let is_well = is_well(parts);
    let is_verbose = query.is_some_and(|query| {
        let names = query.split('&').map(|pair| pair.split('=').next());
        names.flatten().any(|name| name == "verbose")
    });
    let text = match (is_well, is_verbose) {
        (true, false) => "ok\n".to_owned(),
        (true, true) => lines(parts, true) + &format!("{check} check passed\n"),
        (false, false) => lines(parts, false),
        (false, true) => lines(parts, true) + &format!("{check} check failed\n"),
    };
    (status(is_well), text).into_response()
}

fn lines(parts: &Parts, is_verbose: bool) -> String {
    let lines = parts.iter().filter_map(|(part, state)| match state {
        Ok(()) => is_verbose.then(|| format!("[+]{part} ok\n")),
        Err(why) if is_verbose => Some(format!("[-]{part} failed: {why}\n")),
        Err(why) => Some(format!("{part}: {why}\n")),
    });
    lines.collect()
}

/// In the shape of Spring Boot's actuator, which the original's probes ask.
async fn actuator(State(health): State<Health>) -> Response {
    let is_well = is_well(&health.readiness()) && is_well(&health.liveness());
    actuated(is_well, "DOWN")
}

async fn actuator_liveness(State(health): State<Health>) -> Response {
    actuated(is_well(&health.liveness()), "DOWN")
}

async fn actuator_readiness(State(health): State<Health>) -> Response {
    actuated(is_well(&health.readiness()), "OUT_OF_SERVICE")
}

fn actuated(is_well: bool, otherwise: &str) -> Response {
    let word = if is_well { "UP" } else { otherwise };
    (status(is_well), Json(json!({"status": word}))).into_response()
}

fn is_well(parts: &Parts) -> bool {
    parts.iter().all(|(_, state)| state.is_ok())
}

const fn status(is_well: bool) -> StatusCode {
    if is_well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use futures::{StreamExt as _, stream};
    use tower::ServiceExt as _;

    const WEDGED_AFTER: Duration = Duration::from_secs(120);

    fn part(state: Result<(), &'static str>) -> Check {
        Arc::new(move || state.map_err(str::to_owned))
    }

    /// A pulse of a part that took something and never came back.
    async fn stuck() -> Pulse {
        let pulse = Pulse::default();
        let mut stream = pulse.of(stream::iter([1, 2]).boxed());
        stream.next().await;
        tokio::time::advance(WEDGED_AFTER + Duration::from_secs(1)).await;
        // Whoever is stuck holds on to what feeds it.
        std::mem::forget(stream);
        pulse
    }

    fn of(checks: Vec<(&'static str, Check)>, leaving: CancellationToken) -> Health {
        Health::new(checks, WEDGED_AFTER, leaving)
    }

    async fn asked(health: &Health, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = health.clone().api().open().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 4_096).await.unwrap();
        (status, String::from_utf8(bytes.into()).unwrap())
    }

    #[tokio::test]
    async fn readiness_ends_with_the_first_trouble_and_with_the_stop() {
        let leaving = CancellationToken::new();
        let well = of(vec![("log", part(Ok(())))], leaving.clone());
        assert_eq!(asked(&well, "/readyz").await, (200, "ok\n".to_owned()));
        leaving.cancel();
        let stopping = (503, "process: is stopping\n".to_owned());
        assert_eq!(asked(&well, "/readyz").await, stopping);
        let ill = vec![("log", part(Err("gone"))), ("views", part(Ok(())))];
        let ill = of(ill, CancellationToken::new());
        assert_eq!(
            asked(&ill, "/readyz").await,
            (503, "log: gone\n".to_owned())
        );
        assert_eq!(asked(&ill, "/livez").await.0, 200);
    }

    #[tokio::test]
    async fn each_part_is_told_to_who_asks_for_more_words() {
        let parts = || vec![("log", part(Err("gone"))), ("views", part(Ok(())))];
        let ill = of(parts(), CancellationToken::new());
        let told = "[-]log failed: gone\n[+]views ok\nreadyz check failed\n";
        let expected = (503, told.to_owned());
        assert_eq!(asked(&ill, "/readyz?verbose").await, expected);
        assert_eq!(asked(&ill, "/readyz?verbose=1").await, expected);
        let well = of(parts().split_off(1), CancellationToken::new());
        let told = "[+]views ok\nreadyz check passed\n";
        assert_eq!(
            asked(&well, "/readyz?verbose").await,
            (200, told.to_owned())
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_is_stuck_is_told_unless_what_it_needs_is_away() {
        let checks = |state| vec![("log", part(state))];
        let pulses = [("views", stuck().await)];
        let alone = of(checks(Ok(())), CancellationToken::new());
        let alone = alone.and_pulses(pulses.clone());
        let told = "views: has not come for its work for 121 s\n";
        assert_eq!(asked(&alone, "/livez").await, (503, told.to_owned()));
        let waiting = of(checks(Err("gone")), CancellationToken::new());
        let waiting = waiting.and_pulses(pulses);
        assert_eq!(asked(&waiting, "/livez").await, (200, "ok\n".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_actuator_speaks_as_spring_boot_does() {
        let status = |code: u16, word: &str| (code, format!("{{\"status\":\"{word}\"}}"));
        let leaving = CancellationToken::new();
        let health = of(vec![("log", part(Ok(())))], leaving.clone());
        let paths = ["", "/liveness", "/readiness"];
        let paths = paths.map(|group| format!("/actuator/health{group}"));
        for path in &paths {
            assert_eq!(asked(&health, path).await, status(200, "UP"));
        }
        leaving.cancel();
        let [all, liveness, readiness] = &paths;
        assert_eq!(asked(&health, all).await, status(503, "DOWN"));
        assert_eq!(asked(&health, liveness).await, status(200, "UP"));
        assert_eq!(
            asked(&health, readiness).await,
            status(503, "OUT_OF_SERVICE")
        );
        let stuck = health.and_pulses([("views", stuck().await)]);
        assert_eq!(asked(&stuck, liveness).await, status(503, "DOWN"));
    }
}

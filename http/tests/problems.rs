//! Problems as clients see them: each kind's answer is frozen in a golden file, and described in `docs/http.md`.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{env, fs, path::Path};

use axum::{
    body::to_bytes,
    http::{StatusCode, header},
    response::IntoResponse,
};
use ordertrace_domain::{
    BrokenHistory, ExecuteError, LogError, Refusal, Rejection, Sequence, Version,
};
use ordertrace_http::{Problem, ProblemKind};
use rstest::rstest;

const DOCUMENT: &str = include_str!("../../docs/http.md");

/// Status, headers and body, as a line.
async fn line(problem: Problem) -> String {
    let response = problem.into_response();
    let status = response.status();
    let of = |name| {
        let value = response.headers().get(name);
        value.map_or("-".into(), |value| {
            value.to_str().expect("ASCII").to_owned()
        })
    };
    let (content_type, retry_after) = (of(header::CONTENT_TYPE), of(header::RETRY_AFTER));
    let bytes = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("a body in memory");
    let body = String::from_utf8(bytes.into()).expect("text");
    format!(
        "{} | {content_type} | {retry_after} | {body}\n",
        status.as_u16()
    )
}

#[tokio::test]
async fn the_answer_of_each_kind_is_frozen() {
    let mut lines = String::new();
    for kind in ProblemKind::ALL {
        lines += &line(Problem::new(*kind, "why")).await;
    }
    lines += &line(Problem::field(ProblemKind::Validation, "/qty", "is missing").with_code("Word"))
        .await;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/problems.txt");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &lines).expect("the golden file is written");
    }
    let frozen = fs::read_to_string(&golden).expect("the golden file is there");
    assert_eq!(
        lines, frozen,
        "clients depend on this; UPDATE_GOLDEN=1 changes it"
    );
}

#[test]
fn each_kind_is_documented_with_its_status() {
    for kind in ProblemKind::ALL {
        let row = format!("| {} | `{}` |", kind.status().as_u16(), kind.name());
        assert!(DOCUMENT.contains(&row), "docs/http.md has no row {row}");
    }
}

#[test]
fn no_kind_is_documented_that_does_not_exist() {
    let (_, section) = DOCUMENT
        .split_once("\n## Problems\n")
        .expect("the section is there");
    let table = section.split("\n#").next().expect("a body");
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| 4") || line.starts_with("| 5"));
    assert_eq!(rows.count(), ProblemKind::ALL.len());
}

macro_rules! all_rejections {
    ($($name:ident)+) => {
        const REJECTIONS: &[(Rejection, &str)] = &[$((Rejection::$name, stringify!($name)),)+];

        /// Does not compile when a rejection is missing above.
        const fn _each_is_listed(rejection: Rejection) {
            match rejection { $(Rejection::$name => (),)+ }
        }
    };
}

all_rejections! {
    OrderNotFound OrderAlreadyPlaced OrderBeingCancelled OrderAlreadyCancelled OrderAlreadyRejected
    OrderAlreadyCompleted CancellationNotRequested PaymentNotSettled DeliveryNotSettled PaymentNotRefused
    PaymentNotRequested PaymentNotByCard PaymentNotSubmitted PaymentHeldByProvider ProviderReferenceMismatch
    PaymentAlreadyApproved PaymentNotApproved PaymentClosed RefundAlreadyRequested RefundNotRequested
    DeliveryNotPrepared DeliveryAlreadyStarted DeliveryNotStarted
    NotDelivered AlreadyDelivered DeliveryAlreadyCancelled DeliveryAttemptsExhausted
}

#[tokio::test]
async fn a_rejection_is_a_conflict_with_its_code() {
    for (rejection, code) in REJECTIONS {
        let line = line(Problem::from(Refusal::Rejected(*rejection))).await;
        if *rejection == Rejection::OrderNotFound {
            continue;
        }
        assert!(line.starts_with("409 | application/problem+json"), "{line}");
        assert!(
            line.contains("urn:ordertrace:problem:illegal-transition"),
            "{line}"
        );
        assert!(line.contains(&format!("\"code\":\"{code}\"")), "{line}");
        let row = format!("| `{code}` | {rejection} |");
        assert!(DOCUMENT.contains(&row), "docs/http.md has no row {row}");
    }
}

#[tokio::test]
async fn a_missing_order_looks_like_a_missing_route() {
    let order = line(Problem::from(Refusal::Rejected(Rejection::OrderNotFound))).await;
    assert_eq!(order, line(ordertrace_http::route_not_found().await).await);
    assert!(order.starts_with("404"), "{order}");
}

/// A cause that must never be seen outside.
const INSIDE: &str = "tcp://10.0.0.7:4222 user=secret";

#[rstest]
#[case(ExecuteError::Log(LogError::Unavailable(INSIDE.into())), StatusCode::SERVICE_UNAVAILABLE, "log-unavailable")]
#[case(
    ExecuteError::Log(LogError::Recreated),
    StatusCode::SERVICE_UNAVAILABLE,
    "log-unavailable"
)]
#[case(
    ExecuteError::Log(LogError::Broken(BrokenHistory::BrokenLink { sequence: Sequence::new(7) })),
    StatusCode::INTERNAL_SERVER_ERROR,
    "order-unreadable"
)]
#[case(ExecuteError::NotStored(INSIDE.into()), StatusCode::SERVICE_UNAVAILABLE, "log-unavailable")]
#[case(ExecuteError::OutcomeUnknown(INSIDE.into()), StatusCode::SERVICE_UNAVAILABLE, "outcome-unknown")]
#[case(ExecuteError::Contended, StatusCode::CONFLICT, "version-conflict")]
#[case(ExecuteError::OrderFull, StatusCode::CONFLICT, "order-full")]
#[tokio::test]
async fn a_failure_tells_what_to_do_and_nothing_of_the_inside(
    #[case] error: ExecuteError,
    #[case] status: StatusCode,
    #[case] name: &str,
) {
    let problem = Problem::from(&error);
    assert_eq!(
        (problem.kind().status(), problem.kind().name()),
        (status, name)
    );
    let line = line(problem).await;
    assert!(
        !line.contains("10.0.0.7") && !line.contains("secret"),
        "{line}"
    );
    let comes_back = status == StatusCode::SERVICE_UNAVAILABLE;
    assert_eq!(line.contains("problem+json | 1 |"), comes_back, "{line}");
}

#[tokio::test]
async fn refusals_have_kinds_of_their_own() {
    let stale = Refusal::VersionMismatch {
        actual: Version::new(4),
    };
    assert_eq!(Problem::from(stale).kind(), ProblemKind::PreconditionFailed);
    let reused = Refusal::CommandReused;
    assert_eq!(Problem::from(reused).kind(), ProblemKind::KeyReuse);
}

//! In which forms the log and its checkpoints are to be had.

use axum::{body::Body, http::Request};
use rstest::rstest;
use tower::ServiceExt;

use crate::site::Site;

/// Who does not take lines, or text, gets none.
#[rstest]
#[case("/audit/events", "application/x-ndjson")]
#[case("/audit/export", "application/*")]
#[case("/audit/checkpoint", "text/plain")]
#[tokio::test]
async fn an_answer_comes_only_to_whom_takes_its_form(#[case] asked: &str, #[case] taken: &str) {
    let (_site, _folder, running) = Site::with_signed(2).await;
    for (accept, status) in [(taken, 200), ("*/*", 200), ("application/xml", 406)] {
        let request = Request::get(asked).header("accept", accept);
        let request = request.body(Body::empty()).unwrap();
        let response = running.routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{accept}");
    }
    running.stop().await;
}

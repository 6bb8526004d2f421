//! What is no JSON, or does not say that it is, is not read.

use axum::http::{HeaderMap, header};
use ordertrace_http::parse_json;
use rstest::rstest;
use serde_json::json;

use crate::probe::{Probe, headers, read, refused, shown};

fn nested(depth: usize) -> String {
    let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
    format!("{{\"number\":1,\"x\":{open}{close}}}")
}

#[rstest]
#[case::empty("", "EOF while parsing a value at line 1 column 0")]
#[case::truncated(r#"{"number": 1"#, "EOF while parsing an object at line 1 column 12")]
#[case::trailing_data(r#"{"number": 1} x"#, "trailing characters at line 1 column 15")]
#[case::two_values(r#"{"number": 1}{}"#, "trailing characters at line 1 column 14")]
#[case::trailing_comma(r#"{"number": 1,}"#, "trailing comma at line 1 column 14")]
#[case::comment("{\"number\": 1 /* */}", "expected `,` or `}` at line 1 column 14")]
#[case::not_a_number(r#"{"number": NaN}"#, "expected value at line 1 column 12")]
#[case::infinity(r#"{"number": Infinity}"#, "expected value at line 1 column 12")]
#[case::beyond_a_double(r#"{"number": 1e400}"#, "number out of range at line 1 column 16")]
#[case::leading_zero(r#"{"number": 01}"#, "invalid number at line 1 column 13")]
#[case::lone_surrogate(
    r#"{"text": "\ud800"}"#,
    "unexpected end of hex escape at line 1 column 17"
)]
#[case::control_character(
    "{\"text\": \"a\nb\"}",
    "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"
)]
#[case::byte_order_mark("\u{feff}{}", "it begins with a byte order mark")]
#[case::same_key_twice(
    r#"{"number": 1, "number": 2}"#,
    "an object has the same key twice at line 1 column 26"
)]
#[case::same_key_twice_once_escaped(
    r#"{"number": 1, "n\u0075mber": 2}"#,
    "an object has the same key twice at line 1 column 31"
)]
#[case::same_key_twice_deep_inside(
    r#"{"x": [{"a": {"b": 1, "b": 1}}]}"#,
    "an object has the same key twice at line 1 column 29"
)]
#[tokio::test]
async fn what_is_no_json_is_malformed(#[case] body: &str, #[case] detail: &str) {
    let problem = shown(refused(read(body))).await;
    assert_eq!(
        problem,
        json!({
            "type": "urn:ordertrace:problem:malformed-json",
            "title": "The body is not well-formed JSON",
            "status": 400,
            "detail": detail,
        })
    );
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_malformed() {
    let problem = shown(refused(read(b"{\"text\": \"\xff\"}"))).await;
    assert_eq!(problem["detail"], "not UTF-8 at byte 10");
    assert_eq!(problem["status"], 400);
}

#[tokio::test]
async fn nesting_is_bounded_and_its_path_is_not_told() {
    let deepest = shown(refused(read(nested(32)))).await;
    assert_eq!(
        deepest["status"], 422,
        "32 levels are well-formed: {deepest}"
    );
    for depth in [33, 100, 10_000] {
        let problem = shown(refused(read(nested(depth)))).await;
        assert_eq!(problem["status"], 400);
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(
            detail.starts_with("nested more than 32 deep at line 1"),
            "{detail}"
        );
    }
}

#[rstest]
#[case::missing(headers(&[]))]
#[case::text(headers(&[(header::CONTENT_TYPE, "text/plain")]))]
#[case::form(headers(&[(header::CONTENT_TYPE, "application/x-www-form-urlencoded")]))]
#[case::other_json(headers(&[(header::CONTENT_TYPE, "application/merge-patch+json")]))]
#[case::utf_16(headers(&[(header::CONTENT_TYPE, "application/json; charset=utf-16")]))]
#[case::twice(headers(&[(header::CONTENT_TYPE, "application/json"), (header::CONTENT_TYPE, "text/plain")]))]
#[case::gzip(headers(&[(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "gzip")]))]
#[case::gzip_of_nothing(headers(&[(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "identity, gzip")]))]
#[tokio::test]
async fn a_body_that_is_not_declared_as_plain_json_is_not_read(#[case] headers: HeaderMap) {
    let problem = shown(refused(parse_json::<Probe>(&headers, b"{\"number\": 1}"))).await;
    assert_eq!(problem["status"], 415);
    assert_eq!(
        problem["type"],
        "urn:ordertrace:problem:unsupported-media-type"
    );
}

#[rstest]
#[case("application/json")]
#[case("Application/JSON ; charset=UTF-8")]
#[case("application/json;charset=\"utf-8\"")]
fn json_in_utf_8_is_read(#[case] content_type: &'static str) {
    let headers = headers(&[
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_ENCODING, "identity"),
    ]);
    let probe = parse_json::<Probe>(&headers, b"{\"number\": 1}").expect("it is taken");
    assert_eq!(probe.number, 1);
}

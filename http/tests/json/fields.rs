//! What is well-formed and still not what it should be.

use rstest::rstest;
use serde_json::json;

use crate::probe::{Probe, read, refused, shown};

#[rstest]
#[case("1", 1)]
#[case("-1", -1)]
#[case("\"1\"", 1)]
#[case("\"-17\"", -17)]
#[case("9223372036854775807", i64::MAX)]
#[case("\"-9223372036854775808\"", i64::MIN)]
fn a_whole_number_may_be_text(#[case] number: &str, #[case] expected: i64) {
    let probe = read(format!("{{\"number\": {number}}}")).expect("it is taken");
    assert_eq!(probe.number, expected);
}

const NOT_WHOLE: &str = "must be a whole number, written in digits only";
const NOT_MINOR_UNITS: &str =
    "must be a whole number of minor units, written in digits only: 10.50 EUR is 1050";
const TOO_LARGE: &str = "is beyond what 64 bits can hold";

#[rstest]
#[case::fraction("1.5", NOT_WHOLE)]
#[case::fraction_of_nothing("1.0", NOT_WHOLE)]
#[case::exponent("1e3", NOT_WHOLE)]
#[case::plus("\"+1\"", NOT_WHOLE)]
#[case::space("\" 1\"", NOT_WHOLE)]
#[case::fraction_as_text("\"1.0\"", NOT_WHOLE)]
#[case::hex("\"0x1\"", NOT_WHOLE)]
#[case::other_digits("\"\u{0661}\"", NOT_WHOLE)]
#[case::no_digits("\"-\"", NOT_WHOLE)]
#[case::empty("\"\"", NOT_WHOLE)]
#[case::truth("true", NOT_WHOLE)]
#[case::list("[1]", NOT_WHOLE)]
#[case::object("{}", NOT_WHOLE)]
#[case::beyond_64_bits("9223372036854775808", TOO_LARGE)]
#[case::below_64_bits("-9223372036854775809", TOO_LARGE)]
#[case::beyond_unsigned("18446744073709551616", TOO_LARGE)]
#[case::beyond_as_text("\"9223372036854775808\"", TOO_LARGE)]
#[tokio::test]
async fn nothing_else_is_a_whole_number(#[case] number: &str, #[case] detail: &str) {
    let problem = shown(refused(read(format!("{{\"number\": {number}}}")))).await;
    assert_eq!(problem["type"], "urn:ordertrace:problem:validation");
    assert_eq!(
        problem["errors"],
        json!([{"pointer": "/number", "detail": detail}])
    );
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let body = r#"{"text": 1, "money": 0.5, "parts": [{"size": 1}, {"size": "x"}, 3], "a/b~c": 1}"#;
    let problem = shown(refused(read(body))).await;
    let expected = json!([
        {"pointer": "/number", "detail": "is missing"},
        {"pointer": "/text", "detail": "must be text"},
        {"pointer": "/money", "detail": NOT_MINOR_UNITS},
        {"pointer": "/parts/1/size", "detail": NOT_WHOLE},
        {"pointer": "/parts/2", "detail": "must be a JSON object"},
        {"pointer": "/a~1b~0c", "detail": "is not a field of this request"},
    ]);
    assert_eq!(problem["errors"], expected);
    assert_eq!(problem["detail"], "6 fields are not valid");
    assert_eq!(problem["type"], "urn:ordertrace:problem:validation");
}

#[tokio::test]
async fn only_money_that_is_wrong_is_invalid_money() {
    let problem = shown(refused(read(r#"{"number": 1, "money": "1e3"}"#))).await;
    assert_eq!(problem["type"], "urn:ordertrace:problem:invalid-money");
    assert_eq!(problem["errors"][0]["pointer"], "/money");
}

#[tokio::test]
async fn the_list_of_faults_is_bounded() {
    let unknown: Vec<String> = (0..1_000).map(|nth| format!("\"x{nth:03}\": 1")).collect();
    let body = format!("{{\"number\": 1, {}}}", unknown.join(", "));
    let problem = shown(refused(read(body))).await;
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        problem["detail"],
        "1000 fields are not valid; the first 20 are listed"
    );
}

#[tokio::test]
async fn an_unfit_name_of_a_field_is_not_repeated() {
    for name in ["x".repeat(65), "\\u202etxt".to_owned(), "a b".to_owned()] {
        let problem = shown(refused(read(format!("{{\"number\": 1, \"{name}\": 1}}")))).await;
        let detail = "has a field that is not one of this request";
        assert_eq!(
            problem["errors"],
            json!([{"pointer": "", "detail": detail}])
        );
    }
}

#[test]
fn null_is_the_same_as_left_out() {
    let probe = read(r#"{"number": 1, "text": null, "money": null, "parts": null}"#);
    let expected = Probe {
        number: 1,
        text: None,
        money: None,
        parts: vec![],
    };
    assert_eq!(probe.expect("it is taken"), expected);
}

#[tokio::test]
async fn an_unknown_field_is_refused_though_it_is_null() {
    let problem = shown(refused(read(r#"{"number": 1, "": null}"#))).await;
    assert_eq!(
        problem["errors"].as_array().map(Vec::len),
        Some(1),
        "{problem}"
    );
}

#[rstest]
#[case("[]")]
#[case("1")]
#[case("null")]
#[case("\"{}\"")]
#[tokio::test]
async fn a_body_is_an_object(#[case] body: &str) {
    let problem = shown(refused(read(body))).await;
    assert_eq!(problem["status"], 422);
    assert_eq!(problem["detail"], "must be a JSON object");
}

//! As much of Prometheus's query language as it takes to see which metrics an expression goes by, and by which labels.

use std::collections::BTreeSet;

use super::{CATALOGUE, Kind, Metric};

/// What Prometheus itself puts on every sample, and what a histogram's buckets have.
const OF_PROMETHEUS: [&str; 3] = ["instance", "job", "le"];

/// The one metric that Prometheus makes itself.
const UP: &str = "up";

/// Panics unless all that the expression names is in the catalogue.
#[track_caller]
pub(super) fn assert_known(expr: &str) {
    let named = named(expr);
    assert!(!named.is_empty(), "{expr} goes by no metric of ours");
    let mut labels: BTreeSet<&str> = OF_PROMETHEUS.into();
    for (name, wanted) in &named {
        let metric = metric(name).unwrap_or_else(|| panic!("no metric {name}: {expr}"));
        let has = |label: &str| metric.labels.contains(&label) || OF_PROMETHEUS.contains(&label);
        let unknown = wanted.iter().find(|label| !has(label));
        assert_eq!(unknown, None, "{name}: {expr}");
        labels.extend(metric.labels);
    }
    let unknown = grouped(expr).find(|label| !labels.contains(label));
    assert_eq!(unknown, None, "{expr}");
}

/// The metric behind a name; of a histogram each of its parts.
fn metric(name: &str) -> Option<&'static Metric> {
    let find = |name: &str, is_part: bool| {
        let mut all = CATALOGUE.iter();
        all.find(|it| it.name == name && (it.kind == Kind::Histogram) == is_part)
    };
    let parts = ["_bucket", "_sum", "_count"];
    let whole = parts.iter().find_map(|part| name.strip_suffix(part));
    find(name, false).or_else(|| find(whole?, true))
}

/// Each metric that an expression names, with the labels it selects by.
fn named(expr: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found = Vec::new();
    let mut rest = expr;
    while let Some(at) = rest.find(is_of_a_name) {
        rest = &rest[at..];
        let end = rest.find(|it| !is_of_a_name(it)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let is_ours = word.starts_with("ordertrace_") || word.starts_with("process_");
        rest = match after.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some((selector, after)) if is_ours => {
                found.push((word, selected(selector)));
                after
            }
            Some((_, after)) if word == UP => after,
            _ => {
                if is_ours {
                    found.push((word, Vec::new()));
                }
                after
            }
        };
    }
    found
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// The labels in `by="api",outcome=~"a|b"`.
fn selected(selector: &str) -> Vec<&str> {
    let parts = selector
        .split(',')
        .filter_map(|part| part.split(['=', '!']).next());
    parts.map(str::trim).collect()
}

/// The labels in each `by (…)`.
fn grouped(expr: &str) -> impl Iterator<Item = &str> {
    let groups = expr.split("by (").skip(1);
    let groups = groups.filter_map(|group| group.split(')').next());
    groups.flat_map(|group| group.split(',')).map(str::trim)
}

#[test]
fn what_an_expression_goes_by_is_found() {
    let expr = r#"sum by (le, route) (rate(ordertrace_http_request_seconds_bucket{method="GET"}[5m])) / ordertrace_log_head"#;
    let expected = [
        ("ordertrace_http_request_seconds_bucket", vec!["method"]),
        ("ordertrace_log_head", vec![]),
    ];
    assert_eq!(named(expr), expected);
    assert_eq!(grouped(expr).collect::<Vec<_>>(), ["le", "route"]);
    assert_known(expr);
}

#[test]
#[should_panic(expected = "no metric ordertrace_nothing")]
fn a_metric_that_does_not_exist_is_found() {
    assert_known("rate(ordertrace_nothing[1m])");
}

#[test]
#[should_panic(expected = "no metric ordertrace_append_seconds")]
fn a_histogram_has_no_sample_of_its_own_name() {
    assert_known("ordertrace_append_seconds");
}

#[test]
#[should_panic(expected = "customer")]
fn a_label_that_does_not_exist_is_found() {
    assert_known(r#"ordertrace_commands_total{customer="x"}"#);
}

#[test]
#[should_panic(expected = "shard")]
fn a_group_by_a_label_that_does_not_exist_is_found() {
    assert_known("sum by (shard) (ordertrace_commands_total)");
}

//! The alerts, and what operators are told to do about them.

use std::collections::BTreeSet;

use super::{promql::assert_known, read};

const RULES: &str = "deploy/prometheus/rules.yml";
const PAGE: &str = "docs/operations.md";

/// What the page's headings of alerts begin with.
const HEADING: &str = "### Ordertrace";

/// The one alert that needs no metric of ours to be told.
const WITHOUT_A_METRIC: &str = "OrdertraceDown";

/// What is said of one alert, key by key. Each stands on a line of its own.
struct Alert {
    name: String,
    lines: Vec<(String, String)>,
}

impl Alert {
    #[track_caller]
    fn get(&self, key: &str) -> &str {
        let mut found = self.lines.iter().filter(|(name, _)| name == key);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if !value.is_empty() => value,
            _ => panic!("{} has not one {key}", self.name),
        }
    }
}

fn alerts() -> Vec<Alert> {
    let text = read(RULES);
    let alerts = text.split("- alert: ").skip(1).map(|part| {
        let (name, rest) = part.split_once('\n').unwrap();
        let pairs = rest.lines().filter_map(|line| line.trim().split_once(": "));
        Alert {
            name: name.to_owned(),
            lines: pairs
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        }
    });
    let alerts: Vec<_> = alerts.collect();
    assert!(alerts.len() > 10, "the alerts were not found");
    alerts
}

#[test]
fn alerts_go_by_metrics_that_there_are() {
    for alert in alerts() {
        if alert.name != WITHOUT_A_METRIC {
            assert_known(alert.get("expr"));
        }
    }
}

#[test]
fn each_alert_says_what_is_wrong_and_where_to_read_what_to_do() {
    for alert in alerts() {
        assert!(["critical", "warning", "info"].contains(&alert.get("severity")));
        for key in ["for", "summary", "description"] {
            alert.get(key);
        }
        let page = format!("{PAGE}#{}", alert.name.to_lowercase());
        assert_eq!(alert.get("runbook_url"), page);
    }
}

#[test]
fn each_alert_has_its_heading_and_the_other_way_round() {
    let page = read(PAGE);
    let headings = page.lines().filter(|line| line.starts_with(HEADING));
    let headings: BTreeSet<String> = headings
        .map(|line| line.trim_start_matches("### ").to_owned())
        .collect();
    let names: BTreeSet<String> = alerts().into_iter().map(|alert| alert.name).collect();
    assert_eq!(names, headings);
}

#[test]
fn the_severity_and_the_wait_stand_in_the_page_as_they_are_in_the_rules() {
    let page = read(PAGE);
    for alert in alerts() {
        let (severity, wait) = (alert.get("severity"), alert.get("for"));
        let begins = format!("### {}\n\n*{severity}* after {wait}. ", alert.name);
        assert!(page.contains(&begins), "{begins}");
    }
}

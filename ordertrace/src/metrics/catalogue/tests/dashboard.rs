//! Grafana's dashboard.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{promql::assert_known, read};

const DASHBOARD: &str = "deploy/grafana/ordertrace.json";

fn panels() -> Vec<Value> {
    let dashboard: Value = serde_json::from_str(&read(DASHBOARD)).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let panels = panels.filter(|panel| panel["type"] != "row");
    panels.cloned().collect()
}

#[test]
fn the_dashboard_goes_by_metrics_that_there_are() {
    let panels = panels();
    assert!(panels.len() > 10, "the panels were not found");
    for panel in panels {
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{} shows nothing", panel["title"]);
        for target in targets {
            assert_known(target["expr"].as_str().unwrap());
        }
    }
}

#[test]
fn panels_have_each_a_title_and_an_id_of_its_own() {
    let panels = panels();
    let titles = panels.iter().map(|panel| panel["title"].as_str().unwrap());
    assert_eq!(titles.collect::<BTreeSet<_>>().len(), panels.len());
    let ids = panels.iter().map(|panel| panel["id"].as_u64().unwrap());
    assert_eq!(ids.collect::<BTreeSet<_>>().len(), panels.len());
}

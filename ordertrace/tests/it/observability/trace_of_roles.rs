//! One trace over processes of their own: what leads from one to the next is in the log, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    collector::{Collector, Provider, Seen, hex, text},
    trace::{
        CALLER, TRACE, assert_answered_by, assert_each_has_its_place, card_order, named, place,
    },
};
use crate::harness::{Role, Site};

/// What is to be seen, and which role does it.
const DONE_BY: [(&str, &str); 6] = [
    ("POST /orders", "command-api"),
    ("saga OrderPlaced", "saga"),
    ("saga PaymentRequested", "saga"),
    ("payment provider Create", "saga"),
    ("apply OrderPlaced", "projections"),
    ("apply PaymentRequested", "projections"),
];

/// The three roles that an order goes through.
async fn roles(site: &Site, collector: &Collector, provider: &Provider) -> [Role; 3] {
    let secret = site.path().join("secret");
    std::fs::write(&secret, "sk_test\n").unwrap();
    let traced = ["--otlp-endpoint", &collector.url];
    let paid = [
        "--payment-provider-url",
        &provider.url,
        "--payment-provider-secret-file",
        secret.to_str().unwrap(),
    ];
    let flags = |more: &[&str]| {
        let all = traced.iter().chain(more);
        all.map(|flag| (*flag).to_owned()).collect::<Vec<_>>()
    };
    let (plain, saga) = (flags(&[]), flags(&paid));
    let (commands, saga, views) = tokio::join!(
        site.role_with("command-api", "commands", &plain),
        site.role_with("saga", "saga", &saga),
        site.role_with("projections", "views", &plain)
    );
    [commands, saga, views]
}

fn of_resource(seen: &Seen, key: &str) -> String {
    text(&seen.resource, key).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_leads_through_command_api_saga_payment_provider_and_projections() {
    let site = Site::start().await;
    let (collector, provider) = (Collector::start().await, Provider::start().await);
    let [commands, _saga, _views] = roles(&site, &collector, &provider).await;
    let caller = format!("00-{TRACE}-{CALLER}-01");
    let answer = place(&commands.addr, card_order(), Some(&caller)).await;
    let names = DONE_BY.map(|(name, _)| name);
    let spans = collector
        .trace(TRACE, &[&names[..], &["append"]].concat())
        .await;

    assert_answered_by(named(&spans, "POST /orders"), &answer);
    assert_each_has_its_place(&spans);
    let asked = named(&spans, "payment provider Create");
    let asked = format!("00-{TRACE}-{}-01", hex(&asked.span.span_id));
    assert!(provider.traces().contains(&asked));

    let mut instances: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, role) in DONE_BY {
        let span = named(&spans, name);
        assert_eq!(of_resource(span, "ordertrace.role"), role, "{name}");
        let instance = of_resource(span, "service.instance.id");
        instances
            .entry(instance)
            .or_default()
            .insert(role.to_owned());
    }
    assert_eq!(instances.len(), 3, "{instances:?}");
    assert!(instances.values().all(|roles| roles.len() == 1));
}

//! One trace: from the request through the event to the saga, its commands, the view and the payment provider.

use std::collections::BTreeSet;

use serde_json::json;

use super::collector::{Collector, Provider, Seen, hex, text};
use crate::harness::{Dev, PATIENCE, cash_order, wait_until};

pub(super) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
pub(super) const CALLER: &str = "b7ad6b7169203331";

pub(super) fn card_order() -> serde_json::Value {
    json!({"productId": 1, "qty": 1, "paymentType": "card", "cost": 1000,
        "productName": "Coffee", "paymentMethod": "pm_card_visa"})
}

/// A client of its own, for the harness's sends no header of a trace.
pub(super) async fn place(
    addr: &str,
    order: serde_json::Value,
    trace: Option<&str>,
) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{addr}/orders")).json(&order);
    let request = match trace {
        Some(trace) => request.header("traceparent", trace),
        None => request,
    };
    request.send().await.unwrap().error_for_status().unwrap()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

pub(super) fn named<'a>(spans: &'a [Seen], name: &str) -> &'a Seen {
    let found = spans.iter().find(|seen| seen.span.name == name);
    found.unwrap_or_else(|| panic!("no span {name}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_leads_from_the_request_to_the_saga_the_view_and_the_payment_provider() {
    let data = tempfile::tempdir().unwrap();
    let (collector, provider) = (Collector::start().await, Provider::start().await);
    let secret = data.path().join("secret");
    std::fs::write(&secret, "sk_test\n").unwrap();
    let dev = Dev::start(
        data.path(),
        &[
            "--otlp-endpoint",
            &collector.url,
            "--payment-provider-url",
            &provider.url,
            "--payment-provider-secret-file",
            secret.to_str().unwrap(),
        ],
    )
    .await;
    let caller = format!("00-{TRACE}-{CALLER}-01");
    let answer = place(&dev.addr, card_order(), Some(&caller)).await;
    let names = [
        "POST /orders",
        "append",
        "saga OrderPlaced",
        "saga PaymentRequested",
        "payment provider Create",
        "apply OrderPlaced",
        "apply PaymentRequested",
    ];
    let spans = collector.trace(TRACE, &names).await;

    assert_answered_by(named(&spans, "POST /orders"), &answer);
    assert_each_has_its_place(&spans);
    // The provider may join as well.
    let calls: Vec<_> = spans
        .iter()
        .filter(|seen| seen.span.name == "payment provider Create")
        .map(|seen| format!("00-{TRACE}-{}-01", hex(&seen.span.span_id)))
        .collect();
    assert!(calls.iter().all(|call| provider.traces().contains(call)));

    let resource = &named(&spans, "POST /orders").resource;
    assert_eq!(
        text(resource, "service.name").as_deref(),
        Some("ordertrace")
    );
    assert_eq!(text(resource, "ordertrace.role").as_deref(), Some("dev"));
    assert!(text(resource, "service.instance.id").is_some());
}

/// The answer names the request's own span, which comes from the caller's.
pub(super) fn assert_answered_by(request: &Seen, answer: &reqwest::Response) {
    assert_eq!(hex(&request.span.parent_span_id), CALLER);
    let own = format!("00-{TRACE}-{}-01", hex(&request.span.span_id));
    assert_eq!(header(answer, "traceparent"), own);
    let id = header(answer, "x-request-id");
    assert_eq!(
        text(&request.span.attributes, "request.id").as_deref(),
        Some(id)
    );
}

/// All come from the caller, and what led to an event is the parent of what it leads to.
pub(super) fn assert_each_has_its_place(spans: &[Seen]) {
    let known: BTreeSet<String> = spans.iter().map(|seen| hex(&seen.span.span_id)).collect();
    for Seen { span, .. } in spans {
        let parent = hex(&span.parent_span_id);
        assert!(
            parent == CALLER || known.contains(&parent),
            "{} comes from nowhere",
            span.name
        );
    }
    for (child, parent) in [
        ("saga OrderPlaced", "POST /orders"),
        ("apply OrderPlaced", "POST /orders"),
        ("saga PaymentRequested", "saga OrderPlaced"),
        ("apply PaymentRequested", "saga OrderPlaced"),
    ] {
        let (child, parent) = (named(spans, child), named(spans, parent));
        assert_eq!(child.span.parent_span_id, parent.span.span_id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_is_recorded_if_its_sender_says_so_and_one_that_begins_here_by_the_ratio() {
    let data = tempfile::tempdir().unwrap();
    let collector = Collector::start().await;
    let flags = ["--otlp-endpoint", &collector.url, "--trace-ratio", "0"];
    let dev = Dev::start(data.path(), &flags).await;
    let unrecorded = format!("00-{}-{CALLER}-00", TRACE.replace('0', "1"));
    place(&dev.addr, cash_order(), Some(&unrecorded)).await;
    let of_ours = place(&dev.addr, cash_order(), None).await;
    assert!(header(&of_ours, "traceparent").ends_with("-00"));
    let recorded = format!("00-{TRACE}-{CALLER}-01");
    place(&dev.addr, cash_order(), Some(&recorded)).await;
    // Those came before it, so they would be here by now.
    collector.trace(TRACE, &["apply PaymentRequested"]).await;
    let others = collector.all();
    let others = others
        .iter()
        .filter(|seen| hex(&seen.span.trace_id) != TRACE);
    let others: Vec<_> = others.map(|seen| &seen.span.name).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_spans_go_out_when_the_process_stops() {
    let data = tempfile::tempdir().unwrap();
    let collector = Collector::start().await;
    let flags = ["--otlp-endpoint", &collector.url];
    let mut dev = Dev::start(data.path(), &flags).await;
    let caller = format!("00-{TRACE}-{CALLER}-01");
    place(&dev.addr, cash_order(), Some(&caller)).await;
    crate::harness::signal("TERM", dev.program.pid());
    assert!(dev.program.ended().await.success());
    let names: Vec<_> = collector
        .of(TRACE)
        .into_iter()
        .map(|it| it.span.name)
        .collect();
    assert!(names.iter().any(|name| name == "POST /orders"), "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_collector_a_trace_is_handed_on_and_stands_in_the_log_of_all_who_come_to_do_with_it()
 {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--log-format", "json", "--log", "ordertrace=debug,info"];
    let dev = Dev::start(data.path(), &flags).await;
    let caller = format!("00-{TRACE}-{CALLER}-01");
    let answer = place(&dev.addr, cash_order(), Some(&caller)).await;
    assert_eq!(header(&answer, "traceparent"), caller);
    let begun_here = place(&dev.addr, cash_order(), None).await;
    let begun_here = header(&begun_here, "traceparent");
    assert!(begun_here.ends_with("-00"), "{begun_here}");
    for trace in [TRACE, begun_here.split('-').nth(1).unwrap()] {
        let trace = format!(r#""trace.id":"{trace}""#);
        for who in [r#""name":"request""#, r#""name":"saga""#] {
            let what = format!("{who} speaks of {trace}");
            wait_until(&what, PATIENCE, async || {
                let log = dev.program.stderr();
                let mut lines = log.lines();
                let speaks = lines.any(|line| line.contains(&trace) && line.contains(who));
                speaks.then_some(())
            })
            .await;
        }
    }
}

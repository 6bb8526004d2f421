//! What the logs have not: anything personal, and any secret.

use std::path::Path;

use serde_json::json;

use super::SPANS_ARRIVE_MAX;
use crate::harness::{Dev, Guests, Role, Site, wait_until};

/// What somebody could be known or robbed by, each in words that stand nowhere else.
const PRODUCT: &str = "Wheelchair for Aunt Hortense";
const TOKEN: &str = "pm_tokenofhortense42";
const CANCEL_REASON: &str = "Hortense has passed away";
const API_KEY: &str = "ot_0123456789abcdef_keyofhortensekeyofhortense";
const BEARER: &str = "eyJhbGciOiJFUzI1NiJ9.tokenofhortense.signature";
const COOKIE: &str = "sessionofhortense";
const IDEMPOTENCY_KEY: &str = "order-of-hortense-1";
const QUERY: &str = "customerhortense";
const PROVIDER_SECRET: &str = "sk_test_secretofhortense";

const PRIVATE: [&str; 9] = [
    PRODUCT,
    TOKEN,
    CANCEL_REASON,
    API_KEY,
    BEARER,
    COOKIE,
    IDEMPOTENCY_KEY,
    QUERY,
    PROVIDER_SECRET,
];

fn secret_file(folder: &Path) -> String {
    let path = folder.join("secret");
    std::fs::write(&path, format!("{PROVIDER_SECRET}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Sends every kind of thing that may be private, in every place where it may stand.
async fn confide(addr: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let at = |path: &str| format!("http://{addr}{path}");
    let headed = |request: reqwest::RequestBuilder| {
        request
            .header("x-api-key", API_KEY)
            .header("authorization", format!("Bearer {BEARER}"))
            .header("cookie", format!("ordertrace={COOKIE}"))
    };
    let order = json!({"productId": 7, "qty": 1, "paymentType": "card", "cost": 1000,
        "productName": PRODUCT, "paymentMethod": TOKEN});
    let placed = client.post(at("/orders")).json(&order);
    let placed = headed(placed).header("idempotency-key", IDEMPOTENCY_KEY);
    let placed = placed.send().await.unwrap().error_for_status().unwrap();
    let placed: serde_json::Value = placed.json().await.unwrap();
    let id = placed["orderId"].as_str().unwrap().to_owned();
    let cancel = client.delete(at(&format!("/orders/{id}")));
    let cancel = headed(cancel.json(&json!({"reason": CANCEL_REASON})));
    cancel.send().await.unwrap();
    // What is refused is not repeated either.
    let bad = json!({"productName": PRODUCT, "paymentMethod": TOKEN, "qty": -1, TOKEN: 1});
    for body in [bad.to_string(), format!("{{\"{TOKEN}\": \"{PRODUCT}\"")] {
        let wrong = client.post(at("/orders")).body(body);
        let wrong = headed(wrong.header("content-type", "application/json"));
        wrong.send().await.unwrap();
    }
    let search = client.get(at(&format!(
        "/orderTraces?customerId={QUERY}&token={TOKEN}"
    )));
    headed(search).send().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_private_is_logged_even_at_debug() {
    let data = tempfile::tempdir().unwrap();
    let secret = secret_file(data.path());
    let dev = Dev::start(
        data.path(),
        &[
            "--log",
            "debug",
            "--log-format",
            "json",
            "--payment-provider-url",
            "http://127.0.0.1:9",
            "--payment-provider-secret-file",
            &secret,
        ],
    )
    .await;
    let order = confide(&dev.addr).await;
    // The saga has come to do with it as well, and so has the view.
    wait_until(
        "the saga speaks of the order",
        SPANS_ARRIVE_MAX,
        async || {
            let log = dev.program.stderr();
            let is_sagas = |line: &str| line.contains(r#""name":"saga""#) && line.contains(&order);
            log.lines().any(is_sagas).then_some(())
        },
    )
    .await;
    let log = dev.program.stderr();
    for private in PRIVATE {
        let found = log.lines().find(|line| line.contains(private));
        assert_eq!(found, None, "{private}");
    }
}

/// Who logs in, by a name that stands nowhere else.
const CUSTOMER: &str = "hortense.miller";

/// Shows something to log in with wherever it may be shown, and asks for something as whoever that is.
async fn show(commands: &Role, views: &Role, name: &str, value: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let order = json!({"productId": 7, "qty": 1, "paymentType": "card", "cost": 1000,
        "productName": PRODUCT, "paymentMethod": TOKEN});
    let placed = client.post(format!("http://{}/orders", commands.addr));
    let look = client.get(format!("http://{}/orderTraces?token={value}", views.addr));
    let stats = client.get(format!("http://{}/orderTraces/stats", views.addr));
    for request in [placed.json(&order), look, stats] {
        request.header(name, value).send().await.unwrap();
    }
}

/// A key that was made, and what of it is secret.
fn secret_of(key: &str) -> &str {
    key.rsplit_once('_').unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_somebody_logs_in_with_is_logged_even_at_trace() {
    let (site, guests) = (Site::start().await, Guests::new());
    let (key, _) = guests.keys.make(&["till", "--role", "operator"]).await;
    let (revoked, id) = guests.keys.make(&["van", "--role", "courier"]).await;
    guests.keys.revoke(&id).await;
    let token = Guests::token(CUSTOMER, "customer");
    let expired = Guests::token_for(CUSTOMER, "customer", -60);
    let logs = ["--log", "ordertrace=trace,info"];
    let flags = [guests.flags(), logs.map(str::to_owned).to_vec()].concat();
    let (commands, views) = tokio::join!(
        site.role_with("command-api", "commands", &flags),
        site.role_with("projections", "views", &flags)
    );
    let shown = [&token, &expired, &key, &revoked];
    for credential in shown {
        let bearer = format!("Bearer {credential}");
        show(&commands, &views, "authorization", &bearer).await;
        show(&commands, &views, "x-api-key", credential).await;
        let cookie = format!("ordertrace={credential}");
        show(&commands, &views, "cookie", &cookie).await;
    }
    let signatures = [&token, &expired].map(|token| token.rsplit_once('.').unwrap().1);
    let claims = [&token, &expired].map(|token| token.split('.').nth(1).unwrap());
    let secrets = [&key, &revoked].map(|key| secret_of(key));
    let private = [
        &signatures[..],
        &claims,
        &secrets,
        &[CUSTOMER, PRODUCT, TOKEN],
    ]
    .concat();
    for role in [&commands, &views] {
        let log = role.program.stderr();
        assert!(log.contains("a credential was refused"), "{log}");
        for private in &private {
            let found = log.lines().find(|line| line.contains(private));
            assert_eq!(found, None, "{private}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_of_a_request_carries_its_id_and_its_trace() {
    let data = tempfile::tempdir().unwrap();
    let flags = ["--log", "ordertrace=debug,info", "--log-format", "json"];
    let dev = Dev::start(data.path(), &flags).await;
    confide(&dev.addr).await;
    let is_of_request = |line: &serde_json::Value| line["span"]["name"] == "request";
    let log = dev.program.stderr();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<serde_json::Value> = lines.filter(is_of_request).collect();
    assert!(lines.len() >= 4, "{log}");
    for line in lines {
        let span = &line["span"];
        assert_eq!(span["request.id"].as_str().unwrap().len(), 36, "{line}");
        assert_eq!(span["trace.id"].as_str().unwrap().len(), 32, "{line}");
    }
}

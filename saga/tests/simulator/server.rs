//! A simulator on a port of its own, and a plain HTTP client for it.

use std::time::Duration;

use ordertrace_saga::simulator::Simulator;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// How long a client of these tests waits for an answer: many times what one takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    pub(crate) base: String,
    client: Client,
    shutdown: CancellationToken,
    served: JoinHandle<std::io::Result<()>>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) is_replayed: bool,
    pub(crate) retry_after: Option<String>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::of(Simulator::in_memory()).await
    }

    pub(crate) async fn of(simulator: Simulator) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let shutdown = CancellationToken::new();
        let client = Client::builder().timeout(PATIENCE).build();
        Self {
            base: format!("http://{address}"),
            client: client.expect("a client"),
            shutdown: shutdown.clone(),
            served: tokio::spawn(simulator.serve(listener, shutdown)),
        }
    }

    pub(crate) async fn stop(mut self) {
        self.shutdown.cancel();
        let served = (&mut self.served).await.expect("the server did not panic");
        served.expect("the server ended well");
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.base))
            .bearer_auth("sk_test_any")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client
            .get(format!("{}{path}", self.base))
            .bearer_auth("sk_test_any")
    }

    pub(crate) async fn posted(&self, path: &str, form: &str) -> Answer {
        answer(self.post(path, form)).await
    }

    pub(crate) async fn got(&self, path: &str) -> Answer {
        answer(self.get(path)).await
    }

    /// Makes an intent over this amount, and says its name.
    pub(crate) async fn intent(&self, amount: i64) -> String {
        let created = self.posted("/v1/payment_intents", &wish(amount)).await;
        assert_eq!(created.status, 200, "{created:?}");
        name(&created)
    }

    pub(crate) async fn status_of(&self, intent: &str) -> String {
        let seen = self.got(&format!("/v1/payment_intents/{intent}")).await;
        seen.body["status"].as_str().expect("a status").to_owned()
    }

    pub(crate) async fn confirmed(&self, intent: &str) -> Answer {
        let path = format!("/v1/payment_intents/{intent}/confirm");
        self.posted(&path, "").await
    }

    pub(crate) async fn cancelled(&self, intent: &str) -> Answer {
        let path = format!("/v1/payment_intents/{intent}/cancel");
        self.posted(&path, "").await
    }

    pub(crate) async fn refunded(&self, intent: &str) -> Answer {
        let form = format!("payment_intent={intent}");
        self.posted("/v1/refunds", &form).await
    }

    /// The rows of the ledger.
    pub(crate) async fn ledger(&self) -> Vec<Value> {
        let ledger = self.got("/_simulator/ledger").await;
        ledger.body.as_array().expect("a list").clone()
    }

    /// The only row of the ledger: captured, refunded, confirmations.
    pub(crate) async fn money(&self) -> (i64, i64, u64) {
        let ledger = self.ledger().await;
        let [row] = ledger.as_slice() else {
            unreachable!("one intent was made: {ledger:?}");
        };
        let amount = |name: &str| row[name].as_i64().expect("an amount");
        let confirmations = row["confirmations"].as_u64().expect("a number");
        (amount("captured"), amount("refunded"), confirmations)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// The form of a wish for an intent.
pub(crate) fn wish(amount: i64) -> String {
    format!(
        "amount={amount}&currency=eur&payment_method=pm_card_visa&confirm=false\
         &payment_method_types%5B%5D=card&capture_method=automatic\
         &metadata%5Border_id%5D=o-1&metadata%5Battempt%5D=1"
    )
}

pub(crate) fn name(created: &Answer) -> String {
    created.body["id"].as_str().expect("a name").to_owned()
}

pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let header = |name| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (is_replayed, retry_after) = (
        header("idempotent-replayed").is_some(),
        header("retry-after"),
    );
    let status = response.status().as_u16();
    let body = response.text().await.expect("a body");
    Answer {
        status,
        body: serde_json::from_str(&body).unwrap_or(Value::Null),
        is_replayed,
        retry_after,
    }
}

/// Asserts that the connection ends without an answer.
pub(crate) async fn assert_lost(request: RequestBuilder) {
    let error = request.send().await.expect_err("no answer");
    assert!(error.is_request(), "{error:?}");
    assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
}

//! The HTTP API, as a client uses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Client, Method, header::HeaderMap};
use serde_json::{Value, json};

use super::{PATIENCE, wait_until};

/// Longer than the server itself takes for any request.
const ANSWER_MAX: Duration = Duration::from_secs(40);

/// A client of one server, or of several that it uses in turn.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    client: Client,
    commands: Vec<String>,
    queries: Vec<String>,
    turn: Arc<AtomicUsize>,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) key: Option<String>,
    /// The version that an `If-Match` names.
    pub(crate) if_match: Option<u64>,
    pub(crate) host: Option<&'static str>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// The original's order, with the strings that httpie sends.
pub(crate) fn cash_order() -> Value {
    json!({"productId": "1", "qty": "1", "paymentType": "cash", "cost": "1000", "productName": "Coffee"})
}

impl Call {
    /// A request without a body.
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
            key: None,
            if_match: None,
            host: None,
        }
    }

    /// The same with a JSON body.
    pub(crate) fn json(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// The same with an `Idempotency-Key`.
    pub(crate) fn key(self, key: impl Into<String>) -> Self {
        Self {
            key: Some(key.into()),
            ..self
        }
    }

    /// The same, meant for another host.
    pub(crate) fn host(self, host: &'static str) -> Self {
        Self {
            host: Some(host),
            ..self
        }
    }
}

impl Answer {
    /// The body, which is JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(body) => body,
            Err(error) => panic!("no JSON ({error}): {} {}", self.status, self.text),
        }
    }

    /// A header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    /// The same, checked to have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The id of the order it is about.
    #[track_caller]
    pub(crate) fn order_id(&self) -> String {
        self.json()["orderId"].as_str().unwrap().to_owned()
    }
}

impl Api {
    /// The API at this address, such as `127.0.0.1:8088`.
    pub(crate) fn at(addr: &str) -> Self {
        let client = Client::builder().no_proxy().timeout(ANSWER_MAX);
        let base = format!("http://{addr}");
        Self {
            client: client.build().unwrap(),
            commands: vec![base.clone()],
            queries: vec![base],
            turn: Arc::default(),
        }
    }

    /// What stands behind a gateway: commands go to these in turn, queries to those.
    pub(crate) fn behind_a_gateway<'a>(
        commands: impl IntoIterator<Item = &'a Self>,
        queries: impl IntoIterator<Item = &'a Self>,
    ) -> Self {
        let mut all = Self::at("");
        all.commands = commands
            .into_iter()
            .flat_map(|api| api.commands.clone())
            .collect();
        all.queries = queries
            .into_iter()
            .flat_map(|api| api.queries.clone())
            .collect();
        all
    }

    /// Sends a request; an error when there was no answer.
    pub(crate) async fn try_call(&self, call: &Call) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{}", self.base(&call.method), call.path);
        let mut request = self.client.request(call.method.clone(), url);
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        if let Some(key) = &call.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(version) = call.if_match {
            request = request.header("if-match", format!("\"{version}\""));
        }
        if let Some(host) = call.host {
            request = request.header("host", host);
        }
        let response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await?,
        })
    }

    fn base(&self, method: &Method) -> &str {
        let bases = if *method == Method::GET {
            &self.queries
        } else {
            &self.commands
        };
        &bases[self.turn.fetch_add(1, Ordering::Relaxed) % bases.len()]
    }

    /// Sends a request that is answered.
    pub(crate) async fn call(&self, call: Call) -> Answer {
        match self.try_call(&call).await {
            Ok(answer) => answer,
            Err(error) => panic!("no answer to {call:?}: {error:?}"),
        }
    }

    /// `GET`
    pub(crate) async fn get(&self, path: impl Into<String>) -> Answer {
        self.call(Call::new(Method::GET, path)).await
    }

    /// `POST` with a JSON body
    pub(crate) async fn post(&self, path: impl Into<String>, body: Value) -> Answer {
        self.call(Call::new(Method::POST, path).json(body)).await
    }

    /// `PUT` with a JSON body
    pub(crate) async fn put(&self, path: impl Into<String>, body: Value) -> Answer {
        self.call(Call::new(Method::PUT, path).json(body)).await
    }

    /// `DELETE`
    pub(crate) async fn delete(&self, path: impl Into<String>) -> Answer {
        self.call(Call::new(Method::DELETE, path)).await
    }

    /// Places an order and gives its id.
    pub(crate) async fn place(&self, order: Value) -> String {
        self.post("/orders", order).await.expect(201).order_id()
    }

    /// Places an order by card.
    pub(crate) async fn place_by_card(&self, cost: i64) -> String {
        self.place(
            json!({"productId": 1, "qty": 1, "paymentType": "card", "cost": cost,
            "productName": "Coffee", "paymentMethod": "pm_card_visa"}),
        )
        .await
    }

    /// Waits until the order's trace has come to this state, and gives the trace.
    pub(crate) async fn trace_at(&self, order: &str, state: &str) -> Value {
        let mut last = String::new();
        let found = tokio::time::timeout(PATIENCE, async {
            wait_until("a state", PATIENCE * 2, async || {
                let answer = self.get(format!("/orderTraces/{order}")).await;
                let is_there = answer.status == 200 && answer.json()["state"] == state;
                last = answer.text.clone();
                is_there.then(|| answer.json())
            })
            .await
        })
        .await;
        match found {
            Ok(trace) => trace,
            Err(_) => panic!("order {order} does not come to {state}: {last}"),
        }
    }

    /// Waits until the server says that it is ready.
    pub(crate) async fn ready(&self) {
        wait_until("/readyz answers 200", PATIENCE, async || {
            let answer = self.try_call(&Call::new(Method::GET, "/readyz")).await;
            answer.ok().filter(|answer| answer.status == 200)
        })
        .await;
    }
}

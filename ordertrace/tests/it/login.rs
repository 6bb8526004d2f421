//! Roles that let in only whom they know, beside a `dev` whose log they share.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::harness::{Dev, Keys, PATIENCE, Program, Role, cash_order, wait_until};

/// Somebody with a key, or without one.
struct Caller(Option<String>);

impl Caller {
    fn ask(&self, method: Method, role: &Role, path: &str) -> RequestBuilder {
        let client = Client::builder().no_proxy().build().unwrap();
        let request = client.request(method, format!("http://{}{path}", role.addr));
        match &self.0 {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    async fn get(&self, role: &Role, path: &str) -> (u16, String) {
        answer(self.ask(Method::GET, role, path)).await
    }

    async fn place(&self, role: &Role) -> (u16, String) {
        answer(self.ask(Method::POST, role, "/orders").json(&cash_order())).await
    }
}

async fn answer(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn role(name: &str, folder: &Path, keys: &Keys, more: &[&str]) -> Role {
    let folder = folder.to_str().unwrap();
    let args = ["--data-dir", folder, "--api-keys-file", keys.file()];
    Role::start(name, &[&args, more].concat()).await
}

#[tokio::test]
async fn who_has_a_key_acts_under_its_name_until_it_is_revoked_and_nobody_else_gets_in() {
    let data = tempfile::tempdir().unwrap();
    let _dev = Dev::start(data.path(), &[]).await;
    let keys = Keys::at(data.path().join("keys"));
    let shop = ["shop", "--role", "customer", "--customer", "alice"];
    let (alice, id) = keys.make(&shop).await;
    let other = ["kiosk", "--role", "customer", "--customer", "bob"];
    let (alice, bob) = (Caller(Some(alice)), Caller(Some(keys.make(&other).await.0)));
    let staff = ["desk", "--role", "operator"];
    let staff = Caller(Some(keys.make(&staff).await.0));
    let commands = role("command-api", data.path(), &keys, &[]).await;
    let views = data.path().join("views-2");
    let views = ["--views-dir", views.to_str().unwrap()];
    let queries = role("projections", data.path(), &keys, &views).await;

    assert_eq!(Caller(None).place(&commands).await.0, 401);
    assert_eq!(
        Caller(Some("ot_nobody".to_owned()))
            .place(&commands)
            .await
            .0,
        401
    );
    let (status, placed) = alice.place(&commands).await;
    assert_eq!(status, 201, "{placed}");
    let placed: Value = serde_json::from_str(&placed).unwrap();
    assert_eq!(placed["customerId"], "alice");
    let path = format!(
        "/orderTraces/{}/events",
        placed["orderId"].as_str().unwrap()
    );

    let seen = wait_until("the order is seen", PATIENCE, async || {
        let (status, text) = alice.get(&queries, &path).await;
        (status == 200).then_some(text)
    });
    assert!(seen.await.contains("apikey:shop"));
    assert_eq!(staff.get(&queries, &path).await.0, 200);
    assert_eq!(bob.get(&queries, &path).await.0, 404);
    assert_eq!(Caller(None).get(&queries, &path).await.0, 401);
    assert_eq!(alice.get(&queries, "/orderTraces/stats").await.0, 403);
    assert_eq!(Caller(None).get(&queries, "/readyz").await.0, 200);

    keys.revoke(&id).await;
    let refused = wait_until("the key is refused", PATIENCE, async || {
        (alice.place(&commands).await.0 == 401).then_some(())
    });
    refused.await;
    assert_eq!(bob.place(&commands).await.0, 201);
}

#[tokio::test]
async fn a_client_shows_the_token_of_a_file() {
    let data = tempfile::tempdir().unwrap();
    let _dev = Dev::start(data.path(), &[]).await;
    let keys = Keys::at(data.path().join("keys"));
    let (desk, _) = keys.make(&["desk", "--role", "operator"]).await;
    let token = data.path().join("token");
    std::fs::write(&token, format!("{desk}\n")).unwrap();
    let views = data.path().join("views-2");
    let views = ["--views-dir", views.to_str().unwrap()];
    let queries = role("projections", data.path(), &keys, &views).await;
    let url = format!("http://{}", queries.addr);
    let ask = ["ops", "views", "--url", &url];

    let mut without = Program::run(ask).await;
    assert_eq!(without.code(), Some(1), "{}", without.stderr());
    assert!(without.stderr().contains("log in"), "{}", without.stderr());
    let show = ["--token-file", token.to_str().unwrap()];
    let mut with = Program::run(ask.into_iter().chain(show)).await;
    assert_eq!(with.code(), Some(0), "{}", with.stderr());
}

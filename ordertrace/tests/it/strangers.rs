//! Clients that nobody invited: web pages of other sites, and connections that say little or nothing.

use std::time::Duration;

use reqwest::{Client, Method};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{Api, Call, Dev, Program, cash_order};

/// The 10 s that a client has for a request's head, and some more for a busy machine.
const CLOSED_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &["--allowed-host", "shop.example"]).await;
    let orders = |host| Call::new(Method::GET, "/orders").host(host);
    let refused = dev.api.call(orders("evil.example")).await.expect(421);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.json()["type"], "urn:ordertrace:problem:wrong-host");
    dev.api.call(orders("localhost:8088")).await.expect(200);
    dev.api.call(orders("shop.example")).await.expect(200);
}

#[tokio::test]
async fn no_page_of_another_origin_may_read_an_answer() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    for answer in [
        dev.api.get("/orders").await,
        dev.api.call(Call::new(Method::OPTIONS, "/orders")).await,
        dev.api.post("/orders", cash_order()).await,
    ] {
        let cors = answer
            .headers
            .keys()
            .find(|name| name.as_str().starts_with("access-control"));
        assert_eq!(cors, None);
    }
}

/// A browser's `POST` without a body, and how it is answered.
async fn post_from(dev: &Dev, path: &str, header: (&str, &str)) -> (u16, String) {
    let client = Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{}{path}", dev.addr));
    let answer = request.header(header.0, header.1).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_page_of_another_site_can_not_approve_a_payment() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let order = dev.api.place(cash_order()).await;
    let trace = dev.api.trace_at(&order, "payment_requested").await;
    let path = format!("/payments/{order}/approve");
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let (status, text) = post_from(&dev, &path, header).await;
        assert_eq!(status, 403, "{header:?}: {text}");
        assert!(text.contains("urn:ordertrace:problem:cross-site"), "{text}");
    }
    let untouched = dev.api.get(format!("/orderTraces/{order}")).await;
    assert_eq!(untouched.json(), trace);
    let own_page = format!("http://{}", dev.addr);
    let (status, text) = post_from(&dev, &path, ("origin", &own_page)).await;
    assert_eq!(status, 200, "{text}");
}

#[tokio::test]
async fn a_server_answers_to_the_address_it_was_told_to_listen_on() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let mut program = Program::start(["dev", "--listen", "127.0.0.2:0", "--data-dir", folder]);
    let addr = program.said("where its API is", |stdout, _| {
        let rest = stdout.split_once("API      http://")?.1;
        Some(rest.split_once('\n')?.0.to_owned())
    });
    let addr = addr.await;
    assert!(addr.starts_with("127.0.0.2:"), "{addr}");
    let answer = Api::at(&addr).get("/livez").await;
    answer.expect(200);
}

/// Says this and no more, and gives what comes back until the server closes the connection.
async fn told_until_closed(dev: &Dev, said: &[u8]) -> String {
    let mut connection = TcpStream::connect(&dev.addr).await.unwrap();
    connection.write_all(said).await.unwrap();
    let mut told = Vec::new();
    let closed = timeout(CLOSED_WITHIN, connection.read_to_end(&mut told)).await;
    let said = String::from_utf8_lossy(said);
    assert!(closed.is_ok(), "still open after {said:?}");
    String::from_utf8(told).unwrap()
}

#[tokio::test]
async fn a_connection_that_does_not_finish_a_head_is_closed() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let (nothing, a_byte, half_a_head, half_a_preface, after_an_answer) = tokio::join!(
        told_until_closed(&dev, b""),
        told_until_closed(&dev, b"P"),
        told_until_closed(&dev, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"),
        told_until_closed(&dev, b"PRI * HTTP/2.0\r\n"),
        told_until_closed(&dev, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET"),
    );
    assert_eq!([nothing, a_byte, half_a_head], ["", "", ""]);
    assert!(!half_a_preface.contains("200 OK"), "{half_a_preface}");
    assert!(after_an_answer.ends_with("ok\n"), "{after_an_answer}");
}

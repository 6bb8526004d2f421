//! The part of the catalogue that is about who asks: over roles as they are deployed, which let in only whom they know.

use std::collections::BTreeSet;

use super::{
    assert_refused,
    raw::{self, Answer, Sent},
    rows::{Row, row},
};
use crate::harness::{Guests, LogReader, PATIENCE, Role, Site, cash_order, wait_until};

/// Nobody has placed it.
const MISSING: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// White space around a header's value is not part of it, so that this token comes as a good one.
const NOT_SENT_AS_IT_IS: &str = "white space behind";

/// Roles with an order of alice's.
struct House {
    order: String,
    commands: Role,
    queries: Role,
    log: LogReader,
    _site: Site,
    _guests: Guests,
}

impl House {
    async fn open() -> Self {
        let (site, guests) = (Site::start().await, Guests::new());
        let flags = guests.flags();
        let (commands, queries) = tokio::join!(
            site.role_with("command-api", "commands", &flags),
            site.role_with("projections", "views", &flags)
        );
        let house = Self {
            order: place(&commands).await,
            log: site.log().await,
            commands,
            queries,
            _site: site,
            _guests: guests,
        };
        let trace = Sent::by(&alice(), "GET", &format!("/orders/{}", house.order));
        wait_until("the order is seen", PATIENCE, async || {
            let answer = house.ask(&trace, "GET").await?;
            (answer.status == 200).then_some(())
        })
        .await;
        house
    }

    /// As a gateway sends it on.
    async fn ask(&self, sent: &Sent, method: &str) -> Option<Answer> {
        let role = match method {
            "GET" => &self.queries,
            _ => &self.commands,
        };
        raw::exchange(&role.addr, sent).await
    }
}

fn alice() -> String {
    Guests::token("alice", "customer")
}

fn bob() -> String {
    Guests::token("bob", "customer")
}

async fn place(commands: &Role) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("http://{}/orders", commands.addr));
    let placed = request.bearer_auth(alice()).json(&cash_order());
    let placed = placed.send().await.unwrap().error_for_status().unwrap();
    let placed: serde_json::Value = placed.json().await.unwrap();
    placed["orderId"].as_str().unwrap().to_owned()
}

/// What somebody sends who shows something that does not count: lines of a head.
fn shown() -> Vec<(&'static str, String)> {
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let (good, line) = (alice(), bearer(&alice()));
    let forged = Guests::forged().into_iter();
    let forged = forged.filter(|(name, _)| *name != NOT_SENT_AS_IT_IS);
    let forged = forged.map(|(name, token)| (name, bearer(&token)));
    let sent_wrongly = [
        ("two Authorization headers", format!("{line}{line}")),
        (
            "a second, empty one",
            format!("{line}Authorization: Bearer\r\n"),
        ),
        ("a token and a key", format!("{line}X-Api-Key: ot_x\r\n")),
        ("a token for a key", format!("X-Api-Key: {good}\r\n")),
        ("a key that there is not", bearer("ot_nobody")),
        ("another scheme", "Authorization: Basic YTpi\r\n".to_owned()),
        ("no scheme", format!("Authorization: {good}\r\n")),
    ];
    forged.chain(sent_wrongly).collect()
}

/// Requests that show nothing which is looked at.
fn unknown(order: &str) -> Vec<Row> {
    let good = alice();
    let cookie = format!("Cookie: ordertrace={good}\r\n");
    let row = |name, sent| row(name, sent, 401, "invalid-token");
    let looked_at = |query: &str| Sent::get(&format!("/orders/{order}?{query}={good}"));
    vec![
        row("nothing", Sent::get("/orders")),
        row("a token in the query", looked_at("access_token")),
        row("a token in the query, too", looked_at("token")),
        row(
            "a token in a cookie",
            Sent::headers("GET", "/orders", &cookie),
        ),
        row("nothing, of no id", Sent::get("/orders/*")),
    ]
}

/// Requests of those who are known and may not.
pub(super) fn rows(order: &str) -> Vec<(Row, &'static str)> {
    let courier = Guests::token("carl", "courier");
    let auditor = Guests::token("ada", "auditor");
    let nobody = Guests::token("norbert", "openid");
    let approve = format!("/payments/{order}/approve");
    let complete = format!("/deliveries/{order}/complete");
    let cancel = format!("/orders/{order}");
    let trace = format!("/orderTraces/{order}");
    let by = |name, method, (who, target): (&String, &str), status, problem| {
        let sent = Sent::by(who, method, target);
        (row(name, sent, status, problem), method)
    };
    let (alice, bob) = (alice(), bob());
    let barred = |name, method, asked| by(name, method, asked, 403, "forbidden");
    let missing = |name, method, asked| by(name, method, asked, 404, "not-found");
    vec![
        barred("a customer's totals", "GET", (&alice, "/orderTraces/stats")),
        barred("a customer's stuck orders", "GET", (&alice, "/ops/stuck")),
        barred("a customer's approval", "POST", (&alice, &approve)),
        barred("a customer's delivery", "POST", (&alice, &complete)),
        barred("a courier's look", "GET", (&courier, "/orders")),
        barred("a courier's approval", "POST", (&courier, &approve)),
        barred("an auditor's cancellation", "DELETE", (&auditor, &cancel)),
        barred("no role", "GET", (&nobody, "/orders")),
        missing("another's order", "GET", (&bob, &cancel)),
        missing("another's trace", "GET", (&bob, &trace)),
        missing("another's cancellation", "DELETE", (&bob, &cancel)),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_known_is_refused_by_every_role_and_not_told_why() {
    let house = House::open().await;
    let before = house.log.last_sequences().await;
    let cancel = format!("/orders/{}", house.order);
    let mut told = BTreeSet::new();
    for (name, lines) in shown() {
        for (method, target) in [("GET", "/orders"), ("DELETE", &cancel)] {
            let sent = Sent::headers(method, target, &lines);
            let answer = house.ask(&sent, method).await;
            let refusal = answer.as_ref().unwrap();
            let challenge = r#"www-authenticate: Bearer error="invalid_token""#;
            assert!(refusal.head.contains(challenge), "{name}: {refusal:?}");
            told.insert(refusal.body.clone());
            assert_refused(&row(name, sent, 401, "invalid-token"), answer);
        }
    }
    assert_eq!(told.len(), 1, "{told:?}");
    for row in unknown(&house.order) {
        let answer = house.ask(&row.sent, "GET").await;
        assert_refused(&row, answer);
    }
    assert_eq!(house.log.last_sequences().await, before);
    let good = Sent::by(&alice(), "DELETE", &cancel);
    assert_eq!(house.ask(&good, "DELETE").await.unwrap().status, 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_known_and_may_not_changes_nothing_and_learns_nothing() {
    let house = House::open().await;
    let before = house.log.last_sequences().await;
    let missing = rows(MISSING).into_iter();
    for ((row, method), (of_missing, _)) in rows(&house.order).into_iter().zip(missing) {
        let answer = house.ask(&row.sent, method).await;
        let expected = house.ask(&of_missing.sent, method).await;
        assert_eq!(
            answer.as_ref().map(timeless),
            expected.as_ref().map(timeless),
            "{}: a missing order looks otherwise",
            row.name
        );
        assert_refused(&row, answer);
    }
    assert_eq!(house.log.last_sequences().await, before);
}

/// An answer without what is different in any two: when it was given, and its own names.
fn timeless(answer: &Answer) -> (u16, Vec<&str>, &str) {
    let differs = ["date:", "x-request-id:", "traceparent:"];
    let lines = answer.head.lines();
    let lines = lines.filter(|line| !differs.iter().any(|name| line.starts_with(name)));
    (answer.status, lines.collect(), &answer.body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_often_keeps_nobody_else_from_asking() {
    let (site, guests) = (Site::start().await, Guests::new());
    let rate = ["--http-rate", "3", "--http-rate-burst-secs", "1"];
    let flags = [guests.flags(), rate.map(str::to_owned).to_vec()].concat();
    let queries = site.role_with("projections", "views", &flags).await;
    let ask =
        async |who: &str| raw::exchange(&queries.addr, &Sent::by(who, "GET", "/orders")).await;
    let (alice, bob) = (alice(), bob());
    let refused = wait_until("the allowance is used up", PATIENCE, async || {
        // Faster than three in a second on any machine.
        let answers = futures::future::join_all((0..12).map(|_| ask(&alice))).await;
        let mut answers = answers.into_iter().flatten();
        answers.find(|answer| answer.status != 200)
    })
    .await;
    let often = row("too often", Sent::get("/orders"), 429, "rate-limited");
    assert_refused(&often, Some(refused));
    assert_eq!(ask(&bob).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_issuers_keys_nobody_is_refused_for_good() {
    let (site, guests) = (Site::start().await, Guests::new());
    let nowhere = site.path().join("no-jwks.json");
    let flags = guests.flags_with_jwks(nowhere.to_str().unwrap());
    let commands = site.role_unready("command-api", "commands", &flags).await;
    let sent = Sent::by(&alice(), "DELETE", &format!("/orders/{MISSING}"));
    let answer = raw::exchange(&commands.addr, &sent).await;
    assert_refused(&row("no keys", sent, 503, "no-keys"), answer);
    let ready = raw::exchange(&commands.addr, &Sent::get("/readyz")).await;
    let ready = ready.unwrap();
    assert_eq!(ready.status, 503);
    assert!(ready.body.starts_with("log-in: "), "{}", ready.body);
}

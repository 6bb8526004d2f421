//! What a customer finds in lists: their own orders, each once, and a count that is theirs.

use ordertrace_domain::testing::fixtures::{cash, histories};
use rstest::rstest;
use serde_json::Value;

use crate::{
    feed::{Feed, order_id},
    folder::Folder,
    http::{get, routes_of, routes_with},
    owners::{of_customer, prepared},
};

const COLLECTIONS: [&str; 4] = ["orders", "payments", "deliveries", "orderTraces"];

fn ids(body: &Value, collection: &str) -> Vec<String> {
    let entries = body["_embedded"][collection].as_array().unwrap();
    let ids = entries
        .iter()
        .map(|entry| entry["orderId"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

fn expected(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    let ids = numbers
        .into_iter()
        .map(|number| order_id(number).to_string());
    ids.collect()
}

/// Alice's orders have even numbers, bob's odd ones. All are at the same stage.
fn shared_feed(count: usize) -> Feed {
    let whose = ["alice", "bob"].into_iter().cycle();
    Feed::of(whose.take(count).map(prepared))
}

/// All pages of a list, and where each is.
async fn pages(routes: &axum::Router, first: &str) -> Vec<(String, Value)> {
    let mut pages = Vec::new();
    let mut path = Some(first.to_owned());
    while let Some(at) = path {
        let body = get(routes, &at).await.ok();
        let next = body["_links"]["next"]["href"].as_str();
        path = next.map(str::to_owned);
        pages.push((at, body));
    }
    pages
}

#[tokio::test]
async fn a_list_has_the_customers_own_orders_alone_page_by_page() {
    let feed = shared_feed(9);
    let (_folder, store) = Folder::with(&feed);
    for (name, own) in [
        ("alice", [8, 6, 4, 2, 0].as_slice()),
        ("bob", &[7, 5, 3, 1]),
    ] {
        let routes = routes_of(&store, &feed, name);
        for collection in COLLECTIONS {
            let pages = pages(&routes, &format!("/{collection}?limit=2")).await;
            let found: Vec<_> = pages
                .iter()
                .flat_map(|(_, page)| ids(page, collection))
                .collect();
            assert_eq!(
                found,
                expected(own.iter().copied()),
                "{collection} of {name}"
            );
        }
    }
}

#[rstest]
#[case::counted("orders", Some(5))]
#[case::counted("orderTraces", Some(5))]
#[case::not_counted("payments", None)]
#[case::not_counted("deliveries", None)]
#[tokio::test]
async fn what_is_counted_is_the_customers(#[case] collection: &str, #[case] total: Option<u64>) {
    let feed = shared_feed(9);
    let (_folder, store) = Folder::with(&feed);
    let alice = routes_of(&store, &feed, "alice");
    let page = get(&alice, &format!("/{collection}?limit=2")).await.ok();
    assert_eq!(page["page"]["totalElements"].as_u64(), total);
    let all = get(&routes_with(&store, &feed), &format!("/{collection}")).await;
    assert_eq!(all.ok()["page"]["totalElements"], 9);
}

#[tokio::test]
async fn a_cursor_is_good_for_whom_it_was_given_to_alone() {
    let feed = shared_feed(9);
    let (_folder, store) = Folder::with(&feed);
    let readers = [
        routes_of(&store, &feed, "alice"),
        routes_of(&store, &feed, "bob"),
        routes_with(&store, &feed),
    ];
    for query in [
        "orders?",
        "payments?",
        "orderTraces?",
        "orderTraces?state=delivery_prepared&",
    ] {
        for (whose, owner) in readers.iter().enumerate() {
            let given = pages(owner, &format!("/{query}limit=1")).await;
            let (second, _) = &given[1];
            for (who, reader) in readers.iter().enumerate() {
                let answer = get(reader, second).await;
                if who == whose {
                    answer.ok();
                } else {
                    assert_eq!(answer.problem(), "invalid-request", "{second}");
                }
            }
        }
    }
}

#[tokio::test]
async fn to_ask_for_another_customer_finds_nothing_whether_there_is_one_or_not() {
    let feed = shared_feed(9);
    let (_folder, store) = Folder::with(&feed);
    let alice = routes_of(&store, &feed, "alice");
    for more in ["", "&state=delivery_prepared", "&productId=1&limit=1"] {
        let asked = async |name| {
            let path = format!("/orderTraces?customerId={name}{more}");
            get(&alice, &path).await.ok()
        };
        let (bobs, nobodys) = (asked("bob").await, asked("nobody").await);
        assert_eq!(ids(&bobs, "orderTraces"), Vec::<String>::new());
        assert_eq!(
            bobs.to_string().replace("bob", "nobody"),
            nobodys.to_string()
        );
        assert_eq!(bobs["page"]["totalElements"], 0);
        assert_eq!(bobs["_links"]["next"], Value::Null);
    }
    let own = get(&alice, "/orderTraces?customerId=alice").await.ok();
    assert_eq!(ids(&own, "orderTraces"), expected([8, 6, 4, 2, 0]));
    assert_eq!(own["page"]["totalElements"], 5);
}

#[tokio::test]
async fn a_filter_is_applied_to_the_customers_own_orders() {
    let mut orders = vec![prepared("alice"), prepared("bob")];
    orders.push(of_customer("alice", histories::placed(cash())));
    orders.push(of_customer("bob", histories::placed(cash())));
    let feed = Feed::of(orders);
    let (_folder, store) = Folder::with(&feed);
    let alice = routes_of(&store, &feed, "alice");
    for (query, own) in [
        ("state=placed", vec![2]),
        ("state=delivery_prepared", vec![0]),
        ("productId=1&sort=placedAt,asc", vec![0, 2]),
        ("state=completed", vec![]),
    ] {
        let found = get(&alice, &format!("/orderTraces?{query}")).await.ok();
        assert_eq!(ids(&found, "orderTraces"), expected(own), "{query}");
    }
    let payments = get(&alice, "/payments").await.ok();
    assert_eq!(ids(&payments, "payments"), expected([0]));
}

#[tokio::test]
async fn a_delivery_is_found_behind_many_orders_that_have_none() {
    const ORDERS: u64 = 501;
    let open = of_customer("alice", histories::placed(cash()));
    let mut orders = vec![open; usize::try_from(ORDERS).unwrap()];
    orders[0] = prepared("alice");
    let feed = Feed::of(orders);
    let (_folder, store) = Folder::with(&feed);
    let pages = pages(&routes_of(&store, &feed, "alice"), "/deliveries").await;
    let found: Vec<_> = pages
        .iter()
        .flat_map(|(_, page)| ids(page, "deliveries"))
        .collect();
    assert_eq!(found, expected([0]));
    // No page looks at more than 200 orders that are none of the list's.
    assert_eq!(pages.len(), 3);
}

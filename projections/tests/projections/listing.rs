//! Lists: newest first, each entry once, whatever arrives meanwhile.

use ordertrace_domain::testing::fixtures::{self, histories};
use serde_json::Value;

use crate::{
    feed::{Feed, Tip, order_id},
    folder::Folder,
    http::{Answer, get, listed, routes},
};

/// A feed of so many placed orders, 0, 1, 2 …
fn placed(count: usize) -> Feed {
    Feed::of(vec![histories::placed(fixtures::cash()); count])
}

fn ids(body: &Value, collection: &str) -> Vec<String> {
    let entries = body["_embedded"][collection].as_array().unwrap();
    let ids = entries
        .iter()
        .map(|entry| entry["orderId"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

fn newest_first(numbers: std::ops::Range<u64>) -> Vec<String> {
    numbers
        .rev()
        .map(|number| order_id(number).to_string())
        .collect()
}

fn next_of(answer: &Answer) -> Option<String> {
    let next = answer.body["_links"]["next"]["href"].as_str();
    let link = next.map_or(String::new(), |next| format!("<{next}>; rel=\"next\""));
    assert_eq!(answer.header("link"), link);
    next.map(str::to_owned)
}

#[tokio::test]
async fn an_empty_collection_is_a_page_without_entries() {
    let (_folder, store) = Folder::with(&Feed::new());
    for collection in ["orders", "payments", "deliveries", "orderTraces"] {
        let answer = get(&routes(&store), &format!("/{collection}")).await;
        assert_eq!(next_of(&answer), None);
        let expected = serde_json::json!({
            "_embedded": { collection: [] },
            "_links": { "self": { "href": format!("/{collection}") } },
            "page": { "size": 50, "totalElements": 0, "totalPages": 0, "number": 0 },
        });
        assert_eq!(answer.ok(), expected);
    }
}

#[tokio::test]
async fn a_page_has_fifty_entries_unless_the_client_says_otherwise() {
    let (_folder, store) = Folder::with(&placed(120));
    let routes = routes(&store);
    let page = get(&routes, "/orders").await.ok();
    assert_eq!(ids(&page, "orders"), newest_first(70..120));
    let expected =
        serde_json::json!({ "size": 50, "totalElements": 120, "totalPages": 3, "number": 0 });
    assert_eq!(page["page"], expected);
    let all = get(&routes, "/orders?limit=200").await;
    assert_eq!(next_of(&all), None);
    assert_eq!(ids(&all.ok(), "orders"), newest_first(0..120));
}

#[tokio::test]
async fn the_last_full_page_has_no_next() {
    let (_folder, store) = Folder::with(&placed(4));
    let first = get(&routes(&store), "/orders?limit=2").await;
    let second = get(&routes(&store), &next_of(&first).unwrap()).await;
    assert_eq!(next_of(&second), None);
    assert_eq!(ids(&second.body, "orders"), newest_first(0..2));
}

#[tokio::test]
async fn paging_shows_each_entry_exactly_once_while_new_ones_arrive() {
    let feed = placed(25);
    let (_folder, store) = Folder::with(&feed);
    let routes = routes(&store);
    let mut path = Some("/orderTraces?limit=4".to_owned());
    let (mut seen, mut numbers) = (Vec::new(), Vec::new());
    let mut arriving = 25;
    while let Some(page) = path {
        let answer = get(&routes, &page).await;
        path = next_of(&answer);
        let body = answer.ok();
        assert_eq!(body["_links"]["self"]["href"], page);
        assert_eq!(body["page"]["totalElements"], arriving);
        numbers.push(body["page"]["number"].as_u64().unwrap());
        seen.extend(ids(&body, "orderTraces"));
        for _ in 0..3 {
            feed.write_all(arriving, Tip::NONE, histories::placed(fixtures::card()));
            arriving += 1;
        }
        store.commit(&feed.items()).unwrap();
    }
    assert_eq!(seen, newest_first(0..25));
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn each_collection_lists_its_members_by_the_time_they_became_one() {
    let feed = Feed::new();
    let tips: Vec<_> = (0..3)
        .map(|number| feed.write_all(number, Tip::NONE, histories::placed(fixtures::cash())))
        .collect();
    // The payments come in another order than the orders did, and order 1 has none.
    for number in [2, 0] {
        let requested = histories::requested(fixtures::cash()).split_off(1);
        feed.write_all(number as u64, tips[number], requested);
    }
    let (_folder, store) = Folder::with(&feed);
    let routes = routes(&store);
    let payments = get(&routes, "/payments").await.ok();
    let expected = [0, 2].map(|number| order_id(number).to_string());
    assert_eq!(ids(&payments, "payments"), expected);
    assert_eq!(payments["page"]["totalElements"], 2);
    let orders = get(&routes, "/orders").await.ok();
    assert_eq!(ids(&orders, "orders"), newest_first(0..3));
    let deliveries = get(&routes, "/deliveries").await.ok();
    assert_eq!(ids(&deliveries, "deliveries"), Vec::<String>::new());
}

#[tokio::test]
async fn an_entry_of_a_list_is_the_resource_itself() {
    let (_folder, store) = Folder::with(&Feed::of([histories::completed(fixtures::card())]));
    let routes = routes(&store);
    for collection in ["orders", "payments", "deliveries", "orderTraces"] {
        let list = get(&routes, &format!("/{collection}")).await.ok();
        let item = get(&routes, &format!("/{collection}/{}", order_id(0)))
            .await
            .ok();
        let item = listed(item);
        assert_eq!(list["_embedded"][collection], serde_json::json!([item]));
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_collection_only() {
    let (_folder, store) = Folder::with(&placed(3));
    let routes = routes(&store);
    let next = next_of(&get(&routes, "/orders?limit=1").await).unwrap();
    get(&routes, &next).await.ok();
    let elsewhere = next.replace("/orders", "/orderTraces");
    let answer = get(&routes, &elsewhere).await;
    assert_eq!(answer.problem(), "invalid-request");
}

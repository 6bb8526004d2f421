//! The description of the API is true: it has what is routed, no more and no less, and each role has its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use reqwest::Method;
use serde_json::Value;

use crate::harness::{Api, Call, Dev, Site};
use crate::repository::sources;

/// Set it to write the snapshot anew, and look at the difference.
const UPDATE: &str = "UPDATE_SNAPSHOTS";

/// An id for the `{id}` of a path.
const ANY_ID: &str = "0bff1311-4371-507b-bccd-aa96e86ad0f3";

/// What may make routes without a description: pages for people, the payment provider that is simulated, and the protocol
/// of witnesses, which is C2SP's.
const UNDESCRIBED: [&str; 8] = [
    // Nothing of it is served to anybody.
    "/fuzz/",
    "auditor/src/witness/routes.rs",
    // What a bench compares with.
    "ordertrace/src/bench/http/bare.rs",
    "ordertrace/src/openapi/page.rs",
    // It hands on what others have described.
    "ordertrace/src/roles/page/proxy",
    "ordertrace/src/server/index.rs",
    "saga/src/simulator/",
    "web/src/",
];

async fn document(api: &Api) -> Value {
    api.get("/openapi.json").await.expect(200).json()
}

/// The methods of each path.
fn operations(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &Value| {
        let names = item.as_object().unwrap().keys();
        names.map(|name| name.to_uppercase()).collect()
    };
    paths
        .iter()
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
}

/// Everything that refers to something in the document.
fn references<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference);
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(elements) => elements.iter().for_each(|it| references(it, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn what_is_described_is_what_is_served() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let document = document(&dev.api).await;
    // A method that nobody has: the router answers it with those that there are.
    let none = Method::from_bytes(b"BREW").unwrap();
    for (path, methods) in operations(&document) {
        let call = Call::new(none.clone(), path.replace("{id}", ANY_ID));
        let answer = dev.api.call(call).await.expect(405);
        let allowed = answer.header("allow");
        let served: BTreeSet<String> = allowed
            .split(',')
            .filter(|method| *method != "HEAD")
            .map(str::to_owned)
            .collect();
        assert_eq!(served, methods, "{path}");
    }
    assert_snapshot(&document);
    assert_refers_to_what_is_there(&document);
    assert_names_are_single(&document);
}

fn assert_snapshot(document: &Value) {
    let text = format!("{}\n", serde_json::to_string_pretty(document).unwrap());
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let path = folder.join("openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "/openapi.json says something else; {UPDATE}=1 takes it over"
    );
}

fn assert_refers_to_what_is_there(document: &Value) {
    let mut found = BTreeSet::new();
    references(document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn assert_names_are_single(document: &Value) {
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let names: Vec<_> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), different.len(), "{names:?}");
}

#[tokio::test]
async fn a_role_describes_what_it_serves_itself() {
    let site = Site::start().await;
    let commands = site.role("command-api", "command-api").await;
    let alone = document(&commands.api).await;
    let links = &alone["paths"]["/orders"]["post"]["responses"]["201"]["links"];
    assert!(links["cancelOrder"].is_object() && links["getOrder"].is_null());
    let served = operations(&alone);
    assert!(served.contains_key("/orders/{id}") && served.contains_key("/livez"));
    assert_eq!(served["/orders"], BTreeSet::from(["POST".to_owned()]));
    let views = site.role("projections", "projections").await;
    let served = operations(&document(&views.api).await);
    assert_eq!(served["/orders"], BTreeSet::from(["GET".to_owned()]));
    assert!(!served.contains_key("/payments/{id}/approve"));
}

#[tokio::test]
async fn the_pages_of_the_description_need_nothing_from_elsewhere() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let page = dev.api.get("/docs").await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self';"));
    let named: Vec<_> = page
        .text
        .split(['"', '\''])
        .filter(|text| text.starts_with('/'))
        .collect();
    assert!(named.len() >= 5, "{named:?}");
    for path in named {
        dev.api.get(path).await.expect(200);
    }
    assert!(!page.text.contains("://"), "{}", page.text);
    // The page draws itself: no script and no style stands in it.
    assert!(!page.text.contains("<style") && !page.text.contains(" onload="));
}

#[test]
fn no_route_of_the_api_is_made_without_its_description() {
    for (path, text) in sources() {
        let path = path.to_string_lossy().replace('\\', "/");
        let is_product = path.contains("/src/") && !path.ends_with("/tests.rs");
        let is_exempt = UNDESCRIBED.iter().any(|exempt| path.contains(exempt));
        let describes = path.contains("http/src/openapi/");
        if is_product && !is_exempt && !describes {
            assert!(
                !text.contains("routing::"),
                "{path} makes routes by itself: an ApiRouter takes them with their description"
            );
        }
    }
}

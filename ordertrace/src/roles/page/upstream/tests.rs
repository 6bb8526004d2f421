//! The split, held to the routes that the roles really have.

use std::{collections::BTreeMap, sync::Arc};

use ordertrace_audit::{KeyUse, SecretKey};
use ordertrace_auditor::{AuditRoutes, Auditor, Settings};
use ordertrace_command_api::CommandApi;
use ordertrace_domain::{
    EventFeed, Executor, Position,
    testing::{ManualClock, MemoryLog, fixtures},
};
use ordertrace_http::openapi::{ApiRouter, parts};
use ordertrace_projections::{
    Queries, Rebuilds, StreamLimits, ViewStore, live_api, stuck_api, view_api,
};
use ordertrace_saga::{Ops, Policy};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::*;

/// The whole program's operations, as they are served: another test holds it to that.
const DESCRIPTION: &str = include_str!("../../../../tests/it/snapshots/openapi.json");

/// A method and a path.
type Operation = (String, String);

fn operations(paths: &Value) -> Vec<Operation> {
    let paths = paths.as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.clone()))
    });
    all.collect()
}

fn served(by: Upstream, api: ApiRouter) -> impl Iterator<Item = (Operation, Upstream)> {
    let (_, endpoints) = api.split();
    let (paths, _) = parts(endpoints);
    let all = operations(&serde_json::to_value(paths).unwrap());
    all.into_iter().map(move |operation| (operation, by))
}

fn queries(log: &Arc<MemoryLog>, clock: &Arc<ManualClock>, store: &ViewStore) -> ApiRouter {
    let queries = Queries::new(store.clone(), log.clone(), clock.clone());
    let (rebuilds, _) = Rebuilds::new(store.clone(), log.clone(), clock.clone());
    ordertrace_projections::api(queries.clone())
        .merge(live_api(
            queries.clone(),
            log.clone(),
            StreamLimits::default(),
            CancellationToken::new(),
        ))
        .merge(stuck_api(queries, Policy::default().patience()))
        .merge(view_api(store.clone(), log.clone(), rebuilds))
}

/// Which role has each operation.
async fn owners() -> BTreeMap<Operation, Upstream> {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new());
    let log = Arc::new(MemoryLog::with_clock(clock.clone()));
    let commands = ordertrace_command_api::api(CommandApi {
        executor: Executor::new(log.clone(), clock.clone()),
        default_currency: fixtures::euro(),
    });
    let head = Position {
        incarnation: EventFeed::incarnation(&*log),
        sequence: log.head().await.unwrap(),
    };
    let store = ViewStore::open(&folder.path().join("views"), head, &*clock).unwrap();
    let saga = ordertrace_saga::api(Ops {
        dead_letters: log.clone(),
        backlogs: log.clone(),
        timers: log.clone(),
        log: log.clone(),
        clock: clock.clone(),
        policy: Policy::default(),
    });
    let key = SecretKey::from_seed("shop.example/orders", KeyUse::Log, [1; 32]).unwrap();
    let settings = Settings::signer(key);
    let opened = Auditor::open(
        &folder.path().join("audit"),
        log.clone(),
        log.clone(),
        clock.clone(),
        settings.clone(),
    );
    let (audit, _) = opened.unwrap();
    let shutdown = CancellationToken::new();
    let audit = ordertrace_auditor::api(AuditRoutes::new(audit, log.clone(), &settings, shutdown));
    let queries = queries(&log, &clock, &store);
    served(Upstream::CommandApi, commands)
        .chain(served(Upstream::Projections, queries))
        .chain(served(Upstream::Saga, saga))
        .chain(served(Upstream::Audit, audit))
        .collect()
}

#[tokio::test]
async fn every_operation_is_found_at_the_role_that_has_it() {
    let mut owners = owners().await;
    // This one is made beside the saga's routes, with the role.
    let provider = ("GET".to_owned(), "/ops/provider".to_owned());
    assert_eq!(owners.insert(provider, Upstream::Saga), None);
    let document: Value = serde_json::from_str(DESCRIPTION).unwrap();
    for operation in operations(&document["paths"]) {
        let (method, path) = &operation;
        let concrete = path.replace("{id}", "0bff1311-4371-507b-bccd-aa96e86ad0f3");
        let found = Upstream::of(&method.parse().unwrap(), &concrete);
        assert_eq!(found, owners.remove(&operation), "{method} {path}");
    }
    assert!(owners.is_empty(), "not described: {owners:?}");
}

#[test]
fn what_only_looks_like_a_path_of_the_api_goes_nowhere() {
    for path in ["/", "/ordersX", "/metrics", "/ui/orders", "/auditor"] {
        assert_eq!(Upstream::of(&Method::GET, path), None, "{path}");
    }
}

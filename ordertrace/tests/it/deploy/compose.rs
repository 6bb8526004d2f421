//! What `deploy/compose.yaml` starts works together, each role with a user of its own on the servers of NATS.
//!
//! The commands, the settings and the script that makes the users are taken as they are offered; addresses and folders are this
//! machine's. What an engine makes of the file (networks, volumes, who may write to them) is left to whoever has one.

mod file;
mod stack;

use std::{collections::BTreeSet, time::Duration};

use ordertrace_nats::managed::{Environment, find};

use self::stack::Stack;
use crate::harness::{Api, Call, Role, wait_until};

/// The copies of a stream that was only just made catch up with its leader within a second or two.
const DOCTOR_CONTENT_MAX: Duration = Duration::from_secs(60);

/// The roles, and the payment provider that stands in for a real one.
struct Started {
    commands: Role,
    views: Role,
    audit: Role,
    page: Role,
    _saga: Role,
    _provider: Role,
}

impl Started {
    async fn on(stack: &mut Stack) -> Self {
        let provider = stack.start("payment-simulator").await;
        stack.stands_at("127.0.0.1:8089", &provider.addr);
        let commands = stack.start_ready("command-api").await;
        let saga = stack.start_ready("saga").await;
        let views = stack.start_ready("projections").await;
        stack.make_audit_key().await;
        let audit = stack.start_ready("audit").await;
        for (there, role) in [
            ("command-api:8081", &commands),
            ("saga:8082", &saga),
            ("projections:8083", &views),
            ("audit:8084", &audit),
        ] {
            stack.stands_at(there, &role.addr);
        }
        let page = stack.start_ready("page").await;
        Self {
            commands,
            views,
            audit,
            page,
            _saga: saga,
            _provider: provider,
        }
    }

    /// An order by card goes from one role to the next, and each shows it.
    async fn take_an_order(&self) {
        let api = Api::behind_a_gateway([&self.commands.api], [&self.views.api]);
        let order = api.place_by_card(1_000).await;
        api.trace_at(&order, "delivery_started").await;
        let path = format!("/ui/orders/{order}");
        let call = Call {
            // By this name the gateway is reached.
            host: Some("localhost:8088"),
            ..Call::new(reqwest::Method::GET, path)
        };
        let shown = self.page.api.call(call).await.expect(200);
        assert!(shown.text.contains("Coffee"), "{}", shown.text);
        wait_until("a checkpoint is signed", DOCTOR_CONTENT_MAX, async || {
            let answer = self.audit.api.get("/audit/checkpoint").await;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_of_compose_does_its_work_with_its_own_user_of_nats() {
    let mut stack = Stack::new();
    let keys = stack.make_users().await;
    assert_eq!(
        stack.make_users().await,
        keys,
        "a later start keeps the keys"
    );
    let different: BTreeSet<&String> = keys.iter().map(|(_, key)| key).collect();
    assert_eq!((keys.len(), different.len()), (5, 5));
    stack.hand_out_keys(&keys);
    let binary = find(&Environment::from_process()).await.unwrap();
    let _servers = stack.start_servers(&binary);

    let (code, made, stderr) = stack.run("provision", &["ops", "provision"]).await;
    assert_eq!((code, made.lines().count()), (Some(0), 37), "{stderr}");
    let (code, _, stderr) = stack.run_as_nobody(&["ops", "doctor"]).await;
    assert!(code.is_some_and(|code| code != 0), "{stderr}");
    assert!(stderr.contains("authorization violation"), "{stderr}");

    let started = Started::on(&mut stack).await;
    started.take_an_order().await;
    wait_until("the doctor is content", DOCTOR_CONTENT_MAX, async || {
        let (code, told, stderr) = stack.run("provision", &["ops", "doctor"]).await;
        assert!(matches!(code, Some(0 | 1)), "{stderr}");
        (told == "everything is as it should be\n").then_some(())
    })
    .await;
}

//! The roles, each in a process of its own, and several of each at once.

use std::path::Path;
use std::time::Duration;

use futures::future::join_all;
use ordertrace_nats::managed::{ManagedServer, StartOptions};

use crate::harness::{
    Api, Dev, Load, LogReader, Program, Role, Stop, assert_views_equal_the_log, cash_order,
};

const SETTLE_MAX: Duration = Duration::from_secs(120);

/// A nats-server that no `dev` owns, a payment provider, and the flags that lead to them.
struct Nats {
    server: ManagedServer,
    _provider: Role,
    provider_url: String,
    secret_file: String,
}

impl Nats {
    async fn start(data_dir: &Path) -> Self {
        let server = ManagedServer::start(StartOptions::new(data_dir)).await;
        let folder = data_dir.join("provider");
        let flags = ["--data-dir", folder.to_str().unwrap()];
        let (provider, addr) = Role::start_unready("payment-simulator", &flags).await;
        let secret_file = data_dir.join("secret");
        std::fs::write(&secret_file, "sk_test\n").unwrap();
        Self {
            server: server.unwrap(),
            _provider: provider,
            provider_url: format!("http://{addr}"),
            secret_file: secret_file.to_str().unwrap().to_owned(),
        }
    }

    fn flags(&self) -> [String; 4] {
        let (url, monitor) = (self.server.client_url(), self.server.monitor_url());
        ["--nats-url", url, "--nats-monitor-url", monitor].map(str::to_owned)
    }

    /// Starts a role on this server, with a data folder.
    async fn role(&self, role: &str, data_dir: &Path) -> Role {
        let data = data_dir.to_str().unwrap();
        let flags = self.flags();
        let flags = flags.iter().map(String::as_str);
        let mut flags: Vec<&str> = flags.chain(["--data-dir", data]).collect();
        if role == "saga" {
            flags.extend(["--payment-provider-url", &self.provider_url]);
            flags.extend(["--payment-provider-secret-file", &self.secret_file]);
        }
        Role::start(role, &flags).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_each_role_share_the_work_and_each_effect_happens_once() {
    let data = tempfile::tempdir().unwrap();
    let nats = Nats::start(data.path()).await;
    // Each view has a folder of its own. All start at once on an empty log.
    let folders =
        ["shared", "shared", "shared", "shared", "one", "two"].map(|name| data.path().join(name));
    let names = [
        "command-api",
        "command-api",
        "saga",
        "saga",
        "projections",
        "projections",
    ];
    let starting = names
        .iter()
        .zip(&folders)
        .map(|(name, folder)| nats.role(name, folder));
    let roles = join_all(starting).await;
    let (commands, views) = (&roles[..2], &roles[4..]);

    let api = Api::behind_a_gateway(
        commands.iter().map(|role| &role.api),
        views.iter().map(|role| &role.api),
    );
    let mut load = Load::new(200);
    load.run(&api, &Stop::default()).await;
    assert!(load.is_done());
    let reader = LogReader::of_url(nats.server.client_url()).await;
    let log = reader.read_until(SETTLE_MAX, |log| log.is_settled()).await;
    load.assert_all_in(&log);
    for view in views {
        assert_views_equal_the_log(&view.api, &log).await;
    }
    assert!(load.repeat(&api).await > 0);
    assert_eq!(
        reader.read().await.head,
        log.head,
        "repeats have changed the log"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_saga_that_is_left_takes_over_whichever_was_killed() {
    let data = tempfile::tempdir().unwrap();
    let nats = Nats::start(data.path()).await;
    let commands = nats.role("command-api", data.path()).await;
    let views = nats.role("projections", data.path()).await;
    let mut first = nats.role("saga", data.path()).await;
    let mut second = nats.role("saga", data.path()).await;
    let api = Api::behind_a_gateway([&commands.api], [&views.api]);
    let mut load = Load::new(150);
    let stop = Stop::default();
    let kills = async {
        stop.placed(40).await;
        first.program.kill9();
        stop.placed(80).await;
        let _third = nats.role("saga", data.path()).await;
        second.program.kill9();
        stop.placed(120).await;
        _third
    };
    let (_, _third) = tokio::join!(load.run(&api, &stop), kills);
    assert!(load.is_done());
    let reader = LogReader::of_url(nats.server.client_url()).await;
    let log = reader.read_until(SETTLE_MAX, |log| log.is_settled()).await;
    load.assert_all_in(&log);
    assert_views_equal_the_log(&views.api, &log).await;
}

#[tokio::test]
async fn roles_beside_dev_go_on_when_dev_was_started_again() {
    let data = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(data.path(), &[]).await;
    let folder = data.path().to_str().unwrap();
    let commands = Role::start("command-api", &["--data-dir", folder]).await;
    dev.program.kill9();
    dev.program.ended().await;
    let dev = Dev::start(data.path(), &[]).await;
    commands.api.ready().await;
    let order = commands.api.place(cash_order()).await;
    dev.api.trace_at(&order, "payment_requested").await;
}

#[tokio::test]
async fn roles_find_the_nats_server_of_a_running_dev_by_its_data_folder() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let folder = data.path().to_str().unwrap();
    let more_views = data.path().join("more-views");
    let views = [
        "--data-dir",
        folder,
        "--views-dir",
        more_views.to_str().unwrap(),
    ];
    let commands = Role::start("command-api", &["--data-dir", folder]).await;
    let _saga = Role::start("saga", &["--data-dir", folder]).await;
    let views = Role::start("projections", &views).await;

    let order = commands.api.place(cash_order()).await;
    views.api.trace_at(&order, "payment_requested").await;
    let seen_by_dev = dev.api.trace_at(&order, "payment_requested").await;
    let trace = views
        .api
        .get(format!("/orderTraces/{order}"))
        .await
        .expect(200);
    assert_eq!(trace.json(), seen_by_dev);
}

#[tokio::test]
async fn a_second_view_on_the_folder_of_a_running_dev_is_refused_with_the_way_out() {
    let data = tempfile::tempdir().unwrap();
    let _dev = Dev::start(data.path(), &[]).await;
    let folder = data.path().to_str().unwrap();
    let args = [
        "projections",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        folder,
    ];
    let mut second = Program::run(args).await;
    assert_eq!(second.code(), Some(1));
    let told = second.stderr();
    assert!(
        told.contains("views") && told.contains("--views-dir"),
        "{told}"
    );
}

#[tokio::test]
async fn every_role_tells_its_health() {
    let data = tempfile::tempdir().unwrap();
    let dev = Dev::start(data.path(), &[]).await;
    let folder = data.path().to_str().unwrap();
    let saga = Role::start("saga", &["--data-dir", folder]).await;
    let commands = Role::start("command-api", &["--data-dir", folder]).await;
    for api in [&dev.api, &saga.api, &commands.api] {
        api.get("/livez").await.expect(200);
        api.get("/readyz").await.expect(200);
        // As the original's probes ask.
        let health = api.get("/actuator/health").await.expect(200).json();
        assert_eq!(health, serde_json::json!({"status": "UP"}));
    }
}

#[tokio::test]
async fn a_role_whose_nats_is_gone_is_alive_but_not_ready() {
    let data = tempfile::tempdir().unwrap();
    let nats = Nats::start(data.path()).await;
    let commands = nats.role("command-api", data.path()).await;
    nats.server.stop().await;
    let not_ready =
        crate::harness::wait_until("/readyz says no", crate::harness::PATIENCE, async || {
            let answer = commands.api.get("/readyz").await;
            (answer.status == 503).then_some(answer)
        });
    let not_ready = not_ready.await.text;
    assert!(not_ready.contains("NATS"), "{not_ready}");
    commands.api.get("/livez").await.expect(200);
    let health = commands
        .api
        .get("/actuator/health")
        .await
        .expect(503)
        .json();
    assert_eq!(health, serde_json::json!({"status": "DOWN"}));
}

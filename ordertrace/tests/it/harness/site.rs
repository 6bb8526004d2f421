//! A site: one nats-server, one payment provider, and roles as processes of their own, some of them behind proxies.

use std::collections::HashMap;
use std::path::Path;

use ordertrace_nats::managed::{ManagedServer, StartOptions};
use serde::Deserialize;
use tempfile::TempDir;

use super::{Load, LogReader, Program, Role};

/// The simulator takes any secret.
const SECRET: (&str, &str) = ("ORDERTRACE_PAYMENT_PROVIDER_SECRET", "sk_test");

/// A site with its own data folder.
pub(crate) struct Site {
    pub(crate) nats: ManagedServer,
    /// The last to go: whoever writes to it has ended then.
    folder: TempDir,
}

/// The payment provider of a site: a simulator that outlives the processes that use it, and its ledger.
pub(crate) struct Provider {
    pub(crate) addr: String,
    role: Role,
}

/// What the provider knows of one order's money, all of its intents together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Money {
    pub(crate) captured: i64,
    pub(crate) refunded: i64,
    /// How often a confirmation was carried out.
    pub(crate) confirmations: u32,
}

/// One intent in the simulator's ledger.
#[derive(Deserialize)]
struct Entry {
    order_id: String,
    captured: i64,
    refunded: i64,
    confirmations: u32,
}

impl Site {
    /// Starts the nats-server.
    pub(crate) async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), |_| ()).await
    }

    /// The same, with a server that keeps its streams in this folder, and is started so.
    pub(crate) async fn start_on(store: &Path, change: impl Fn(&mut StartOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let nats = folder.path().join("nats");
        std::fs::create_dir(&nats).unwrap();
        std::os::unix::fs::symlink(store, nats.join("jetstream")).unwrap();
        Self::start_in(folder, change).await
    }

    async fn start_in(folder: TempDir, change: impl Fn(&mut StartOptions)) -> Self {
        let mut options = StartOptions::new(folder.path());
        change(&mut options);
        Self {
            nats: ManagedServer::start(options).await.unwrap(),
            folder,
        }
    }

    /// Starts the nats-server anew, where it was, after it has been given up.
    pub(crate) async fn start_again(&mut self, change: impl Fn(&mut StartOptions)) {
        let mut options = StartOptions::new(self.path());
        change(&mut options);
        self.nats.stopped().await;
        self.nats = ManagedServer::start(options).await.unwrap();
    }

    /// The site's folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The flags that lead a process to the log, by this address.
    fn flags(&self, nats_url: &str, data_dir: &str) -> Vec<String> {
        let monitor = self.nats.monitor_url();
        let data_dir = self.path().join(data_dir);
        let data_dir = data_dir.to_str().unwrap();
        let flags = [
            ["--nats-url", nats_url],
            ["--nats-monitor-url", monitor],
            ["--data-dir", data_dir],
        ];
        flags.concat().into_iter().map(str::to_owned).collect()
    }

    /// Starts a role with a folder of that name, and waits until it is ready.
    pub(crate) async fn role(&self, role: &str, data_dir: &str) -> Role {
        self.role_by(self.nats.client_url(), role, data_dir).await
    }

    /// The same, for a role that finds the log at this address.
    pub(crate) async fn role_by(&self, nats_url: &str, role: &str, data_dir: &str) -> Role {
        let flags = self.flags(nats_url, data_dir);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        Role::start(role, &flags).await
    }

    /// Starts a role with a folder of that name and these flags, and waits until it is ready.
    pub(crate) async fn role_with(&self, role: &str, data_dir: &str, more: &[String]) -> Role {
        let flags = self.flags(self.nats.client_url(), data_dir);
        let flags = flags.iter().chain(more).map(String::as_str);
        Role::start(role, &flags.collect::<Vec<_>>()).await
    }

    /// The same, without the wait.
    pub(crate) async fn role_unready(&self, role: &str, data_dir: &str, more: &[String]) -> Role {
        let flags = self.flags(self.nats.client_url(), data_dir);
        let flags = flags.iter().chain(more).map(String::as_str);
        let (role, _) = Role::start_unready(role, &flags.collect::<Vec<_>>()).await;
        role
    }

    /// Starts a saga that finds the log and the provider at these addresses. It may take its first step before this
    /// returns.
    pub(crate) fn saga(&self, nats_url: &str, provider_url: &str, terms: &[&str]) -> Program {
        let mut flags = self.flags(nats_url, "saga");
        flags.extend(["--payment-provider-url", provider_url].map(str::to_owned));
        flags.extend(terms.iter().map(|term| (*term).to_owned()));
        run("saga", "127.0.0.1:0", &flags)
    }

    /// Starts any role at this address; it may not be ready before long.
    pub(crate) fn process(
        &self,
        role: &str,
        listen: &str,
        data_dir: &str,
        provider: &str,
    ) -> Program {
        let mut flags = self.flags(self.nats.client_url(), data_dir);
        if role == "saga" {
            flags.extend(["--payment-provider-url", provider].map(str::to_owned));
        }
        run(role, listen, &flags)
    }

    /// Starts a payment provider.
    pub(crate) async fn provider(&self) -> Provider {
        Provider::start(self.path()).await
    }

    /// Reads the log, past all proxies.
    pub(crate) async fn log(&self) -> LogReader {
        LogReader::of_url(self.nats.client_url()).await
    }
}

fn run(role: &str, listen: &str, flags: &[String]) -> Program {
    let args = [role, "--listen", listen];
    let args = args.into_iter().chain(flags.iter().map(String::as_str));
    let (name, value) = SECRET;
    let env = [(name, value.to_owned()), ("NO_COLOR", "1".to_owned())];
    Program::start_with_env(args, env)
}

impl Provider {
    /// Starts a payment provider that keeps its ledger below this folder.
    pub(crate) async fn start(folder: &Path) -> Self {
        let data_dir = folder.join("provider");
        let args = ["--data-dir", data_dir.to_str().unwrap()];
        let (role, addr) = Role::start_unready("payment-simulator", &args).await;
        Self { addr, role }
    }

    /// Where its API is, without a proxy.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it charged for each order and gave back.
    pub(crate) async fn ledger(&self) -> HashMap<String, Money> {
        let answer = self.role.api.get("/_simulator/ledger").await.expect(200);
        let entries: Vec<Entry> = serde_json::from_value(answer.json()).unwrap();
        let mut ledger: HashMap<String, Money> = HashMap::new();
        for entry in entries {
            let money = ledger.entry(entry.order_id).or_default();
            money.captured += entry.captured;
            money.refunded += entry.refunded;
            money.confirmations += entry.confirmations;
        }
        ledger
    }

    /// Checks that every order was charged at most once, and that what is kept is what its kind says.
    pub(crate) async fn assert_charged_once(&self, load: &Load) {
        let ledger = self.ledger().await;
        for (kind, order) in load.orders() {
            let money = ledger.get(order).copied().unwrap_or_default();
            let kept = money.captured - money.refunded;
            assert_eq!(kept, kind.kept(), "{kind:?} {order}: {money:?}");
            assert!(
                [0, kind.cost()].contains(&money.captured) && money.confirmations <= 1,
                "{kind:?} {order}: {money:?}"
            );
        }
    }

    /// What it charged for one order and gave back.
    pub(crate) async fn money(&self, order: &str) -> Money {
        let ledger = self.ledger().await;
        ledger.get(order).copied().unwrap_or_default()
    }
}

//! A site whose roles may have several instances, and a balancer before them.

use std::net::TcpListener;

use super::balancer::{Balancer, Heed};
use crate::harness::{Program, Provider, Role, Site};

/// How long an instance goes on answering when it is told to stop: the balancer looks ten times in a second, and believes
/// the third no.
const DRAIN_SECS: &str = "2";

/// The instances' log, payment provider and folders.
pub(super) struct Town {
    provider: Provider,
    /// The simulator takes any secret.
    secret_file: String,
    pub(super) site: Site,
}

impl Town {
    pub(super) async fn open() -> Self {
        let site = Site::start().await;
        let secret_file = site.path().join("secret");
        std::fs::write(&secret_file, "sk_test\n").unwrap();
        Self {
            provider: site.provider().await,
            secret_file: secret_file.to_str().unwrap().to_owned(),
            site,
        }
    }

    pub(super) async fn balancer(&self, heed: Heed) -> Balancer {
        Balancer::start(heed).await
    }

    /// An instance of command-api that is ready.
    pub(super) async fn commands(&self, folder: &str) -> Role {
        self.ready("command-api", folder, &[]).await
    }

    /// An instance of projections that is ready.
    pub(super) async fn views(&self, folder: &str) -> Role {
        self.ready("projections", &format!("views-{folder}"), &[])
            .await
    }

    /// An instance of saga that is ready.
    pub(super) async fn saga(&self, folder: &str) -> Role {
        let url = self.provider.url();
        let provider = [
            "--payment-provider-url",
            &url,
            "--payment-provider-secret-file",
            &self.secret_file,
        ];
        self.ready("saga", folder, &provider).await
    }

    /// Where nobody listens, as of a moment ago.
    pub(super) fn free_addr() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    }

    /// An instance of command-api that was only just started.
    pub(super) fn start_commands(&self, addr: &str, folder: &str) -> Program {
        let flags = self.flags(folder);
        let args = ["command-api", "--listen", addr];
        Program::start(args.into_iter().map(str::to_owned).chain(flags))
    }

    async fn ready(&self, role: &str, folder: &str, more: &[&str]) -> Role {
        let flags = self.flags(folder);
        let flags = flags.iter().map(String::as_str);
        let flags: Vec<&str> = flags.chain(more.iter().copied()).collect();
        Role::start(role, &flags).await
    }

    fn flags(&self, folder: &str) -> Vec<String> {
        let data_dir = self.site.path().join(folder);
        let flags = [
            ["--nats-url", self.site.nats.client_url()],
            ["--nats-monitor-url", self.site.nats.monitor_url()],
            ["--data-dir", data_dir.to_str().unwrap()],
            ["--drain-secs", DRAIN_SECS],
        ];
        flags.concat().into_iter().map(str::to_owned).collect()
    }
}

//! A town with keys: one nats-server, the roles of the API, which let in who has a key, and the page before them.

use std::path::Path;

use reqwest::Client;
use serde_json::Value;

use super::browser::Browser;
use crate::harness::{Log, PATIENCE, Program, Provider, Role, Site, wait_until};

/// The town. The page is the first to go.
pub(crate) struct Town {
    pub(crate) page: Role,
    pub(crate) commands: Role,
    pub(crate) views: Role,
    saga: Role,
    _provider: Provider,
    pub(crate) keys: Keys,
    pub(crate) site: Site,
}

/// The keys that count, as an operator makes them.
pub(crate) struct Keys {
    file: String,
}

impl Keys {
    pub(crate) fn at(folder: &Path) -> Self {
        let file = folder.join("keys");
        Self {
            file: file.to_str().unwrap().to_owned(),
        }
    }

    /// Makes a key for a role, and gives it and its id. A customer's is named after the customer.
    pub(crate) async fn make(&self, role: &str, name: &str) -> (String, String) {
        let mut args = vec!["create", name, "--role", role];
        if role == "customer" {
            args.extend(["--customer", name]);
        }
        let made = self.ops(&args).await;
        let of = |field: &str| made[field].as_str().unwrap().to_owned();
        (of("key"), of("id"))
    }

    /// Has a key count no longer.
    pub(crate) async fn revoke(&self, id: &str) {
        self.ops(&["revoke", id, "--yes"]).await;
    }

    async fn ops(&self, args: &[&str]) -> Value {
        let all = [&["ops", "apikey"], args].concat();
        let more = ["--api-keys-file", &self.file, "-o", "json"];
        let mut program = Program::run(all.into_iter().chain(more)).await;
        assert_eq!(program.code(), Some(0), "{}", program.stderr());
        serde_json::from_str(&program.stdout()).unwrap()
    }

    /// The flag for it.
    pub(crate) fn flags(&self) -> [&str; 2] {
        ["--api-keys-file", &self.file]
    }
}

impl Town {
    /// With more flags for the page.
    pub(crate) async fn open(flags: &[&str]) -> Self {
        let site = Site::start().await;
        let keys = Keys::at(site.path());
        // Nobody is let in by a file that is not there yet.
        keys.make("auditor", "the-first").await;
        let provider = site.provider().await;
        let secret = site.path().join("provider-secret");
        std::fs::write(&secret, "sk_test\n").unwrap();
        let paid_at = provider.url();
        let terms = [
            "--payment-provider-url",
            &paid_at,
            "--payment-provider-secret-file",
            secret.to_str().unwrap(),
        ];
        let (commands, views, saga) = tokio::join!(
            role(&site, &keys, "command-api", &[]),
            role(&site, &keys, "projections", &[]),
            role(&site, &keys, "saga", &terms),
        );
        let page = page(&keys, [&commands, &views, &saga], flags).await;
        Self {
            page,
            commands,
            views,
            saga,
            _provider: provider,
            keys,
            site,
        }
    }

    /// Makes a key for a role, and gives it and its id once it counts everywhere: each process looks for keys by itself.
    pub(crate) async fn key(&self, role: &str, name: &str) -> (String, String) {
        let (key, id) = self.keys.make(role, name).await;
        for at in [&self.page, &self.commands, &self.views, &self.saga] {
            let client = Client::builder().no_proxy().build().unwrap();
            let url = format!("http://{}/livez", at.addr);
            wait_until("the key counts", PATIENCE, async || {
                let asked = client.get(&url).bearer_auth(&key).send().await;
                (asked.unwrap().status() == 200).then_some(())
            })
            .await;
        }
        (key, id)
    }

    /// Another page before the same roles.
    pub(crate) async fn another_page(&self, flags: &[&str]) -> Role {
        page(&self.keys, [&self.commands, &self.views, &self.saga], flags).await
    }

    /// A browser at the page in which nobody has logged in.
    pub(crate) fn browser(&self) -> Browser {
        Browser::at(&self.page.addr)
    }

    /// A browser in which somebody has logged in.
    pub(crate) async fn logged_in(&self, key: &str) -> Browser {
        let mut browser = self.browser();
        browser.log_in(key).await;
        browser
    }

    /// All that is in the log.
    pub(crate) async fn log(&self) -> Log {
        self.site.log().await.read().await
    }
}

async fn role(site: &Site, keys: &Keys, name: &str, more: &[&str]) -> Role {
    let folder = site.path().join(name);
    let flags = [
        "--nats-url",
        site.nats.client_url(),
        "--nats-monitor-url",
        site.nats.monitor_url(),
        "--data-dir",
        folder.to_str().unwrap(),
    ];
    Role::start(name, &[&flags, &keys.flags()[..], more].concat()).await
}

async fn page(keys: &Keys, [commands, views, saga]: [&Role; 3], more: &[&str]) -> Role {
    let urls = [commands, views, saga].map(|role| format!("http://{}", role.addr));
    let flags = [
        "--command-api-url",
        &urls[0],
        "--projections-url",
        &urls[1],
        "--saga-url",
        &urls[2],
    ];
    Role::start("page", &[&flags, &keys.flags()[..], more].concat()).await
}

//! The servers that hold the log: those that are named, those of a `dev` that runs, or one of our own.

use ordertrace_nats::managed::{Endpoint, ManagedServer, StartOptions};

use crate::cli::ProcessArgs;

/// Where the log is.
pub(super) struct Server {
    urls: String,
    monitor_urls: Vec<String>,
    own: Option<ManagedServer>,
}

impl Server {
    /// Finds or starts it.
    pub(super) async fn start(process: &ProcessArgs) -> anyhow::Result<Self> {
        let data_dir = &process.data.data_dir;
        if let Some(urls) = process.nats.url() {
            return Ok(Self {
                urls: urls.to_owned(),
                monitor_urls: process.nats.monitor_urls(),
                own: None,
            });
        }
        if let Some(endpoint) = Endpoint::read(data_dir) {
            return Ok(Self {
                urls: endpoint.client_url,
                monitor_urls: vec![endpoint.monitor_url],
                own: None,
            });
        }
        let own = ManagedServer::start(StartOptions::new(data_dir)).await?;
        Ok(Self {
            urls: own.client_url().to_owned(),
            monitor_urls: vec![own.monitor_url().to_owned()],
            own: Some(own),
        })
    }

    pub(super) fn urls(&self) -> &str {
        &self.urls
    }

    pub(super) fn monitor_urls(&self) -> &[String] {
        &self.monitor_urls
    }

    /// Stops the one of our own.
    pub(super) async fn stop(self) {
        if let Some(own) = self.own {
            own.stop().await;
        }
    }
}

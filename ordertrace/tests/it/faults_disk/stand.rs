//! What stands on the disk: a log with a server that can be started anew, the role that writes to it, and the role that shows it.

use std::path::Path;

use ordertrace_nats::managed::StartOptions;

use crate::harness::{
    Crowd, LogReader, PATIENCE, Role, Site, Tale, assert_views_equal_the_log, signal,
    views_have_caught_up, wait_until,
};

/// The roles, and the log's server.
pub(super) struct Stand {
    pub(super) commands: Role,
    pub(super) views: Role,
    pub(super) site: Site,
}

impl Stand {
    /// Starts all of them, the log's server with its streams in this folder, and waits until they are ready.
    pub(super) async fn on(
        store: &Path,
        change: impl Fn(&mut StartOptions),
        more: &[&str],
    ) -> Self {
        let site = Site::start_on(store, change).await;
        let more: Vec<String> = more.iter().map(|flag| (*flag).to_owned()).collect();
        Self {
            commands: site.role_with("command-api", "commands", &more).await,
            views: site.role_with("projections", "views", &more).await,
            site,
        }
    }

    /// The process of the log's server.
    pub(super) fn nats_pid(&self) -> u32 {
        self.site.nats.pid().unwrap()
    }

    /// Starts clients, and waits until they are at a pace that counts as a load.
    pub(super) async fn crowd(&self) -> Crowd {
        let crowd = Crowd::start(&self.commands.api, 0);
        let pace = crowd.at_pace().await;
        println!("{pace:.0} acknowledged commands a second before the fault");
        crowd
    }

    /// Kills the log's server, and waits until another one runs in its place, and commands are taken again.
    pub(super) async fn restart_nats(&self) {
        let before = self.nats_pid();
        signal("KILL", before);
        wait_until("another nats-server runs", PATIENCE, async || {
            self.site.nats.pid().filter(|pid| *pid != before)
        })
        .await;
        self.commands.api.ready().await;
    }

    /// Checks that nothing of what clients were told is untrue; that all they had asked for can now be had, once; and that the
    /// views show what the log holds.
    pub(super) async fn assert_true(&self, tale: &mut Tale) {
        let reader = self.log().await;
        tale.assert_kept_by(&reader.read().await);
        println!(
            "{} acknowledged, {} refused, {} without an answer; lost 0",
            tale.acknowledged(),
            tale.refused(),
            tale.unanswered()
        );
        assert!(tale.insist(&self.commands.api).await > 0);
        let log = reader.read().await;
        tale.assert_kept_by(&log);
        views_have_caught_up(&self.views.api, &log).await;
        assert_views_equal_the_log(&self.views.api, &log).await;
    }

    pub(super) async fn log(&self) -> LogReader {
        self.site.log().await
    }
}

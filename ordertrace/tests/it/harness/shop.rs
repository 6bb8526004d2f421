//! A shop: a site with a command-api, a projections and a payment provider that stay, while its sagas come and go.

use std::time::Duration;

use super::{Api, Load, Log, Provider, Role, Site, assert_views_equal_the_log};

/// How long orders may take to come as far as they can: the waits for a provider grow to 15 s.
const SETTLE_MAX: Duration = Duration::from_secs(90);

/// A shop without a saga.
pub(crate) struct Shop {
    /// Commands and queries, as behind a gateway.
    pub(crate) api: Api,
    pub(crate) provider: Provider,
    views: Role,
    _commands: Role,
    pub(crate) site: Site,
}

impl Shop {
    /// Opens a shop.
    pub(crate) async fn open() -> Self {
        let site = Site::start().await;
        let (provider, commands, views) = tokio::join!(
            site.provider(),
            site.role("command-api", "commands"),
            site.role("projections", "views")
        );
        Self {
            api: Api::behind_a_gateway([&commands.api], [&views.api]),
            provider,
            views,
            _commands: commands,
            site,
        }
    }

    /// Waits until every order has come as far as it can by itself, and checks that each is there once, was charged once,
    /// and is shown as the log tells it.
    pub(crate) async fn settled(&self, load: &Load) -> Log {
        let reader = self.site.log().await;
        let log = reader.read_until(SETTLE_MAX, Log::is_settled).await;
        load.assert_all_in(&log);
        self.provider.assert_charged_once(load).await;
        assert_views_equal_the_log(&self.views.api, &log).await;
        log
    }
}

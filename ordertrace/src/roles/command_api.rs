//! `ordertrace command-api`: commands over HTTP.

use ordertrace_command_api::CommandApi;
use ordertrace_http::openapi::ApiRouter;

use super::{Attached, Parts, announce, attach, unless_stopped};
use crate::{
    cli::{CommandApiArgs, CommandArgs},
    metrics::Metrics,
    openapi,
    server::{Health, Listener, hosts_for, login_for},
    shutdown, telemetry,
};

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: CommandApiArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs, "command-api")?;
    let login = login_for(args.listen, &args.exposure)?;
    let listener = Listener::bind(args.listen)?;
    let stop = shutdown::on_signal_with(args.server.drain())?;
    let metrics = Metrics::install()?;
    let attaching = attach(&args.process, "command-api");
    let Some(attached) = unless_stopped(&stop.leaving, attaching).await? else {
        return Ok(());
    };
    let health = Health::new(
        vec![attached.check(), login.check()],
        args.server.wedged_after,
        stop.leaving.clone(),
    );
    let api = routes(&attached, &args.commands)
        .merge(metrics.api(&health))
        .merge(health.api());
    let routes = openapi::served(api);
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("command-api", listener.addr());
    let mut parts = Parts::new(stop.clone());
    attached.watch(&mut parts, stop.ending.clone());
    login.start(&mut parts, stop.ending.clone());
    metrics.start(&mut parts, stop.ending.clone());
    parts.serve(listener.serve(routes, hosts, login, args.server, stop));
    let result = parts.run().await;
    attached.connection.drain().await;
    result
}

/// The command routes.
pub(super) fn routes(attached: &Attached, commands: &CommandArgs) -> ApiRouter {
    ordertrace_command_api::api(CommandApi {
        executor: attached.executor.clone(),
        default_currency: commands.currency,
    })
}

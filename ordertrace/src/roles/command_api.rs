//! `ordertrace command-api`: commands over HTTP.

use ordertrace_command_api::CommandApi;
use ordertrace_http::openapi::ApiRouter;

use super::{Attached, Parts, announce, attach, unless_stopped};
use crate::{
    cli::{CommandApiArgs, CommandArgs},
    metrics::Metrics,
    openapi,
    server::{Health, Listener, check_exposure, hosts_for},
    shutdown, telemetry,
};

/// Runs the role until it is told to stop.
pub(crate) async fn run(args: CommandApiArgs) -> anyhow::Result<()> {
    telemetry::init(&args.process.logs)?;
    check_exposure(args.listen, args.exposure.insecure_no_auth)?;
    let listener = Listener::bind(args.listen)?;
    let shutdown = shutdown::on_signal()?;
    let metrics = Metrics::install()?;
    let attaching = attach(&args.process, "command-api");
    let Some(attached) = unless_stopped(&shutdown, attaching).await? else {
        return Ok(());
    };
    let health = Health::new(vec![attached.check()], shutdown.clone());
    let api = routes(&attached, &args.commands)
        .merge(metrics.api())
        .merge(health.api());
    let routes = openapi::served(api);
    let hosts = hosts_for(listener.addr(), &args.exposure.hosts);
    announce("command-api", listener.addr());
    let mut parts = Parts::new(shutdown.clone());
    attached.watch(&mut parts, shutdown.clone());
    metrics.start(&mut parts, shutdown.clone());
    parts.start("the HTTP server", listener.serve(routes, hosts, shutdown));
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

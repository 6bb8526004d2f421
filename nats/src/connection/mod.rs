//! The connection to NATS: one for each role of a process, kept up for as long as the process lives.
//!
//! Invariants: the start waits for a server within a budget, and after that a lost connection is never given up; a
//! server that is too old is refused; what a server says unasked (a denied permission above all) is logged here, for a
//! request only sees a timeout. It deliberately keeps no message for later: a request that was made while the connection
//! was down is bounded by its own timeout.

mod access;
mod denials;
mod error;
mod events;
mod link;
mod options;
mod watch;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::jetstream::{Context, context::ContextBuilder};
use async_nats::{Client, ServerAddr};
use ordertrace_domain::Incarnation;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::identity::StreamIdentity;
use crate::managed::ServerVersion;

pub use access::{Access, ClientCertificate, Identity};
use denials::Denials;
pub use error::ConnectError;
pub(crate) use link::Link;
pub use options::ConnectOptions;

/// How long an answer of the JetStream API is waited for before it is asked for again: a loaded server answers within a
/// second, and what is asked while a cluster elects a leader is not answered at all.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(2);

/// How long an acknowledgement is waited for: a message that is sent again too early only adds to the load.
const ACKNOWLEDGEMENT_MAX: Duration = Duration::from_secs(5);

/// A dead peer is noticed after two pings without an answer.
const PING_EVERY: Duration = Duration::from_secs(10);

/// After a connection is lost, servers are tried at least this often: a restarted server is found again at once, and a
/// few processes knocking twice a second load nobody.
const RECONNECT_WAIT_MAX: Duration = Duration::from_millis(500);

/// A connection to NATS; clones share it. Dropping the last one, and what was built over it, closes it.
#[derive(Debug, Clone)]
pub struct Connection(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    context: Context,
    link: Link,
    /// How it was made.
    options: ConnectOptions,
    denials: Denials,
    /// Ends the tasks with the connection.
    tasks: Mutex<JoinSet<()>>,
}

impl Connection {
    /// Connects, trying for as long as the start budget lasts, and checks the server's version.
    ///
    /// # Errors
    /// [`ConnectError`] says what a user can do about it.
    pub async fn open(options: ConnectOptions) -> Result<Self, ConnectError> {
        let servers = options.servers()?;
        let (publisher, link) = Link::channel();
        let events = events::Events::new(&options.role, publisher);
        let last_complaint = events.last_complaint();
        let denials = events.denials();
        let client = options
            .access
            .apply(with_credentials(&servers))?
            .name(format!("ordertrace-{}", options.role))
            .custom_inbox_prefix(format!("_INBOX_{}", options.role))
            .retry_on_initial_connect()
            .max_reconnects(None)
            .ping_interval(PING_EVERY)
            .request_timeout(Some(ACKNOWLEDGEMENT_MAX))
            .reconnect_delay_callback(reconnect_delay)
            .event_callback(move |event| {
                events.handle(&event);
                std::future::ready(())
            })
            .connect(servers.clone())
            .await
            .map_err(ConnectError::Options)?;
        let reached = timeout(options.start_budget, reach(&client, &link)).await;
        if !matches!(reached, Ok(true)) {
            return Err(ConnectError::Unreachable {
                servers: shown(&servers),
                budget: options.start_budget,
                complaint: last_complaint.get(),
            });
        }
        check_version(&client)?;
        Ok(Self::over(client, link, options, denials))
    }

    /// The client itself, for adapters that speak to it directly.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// The JetStream API over this connection.
    pub fn jetstream(&self) -> &Context {
        &self.0.context
    }

    /// Whether there is a server on the other end at this moment.
    pub fn is_connected(&self) -> bool {
        self.0.link.is_up()
    }

    /// Watches over the event stream from now on: after each reconnect, and every half minute, its incarnation is
    /// compared with this one, and a difference is noted in the identity that all adapters share.
    pub fn watch(&self, incarnation: Incarnation) -> StreamIdentity {
        let identity = StreamIdentity::new(incarnation);
        let watch = watch::watch(
            self.0.context.clone(),
            self.0.link.clone(),
            identity.clone(),
        );
        self.0
            .tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .spawn(watch);
        identity
    }

    /// Ends all subscriptions, sends what is still to be sent, and closes the connection. Stop the runners first.
    pub async fn drain(&self) {
        if self.0.client.drain().await.is_err() {
            tracing::debug!("the connection was closed before it was drained");
        }
    }

    /// The subjects that the server has refused this connection so far: to publish to, or to subscribe to.
    pub fn denied(&self) -> BTreeSet<String> {
        self.0.denials.all()
    }

    /// Waits until the server refuses this connection a subject; who only sees that no answer comes learns why.
    pub async fn until_denied(&self, subject: &str) {
        self.0.denials.wait_for(subject).await;
    }

    /// Waits until the server refuses this connection a request, or the inbox in which its answer would come.
    pub(crate) async fn until_refused(&self, request: &str) -> String {
        let is_refusal = |denied: &str| denied == request || denied.starts_with("_INBOX");
        self.0.denials.wait_for_any(is_refusal).await
    }

    /// Whether nobody on the way can read along.
    pub fn is_encrypted(&self) -> bool {
        let options = &self.0.options;
        let is_named_so = |servers: Vec<ServerAddr>| servers.iter().all(ServerAddr::tls_required);
        self.client().server_info().tls_required
            || options.access.requires_tls()
            || options.servers().is_ok_and(is_named_so)
    }

    /// Whether all servers that were named are on this machine.
    pub fn is_loopback(&self) -> bool {
        let is_own = |host: &str| {
            let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        };
        let servers = self.0.options.servers();
        servers.is_ok_and(|servers| servers.iter().all(|server| is_own(server.host())))
    }

    /// One more connection, made like this one.
    pub(crate) async fn another(&self) -> Result<Self, ConnectError> {
        Self::open(self.0.options.clone()).await
    }

    pub(crate) fn link(&self) -> Link {
        self.0.link.clone()
    }

    /// A name for a consumer that nobody has, nor had: it tells a human whose it is.
    pub(crate) fn unique_name(&self, purpose: &str) -> String {
        let instance = &self.0.options.instance;
        format!("{purpose}-{instance}-{}", Uuid::now_v7().simple())
    }

    fn over(client: Client, link: Link, options: ConnectOptions, denials: Denials) -> Self {
        let context = ContextBuilder::new()
            .timeout(ANSWER_MAX)
            .ack_timeout(ACKNOWLEDGEMENT_MAX)
            .build(client.clone());
        Self(Arc::new(Inner {
            client,
            context,
            link,
            options,
            denials,
            tasks: Mutex::new(JoinSet::new()),
        }))
    }
}

/// The client reads addresses, but not the credentials in them. Those of the first address that has any count: a user
/// and a password, or a token alone.
fn with_credentials(servers: &[ServerAddr]) -> async_nats::ConnectOptions {
    let options = async_nats::ConnectOptions::new();
    let credentials = servers.iter().find_map(|server| {
        let user = server.username()?.to_owned();
        Some((user, server.password().map(str::to_owned)))
    });
    match credentials {
        Some((user, Some(password))) => options.user_and_password(user, password),
        Some((token, None)) => options.token(token),
        None => options,
    }
}

/// Waits for the first connection, and for the server's first word on itself. `false` if the client gave up.
async fn reach(client: &Client, link: &Link) -> bool {
    link.clone().up().await && client.flush().await.is_ok()
}

fn reconnect_delay(attempts: usize) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let millis = 2_u64.saturating_pow(doublings).saturating_sub(1);
    Duration::from_millis(millis).min(RECONNECT_WAIT_MAX)
}

fn check_version(client: &Client) -> Result<(), ConnectError> {
    let info = client.server_info();
    // The one parser there is reads the line that the program itself prints.
    match ServerVersion::parse(&format!("nats-server: v{}", info.version)) {
        Some(version) if version.is_usable() => {
            tracing::info!(nats.version = %version, nats.server = info.server_name, "connected to NATS");
            Ok(())
        }
        _ => Err(ConnectError::TooOld {
            server: info.server_name,
            found: info.version,
        }),
    }
}

/// Host and port only: the addresses may carry a password.
fn shown(servers: &[ServerAddr]) -> String {
    let shown: Vec<String> = servers
        .iter()
        .map(|server| format!("{}:{}", server.host(), server.port()))
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_server_is_tried_at_once_and_then_twice_a_second() {
        assert_eq!(reconnect_delay(1), Duration::ZERO);
        assert_eq!(reconnect_delay(2), Duration::from_millis(1));
        assert_eq!(reconnect_delay(10), RECONNECT_WAIT_MAX);
        assert_eq!(reconnect_delay(usize::MAX), RECONNECT_WAIT_MAX);
    }
}

//! Proxies between a process and what it speaks to: they name each step that it takes, and a gate decides about it.
//!
//! Invariant: steps reach a gate in the order in which the process sent them, and none passes that the gate did not let
//! pass. A connection that a gate cuts is cut in both directions. They deliberately change nothing that passes, but for
//! the addresses by which a client would find its way around them, and what a gate retells.

mod gate;

mod frame;
mod in_hand;
mod nats;

mod http;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) use gate::{Gate, OpenGate, Verdict};
pub(crate) use http::HttpProxy;
pub(crate) use nats::NatsProxy;

/// What is done with each connection.
#[async_trait]
trait Relay: Send + Sync + 'static {
    /// Serves one connection to its end, or until `life` is over.
    async fn relay(&self, client: TcpStream, life: CancellationToken);
}

/// Accepts connections on loopback until it is dropped; with it they end as well.
struct Doorway {
    addr: SocketAddr,
    _accepting: JoinSet<()>,
}

impl Doorway {
    /// Accepts on a free port.
    async fn open(gate: Arc<dyn Gate>, relay: Arc<dyn Relay>) -> Self {
        Self::open_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), gate, relay).await
    }

    async fn open_at(addr: SocketAddr, gate: Arc<dyn Gate>, relay: Arc<dyn Relay>) -> Self {
        let listener = TcpListener::bind(addr).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, gate, relay));
        Self {
            addr,
            _accepting: accepting,
        }
    }
}

async fn accept(listener: TcpListener, gate: Arc<dyn Gate>, relay: Arc<dyn Relay>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (client, _) = accepted.unwrap();
                // Each step is a small write that somebody waits for.
                client.set_nodelay(true).unwrap();
                let (relay, life) = (Arc::clone(&relay), gate.admit());
                connections.spawn(async move { relay.relay(client, life).await });
            }
            Some(ended) = connections.join_next() => ended.unwrap(),
        }
    }
}

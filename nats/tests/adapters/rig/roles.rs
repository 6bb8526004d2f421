//! A server with the generated configuration, and a connection as each role.

use std::collections::BTreeMap;

use ordertrace_nats::{
    Access, ConnectOptions, Connection, Identity, NatsRole, TlsFiles, TopologyOptions, UserSeed,
};

use super::handmade::HandmadeServer;
use super::provision;

pub(crate) struct Roles {
    pub(crate) server: HandmadeServer,
    seeds: BTreeMap<NatsRole, UserSeed>,
}

impl Roles {
    /// Without any stream.
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(tls: Option<TlsFiles>) -> Self {
        let mut seeds = BTreeMap::new();
        let users = NatsRole::ALL.map(|role| {
            let (seed, key) = UserSeed::generate().unwrap();
            seeds.insert(role, seed);
            (role, key)
        });
        Self {
            server: HandmadeServer::generated(users.to_vec(), tls).await,
            seeds,
        }
    }

    /// With what an operator has made.
    pub(crate) async fn provisioned() -> Self {
        let roles = Self::start().await;
        let operator = roles.connect(NatsRole::Operator).await;
        provision(&operator, TopologyOptions::SINGLE).await;
        assert!(operator.denied().is_empty(), "{:?}", operator.denied());
        roles
    }

    pub(crate) async fn connect(&self, role: NatsRole) -> Connection {
        Connection::open(self.options(role)).await.unwrap()
    }

    pub(crate) fn options(&self, role: NatsRole) -> ConnectOptions {
        let seed = self.server.dir().join(format!("{role}.nk"));
        std::fs::write(&seed, self.seeds[&role].reveal()).unwrap();
        let url = format!("nats://{}", self.server.address);
        ConnectOptions {
            access: Access {
                identity: Identity::Nkey(seed),
                ..Access::default()
            },
            ..ConnectOptions::new([url], role.name())
        }
    }
}

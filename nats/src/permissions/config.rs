//! The configuration of a production server, written from the permissions.
//!
//! Everything in it is quoted, so no name or path is read as anything else. It says nothing of a machine beyond what it is
//! given. Users are known by their public nkeys, so the configuration of a server that stands alone holds no secret; that of
//! one in a cluster has the password of the routes in it ([`ServerSetup::is_secret`]).

use std::fmt::Write;

use super::grants::HELD_BY_ALL;
use super::{NatsRole, Permissions, PublicNkey, RoutePassword};
use crate::durability::ASK_ALL;
use crate::managed::quote;

/// The account that has the streams.
const ACCOUNT: &str = "ORDERTRACE";

/// The servers' own account. Nobody logs in to it; it lets ours ask two questions.
const SYSTEM_ACCOUNT: &str = "SYS";

/// The name by which the servers of a cluster log in to each other.
const ROUTE_USER: &str = "route";

/// Seconds that a server has to say the password: as many as the server gives by default.
const ROUTE_AUTH_SECONDS: u8 = 2;

/// A server to write the configuration of.
#[derive(Debug, Clone)]
pub struct ServerSetup {
    /// Its name; each of a cluster has one of its own.
    pub name: String,
    /// Where clients connect, such as `0.0.0.0:4222`.
    pub listen: String,
    /// Where it shows how it is doing: to this machine alone, for whoever may look sees everything.
    pub monitor: String,
    /// The folder of the streams.
    pub store_dir: String,
    /// Who may connect.
    pub users: Vec<(NatsRole, PublicNkey)>,
    /// Files of TLS; without them only a way that nobody else can listen on will do.
    pub tls: Option<TlsFiles>,
    /// The servers beside it.
    pub cluster: Option<ClusterSetup>,
}

/// Files of TLS, as PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The server's certificate.
    pub certificate: String,
    /// Its key.
    pub key: String,
    /// The authority of the clients' certificates: with it every client has to show one.
    pub client_ca: Option<String>,
}

/// A cluster.
#[derive(Debug, Clone)]
pub struct ClusterSetup {
    /// Its name, the same for all.
    pub name: String,
    /// Where this one listens for the others.
    pub listen: String,
    /// The others and itself: `HOST:PORT`.
    pub routes: Vec<String>,
    /// What all of them know each other by: a route may write everything, past all permissions.
    pub password: RoutePassword,
}

impl ServerSetup {
    /// Whether the text is for the server alone to read.
    pub fn is_secret(&self) -> bool {
        self.cluster.is_some()
    }

    /// The text of the file.
    pub fn render(&self) -> String {
        let mut text = format!(
            "# Written by `ordertrace ops nats-config`. Each role has a user of its own, with what its adapters need.\n\
             server_name: {}\nlisten: {}\n# Whoever may look here sees everything.\nhttp: {}\n\n\
             jetstream {{\n  store_dir: {}\n  \
             # Write to disk before acknowledging. The default, every two minutes, loses orders in a power cut.\n  \
             sync_interval: always\n}}\n\n",
            quote(&self.name),
            quote(&self.listen),
            quote(&self.monitor),
            quote(&self.store_dir),
        );
        if let Some(tls) = &self.tls {
            text.push_str(&tls.render("", tls.client_ca.is_some()));
        }
        if let Some(cluster) = &self.cluster {
            text.push_str(&cluster.render(self.tls.as_ref()));
        }
        text.push_str(&Self::render_users(&self.users));
        text
    }

    /// Only who may connect and what each may do: the rest of the file is somebody else's, who includes this.
    pub fn render_users(users: &[(NatsRole, PublicNkey)]) -> String {
        let asked = [ASK_ALL, HELD_BY_ALL];
        let exports = asked.map(|subject| {
            format!(
                "      {{service: {}, response_type: stream, accounts: [{ACCOUNT}]}}\n",
                quote(subject)
            )
        });
        let imports = asked.map(|subject| {
            format!(
                "      {{service: {{account: {SYSTEM_ACCOUNT}, subject: {}}}}}\n",
                quote(subject)
            )
        });
        let users: String = users.iter().map(|(role, key)| user(*role, key)).collect();
        format!(
            "system_account: {SYSTEM_ACCOUNT}\naccounts {{\n  \
             # What the servers say of themselves; our account may ask.\n  \
             {SYSTEM_ACCOUNT} {{\n    exports: [\n{}    ]\n  }}\n  \
             {ACCOUNT} {{\n    jetstream: enabled\n    imports: [\n{}    ]\n    users: [\n{users}    ]\n  }}\n}}\n",
            exports.concat(),
            imports.concat(),
        )
    }
}

fn user(role: NatsRole, key: &PublicNkey) -> String {
    let Permissions {
        publish,
        publish_denied,
        subscribe,
    } = Permissions::of(role);
    format!(
        "      # {role}\n      {{nkey: {key}, permissions: {{\n        publish: {{\n{}{}        }}\n        \
         subscribe: {{\n{}        }}\n      }}}}\n",
        list("allow", &publish),
        list("deny", &publish_denied),
        list("allow", &subscribe),
    )
}

/// An empty list would deny or allow everything, by the server's reading.
fn list(name: &str, subjects: &[String]) -> String {
    if subjects.is_empty() {
        return String::new();
    }
    let mut text = format!("          {name}: [\n");
    for subject in subjects {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "            {}", quote(subject));
    }
    text.push_str("          ]\n");
    text
}

impl TlsFiles {
    fn render(&self, indent: &str, is_mutual: bool) -> String {
        let (certificate, key) = (quote(&self.certificate), quote(&self.key));
        let mut text = format!(
            "{indent}tls {{\n{indent}  cert_file: {certificate}\n{indent}  key_file: {key}\n"
        );
        if let Some(ca) = self.client_ca.as_ref().filter(|_| is_mutual) {
            let _ = writeln!(
                text,
                "{indent}  ca_file: {}\n{indent}  verify: true",
                quote(ca)
            );
        }
        let _ = writeln!(text, "{indent}  min_version: \"1.3\"\n{indent}}}\n");
        text
    }
}

impl ClusterSetup {
    /// Routes are of the same trust as the servers, so none goes without the password, and they are always mutual where there
    /// is an authority.
    fn render(&self, tls: Option<&TlsFiles>) -> String {
        let password = self.password.reveal();
        let mut text = format!(
            "cluster {{\n  name: {}\n  listen: {}\n  \
             # Whoever has this is one of the servers: keep this file to them.\n  \
             authorization {{user: {}, password: {}, timeout: {ROUTE_AUTH_SECONDS}}}\n",
            quote(&self.name),
            quote(&self.listen),
            quote(ROUTE_USER),
            quote(password),
        );
        if let Some(tls) = tls {
            text.push_str(&tls.render("  ", true));
        }
        text.push_str("  routes: [\n");
        for route in &self.routes {
            let _ = writeln!(
                text,
                "    {}",
                quote(&format!("nats-route://{ROUTE_USER}:{password}@{route}"))
            );
        }
        text.push_str("  ]\n}\n\n");
        text
    }
}

//! The configuration file of a managed server.
//!
//! It says what a managed server must be: loopback only, a store in its own folder, and by default every write on the
//! disk before it is acknowledged. It deliberately offers no further settings.

use std::fmt::Write;
use std::path::Path;

use super::error::ManagedError;
use super::folder::ServerFolder;

/// When the server puts a write on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncPolicy {
    /// Before it is acknowledged: an acknowledged write survives a power cut.
    #[default]
    Always,
    /// When the server likes, by default every two minutes: for tests and benches only.
    ServerDefault,
}

/// The ports of a server on loopback; `None` lets the operating system choose a free one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) client: Option<u16>,
    pub(super) monitor: Option<u16>,
}

/// How one node finds the others of its cluster.
#[derive(Debug, Clone)]
pub(super) struct Routes {
    pub(super) own_port: u16,
    /// Of all nodes, this one's included: the server counts them to know how large the cluster is meant to be.
    pub(super) all_ports: Vec<u16>,
}

/// All that differs between one managed server and another.
#[derive(Debug)]
pub(super) struct ServerConfig<'a> {
    pub(super) name: &'a str,
    pub(super) folder: &'a ServerFolder,
    pub(super) sync: SyncPolicy,
    pub(super) ports: Ports,
    pub(super) routes: Option<&'a Routes>,
}

impl ServerConfig<'_> {
    /// The text of the file.
    pub(super) fn render(&self) -> Result<String, ManagedError> {
        let mut text = format!(
            "# Written by ordertrace at every start of this server; changes are lost.\n\
             server_name: {name}\n\
             listen: \"127.0.0.1:{client}\"\n\
             http: \"127.0.0.1:{monitor}\"\n\
             ports_file_dir: {run}\n\
             pid_file: {pid}\n\
             log_file: {log}\n\
             logfile_size_limit: 10MB\n\
             logfile_max_num: 3\n\
             jetstream {{\n  store_dir: {store}\n{sync}}}\n",
            name = quote(self.name),
            client = port(self.ports.client),
            monitor = port(self.ports.monitor),
            run = quote_path(&self.folder.run())?,
            pid = quote_path(&self.folder.pid())?,
            log = quote_path(&self.folder.log())?,
            store = quote_path(self.folder.root())?,
            sync = match self.sync {
                SyncPolicy::Always => "  sync_interval: always\n",
                SyncPolicy::ServerDefault => "",
            },
        );
        if let Some(routes) = self.routes {
            text.push_str(&routes.render());
        }
        Ok(text)
    }
}

impl Routes {
    fn render(&self) -> String {
        let mut text = format!(
            "cluster {{\n  name: \"ordertrace\"\n  listen: \"127.0.0.1:{}\"\n  routes: [\n",
            self.own_port
        );
        for port in &self.all_ports {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "    \"nats://127.0.0.1:{port}\"");
        }
        text.push_str("  ]\n}\n");
        text
    }
}

/// `-1` is the server's word for any free port.
fn port(port: Option<u16>) -> i32 {
    port.map_or(-1, i32::from)
}

fn quote_path(path: &Path) -> Result<String, ManagedError> {
    let text = path.to_str().ok_or_else(|| ManagedError::FolderNotUtf8 {
        path: path.to_owned(),
    })?;
    Ok(quote(text))
}

/// A string of the server's configuration language: variables are not expanded inside quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(data_dir: &str, sync: SyncPolicy, ports: Ports, routes: Option<&Routes>) -> String {
        let folder = ServerFolder::of(Path::new(data_dir)).unwrap();
        ServerConfig {
            name: "one",
            folder: &folder,
            sync,
            ports,
            routes,
        }
        .render()
        .unwrap()
    }

    #[test]
    fn a_first_start_asks_for_free_ports_on_loopback_and_syncs_always() {
        let text = rendered("/data", SyncPolicy::Always, Ports::default(), None);
        for line in [
            "listen: \"127.0.0.1:-1\"",
            "http: \"127.0.0.1:-1\"",
            "  store_dir: \"/data/nats\"",
            "  sync_interval: always",
        ] {
            assert!(
                text.lines().any(|it| it == line),
                "{line} is missing in\n{text}"
            );
        }
        assert!(!text.contains("cluster"), "{text}");
    }

    #[test]
    fn a_restart_keeps_its_ports() {
        let ports = Ports {
            client: Some(4333),
            monitor: Some(8333),
        };
        let text = rendered("/data", SyncPolicy::ServerDefault, ports, None);
        assert!(
            text.contains("listen: \"127.0.0.1:4333\"\nhttp: \"127.0.0.1:8333\"\n"),
            "{text}"
        );
        assert!(!text.contains("sync_interval"), "{text}");
    }

    #[test]
    fn a_node_knows_the_routes_of_all_nodes() {
        let routes = Routes {
            own_port: 7001,
            all_ports: vec![7001, 7002, 7003],
        };
        let text = rendered("/data", SyncPolicy::Always, Ports::default(), Some(&routes));
        assert!(text.contains("  listen: \"127.0.0.1:7001\"\n"), "{text}");
        assert_eq!(text.matches("\"nats://127.0.0.1:700").count(), 3, "{text}");
    }

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quote("a\"b\\c\nd $HOME"), "\"a\\\"b\\\\c\\nd $HOME\"");
    }
}

//! The ports of the last start, asked for again by the next one, so that other processes on this machine find the server
//! where it was.
//!
//! A convenience only: a port that somebody else has taken meanwhile is given up for a free one.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use super::config::Ports;
use super::folder::ServerFolder;

impl Ports {
    /// Those of the last start that nobody has taken. The caller holds the folder.
    pub(super) fn last(folder: &ServerFolder) -> Self {
        let Ok(text) = fs::read_to_string(folder.last_ports()) else {
            return Self::default();
        };
        let mut ports = text.lines().map(|line| line.parse().ok().filter(is_free));
        Self {
            client: ports.next().flatten(),
            monitor: ports.next().flatten(),
        }
    }

    /// Notes the ports for the next start, which takes free ones if the note could not be made.
    pub(super) fn note(self, folder: &ServerFolder) {
        let lines = [self.client, self.monitor].map(|port| format!("{}\n", port.unwrap_or(0)));
        if let Err(error) = fs::write(folder.last_ports(), lines.concat()) {
            tracing::debug!(%error, "the ports of nats-server could not be noted");
        }
    }
}

fn is_free(port: &u16) -> bool {
    *port != 0 && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_asked_for_again_unless_they_are_taken() {
        let data = tempfile::tempdir().unwrap();
        let folder = ServerFolder::of(data.path()).unwrap();
        fs::create_dir_all(data.path().join("nats")).unwrap();
        assert_eq!(Ports::last(&folder), Ports::default());
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ports = Ports {
            client: Some(other.local_addr().unwrap().port()),
            monitor: Some(taken.local_addr().unwrap().port()),
        };
        drop(other);
        ports.note(&folder);
        assert_eq!(
            Ports::last(&folder),
            Ports {
                monitor: None,
                ..ports
            }
        );
    }
}

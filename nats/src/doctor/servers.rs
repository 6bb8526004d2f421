//! What is made of what the servers say of themselves.

use chrono::TimeDelta;

use super::finding::{Check, Finding};
use super::seen::{Observations, ServerSeen};
use crate::managed::ServerVersion;
use crate::topology::EVENT_BYTES_MAX;

/// Timers go off by the servers' clocks, and filters by time are for people: a second more or less is nobody's harm.
const SKEW_MAX: TimeDelta = TimeDelta::seconds(1);

pub(super) fn judge(seen: &Observations, found: &mut Vec<Finding>) {
    let servers = match &seen.servers {
        Ok(servers) => servers,
        Err(why) => {
            found.push(unseen("the servers", why));
            return;
        }
    };
    for holder in &seen.holders {
        if !servers.iter().any(|server| server.name == *holder) {
            found.push(unseen(
                holder,
                "it holds the log and gave no account of itself",
            ));
        }
    }
    for server in servers {
        found.extend(of_server(server).into_iter().flatten());
    }
    found.extend(differing_versions(servers));
    if !seen.is_encrypted && !seen.is_loopback {
        found.push(Check::Tls.critical(
            "the connection",
            "it leaves this machine unencrypted: whoever is on the way reads all orders",
            "give the servers a `tls` block (`ops nats-config --tls-cert`), and every role --nats-tls-ca",
        ));
    }
}

fn unseen(object: &str, why: &str) -> Finding {
    Check::Unseen.warning(
        object,
        format!("could not be looked at: {why}"),
        "give the monitoring address of every server (--nats-monitor-url), or connect as a user that may ask them",
    )
}

fn of_server(server: &ServerSeen) -> [Option<Finding>; 6] {
    [
        sync_policy(server),
        version(server),
        clock(server),
        max_payload(server),
        monitoring(server),
        routes(server),
    ]
}

fn sync_policy(server: &ServerSeen) -> Option<Finding> {
    let found = match server.sync_always {
        Some(true) => return None,
        Some(false) => "it acknowledges orders before they are on the disk: a power cut loses them",
        None => "JetStream is off there",
    };
    let remedy = "set `sync_interval: always` in its `jetstream` block and restart it";
    Some(Check::SyncPolicy.critical(&server.name, found, remedy))
}

fn version(server: &ServerSeen) -> Option<Finding> {
    // The one parser there is reads the line that the program itself prints.
    let parsed = ServerVersion::parse(&format!("nats-server: v{}", server.version));
    let oldest = ServerVersion::OLDEST_USABLE;
    match parsed {
        Some(version) if version.is_usable() => None,
        _ => Some(Check::Version.critical(
            &server.name,
            format!(
                "it is of version {}; {oldest} or newer is needed",
                server.version
            ),
            "upgrade it",
        )),
    }
}

fn differing_versions(servers: &[ServerSeen]) -> Option<Finding> {
    let first = servers.first()?;
    let other = servers
        .iter()
        .find(|server| server.version != first.version)?;
    Some(Check::Version.warning(
        &other.name,
        format!(
            "it is of version {}, {} of {}",
            other.version, first.name, first.version
        ),
        "upgrade all servers to the same version, one after another",
    ))
}

fn clock(server: &ServerSeen) -> Option<Finding> {
    let ahead = server.ahead;
    if ahead.abs() <= SKEW_MAX {
        return None;
    }
    let by = ahead.abs().num_milliseconds();
    let word = if ahead < TimeDelta::zero() {
        "behind"
    } else {
        "ahead of"
    };
    Some(Check::Clock.warning(
        &server.name,
        format!("its clock is {by} ms {word} this machine's"),
        "have all machines set their clocks by the same time servers",
    ))
}

fn max_payload(server: &ServerSeen) -> Option<Finding> {
    let needed = u64::from(EVENT_BYTES_MAX);
    (server.max_payload < needed).then(|| {
        Check::MaxPayload.critical(
            &server.name,
            format!(
                "it takes messages of {} bytes at most, an event may have {needed}",
                server.max_payload
            ),
            "raise its `max_payload`, to 1MB as it is by default",
        )
    })
}

fn monitoring(server: &ServerSeen) -> Option<Finding> {
    let host = server.monitoring_host.as_deref()?;
    (!is_loopback(host)).then(|| {
        Check::Monitoring.warning(
            &server.name,
            format!(
                "its monitoring listens on {}: whoever reaches it sees everything but messages",
                shown(host)
            ),
            "let it listen on 127.0.0.1 (`http: 127.0.0.1:8222`), or keep others from the port",
        )
    })
}

fn routes(server: &ServerSeen) -> Option<Finding> {
    let host = server.route_host.as_deref()?;
    (!server.routes_encrypted && !is_loopback(host)).then(|| {
        Check::Routes.critical(
            &server.name,
            format!(
                "it listens for other servers on {} without TLS: whoever is on the way reads all orders and the password, if \
                 there is one, and with that writes orders as a server of the cluster",
                shown(host)
            ),
            "write the servers anew with `ops nats-config --cluster`, --tls-cert, --tls-key and --tls-client-ca",
        )
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host == "::1"
}

fn shown(host: &str) -> &str {
    if host.is_empty() {
        "all addresses"
    } else {
        host
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn good() -> ServerSeen {
        ServerSeen {
            name: "n1".to_owned(),
            version: ServerVersion::OLDEST_USABLE.to_string(),
            sync_always: Some(true),
            ahead: TimeDelta::milliseconds(-900),
            max_payload: 1 << 20,
            monitoring_host: Some("127.0.0.1".to_owned()),
            route_host: Some("127.0.0.1".to_owned()),
            routes_encrypted: false,
        }
    }

    fn judged(servers: Vec<ServerSeen>) -> Vec<Check> {
        let seen = Observations {
            servers: Ok(servers),
            holders: vec!["n1".to_owned()],
            is_loopback: true,
            ..Observations::default()
        };
        let mut found = Vec::new();
        judge(&seen, &mut found);
        found.into_iter().map(|finding| finding.check).collect()
    }

    #[test]
    fn nothing_is_found_on_a_server_as_it_should_be() {
        assert_eq!(judged(vec![good()]), []);
    }

    #[rstest]
    #[case(ServerSeen { sync_always: Some(false), ..good() }, Check::SyncPolicy)]
    #[case(ServerSeen { sync_always: None, ..good() }, Check::SyncPolicy)]
    #[case(ServerSeen { version: "2.9.10".to_owned(), ..good() }, Check::Version)]
    #[case(ServerSeen { version: "new".to_owned(), ..good() }, Check::Version)]
    #[case(ServerSeen { ahead: TimeDelta::milliseconds(1_001), ..good() }, Check::Clock)]
    #[case(ServerSeen { ahead: TimeDelta::milliseconds(-1_001), ..good() }, Check::Clock)]
    #[case(ServerSeen { max_payload: 65_536, ..good() }, Check::MaxPayload)]
    #[case(ServerSeen { monitoring_host: Some("0.0.0.0".to_owned()), ..good() }, Check::Monitoring)]
    #[case(ServerSeen { monitoring_host: Some(String::new()), ..good() }, Check::Monitoring)]
    #[case(ServerSeen { route_host: Some("0.0.0.0".to_owned()), ..good() }, Check::Routes)]
    #[case(ServerSeen { route_host: Some(String::new()), ..good() }, Check::Routes)]
    #[case(ServerSeen { name: "n2".to_owned(), ..good() }, Check::Unseen)]
    fn each_fault_of_a_server_is_found(#[case] server: ServerSeen, #[case] check: Check) {
        assert_eq!(judged(vec![server]), [check]);
    }

    #[test]
    fn encrypted_routes_may_leave_the_machine_and_a_server_alone_has_none() {
        let encrypted = ServerSeen {
            route_host: Some("0.0.0.0".to_owned()),
            routes_encrypted: true,
            ..good()
        };
        assert_eq!(judged(vec![encrypted]), []);
        let alone = ServerSeen {
            route_host: None,
            ..good()
        };
        assert_eq!(judged(vec![alone]), []);
    }

    #[test]
    fn servers_of_two_versions_are_found() {
        let newer = ServerSeen {
            name: "n2".to_owned(),
            version: "9.9.9".to_owned(),
            ..good()
        };
        assert_eq!(judged(vec![good(), newer]), [Check::Version]);
    }

    #[test]
    fn an_open_way_matters_only_where_it_leaves_the_machine() {
        let mut seen = Observations {
            servers: Ok(Vec::new()),
            ..Observations::default()
        };
        let mut found = Vec::new();
        judge(&seen, &mut found);
        assert_eq!(found[0].check, Check::Tls);
        seen.is_encrypted = true;
        found.clear();
        judge(&seen, &mut found);
        assert_eq!(found, []);
    }
}

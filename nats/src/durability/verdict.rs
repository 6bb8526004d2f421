//! What the servers' accounts come to. Pure.

use std::time::Duration;

use super::Durability;
use super::account::Account;
use crate::subject::EVENTS_STREAM;

/// Judges by the servers that hold the stream. A weakness that was seen counts before anything that was not.
pub(super) fn judge(holders: &[String], persists_later: bool, accounts: &[Account]) -> Durability {
    if persists_later {
        return Durability::Weaker {
            found: format!(
                "stream {EVENTS_STREAM} has persist_mode async: it acknowledges before it writes"
            ),
        };
    }
    let of = |holder: &String| accounts.iter().find(|account| account.server == *holder);
    let weak: Vec<String> = holders.iter().filter_map(of).filter_map(weakness).collect();
    let unseen: Vec<&str> = holders
        .iter()
        .filter(|holder| of(holder).is_none())
        .map(String::as_str)
        .collect();
    if !weak.is_empty() {
        Durability::Weaker {
            found: weak.join("; "),
        }
    } else if !unseen.is_empty() || holders.is_empty() {
        Durability::Unreadable {
            why: unseen_servers(&unseen),
        }
    } else {
        Durability::Always
    }
}

fn weakness(account: &Account) -> Option<String> {
    let server = &account.server;
    match account.jetstream {
        Some(writes) if writes.sync_always => None,
        Some(writes) => {
            let interval = Duration::from_nanos(writes.sync_interval);
            Some(format!("NATS server {server} writes every {interval:?}"))
        }
        None => Some(format!("NATS server {server} says nothing of JetStream")),
    }
}

fn unseen_servers(servers: &[&str]) -> String {
    format!(
        "of the NATS servers that hold stream {EVENTS_STREAM} these gave no account of themselves: {}",
        servers.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::account::Writes;
    use super::*;

    fn account(server: &str, sync_always: bool) -> Account {
        Account {
            server: server.to_owned(),
            jetstream: Some(Writes {
                sync_always,
                sync_interval: 120_000_000_000,
            }),
        }
    }

    fn judged(holders: &[&str], accounts: &[Account]) -> Durability {
        let holders: Vec<String> = holders.iter().map(ToString::to_string).collect();
        judge(&holders, false, accounts)
    }

    #[test]
    fn all_holders_that_always_write_first_are_durable() {
        let accounts = [
            account("a", true),
            account("b", true),
            account("not a holder", false),
        ];
        assert_eq!(judged(&["a", "b"], &accounts), Durability::Always);
    }

    #[test]
    fn one_weak_holder_makes_the_log_weak_and_is_named() {
        let accounts = [account("a", true), account("b", false)];
        assert_eq!(
            judged(&["a", "b", "unseen"], &accounts),
            Durability::Weaker {
                found: "NATS server b writes every 120s".to_owned()
            }
        );
    }

    #[test]
    fn a_holder_that_was_not_seen_leaves_it_open() {
        let unreadable = judged(&["a", "b"], &[account("a", true), account("a", true)]);
        assert!(
            matches!(&unreadable, Durability::Unreadable { why } if why.ends_with(": b")),
            "{unreadable:?}"
        );
        assert!(matches!(judged(&[], &[]), Durability::Unreadable { .. }));
    }

    #[test]
    fn a_stream_that_persists_later_is_weak_whatever_its_servers_say() {
        let verdict = judge(&["a".to_owned()], true, &[account("a", true)]);
        assert!(matches!(&verdict, Durability::Weaker { found } if found.contains("persist_mode")));
    }

    #[test]
    fn a_server_without_jetstream_is_weak() {
        let silent = Account {
            server: "a".to_owned(),
            jetstream: None,
        };
        assert!(matches!(
            judged(&["a"], &[silent]),
            Durability::Weaker { .. }
        ));
    }
}

//! The subjects of each role.

use ordertrace_domain::Shard;

use super::NatsRole;
use crate::durability::ASK_ALL;
use crate::subject::{
    CHECKPOINTS, CHECKPOINTS_STREAM, DLQ_ALL, DLQ_STREAM, EVENTS_ALL, EVENTS_STREAM, TIMERS_AT_ALL,
    TIMERS_DUE_ALL, TIMERS_STREAM,
};
use crate::topology::{saga_events_name, saga_timers_name};

/// A user asks who it is and what it may do.
pub(crate) const WHO_AM_I: &str = "$SYS.REQ.USER.INFO";

/// All servers tell what they hold, each by itself; who may ask is said where it is exported.
pub(crate) const HELD_BY_ALL: &str = "$SYS.REQ.SERVER.PING.JSZ";

const STREAMS: [&str; 4] = [EVENTS_STREAM, TIMERS_STREAM, DLQ_STREAM, CHECKPOINTS_STREAM];

/// What only an operator may ask the JetStream API for. No other role is allowed it either; this holds should somebody
/// allow a role more by hand.
const OPERATORS_ONLY: [&str; 12] = [
    "STREAM.CREATE.>",
    "STREAM.UPDATE.>",
    "STREAM.DELETE.>",
    "STREAM.PURGE.>",
    "STREAM.MSG.DELETE.>",
    "STREAM.SNAPSHOT.>",
    "STREAM.RESTORE.>",
    "STREAM.LEADER.>",
    "STREAM.PEER.>",
    "CONSUMER.DELETE.>",
    "CONSUMER.DURABLE.>",
    "META.>",
];

pub(super) fn publish(role: NatsRole) -> Vec<String> {
    let subjects = match role {
        NatsRole::CommandApi => vec![looks(), orders(), durability(), own([EVENTS_ALL])],
        NatsRole::Saga => vec![
            looks(),
            orders(),
            durability(),
            own([EVENTS_ALL, TIMERS_AT_ALL, DLQ_ALL]),
            get(DLQ_STREAM),
            queues(),
        ],
        NatsRole::Projections => vec![looks(), orders(), durability(), follows()],
        NatsRole::Audit => vec![
            looks(),
            orders(),
            follows(),
            get(CHECKPOINTS_STREAM),
            own([CHECKPOINTS]),
        ],
        NatsRole::Auditor => vec![looks(), orders(), follows(), get(CHECKPOINTS_STREAM)],
        NatsRole::Operator => vec![
            own(["$JS.API.>", "$JS.SNAPSHOT.>", TIMERS_DUE_ALL, HELD_BY_ALL]),
            durability(),
        ],
        NatsRole::Monitor => vec![
            api(["INFO", "STREAM.NAMES", "STREAM.LIST", "STREAM.INFO.*"]),
            api(["CONSUMER.NAMES.*", "CONSUMER.LIST.*", "CONSUMER.INFO.*.*"]),
            own([HELD_BY_ALL]),
            durability(),
        ],
    };
    let everybody = std::iter::once(WHO_AM_I.to_owned());
    subjects.into_iter().flatten().chain(everybody).collect()
}

pub(super) fn publish_denied(role: NatsRole) -> Vec<String> {
    match role {
        NatsRole::Operator => Vec::new(),
        NatsRole::Projections | NatsRole::Audit | NatsRole::Auditor => {
            [api(OPERATORS_ONLY), not_of_the_queues()].concat()
        }
        NatsRole::CommandApi | NatsRole::Saga | NatsRole::Monitor => api(OPERATORS_ONLY),
    }
}

pub(super) fn subscribe(role: NatsRole) -> Vec<String> {
    let inbox = format!("_INBOX_{role}.>");
    match role {
        NatsRole::Monitor => vec![inbox, "$JS.EVENT.ADVISORY.>".to_owned()],
        _ => vec![inbox],
    }
}

fn own<const N: usize>(subjects: [&str; N]) -> Vec<String> {
    subjects.map(str::to_owned).to_vec()
}

fn api<const N: usize>(requests: [&str; N]) -> Vec<String> {
    requests
        .map(|request| format!("$JS.API.{request}"))
        .to_vec()
}

/// To compare what is there with what is declared, at the start and after each reconnect.
fn looks() -> Vec<String> {
    let streams = STREAMS
        .iter()
        .map(|stream| format!("$JS.API.STREAM.INFO.{stream}"));
    let consumers = [EVENTS_STREAM, TIMERS_STREAM];
    let consumers = consumers
        .iter()
        .map(|stream| format!("$JS.API.CONSUMER.INFO.{stream}.*"));
    streams.chain(consumers).collect()
}

/// To ask the servers whether they keep what they acknowledge.
fn durability() -> Vec<String> {
    own([ASK_ALL])
}

/// To read orders, from any replica and from the leader.
fn orders() -> Vec<String> {
    let direct = format!("$JS.API.DIRECT.GET.{EVENTS_STREAM}");
    [vec![direct], get(EVENTS_STREAM)].concat()
}

fn get(stream: &str) -> Vec<String> {
    vec![format!("$JS.API.STREAM.MSG.GET.{stream}")]
}

/// To follow the log, or an order in it, over a consumer of the process's own, whose name nobody knows beforehand.
fn follows() -> Vec<String> {
    let stream = EVENTS_STREAM;
    vec![
        format!("$JS.API.CONSUMER.CREATE.{stream}.*"),
        format!("$JS.API.CONSUMER.CREATE.{stream}.*.{EVENTS_ALL}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.*"),
    ]
}

/// To work on the durable consumers.
fn queues() -> Vec<String> {
    let each = durables().flat_map(|(stream, name)| {
        [
            format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
            format!("$JS.API.CONSUMER.RESET.{stream}.{name}"),
            // Servers address acknowledgements in the one form or in the other.
            format!("$JS.ACK.{stream}.{name}.>"),
            format!("$JS.ACK.*.*.{stream}.{name}.>"),
        ]
    });
    each.collect()
}

/// The durable consumers are no consumers of a follower's own, though their names fit the pattern of those.
fn not_of_the_queues() -> Vec<String> {
    let each = durables().flat_map(|(stream, name)| {
        [
            format!("$JS.API.CONSUMER.CREATE.{stream}.{name}"),
            format!("$JS.API.CONSUMER.CREATE.{stream}.{name}.>"),
            format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{name}"),
        ]
    });
    each.collect()
}

fn durables() -> impl Iterator<Item = (&'static str, String)> {
    let events = Shard::all().map(|shard| (EVENTS_STREAM, saga_events_name(shard)));
    let timers = Shard::all().map(|shard| (TIMERS_STREAM, saga_timers_name(shard)));
    events.chain(timers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Topology, TopologyOptions};

    #[test]
    fn every_stream_and_durable_consumer_of_the_topology_is_thought_of() {
        let topology = Topology::new(TopologyOptions::SINGLE);
        let names: Vec<&str> = topology.streams.iter().map(|stream| stream.name).collect();
        assert_eq!(names, STREAMS);
        let declared = topology.consumers.into_iter();
        let declared = declared.map(|consumer| (consumer.stream, consumer.durable_name));
        assert!(declared.eq(durables()));
    }

    #[test]
    fn nobody_but_the_operator_is_allowed_what_is_the_operators() {
        for role in NatsRole::ALL {
            let is_operator = role == NatsRole::Operator;
            let denied = publish_denied(role);
            assert_eq!(
                denied.contains(&"$JS.API.STREAM.UPDATE.>".to_owned()),
                !is_operator
            );
            let allowed = publish(role);
            assert!(
                is_operator || !allowed.contains(&"$JS.API.>".to_owned()),
                "{role}"
            );
        }
    }

    #[test]
    fn only_two_roles_append_events_and_one_appends_checkpoints() {
        let may = |subject: &str| -> Vec<NatsRole> {
            let roles = NatsRole::ALL.into_iter();
            roles
                .filter(|role| publish(*role).contains(&subject.to_owned()))
                .collect()
        };
        assert_eq!(may(EVENTS_ALL), [NatsRole::CommandApi, NatsRole::Saga]);
        assert_eq!(may(CHECKPOINTS), [NatsRole::Audit]);
        assert_eq!(may(TIMERS_AT_ALL), [NatsRole::Saga]);
    }
}

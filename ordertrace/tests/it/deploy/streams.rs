//! The streams and consumers of `deploy/nats/streams.yaml`, which NACK makes on a cluster, are those that the program declares.
//!
//! The file is written out of the declaration, setting by setting; one that NACK has no name for fails here. What NACK makes of
//! a manifest is not tried out: that takes a cluster.

use std::{fmt::Write as _, fs, path::PathBuf};

use ordertrace_nats::{Topology, TopologyOptions};
use serde_json::Value;

/// What production tells every role (`NATS_EVENTS_MAX_BYTES` in `deploy/overlays/production`); a check of `deploy/` holds both to it.
const EVENTS_BYTES_MAX: u64 = 80 << 30;

/// Set it to write the file anew, and look at the difference.
const UPDATE: &str = "UPDATE_SNAPSHOTS";

const HEAD: &str = "\
# The streams and durable consumers, for NACK (0.23 or later, with its control loop), where a cluster's objects are made by manifests.
# Without it, the first role that may makes them; either way every role compares what is there with what it declares.
# Written by a test out of that declaration (nats/src/topology): UPDATE_SNAPSHOTS=1 cargo test -p ordertrace --test it deploy::streams
# Nothing here is ever removed or changed by NACK: a log that is there is more than its manifest.
";

/// How a setting of the server is called by NACK, and what becomes of its value.
type Renamed = (&'static str, &'static str, fn(&Value) -> String);

const OF_A_STREAM: [Renamed; 18] = [
    ("name", "name", plain),
    ("description", "description", plain),
    ("subjects", "subjects", list),
    ("storage", "storage", plain),
    ("retention", "retention", plain),
    ("discard", "discard", plain),
    ("num_replicas", "replicas", plain),
    ("max_bytes", "maxBytes", plain),
    ("max_msg_size", "maxMsgSize", plain),
    ("max_msgs_per_subject", "maxMsgsPerSubject", plain),
    ("duplicate_window", "duplicateWindow", duration),
    ("allow_direct", "allowDirect", plain),
    ("allow_atomic", "allowAtomicPublish", plain),
    ("allow_rollup_hdrs", "allowRollup", plain),
    ("allow_msg_schedules", "allowMsgSchedules", plain),
    ("allow_msg_ttl", "allowMsgTtl", plain),
    ("deny_delete", "denyDelete", plain),
    ("deny_purge", "denyPurge", plain),
];

const OF_A_CONSUMER: [Renamed; 12] = [
    ("durable_name", "durableName", plain),
    ("filter_subject", "filterSubject", plain),
    ("deliver_policy", "deliverPolicy", plain),
    ("replay_policy", "replayPolicy", plain),
    ("ack_policy", "ackPolicy", plain),
    ("ack_wait", "ackWait", duration),
    ("max_ack_pending", "maxAckPending", plain),
    ("max_deliver", "maxDeliver", plain),
    ("max_waiting", "maxWaiting", plain),
    ("priority_policy", "priorityPolicy", plain),
    ("priority_groups", "priorityGroups", list),
    ("priority_timeout", "pinnedTtl", duration),
];

/// None of the names and descriptions has a character that means something to YAML where it stands.
fn plain(value: &Value) -> String {
    let text = value.as_str();
    format!(" {}", text.map_or_else(|| value.to_string(), str::to_owned))
}

fn list(value: &Value) -> String {
    let items = value.as_array().unwrap().iter();
    items.fold(String::new(), |mut text, item| {
        write!(text, "\n    -{}", plain(item)).unwrap();
        text
    })
}

/// The server counts nanoseconds; NACK takes Go's words.
fn duration(value: &Value) -> String {
    let nanos = value.as_u64().unwrap();
    assert_eq!(nanos % 1_000_000, 0, "{nanos} ns");
    match nanos / 1_000_000 {
        millis if millis % 1_000 == 0 => format!(" {}s", millis / 1_000),
        millis => format!(" {millis}ms"),
    }
}

fn manifest(kind: &str, name: &str, of: &str, declared: &Value, names: &[Renamed]) -> String {
    let mut text = format!(
        "---\napiVersion: jetstream.nats.io/v1beta2\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: ordertrace\nspec:\n{of}"
    );
    let declared = declared.as_object().unwrap();
    for setting in declared.keys() {
        let is_known = names.iter().any(|(server, ..)| server == setting);
        assert!(is_known, "what does NACK call {setting} of a {kind}?");
    }
    for (setting, renamed, shown) in names {
        if let Some(value) = declared.get(*setting) {
            writeln!(text, "  {renamed}:{}", shown(value)).unwrap();
        }
    }
    text.push_str("  preventDelete: true\n  preventUpdate: true\n");
    text
}

fn manifests(topology: &Topology) -> String {
    let mut text = HEAD.to_owned();
    for stream in &topology.streams {
        let name = stream.name.to_lowercase().replace('_', "-");
        let declared = serde_json::to_value(stream).unwrap();
        text += &manifest("Stream", &name, "", &declared, &OF_A_STREAM);
    }
    for consumer in &topology.consumers {
        let of = format!("  streamName: {}\n", consumer.stream);
        let declared = serde_json::to_value(consumer).unwrap();
        let name = &consumer.durable_name;
        text += &manifest("Consumer", name, &of, &declared, &OF_A_CONSUMER);
    }
    text
}

#[test]
fn the_manifests_of_streams_and_consumers_are_what_the_program_declares() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats/streams.yaml");
    let declared = manifests(&Topology::new(TopologyOptions {
        events_bytes_max: Some(EVENTS_BYTES_MAX),
        ..TopologyOptions::REPLICATED
    }));
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, &declared).unwrap();
    }
    let offered = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        offered, declared,
        "deploy/nats/streams.yaml is not what is declared; {UPDATE}=1 takes it over"
    );
}

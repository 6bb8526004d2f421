//! The restored log before it is served.
//!
//! A stream on another subject takes no append of ours, and every role refuses to start on it, because its topology is not
//! as declared. Nothing of what is stored is touched by that: messages keep the subjects they came on.

use std::collections::HashMap;

use bytes::Bytes;
use ordertrace_domain::Incarnation;
use serde_json::{Value, json};

use super::{BackupError, JetStreamBackup, StreamConfig, StreamInfo};
use crate::subject::EVENTS_STREAM;
use crate::topology::Replicas;

/// Where a restored log says which log it is: the server gives a restored stream another time of creation, and on a
/// cluster each server its own. Beside the time of creation this is what an incarnation is read from.
const INCARNATION: &str = "ordertrace.incarnation";

/// The subject of a log that was restored and not yet released.
const WITHHELD: &str = "ordertrace.restoring.events";

/// What the server adds by itself; it can't be set.
const SERVER_OWN: &str = "_nats.";

impl StreamInfo {
    /// Whether it is a restored log that was not released.
    pub fn is_withheld(&self) -> bool {
        self.config.get("subjects") == Some(&json!([WITHHELD]))
    }
}

/// The configuration of a backed-up stream for the place to which it is restored: on which servers it is, and how many,
/// belongs to the place and not to the stream.
pub fn restored_config(backed_up: &StreamConfig, replicas: Replicas) -> StreamConfig {
    let mut config = backed_up.clone();
    config.insert("num_replicas".to_owned(), json!(replicas));
    config.remove("placement");
    if let Some(Value::Object(metadata)) = config.get_mut("metadata") {
        metadata.retain(|key, _| !key.starts_with(SERVER_OWN));
    }
    config
}

/// The configuration of a restored log: it keeps its incarnation.
pub fn restored_log_config(
    backed_up: &StreamConfig,
    replicas: Replicas,
    incarnation: Incarnation,
) -> StreamConfig {
    let mut config = restored_config(backed_up, replicas);
    let metadata = config.entry("metadata").or_insert_with(|| json!({}));
    metadata[INCARNATION] = json!(incarnation.to_string());
    config
}

/// The same log, on a subject that nobody uses.
pub fn withheld_config(released: &StreamConfig) -> StreamConfig {
    let mut config = released.clone();
    config.insert("subjects".to_owned(), json!([WITHHELD]));
    config
}

impl JetStreamBackup {
    /// Gives the restored log its own subject back: from now on it is served.
    ///
    /// # Errors
    /// [`BackupError::Refused`].
    pub async fn release(&self, released: &StreamConfig) -> Result<(), BackupError> {
        let request = Value::Object(released.clone()).to_string();
        let subject = format!("STREAM.UPDATE.{EVENTS_STREAM}");
        let updated: Result<Value, _> = self.ask(&subject, Bytes::from(request)).await;
        updated
            .map(|_| ())
            .map_err(BackupError::refused("releasing", EVENTS_STREAM))
    }
}

/// The incarnation that a restored stream names; `None` for one that was never restored, or names it in no form of ours.
pub(crate) fn named_incarnation(metadata: &HashMap<String, String>) -> Option<Incarnation> {
    let named = metadata.get(INCARNATION)?;
    let nanos = u64::from_str_radix(named, 16).ok()?;
    Some(Incarnation::from_created_nanos(nanos)).filter(|found| found.to_string() == *named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backed_up() -> StreamConfig {
        let config = json!({
            "name": EVENTS_STREAM, "subjects": ["ordertrace.events.>"], "num_replicas": 1, "deny_purge": true,
            "placement": {"cluster": "old"}, "metadata": {"_nats.ver": "2.15.1", "kept": "yes"},
        });
        config.as_object().unwrap().clone()
    }

    #[test]
    fn a_restored_log_is_what_it_was_but_for_its_place_and_its_name_of_itself() {
        let incarnation = Incarnation::from_created_nanos(0x18c0);
        let released = restored_log_config(&backed_up(), Replicas::Three, incarnation);
        let expected = json!({
            "name": EVENTS_STREAM, "subjects": ["ordertrace.events.>"], "num_replicas": 3, "deny_purge": true,
            "metadata": {"kept": "yes", "ordertrace.incarnation": "18c0"},
        });
        assert_eq!(Value::Object(released.clone()), expected);

        let withheld = withheld_config(&released);
        assert_eq!(withheld["subjects"], json!([WITHHELD]));
        let back = {
            let mut config = withheld;
            config.insert("subjects".to_owned(), released["subjects"].clone());
            config
        };
        assert_eq!(back, released);
    }

    #[test]
    fn an_incarnation_is_read_in_the_one_form_in_which_it_is_written() {
        let named =
            |text: &str| named_incarnation(&[(INCARNATION.to_owned(), text.to_owned())].into());
        assert_eq!(named("18c0"), Some(Incarnation::from_created_nanos(0x18c0)));
        for other in ["", "018c0", "18C0", "+18c0", "18c0-1", "0x18c0"] {
            assert_eq!(named(other), None, "{other}");
        }
        assert_eq!(named_incarnation(&[].into()), None);
    }
}

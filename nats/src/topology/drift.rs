//! Compares what is there with what is declared.
//!
//! Both sides are the server's own form of a configuration, so that a setting this program has never heard of counts as
//! well. What the server fills in where nothing was asked for is no difference.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

/// Settings that say nothing of how messages are kept and handed out. An operator places and labels as he likes, and a
/// description may be better put in a later version; a consumer's name is its durable name.
const NOT_COMPARED: [&str; 4] = ["description", "metadata", "name", "placement"];

/// What the server fills in, beyond zeros and empty values, where nothing was asked for.
const FILLED_IN: [(&str, &str); 2] = [("compression", "none"), ("persist_mode", "default")];

/// What is said of a setting that nobody asked for.
const NOT_SET: &str = "not set";

/// A limit that was declared only after logs had been made: to do without it is no reason not to start. Another value
/// than the declared one is.
const MAY_BE_ABSENT: &str = "max_msg_size";

/// How large the log may grow is the place's to say, and grows with its disks: a log that is full takes no orders, and a
/// role that then refused the room it was just given would be no help. Only for a stream that refuses when it is full, as
/// the events are declared to; another one would drop what is oldest.
const MAY_DIFFER: (&str, &str) = ("stream ORDERTRACE_EVENTS", "max_bytes");

/// One setting that is not as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Of what: `stream ORDERTRACE_EVENTS`.
    pub object: String,
    /// The setting, by the server's name for it.
    pub field: String,
    /// What it is.
    pub found: String,
    /// What it has to be.
    pub declared: String,
}

impl Difference {
    /// Whether every role can work with what is there all the same.
    pub(super) fn is_tolerable(&self) -> bool {
        let is_lack = self.field == MAY_BE_ABSENT && self.found == NOT_SET;
        is_lack || (self.object.as_str(), self.field.as_str()) == MAY_DIFFER
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            object,
            field,
            found,
            declared,
        } = self;
        write!(f, "{object}: {field} is {found}, declared {declared}")
    }
}

/// All differences between two configurations of one object, by the names of their settings.
pub(super) fn differences(
    object: &str,
    found: &Map<String, Value>,
    declared: &Map<String, Value>,
) -> Vec<Difference> {
    let fields: BTreeSet<&String> = found.keys().chain(declared.keys()).collect();
    let differing = fields.into_iter().filter_map(|field| {
        let found = said(field, found.get(field));
        let declared = said(field, declared.get(field));
        (found != declared).then(|| Difference {
            object: object.to_owned(),
            field: field.clone(),
            found: shown(found, declared),
            declared: shown(declared, found),
        })
    });
    differing.collect()
}

/// The value of a setting, if it says anything.
fn said<'a>(field: &str, value: Option<&'a Value>) -> Option<&'a Value> {
    let value = value?;
    let is_silent = NOT_COMPARED.contains(&field)
        || is_empty(value)
        || FILLED_IN
            .iter()
            .any(|(name, filled)| *name == field && value == filled);
    (!is_silent).then_some(value)
}

/// Zero and -1 both stand for "no limit".
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is_set) => !is_set,
        Value::Number(number) => matches!(number.as_i64(), Some(0 | -1)),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}

fn shown(value: Option<&Value>, other: Option<&Value>) -> String {
    match (value, other) {
        (Some(Value::String(text)), _) => text.clone(),
        (Some(value), _) => value.to_string(),
        (None, Some(Value::Bool(_))) => "false".to_owned(),
        (None, _) => NOT_SET.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn told(found: Value, declared: Value) -> Vec<String> {
        let (Value::Object(found), Value::Object(declared)) = (found, declared) else {
            unreachable!("both sides are maps")
        };
        differences("stream S", &found, &declared)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn every_difference_is_told_in_words() {
        let found =
            json!({"deny_delete": false, "max_age": 60, "discard": "old", "subjects": ["a"]});
        let declared = json!({"deny_delete": true, "discard": "new", "subjects": ["a", "b"]});
        assert_eq!(
            told(found, declared),
            [
                "stream S: deny_delete is false, declared true",
                "stream S: discard is old, declared new",
                "stream S: max_age is 60, declared not set",
                r#"stream S: subjects is ["a"], declared ["a","b"]"#,
            ]
        );
    }

    #[rstest]
    #[case(json!({"max_msg_size": -1}), true)]
    #[case(json!({}), true)]
    #[case(json!({"max_msg_size": 6}), false)]
    fn a_limit_of_messages_that_is_not_there_is_done_without(
        #[case] found: Value,
        #[case] is_tolerable: bool,
    ) {
        let declared = json!({"max_msg_size": 5});
        assert_eq!(tolerable("stream S", found, declared), [is_tolerable]);
    }

    #[rstest]
    #[case("stream ORDERTRACE_EVENTS", json!({"max_bytes": 2}), true)]
    #[case("stream ORDERTRACE_EVENTS", json!({"max_bytes": -1}), true)]
    #[case("stream ORDERTRACE_EVENTS", json!({"max_bytes": 1, "max_msgs": 2}), false)]
    #[case("stream ORDERTRACE_TIMERS", json!({"max_bytes": 2}), false)]
    fn the_log_alone_may_have_another_size(
        #[case] stream: &str,
        #[case] found: Value,
        #[case] is_tolerable: bool,
    ) {
        let declared = json!({"max_bytes": 1});
        assert_eq!(tolerable(stream, found, declared), [is_tolerable]);
    }

    fn tolerable(object: &str, found: Value, declared: Value) -> Vec<bool> {
        let (found, declared) = (found.as_object().unwrap(), declared.as_object().unwrap());
        let found = differences(object, found, declared);
        found.iter().map(Difference::is_tolerable).collect()
    }

    #[rstest]
    #[case(json!({"max_msgs": -1, "max_age": 0, "consumer_limits": {}, "mirror_direct": false}))]
    #[case(json!({"compression": "none", "persist_mode": "default"}))]
    #[case(json!({"metadata": {"_nats.ver": "2.15.1"}, "placement": {"cluster": "c"}}))]
    fn what_the_server_fills_in_is_no_difference(#[case] found: Value) {
        assert_eq!(told(found, json!({})), Vec::<String>::new());
    }

    #[rstest]
    #[case(json!({"persist_mode": "async"}))]
    #[case(json!({"compression": "s2"}))]
    #[case(json!({"mirror": {"name": "other"}}))]
    #[case(json!({"a_setting_of_a_later_server": true}))]
    #[case(json!({"max_msgs": 1}))]
    fn what_nobody_declared_is_a_difference(#[case] found: Value) {
        assert_eq!(told(found, json!({})).len(), 1);
    }
}

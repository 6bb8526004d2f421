//! An envelope has exactly its keys, each once and in their order: what other readers go by, ours holds to.

use ordertrace_domain::{DecodeError, Envelope, testing::strategies::envelope};
use proptest::prelude::*;
use rmpv::Value;

/// Each tries some hundred payloads.
const ENVELOPES: u32 = 32;
/// How many fields an envelope has.
const FIELDS: usize = 14;
/// Where the actor stands among them.
const ACTOR: usize = 11;
/// Where the data stands among them.
const DATA: usize = 13;

type Entries = Vec<(Value, Value)>;

fn entries(mut payload: &[u8]) -> Entries {
    let value = rmpv::decode::read_value(&mut payload).expect("MessagePack");
    let Value::Map(entries) = value else {
        unreachable!("an envelope is a map");
    };
    entries
}

fn bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("memory takes all");
    bytes
}

fn is_refused(value: &Value) -> bool {
    matches!(
        Envelope::decode(&bytes(value)),
        Err(DecodeError::Malformed(_))
    )
}

fn as_array(entries: &Entries) -> Value {
    Value::Array(entries.iter().map(|(_, value)| value.clone()).collect())
}

/// Every other way to write down the same entries, or some of them, or one more.
fn disorders(entries: &Entries) -> Vec<Value> {
    let mut disorders = vec![as_array(entries)];
    let mut add = |change: &dyn Fn(&mut Entries)| {
        let mut changed = entries.clone();
        change(&mut changed);
        disorders.push(Value::Map(changed));
    };
    for at in 0..entries.len() {
        add(&|entries| drop(entries.remove(at)));
        add(&|entries| entries.insert(at, entries[at].clone()));
        add(&|entries| entries[at] = entries[(at + 1) % entries.len()].clone());
        add(&|entries| entries[at].0 = Value::from(at));
        add(&|entries| entries[at].0 = Value::Binary(text(&entries[at].0)));
        add(&|entries| entries.insert(at, (Value::from("note"), Value::Nil)));
    }
    for at in 1..entries.len() {
        add(&|entries| entries.swap(at - 1, at));
    }
    add(&|entries| entries.push((Value::from("note"), Value::Nil)));
    disorders
}

fn text(key: &Value) -> Vec<u8> {
    key.as_str().expect("a text").as_bytes().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ENVELOPES))]

    /// Else the refusals below could have another cause.
    #[test]
    fn an_envelope_that_is_taken_apart_and_put_together_is_the_same(envelope in envelope()) {
        let payload = envelope.encode();
        let entries = entries(&payload);
        prop_assert_eq!(entries.len(), FIELDS);
        prop_assert_eq!(bytes(&Value::Map(entries)), payload);
    }

    #[test]
    fn keys_that_are_left_out_added_repeated_or_moved_make_no_envelope(envelope in envelope()) {
        for disorder in disorders(&entries(&envelope.encode())) {
            prop_assert!(is_refused(&disorder), "{}", disorder);
        }
    }

    #[test]
    fn an_actor_has_its_keys_as_strictly(envelope in envelope()) {
        let whole = entries(&envelope.encode());
        let Value::Map(actor) = &whole[ACTOR].1 else {
            unreachable!("an actor is a map");
        };
        for disorder in disorders(actor) {
            let mut changed = whole.clone();
            changed[ACTOR].1 = disorder;
            let changed = Value::Map(changed);
            prop_assert!(is_refused(&changed), "{}", changed);
        }
    }

    #[test]
    fn data_is_a_map(envelope in envelope()) {
        let mut whole = entries(&envelope.encode());
        let Value::Map(data) = &whole[DATA].1 else {
            unreachable!("data is a map");
        };
        whole[DATA].1 = as_array(data);
        prop_assert!(is_refused(&Value::Map(whole)));
    }
}

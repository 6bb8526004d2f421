//! Maps that were signed, and in which an order has come to something else than its events say.

use ordertrace_audit::{Bundle, Checkpoint, MapKey, OrderMap, SignedCheckpoint, Tip};
use ordertrace_domain::{Hash, Version};

use super::{Vector, bad_bundle};
use crate::sample::*;

/// The events of an order, and a signed map that has only this order in it.
fn with_tip(log: &Sample, edit: impl FnOnce(&mut Tip)) -> Vec<u8> {
    let bundle = log.bundle(1, 13, None);
    let (key, mut tip) = (MapKey::of(order(1)), bundle.map.tip);
    edit(&mut tip);
    let mut map = OrderMap::new();
    map.set(key, tip);
    let state = Checkpoint {
        map_root: map.root(),
        ..log.state(13)
    };
    let told = Bundle {
        checkpoint: SignedCheckpoint::sign(state, &log_key()),
        map: map.prove(key).unwrap(),
        ..bundle
    };
    told.to_json()
}

pub(super) fn all() -> Vec<Vector> {
    let log = Sample::new();
    let version = with_tip(&log, |tip| tip.version = Version::new(3));
    let hash = with_tip(&log, |tip| tip.hash = Hash::of(b"another"));
    vec![
        bad_bundle("other-version", version, "incomplete"),
        bad_bundle("other-last-hash", hash, "incomplete"),
    ]
}

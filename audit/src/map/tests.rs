//! The map against the library whose format it has.

use jmt::mock::MockTreeStore;
use jmt::{JellyfishMerkleTree, KeyHash, RootHash, proof::SparseMerkleProof};
use ordertrace_domain::{Hash, OrderId, Version};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::tree::Mismatch;

fn order(number: u64) -> OrderId {
    let text = format!("00000000-0000-7000-8000-{number:012x}");
    OrderId::parse(&text).unwrap()
}

fn tip(version: u64) -> Tip {
    Tip {
        version: Version::new(version),
        hash: Hash::of(&version.to_be_bytes()),
    }
}

fn value(tip: Tip) -> Vec<u8> {
    let version = u32::try_from(tip.version.get()).unwrap();
    [&version.to_be_bytes()[..], tip.hash.as_bytes()].concat()
}

fn set(map: &mut OrderMap, number: u64, version: u64) {
    map.set(MapKey::of(order(number)), tip(version));
}

/// The root by the library, of these orders with their versions.
fn library_root(orders: &std::collections::BTreeMap<u64, u64>) -> (Hash, MockTreeStore) {
    let store = MockTreeStore::new(true);
    let tree = JellyfishMerkleTree::<_, Sha256>::new(&store);
    let entries = orders.iter().map(|(number, version)| {
        let key = KeyHash::with::<Sha256>(order(*number).as_bytes());
        (key, Some(value(tip(*version))))
    });
    let (root, batch) = tree.put_value_set(entries, 0).unwrap();
    store.write_tree_update_batch(batch).unwrap();
    (Hash::from_bytes(root.0), store)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_and_proofs_are_those_of_the_library(
        changes in prop::collection::vec((0_u64..400, 1_u64..1_000), 1..600),
    ) {
        let mut map = OrderMap::new();
        let mut orders = std::collections::BTreeMap::new();
        for (number, version) in changes {
            set(&mut map, number, version);
            orders.insert(number, version);
        }
        let (root, store) = library_root(&orders);
        prop_assert_eq!(map.root(), root);
        prop_assert_eq!(map.len(), orders.len());
        let library = JellyfishMerkleTree::<_, Sha256>::new(&store);
        for (number, version) in orders.iter().take(20) {
            let id = order(*number);
            let proof = map.prove(MapKey::of(id)).unwrap();
            prop_assert_eq!(proof.tip, tip(*version));
            prop_assert_eq!(check_map(&proof, id, root), Ok(()));
            let key = KeyHash::with::<Sha256>(id.as_bytes());
            let (_, theirs): (_, SparseMerkleProof<Sha256>) = library.get_with_proof(key, 0).unwrap();
            prop_assert!(theirs.verify(RootHash(*map.root().as_bytes()), key, Some(value(tip(*version)))).is_ok());
        }
    }

    #[test]
    fn the_order_in_which_entries_come_in_does_not_matter(
        numbers in prop::collection::btree_set(0_u64..10_000, 1..200), seed in any::<u64>(),
    ) {
        let mut shuffled: Vec<u64> = numbers.iter().copied().collect();
        shuffled.sort_by_key(|number| number.wrapping_mul(seed | 1));
        let mut one = OrderMap::new();
        numbers.iter().for_each(|number| set(&mut one, *number, 1));
        let mut other = OrderMap::new();
        for number in shuffled {
            set(&mut other, number, 7);
            let _remembered = other.root();
            set(&mut other, number, 1);
        }
        prop_assert_eq!(one.root(), other.root());
        prop_assert!(one.iter().eq(other.iter()));
        prop_assert!(one.iter().is_sorted_by_key(|(key, _)| key));
    }
}

#[test]
fn a_snapshot_stays_as_it_was() {
    let mut map = OrderMap::new();
    (0..100).for_each(|number| set(&mut map, number, 1));
    let (snapshot, root) = (map.clone(), map.root());
    (50..200).for_each(|number| set(&mut map, number, 2));
    assert_eq!(snapshot.root(), root);
    assert_eq!(snapshot.len(), 100);
    assert_ne!(map.root(), root);
}

#[test]
fn a_proof_is_of_one_order_one_tip_and_one_root() {
    let mut map = OrderMap::new();
    (0..50).for_each(|number| set(&mut map, number, 3));
    let root = map.root();
    let proof = map.prove(MapKey::of(order(7))).unwrap();
    assert_eq!(check_map(&proof, order(7), root), Ok(()));
    assert_eq!(check_map(&proof, order(8), root), Err(Mismatch));
    assert_eq!(check_map(&proof, order(7), Hash::ZERO), Err(Mismatch));
    let older = MapProof {
        tip: tip(2),
        ..proof.clone()
    };
    assert_eq!(check_map(&older, order(7), root), Err(Mismatch));
    let mut longer = proof.clone();
    longer.siblings.push(Hash::ZERO);
    assert_eq!(check_map(&longer, order(7), root), Err(Mismatch));
    let mut shorter = proof;
    shorter.siblings.pop();
    assert_eq!(check_map(&shorter, order(7), root), Err(Mismatch));
    assert_eq!(map.prove(MapKey::of(order(50))), None);
}

#[test]
fn an_empty_map_has_a_root_of_its_own() {
    assert_eq!(OrderMap::new().root(), super::fold::EMPTY);
    assert!(OrderMap::new().is_empty());
}

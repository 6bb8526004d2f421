//! The tree against a direct reading of RFC 6962, and its file against a tree that was never closed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ordertrace_audit::{Frontier, TreeError, TreeFile, check_consistency, check_inclusion};
use ordertrace_domain::{Hash, Sequence};
use rstest::rstest;

fn leaf(number: u64) -> Hash {
    Hash::of(&number.to_be_bytes())
}

fn leaves(size: u64) -> Vec<Hash> {
    (1..=size).map(leaf).collect()
}

/// RFC 6962, 2.1, word for word.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::of(b""),
        [only] => *only,
        leaves => {
            let half = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(half);
            let mut bytes = vec![1];
            bytes.extend_from_slice(root(left).as_bytes());
            bytes.extend_from_slice(root(right).as_bytes());
            Hash::of(&bytes)
        }
    }
}

const SIZE: u64 = 70;

fn tree(folder: &tempfile::TempDir) -> TreeFile {
    let mut tree = TreeFile::open(&folder.path().join("tree"), Sequence::START).unwrap();
    for leaf in leaves(SIZE) {
        tree.push(leaf).unwrap();
    }
    tree
}

#[test]
fn roots_are_those_of_rfc_6962() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(&folder);
    let mut frontier = Frontier::new();
    for size in 0..=SIZE {
        let expected = root(&leaves(size));
        assert_eq!(frontier.size(), Sequence::new(size));
        assert_eq!(frontier.root(), expected, "size {size}");
        assert_eq!(
            tree.root(Sequence::new(size)).unwrap(),
            expected,
            "size {size}"
        );
        frontier.push(leaf(size + 1));
    }
}

#[test]
fn every_leaf_is_proven_in_every_tree_that_has_it_and_in_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(&folder);
    for size in 1..=SIZE {
        let of = root(&leaves(size));
        let size = Sequence::new(size);
        for position in 1..=size.get() {
            let (at, hash) = (Sequence::new(position), leaf(position));
            let mut path = tree.inclusion(at, size).unwrap();
            check_inclusion(&path, at, hash, size, of).unwrap();
            check_inclusion(&path, at.next(), hash, size, of).unwrap_err();
            check_inclusion(&path, at, leaf(position + 1), size, of).unwrap_err();
            path.push(Hash::ZERO);
            check_inclusion(&path, at, hash, size, of).unwrap_err();
        }
        assert!(tree.inclusion(size.next(), size).is_err());
    }
}

#[test]
fn every_tree_is_proven_to_begin_with_every_smaller_one_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let tree = tree(&folder);
    for new in 0..=SIZE {
        let new = (Sequence::new(new), root(&leaves(new)));
        for old in 0..=new.0.get() {
            let old = (Sequence::new(old), root(&leaves(old)));
            let path = tree.consistency(old.0, new.0).unwrap();
            check_consistency(&path, old, new).unwrap();
            let forked = (old.0, Hash::ZERO);
            check_consistency(&path, forked, new).unwrap_err();
            let longer = [path.as_slice(), &[Hash::ZERO]].concat();
            check_consistency(&longer, old, new).unwrap_err();
        }
    }
}

#[rstest]
#[case(0)]
#[case(1)]
#[case(37)]
#[case(64)]
#[case(SIZE)]
fn a_file_is_opened_at_any_size_that_was_synced(#[case] size: u64) {
    let folder = tempfile::tempdir().unwrap();
    tree(&folder).sync().unwrap();
    let path = folder.path().join("tree");
    let mut opened = TreeFile::open(&path, Sequence::new(size)).unwrap();
    assert_eq!(opened.size(), Sequence::new(size));
    assert!(opened.root(Sequence::new(size + 1)).is_err());
    for number in size + 1..=SIZE + 9 {
        opened.push(leaf(number)).unwrap();
    }
    let grown = Sequence::new(SIZE + 9);
    assert_eq!(opened.root(grown).unwrap(), root(&leaves(SIZE + 9)));
    assert_eq!(opened.leaf(Sequence::new(5)).unwrap(), leaf(5));
    let proof = opened.consistency(Sequence::new(3), grown).unwrap();
    let (old, new) = (root(&leaves(3)), root(&leaves(SIZE + 9)));
    check_consistency(&proof, (Sequence::new(3), old), (grown, new)).unwrap();
}

#[test]
fn a_file_that_is_too_short_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    tree(&folder).sync().unwrap();
    let size = Sequence::new(SIZE + 1);
    let opened = TreeFile::open(&folder.path().join("tree"), size);
    assert!(matches!(opened, Err(TreeError::TooShort(at)) if at == size));
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let huge = Sequence::new(u64::MAX);
    check_inclusion(&[], Sequence::new(1), leaf(1), huge, leaf(1)).unwrap_err();
    check_inclusion(&[], Sequence::START, leaf(1), Sequence::new(1), leaf(1)).unwrap_err();
    check_consistency(&Vec::new(), (huge, leaf(1)), (huge, leaf(1))).unwrap_err();
    check_consistency(
        &Vec::new(),
        (Sequence::new(2), leaf(1)),
        (Sequence::new(1), leaf(1)),
    )
    .unwrap_err();
}

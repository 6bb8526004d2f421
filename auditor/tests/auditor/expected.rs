//! What checkpoints have to say, computed from the log in the plainest way.

use futures::StreamExt;
use ordertrace_audit::{Chain, Frontier, PublicKey, leaf_hash};
use ordertrace_domain::{Hash, Record, Records, Sequence, Span};

use crate::site::{Site, key};

/// All records up to a size.
pub(crate) async fn records(site: &Site, size: Sequence) -> Vec<Record> {
    let span = Span {
        after: Sequence::START,
        upto: Some(size),
    };
    let scan = site.log.scan(span, None);
    scan.map(Result::unwrap).collect().await
}

/// The roots of tree and map at a size.
pub(crate) async fn roots(site: &Site, size: Sequence) -> (Hash, Hash) {
    let (mut tree, mut chain) = (Frontier::new(), Chain::new());
    for record in records(site, size).await {
        tree.push(leaf_hash(&record));
        // What is not its order's next event does not move the map.
        let _ = chain.follow(&record);
    }
    (tree.root(), chain.map().root())
}

/// Checks every checkpoint there is: it is signed, larger than the one before, and says what the log says.
pub(crate) async fn assert_all_right(site: &Site) {
    assert_all_right_by(site, &key().public()).await;
}

/// The same with another key.
pub(crate) async fn assert_all_right_by(site: &Site, key: &PublicKey) {
    let mut before = Sequence::START;
    for (index, stored) in site.checkpoints().await.into_iter().enumerate() {
        assert_eq!(stored.number.get(), index as u64 + 1);
        let signed = ordertrace_audit::SignedCheckpoint::parse(&stored.note).unwrap();
        signed.check(key).unwrap();
        let checkpoint = signed.checkpoint();
        assert!(
            checkpoint.size > before,
            "{before} then {}",
            checkpoint.size
        );
        before = checkpoint.size;
        assert_eq!(checkpoint.origin, key.name());
        assert_eq!(checkpoint.incarnation, Records::incarnation(&site.log));
        let said = (checkpoint.tree_root, checkpoint.map_root);
        assert_eq!(said, roots(site, checkpoint.size).await, "at {before}");
    }
}

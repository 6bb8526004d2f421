//! Checkpoints, one after the other.

use futures::future::join_all;

use super::{Harness, within};
use crate::{AppendError, Checkpoints, Sequence, StoredCheckpoint, testing::fixtures};

/// How many are added at once.
const SIGNERS: usize = 8;

/// How often they are.
const ROUNDS: usize = 4;

/// A note that nobody else adds, with all that may be in one: lines, spaces, and bytes beyond ASCII.
fn note() -> Vec<u8> {
    let id = fixtures::order_id();
    format!("origin\n{id}\n\n\u{2014} signer AAAA+/=\n").into_bytes()
}

async fn last(checkpoints: &dyn Checkpoints) -> Option<StoredCheckpoint> {
    within(checkpoints.last()).await.expect("an answer")
}

async fn end(checkpoints: &dyn Checkpoints) -> Sequence {
    let last = last(checkpoints).await;
    last.map_or(Sequence::START, |last| last.number)
}

async fn added(checkpoints: &dyn Checkpoints, behind: Sequence, note: &[u8]) -> Sequence {
    let number = within(checkpoints.append(behind, note)).await;
    number.expect("an append")
}

async fn after(
    checkpoints: &dyn Checkpoints,
    number: Sequence,
    limit: usize,
) -> Vec<StoredCheckpoint> {
    let page = within(checkpoints.after(number, limit)).await;
    page.expect("a page")
}

/// Its bytes and its number, by whoever asks.
pub async fn a_checkpoint_is_read_back_as_it_was_added(harness: &dyn Harness) {
    let checkpoints = harness.checkpoints();
    let behind = end(&*checkpoints).await;
    let note = note();
    let number = added(&*checkpoints, behind, &note).await;
    assert_eq!(number, behind.next());
    for checkpoints in [checkpoints, harness.second_checkpoints()] {
        let last = last(&*checkpoints).await.expect("a checkpoint");
        assert_eq!((last.number, &last.note), (number, &note));
        assert_eq!(after(&*checkpoints, behind, 9).await, [last]);
    }
}

/// Pages of whatever size have each once, the oldest first.
pub async fn checkpoints_come_in_their_order_in_pages(harness: &dyn Harness) {
    let checkpoints = harness.checkpoints();
    let start = end(&*checkpoints).await;
    let (mut notes, mut behind) = (Vec::new(), start);
    for _ in 0..40 {
        notes.push(note());
        behind = added(&*checkpoints, behind, &notes[notes.len() - 1]).await;
    }
    for limit in [1, 7, 40, usize::MAX] {
        let (mut read, mut from) = (Vec::new(), start);
        loop {
            let page = after(&*checkpoints, from, limit).await;
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            from = last.number;
            read.extend(page);
        }
        assert_eq!(from, behind);
        assert!(read.is_sorted_by_key(|it| it.recorded_at));
        let read: Vec<_> = read.into_iter().map(|it| it.note).collect();
        assert_eq!(read, notes);
    }
    assert_eq!(after(&*checkpoints, start, 0).await, []);
    assert_eq!(after(&*checkpoints, behind.next(), 9).await, []);
}

/// However many sign at once, and whoever they are: the others are told that they are late.
pub async fn behind_one_checkpoint_one_is_added(harness: &dyn Harness) {
    let signers = [harness.checkpoints(), harness.second_checkpoints()];
    for _ in 0..ROUNDS {
        let behind = end(&*signers[0]).await;
        let notes: Vec<_> = (0..SIGNERS).map(|_| note()).collect();
        let appends = notes.iter().enumerate();
        let appends = appends.map(|(index, note)| signers[index % 2].append(behind, note));
        let answers = within(join_all(appends)).await;
        let mut won = Vec::new();
        for (answer, note) in answers.into_iter().zip(notes) {
            match answer {
                Ok(number) => won.push((number, note)),
                Err(error) => assert!(matches!(error, AppendError::Conflict), "{error:?}"),
            }
        }
        let stored = after(&*signers[1], behind, SIGNERS).await;
        let stored = stored.into_iter().map(|it| (it.number, it.note));
        assert_eq!(won, stored.collect::<Vec<_>>());
        assert_eq!(won.len(), 1, "one signer wins");
    }
}

/// A signer that has not seen the last one, or speaks of one that is not there, adds nothing.
pub async fn a_checkpoint_is_added_behind_the_last_one_alone(harness: &dyn Harness) {
    let checkpoints = harness.checkpoints();
    let passed = end(&*checkpoints).await;
    let last = added(&*checkpoints, passed, &note()).await;
    for behind in [passed, last.next()] {
        let answer = within(checkpoints.append(behind, &note())).await;
        assert!(matches!(answer, Err(AppendError::Conflict)), "{answer:?}");
    }
    assert_eq!(end(&*checkpoints).await, last);
}

/// A repeat after an answer that was lost is told what the first try came to, even when others have followed.
pub async fn the_same_note_in_the_same_place_is_stored_once(harness: &dyn Harness) {
    let (checkpoints, second) = (harness.checkpoints(), harness.second_checkpoints());
    let behind = end(&*checkpoints).await;
    let note = note();
    let number = added(&*checkpoints, behind, &note).await;
    assert_eq!(added(&*second, behind, &note).await, number);
    assert_eq!(end(&*second).await, number);
    let next = added(&*second, number, &self::note()).await;
    assert_eq!(added(&*checkpoints, behind, &note).await, number);
    assert_eq!(end(&*checkpoints).await, next);
}

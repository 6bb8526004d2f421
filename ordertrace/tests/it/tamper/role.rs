//! The `audit` role on a store that somebody has changed: it says what it has found and signs nothing more, and orders go
//! on.

use ordertrace_nats::subject::{CHECKPOINTS_STREAM, EVENTS_STREAM};
use serde_json::Value;

use super::checkpoints::{SIGNATURE, change_line};
use super::insider::{beginning_of_an_order, cover_up, end_of_an_order, renumber, resell};
use super::scene::{Copy, OFTEN, Scene, close, sell, signed_head};
use crate::harness::{Dev, PATIENCE, Store, wait_until};

/// Starts `dev` on what is stored, waits until its audit has stopped for good, and gives the reason; checks that nobody
/// has signed anything until `dev` ends, whatever was done `meanwhile`.
async fn halted_while(copy: &Copy, meanwhile: impl AsyncFnOnce(&Dev)) -> String {
    let before = copy.checkpoints().messages();
    let dev = Dev::start(copy.path(), &OFTEN).await;
    let halted = wait_until("the audit has stopped", PATIENCE, async || {
        status(&dev).await["halted"].as_str().map(str::to_owned)
    });
    let halted = halted.await;
    meanwhile(&dev).await;
    assert_eq!(status(&dev).await["halted"], halted);
    close(dev).await;
    assert_eq!(copy.checkpoints().messages(), before, "{halted}");
    halted
}

/// The same while orders go on: more than were signed for before within seconds.
async fn halted(copy: &Copy) -> String {
    let events = copy.events().messages().len();
    let halted = halted_while(copy, async |dev| {
        sell(dev).await;
    });
    let halted = halted.await;
    assert!(copy.events().messages().len() > events);
    halted
}

async fn status(dev: &Dev) -> Value {
    dev.api.get("/audit/status").await.expect(200).json()
}

#[tokio::test]
async fn an_audit_that_folds_a_changed_log_halts_at_the_first_checkpoint_that_it_is_not() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = beginning_of_an_order(messages);
        resell(&mut messages[index].payload);
        cover_up(messages);
        messages[index].sequence
    });
    copy.forget_audit();
    let (_, size) = copy.among(changed);
    let halted = halted(&copy).await;
    let expected = format!("over the first {size} events checkpoint");
    assert!(halted.contains(&expected), "{halted}");
    assert!(halted.contains("has the tree root"), "{halted}");
}

#[tokio::test]
async fn an_audit_that_finds_less_than_was_signed_for_halts() {
    let copy = Scene::get().await.copy();
    let left = copy.events().edit(|messages| {
        messages.truncate(messages.len() - 10);
        messages.len()
    });
    copy.forget_audit();
    // It is given some time, in which the log must not become as long as it was.
    let halted = halted_while(&copy, async |_| ()).await;
    assert!(halted.contains("the log was truncated"), "{halted}");
    assert!(halted.ends_with(&format!("now ends at {left}")), "{halted}");
}

#[tokio::test]
async fn an_audit_that_remembers_a_checkpoint_halts_when_it_was_rolled_back() {
    let copy = Scene::get().await.copy();
    for stream in [EVENTS_STREAM, CHECKPOINTS_STREAM] {
        let earlier = copy.scene().earlier(stream);
        Store::of(copy.path(), stream).replace_by(&earlier);
    }
    copy.forget_fold();
    let halted = halted(&copy).await;
    assert!(
        halted.contains("the checkpoints were rolled back"),
        "{halted}"
    );
}

#[tokio::test]
async fn an_audit_that_reads_a_forged_checkpoint_halts() {
    let copy = Scene::get().await.copy();
    let number = copy.checkpoints().edit(|checkpoints| {
        let index = checkpoints.len() / 2;
        change_line(&mut checkpoints[index], SIGNATURE);
        checkpoints[index].sequence
    });
    copy.forget_audit();
    let halted = halted(&copy).await;
    let expected = format!("checkpoint {number} is forged or damaged");
    assert!(halted.contains(&expected), "{halted}");
}

#[tokio::test]
async fn an_audit_counts_a_message_that_is_no_next_event_and_signs_on() {
    let copy = Scene::get().await.copy();
    let again = copy.events().edit(|messages| {
        let again = messages[end_of_an_order(messages)].clone();
        messages.push(again);
        renumber(messages);
        messages.len() as u64
    });
    let dev = Dev::start(copy.path(), &OFTEN).await;
    let faults = wait_until("the audit has counted it", PATIENCE, async || {
        let faults = &status(&dev).await["faults"];
        (faults["count"] != 0).then(|| faults.clone())
    });
    assert_eq!(faults.await["first"], again);
    // It is an alarm for people: a message that is in the log is signed for, so that it can't be taken out again.
    wait_until("it is signed for", PATIENCE, async || {
        let last = &status(&dev).await["lastCheckpoint"];
        (last["size"].as_u64() >= Some(again)).then_some(())
    })
    .await;
    assert!(status(&dev).await["halted"].is_null());
    close(dev).await;
}

#[tokio::test]
async fn an_audit_does_not_look_again_at_what_it_has_folded_and_a_verification_does() {
    let copy = Scene::get().await.copy();
    let changed = copy.events().edit(|messages| {
        let index = beginning_of_an_order(messages);
        resell(&mut messages[index].payload);
        cover_up(messages);
        messages[index].sequence
    });
    let among = copy.among(changed);
    let dev = Dev::start(copy.path(), &OFTEN).await;
    sell(&dev).await;
    signed_head(&dev).await;
    close(dev).await;
    // What it signs still speaks of what was there first, so the change shows against every checkpoint, old and new.
    copy.verify().await.finds_other_tree(among);
}

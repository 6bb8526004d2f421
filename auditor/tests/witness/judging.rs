//! What is cosigned, and what is refused by which rule.

use ordertrace_audit::{KeyUse, SecretKey, SignedCheckpoint};
use ordertrace_domain::Hash;
use rstest::rstest;
use tokio::task::JoinSet;

use crate::book::{Book, ORIGIN, body};
use crate::site::{Site, ask, key, witness_key};

async fn site_at(book: &Book, size: u64) -> Site {
    let site = Site::of(&[book.public_key()]);
    if size > 0 {
        let answer = site.ask(book.request(0, size)).await;
        answer.cosigns(&book.signed(size));
    }
    site
}

#[tokio::test]
async fn each_checkpoint_that_goes_on_from_the_last_one_is_cosigned() {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    let sizes = [0, 1, 2, 7, 8, 21, 40];
    for at in 1..sizes.len() {
        let answer = site.ask(book.request(sizes[at - 1], sizes[at])).await;
        answer.cosigns(&book.signed(sizes[at]));
    }
    assert_eq!(site.ask(book.request(0, 40)).await.size(), 40);
}

#[tokio::test]
async fn the_last_checkpoint_is_cosigned_again_for_whoever_lost_the_answer() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    for _ in 0..2 {
        site.ask(book.request(9, 9)).await.cosigns(&book.signed(9));
    }
    assert_eq!(site.size(&book).await, 9);
}

#[tokio::test]
async fn a_request_that_begins_elsewhere_is_told_where_the_witness_stands() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    for old in [0, 1, 8, 10, 20] {
        assert_eq!(site.ask(book.request(old, 20)).await.size(), 9, "old {old}");
    }
}

#[tokio::test]
async fn another_tree_of_the_same_size_is_refused() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    let fork = Book::forked_after(8, "a fork");
    let answer = site.ask(fork.request(9, 9)).await;
    answer.is(409);
    assert_eq!(
        answer.body,
        "another checkpoint of this size was cosigned here\n"
    );
    site.ask(book.request(9, 10))
        .await
        .cosigns(&book.signed(10));
}

#[tokio::test]
async fn the_same_tree_with_another_map_is_refused() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    let other = Book::new().with_map(b"another map");
    site.ask(other.request(9, 9)).await.is(409);
}

#[tokio::test]
async fn a_log_that_was_rolled_back_is_refused_until_it_would_be_a_fork() {
    let book = Book::new();
    let site = site_at(&book, 20).await;
    // By what it knows itself, and by what the witness has told it.
    assert_eq!(site.ask(book.request(9, 10)).await.size(), 20);
    let rolled_back = body(20, &[], book.signed(10).as_str());
    site.ask(rolled_back).await.is(400);
    let grown_otherwise = Book::forked_after(10, "other orders");
    site.ask(grown_otherwise.request(20, 20)).await.is(409);
    site.ask(grown_otherwise.request(20, 30)).await.is(422);
    assert_eq!(site.size(&book).await, 20);
}

#[tokio::test]
async fn a_fork_that_has_gone_on_is_refused_by_its_own_proof() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    let fork = Book::forked_after(8, "a fork");
    site.ask(fork.request(9, 30)).await.is(422);
    site.ask(book.request(9, 30))
        .await
        .cosigns(&book.signed(30));
}

#[tokio::test]
async fn a_log_that_was_created_anew_is_refused_though_its_tree_goes_on() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    let again = Book::new().of_incarnation(0x18c1);
    let answer = site.ask(again.request(9, 20)).await;
    answer.is(409);
    assert!(answer.body.contains("incarnation"), "{answer:?}");
    site.ask(again.request(9, 9)).await.is(409);
}

/// No hash, one too few, one too many, one that is another, two that have changed places.
#[tokio::test]
async fn a_wrong_proof_is_refused() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    let note = book.signed(20);
    let proof = book.proof(9, 20);
    let mut wrong = vec![
        vec![],
        proof[1..].to_vec(),
        book.proof(8, 20),
        book.proof(9, 21),
    ];
    wrong.push([&proof[..], &[Hash::of(b"more")]].concat());
    for at in 0..proof.len() {
        let mut changed = proof.clone();
        changed[at] = Hash::of(b"another");
        wrong.push(changed);
    }
    let mut swapped = proof.clone();
    swapped.swap(0, 1);
    wrong.push(swapped);
    for proof in wrong {
        let answer = site.ask(body(9, &proof, note.as_str())).await;
        answer.is(422);
    }
    site.ask(book.request(9, 20)).await.cosigns(&note);
}

#[tokio::test]
async fn a_first_checkpoint_needs_no_proof_and_brings_none() {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    let with_proof = body(0, &[Hash::of(b"a hash")], book.signed(9).as_str());
    site.ask(with_proof).await.is(422);
    assert_eq!(site.ask(book.request(3, 9)).await.size(), 0);
    site.ask(book.request(0, 9)).await.cosigns(&book.signed(9));
}

#[tokio::test]
async fn a_log_that_is_not_known_is_refused() {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    let other = Book::new().signed_by(key("another.example", KeyUse::Log, 1));
    site.ask(other.request(0, 9)).await.is(404);
}

#[tokio::test]
async fn a_checkpoint_that_the_log_has_not_signed_is_refused() {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    let forged = Book::new().signed_by(key(ORIGIN, KeyUse::Log, 9));
    site.ask(forged.request(0, 9)).await.is(403);
    // Another text under the log's signature.
    let altered = book.request(0, 9).replace("\n9\n", "\n8\n");
    site.ask(altered).await.is(403);
    site.ask(book.request(0, 9)).await.cosigns(&book.signed(9));
}

#[rstest]
#[case::nothing("")]
#[case::no_text("\u{0}\u{1}\u{2}")]
#[case::no_checkpoint("old 0\n\n")]
#[case::another_kind_of_log(
    "old 0\n\nlog.example/orders\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— log.example/orders Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)]
#[tokio::test]
async fn garbage_is_refused(#[case] body: &'static str) {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    site.ask(body).await.is(400);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    site.ask(vec![b'x'; 64 * 1024 + 1]).await.is(413);
}

/// Whoever has a checkpoint can add lines to it. They neither hide the log's signature nor get into what is kept.
#[tokio::test]
async fn lines_that_somebody_has_added_change_nothing() {
    let book = Book::new();
    let site = site_at(&book, 0).await;
    let signed = book.signed(9);
    let line_of = |key: &SecretKey| {
        let cosigned = book
            .signed(8)
            .cosign(key, ordertrace_domain::Timestamp::from_micros(0));
        cosigned.as_str().to_owned()
    };
    let (text, signature) = signed.as_str().rsplit_once("\n\n").unwrap();
    let of_another_text = book.signed(8);
    let (_, wrong) = of_another_text.as_str().rsplit_once("\n\n").unwrap();
    let (ours, theirs) = (
        line_of(&witness_key()),
        line_of(&key("w2", KeyUse::Witness, 3)),
    );
    let note = format!("{text}\n\n{wrong}{ours}{theirs}{signature}");
    assert!(SignedCheckpoint::parse(note.as_bytes()).is_ok());
    site.ask(body(0, &[], &note)).await.cosigns(&signed);
    let site = site.restart(&[book.public_key()]).unwrap();
    assert_eq!(site.size(&book).await, 9);
}

#[tokio::test]
async fn a_log_may_have_several_keys_and_a_witness_several_logs() {
    let (old, new) = (
        Book::new(),
        Book::new().signed_by(key(ORIGIN, KeyUse::Log, 5)),
    );
    let other = Book::forked_after(0, "other").signed_by(key("other.example", KeyUse::Log, 6));
    let keys = [old.public_key(), new.public_key(), other.public_key()];
    let site = Site::of(&keys);
    site.ask(old.request(0, 9)).await.cosigns(&old.signed(9));
    site.ask(new.request(9, 10)).await.cosigns(&new.signed(10));
    site.ask(other.request(0, 5))
        .await
        .cosigns(&other.signed(5));
    let site = site.restart(&keys).unwrap();
    assert_eq!(site.size(&old).await, 10);
    assert_eq!(site.size(&other).await, 5);
}

/// Sixteen forks of one size, all at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_forks_that_come_at_once_one_is_cosigned() {
    let book = Book::new();
    let site = site_at(&book, 9).await;
    let mut asked = JoinSet::new();
    for number in 0..16 {
        let fork = Book::forked_after(9, &format!("fork {number}"));
        let witness = site.witness.clone();
        asked.spawn(async move { (ask(&witness, fork.request(9, 20)).await, fork) });
    }
    let answers = asked.join_all().await;
    let (cosigned, refused): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|(answer, _)| answer.status.is_success());
    assert_eq!(cosigned.len(), 1);
    cosigned[0].0.cosigns(&cosigned[0].1.signed(20));
    for (answer, _) in refused {
        assert_eq!(answer.size(), 20);
    }
}

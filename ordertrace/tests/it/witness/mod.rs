//! The witness as a process: killed at any moment, set up wrongly, and asked by a log that was rolled back.

mod book;
mod rolled_back;
mod site;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::harness::{PATIENCE, Program, signal, wait_until};
use book::{Book, EVENTS, log_key, witness_key};
use site::Site;

/// How often the process is killed.
const KILLS: u64 = 8;

/// Whatever the process was doing when it was killed: what it had answered it knows, and what it knows it was asked.
#[tokio::test]
async fn a_witness_that_is_killed_at_any_moment_remembers_every_cosignature_it_has_given() {
    let (site, book) = (Site::new(), Book::forked_after(EVENTS));
    let (mut stands_at, sent, answered) = (0, AtomicU64::new(0), AtomicU64::new(0));
    for kill in 1..=KILLS {
        let running = site.start().await;
        let pid = running.program.pid();
        let until = answered.load(Ordering::SeqCst) + kill * 3;
        let asks = async {
            let mut old = stands_at;
            loop {
                let size = old + 1;
                sent.store(size, Ordering::SeqCst);
                let Some((status, text)) = running.try_ask(book.request(old, size)).await else {
                    return;
                };
                assert_eq!(status, 200, "{text}");
                assert!(book.is_cosigned(size, &text));
                answered.store(size, Ordering::SeqCst);
                old = size;
            }
        };
        // It goes on asking while the process is killed.
        let kills = async {
            wait_until("some answers", PATIENCE, async || {
                (answered.load(Ordering::SeqCst) >= until).then_some(())
            })
            .await;
            signal("KILL", pid);
        };
        tokio::join!(asks, kills);
        drop(running);

        let running = site.start().await;
        stands_at = running.size(&book).await;
        let (answered, sent) = (answered.load(Ordering::SeqCst), sent.load(Ordering::SeqCst));
        assert!(
            (answered..=sent).contains(&stands_at),
            "{answered} {stands_at} {sent}"
        );
        let fork = Book::forked_after(stands_at - 1);
        assert_eq!(running.ask(fork.request(stands_at, stands_at)).await.0, 409);
        assert_eq!(
            running.ask(fork.request(stands_at, stands_at + 9)).await.0,
            422
        );
        let (status, text) = running.ask(book.request(stands_at, stands_at)).await;
        assert_eq!(status, 200, "{text}");
        assert!(book.is_cosigned(stands_at, &text));
    }
}

#[tokio::test]
async fn a_witness_that_can_not_read_its_memory_does_not_start() {
    let (site, book) = (Site::new(), Book::forked_after(EVENTS));
    let mut running = site.start().await;
    assert_eq!(running.ask(book.request(0, 9)).await.0, 200);
    signal("TERM", running.program.pid());
    assert_eq!(running.program.ended().await.code(), Some(0));
    let file = site.checkpoint_file();
    let kept = fs::read(&file).unwrap();
    fs::write(&file, &kept[..kept.len() - 1]).unwrap();
    let mut program = Program::run(site.args()).await;
    assert_eq!(program.code(), Some(1));
    let told = program.stderr();
    assert!(told.contains(file.to_str().unwrap()), "{told}");
    fs::write(&file, kept).unwrap();
    assert_eq!(site.start().await.size(&book).await, 9);
}

async fn refused(args: &[String]) -> (Option<i32>, String) {
    let mut program = Program::run(args).await;
    (program.code(), program.stderr())
}

#[tokio::test]
async fn a_witness_that_is_set_up_wrongly_says_what_is_wrong() {
    let site = Site::new();
    let with = |flag: &str, value: String| {
        let mut args = site.args();
        let at = args.iter().position(|arg| arg == flag).unwrap();
        args[at + 1] = value;
        args
    };
    let (code, told) = refused(&with("--log-key", "log.example".to_owned())).await;
    assert_eq!(code, Some(2));
    assert!(told.contains("not a key of the form"), "{told}");
    let (code, told) = refused(&with("--log-key", witness_key().public().to_string())).await;
    assert_eq!(code, Some(2));
    assert!(told.contains("is the key of a witness"), "{told}");
    fs::write(site.path("log.key"), log_key().to_secret_text()).unwrap();
    let logs_key = site.path("log.key").to_str().unwrap().to_owned();
    let (code, told) = refused(&with("--key-file", logs_key)).await;
    assert_eq!(code, Some(2));
    assert!(told.contains("for another use"), "{told}");
    assert!(!told.contains("PRIVATE"), "{told}");
    let nowhere = "not/there".to_owned();
    let (code, told) = refused(&with("--state", nowhere)).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("not/there"), "{told}");
}

#[tokio::test]
async fn a_witness_says_who_it_is_and_keeps_a_second_one_from_its_memory() {
    let site = Site::new();
    let running = site.start().await;
    let who = running.client.get(&running.url).send().await.unwrap();
    let who = who.text().await.unwrap();
    assert_eq!(
        who,
        format!("ordertrace witness {}\n", witness_key().public())
    );
    let (code, told) = refused(&site.args()).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("another process"), "{told}");
}

//! How a signer asks witnesses: over a real connection, and never for longer than a checkpoint can wait.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderName, StatusCode, header::CONTENT_TYPE};
use axum::routing::post;
use ordertrace_audit::{Cosignature, Path, PublicKey};
use ordertrace_auditor::{WitnessAt, Witnesses, witness_routes};
use ordertrace_domain::{Sequence, Timestamp};
use rstest::rstest;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::book::Book;
use crate::site::{Site, witness_key};

/// A server that ends with its test.
pub(crate) struct Served {
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) async fn serve(routes: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    Served { url, task }
}

pub(crate) fn asking(key: &PublicKey, served: &[&Served]) -> Witnesses {
    let all = served
        .iter()
        .map(|served| format!("{key}@{}", served.url).parse());
    let all: Result<Vec<WitnessAt>, _> = all.collect();
    Witnesses::new(all.unwrap()).unwrap()
}

fn prove(book: &Book, size: u64) -> impl Fn(Sequence) -> Ready<Option<Path>> + Sync {
    move |old| ready(Some(book.proof(old.get(), size)))
}

async fn cosigned(witnesses: &Witnesses, book: &Book, size: u64) -> Vec<Cosignature> {
    let signed = book.signed(size);
    let answers = witnesses.cosign(&signed, prove(book, size)).await;
    let cosignatures = answers.cosignatures;
    for cosignature in &cosignatures {
        let cosigned = signed.clone().with(cosignature);
        cosigned.check_cosignature(&witness_key().public()).unwrap();
    }
    cosignatures
}

pub(crate) fn trouble(witnesses: &Witnesses) -> String {
    let status = witnesses.status().remove(0);
    status.trouble.map(|it| it.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn a_witness_is_asked_from_where_it_stands() {
    let book = Book::new();
    let site = Site::of(&[book.public_key()]);
    let served = serve(witness_routes(site.witness.clone())).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    for size in [3, 4, 20] {
        assert_eq!(cosigned(&witnesses, &book, size).await.len(), 1);
        assert_eq!(witnesses.status()[0].size, Sequence::new(size));
    }
    // A signer that was just started does not know where it stands, and neither does one that another has overtaken.
    let fresh = asking(&witness_key().public(), &[&served]);
    assert_eq!(cosigned(&fresh, &book, 30).await.len(), 1);
    assert_eq!(cosigned(&witnesses, &book, 40).await.len(), 1);
    assert_eq!(trouble(&witnesses), "");
    assert_eq!(site.size(&book).await, 40);
}

#[tokio::test]
async fn a_witness_that_has_forgotten_is_asked_from_nothing() {
    let book = Book::new();
    let served = [
        Site::of(&[book.public_key()]),
        Site::of(&[book.public_key()]),
    ];
    let first = serve(witness_routes(served[0].witness.clone())).await;
    let witnesses = asking(&witness_key().public(), &[&first]);
    assert_eq!(cosigned(&witnesses, &book, 20).await.len(), 1);
    let address = first.url.strip_prefix("http://").unwrap().to_owned();
    first.task.abort();
    drop(first);
    let listener = crate::asking::rebind(&address).await;
    let routes = witness_routes(served[1].witness.clone());
    let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let _second = Served {
        url: String::new(),
        task,
    };
    assert_eq!(cosigned(&witnesses, &book, 30).await.len(), 1);
}

/// The port is free as soon as the aborted server has been dropped by the runtime.
async fn rebind(address: &str) -> TcpListener {
    for _ in 0..10_000 {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => tokio::task::yield_now().await,
        }
    }
    panic!("{address} is not free")
}

#[tokio::test]
async fn a_log_that_was_rolled_back_gets_no_cosignature_and_an_alarm() {
    let (book, keys) = (Book::new(), [Book::new().public_key()]);
    let site = Site::of(&keys);
    let served = serve(witness_routes(site.witness.clone())).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    assert_eq!(cosigned(&witnesses, &book, 20).await.len(), 1);
    // The signer of the restored log is another process.
    let witnesses = asking(&witness_key().public(), &[&served]);
    assert!(cosigned(&witnesses, &book, 10).await.is_empty());
    assert!(
        trouble(&witnesses).contains("at size 20"),
        "{}",
        trouble(&witnesses)
    );
    let other = Book::forked_after(10, "other orders");
    assert!(cosigned(&witnesses, &other, 15).await.is_empty());
    assert!(
        trouble(&witnesses).contains("rolled back"),
        "{}",
        trouble(&witnesses)
    );
    for size in [20, 30] {
        assert!(cosigned(&witnesses, &other, size).await.is_empty());
        assert!(
            trouble(&witnesses).contains("another log"),
            "{}",
            trouble(&witnesses)
        );
    }
    assert_eq!(site.size(&book).await, 20);
}

#[tokio::test]
async fn one_witness_that_fails_does_not_take_the_others_along() {
    let book = Book::new();
    let site = Site::of(&[book.public_key()]);
    let good = serve(witness_routes(site.witness.clone())).await;
    let bad = serve(Router::new()).await;
    let witnesses = asking(&witness_key().public(), &[&bad, &good]);
    assert_eq!(cosigned(&witnesses, &book, 9).await.len(), 1);
    assert!(trouble(&witnesses).contains("404"));
    assert_eq!(witnesses.status()[1].trouble, None);
}

fn answering(status: StatusCode, content_type: &'static str, body: &'static str) -> Router {
    let headers: [(HeaderName, &str); 1] = [(CONTENT_TYPE, content_type)];
    Router::new().route(
        "/add-checkpoint",
        post(move || async move { (status, headers, body) }),
    )
}

#[rstest]
#[case::nothing(200, "text/plain", "", "no cosignature")]
#[case::garbage(200, "text/plain", "thank you\n", "no cosignature")]
#[case::no_size(409, "text/x.tlog.size", "many\n", "409")]
#[case::the_size_that_was_sent(409, "text/x.tlog.size", "0\n", "another log")]
#[case::a_fork(409, "text/plain", "another checkpoint\n", "another log")]
#[case::a_wrong_proof(422, "text/plain", "no\n", "another log")]
#[case::not_trusted(
    403,
    "text/plain",
    "who are \u{1b}[31myou\n",
    "403 Forbidden: who are \\u{1b}[31myou"
)]
#[case::elsewhere(307, "text/plain", "", "307")]
#[case::broken(500, "text/plain", "", "500")]
#[tokio::test]
async fn an_answer_that_is_no_cosignature_is_told(
    #[case] status: u16,
    #[case] content_type: &'static str,
    #[case] body: &'static str,
    #[case] told: &str,
) {
    let status = StatusCode::from_u16(status).unwrap();
    let served = serve(answering(status, content_type, body)).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    assert!(cosigned(&witnesses, &Book::new(), 9).await.is_empty());
    assert!(
        trouble(&witnesses).contains(told),
        "{}",
        trouble(&witnesses)
    );
}

#[tokio::test]
async fn a_cosignature_of_another_checkpoint_is_not_handed_on() {
    let book = Book::new();
    let of_another = book
        .signed(8)
        .cosign(&witness_key(), Timestamp::from_micros(0));
    let answer = move || async move { of_another.as_str().to_owned() };
    let served = serve(Router::new().route("/add-checkpoint", post(answer))).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    assert!(cosigned(&witnesses, &book, 9).await.is_empty());
}

#[tokio::test]
async fn lines_of_others_beside_the_cosignature_are_passed_over() {
    let (book, signed) = (Book::new(), Book::new().signed(9));
    let at = Timestamp::from_micros(1_000_000);
    let other = crate::site::key("w2", ordertrace_audit::KeyUse::Witness, 4);
    let lines = [signed.cosign(&other, at), signed.cosign(&witness_key(), at)];
    let answer = format!("{}no signature\n{}", lines[0].as_str(), lines[1].as_str());
    let served =
        serve(Router::new().route("/add-checkpoint", post(move || async { answer }))).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    assert_eq!(cosigned(&witnesses, &book, 9).await, [lines[1].clone()]);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let served =
        serve(Router::new().route("/add-checkpoint", post(|| async { vec![b'x'; 1 << 20] }))).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    assert!(cosigned(&witnesses, &Book::new(), 9).await.is_empty());
    assert!(trouble(&witnesses).contains("too long"));
}

/// Time stands still but for waiting, so that this takes none.
#[tokio::test(start_paused = true)]
async fn a_witness_that_does_not_answer_is_left_alone_for_a_while() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let silent = post(move |_: Bytes| async move {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>().await;
    });
    let served = serve(Router::new().route("/add-checkpoint", silent)).await;
    let witnesses = asking(&witness_key().public(), &[&served]);
    let book = Book::new();
    let begin = tokio::time::Instant::now();
    assert!(cosigned(&witnesses, &book, 9).await.is_empty());
    let waited = begin.elapsed();
    assert!(waited.as_secs() < 5, "{waited:?}");
    assert!(
        trouble(&witnesses).contains("did not answer"),
        "{}",
        trouble(&witnesses)
    );
    let before = asked.load(Ordering::SeqCst);
    assert!(cosigned(&witnesses, &book, 10).await.is_empty());
    assert_eq!(begin.elapsed(), waited, "nothing was waited for");
    assert_eq!(asked.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn without_witnesses_nobody_is_asked() {
    let witnesses = Witnesses::default();
    assert!(cosigned(&witnesses, &Book::new(), 9).await.is_empty());
    assert!(witnesses.status().is_empty());
}

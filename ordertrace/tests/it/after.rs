//! Reading one's own writes across processes: an answer to `?after=` is at least as new as what was asked for, or it is 503.
//!
//! A client writes through the command API and reads at two instances of the projections. One of them is stopped like a
//! process that gets no time; the other is killed, its folder is taken away, and it begins again with the first event.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Answer, Api, Call, PATIENCE, Program, Site, cash_order, signal, wait_until};

/// Orders that are placed in each part of the test: a few hundred events to catch up with.
const ORDERS: usize = 40;

/// How many reads are under way at an instance while it is stopped or begins again.
const READS: usize = 8;

/// An instance of the projections that can be ended and started again at the same address.
struct Instance {
    program: Program,
    api: Api,
    addr: String,
    data_dir: &'static str,
}

impl Instance {
    async fn start(site: &Site, data_dir: &'static str) -> Self {
        let (program, addr) = started(site, "127.0.0.1:0", data_dir).await;
        let api = Api::at(&addr);
        api.ready().await;
        Self {
            program,
            api,
            addr,
            data_dir,
        }
    }

    /// Kills it, takes its views away, and starts it again; says so as soon as it answers at all.
    async fn wipe_and_restart(&mut self, site: &Site) {
        self.program.kill9();
        let views = site.path().join(self.data_dir).join("views");
        std::fs::remove_dir_all(views).unwrap();
        let (program, _) = started(site, &self.addr, self.data_dir).await;
        self.program = program;
    }
}

async fn started(site: &Site, listen: &str, data_dir: &str) -> (Program, String) {
    let mut program = site.process("projections", listen, data_dir, "");
    let addr = program.said("where it listens", |_, stderr| {
        let rest = stderr.split_once("http.addr=")?.1;
        Some(rest.split_whitespace().next()?.to_owned())
    });
    let addr = addr.await;
    (program, addr)
}

/// What a client has written, and may rely on from then on.
#[derive(Debug, Clone)]
struct Write {
    order: String,
    /// The token in the command's answer.
    position: String,
}

async fn place(commands: &Api) -> Write {
    let answer = commands.post("/orders", cash_order()).await.expect(201);
    Write {
        position: answer.header("ordertrace-position"),
        order: answer.order_id(),
    }
}

/// The number behind the dash: where in the log it is.
fn sequence(position: &str) -> u64 {
    let (_, sequence) = position.rsplit_once('-').unwrap();
    sequence.parse().unwrap()
}

/// What a read came to.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Seen,
    Behind,
    /// The connection was cut, or nobody listened.
    Unanswered,
}

fn judge(answer: &Answer, write: &Write) -> Read {
    match answer.status {
        200 => {
            let served = sequence(&answer.header("ordertrace-position"));
            assert!(
                served >= sequence(&write.position),
                "asked for {write:?}, served at {served}: {}",
                answer.text
            );
            Read::Seen
        }
        503 => {
            assert!(!answer.header("retry-after").is_empty(), "{}", answer.text);
            Read::Behind
        }
        status => panic!("{status} to a read after {write:?}: {}", answer.text),
    }
}

/// Reads the order and the list it is in, both with the position; neither may be older.
async fn read(api: &Api, write: &Write) -> Read {
    let Write { order, position } = write;
    let one = Call::new(
        Method::GET,
        format!("/orderTraces/{order}?after={position}"),
    );
    let Ok(answer) = api.try_call(&one).await else {
        return Read::Unanswered;
    };
    let seen = judge(&answer, write);
    if seen != Read::Seen {
        return seen;
    }
    assert_eq!(answer.json()["orderId"], Value::from(order.as_str()));
    let list = Call::new(Method::GET, format!("/orderTraces?after={position}"));
    let Ok(answer) = api.try_call(&list).await else {
        return Read::Unanswered;
    };
    judge(&answer, write)
}

/// Reads until the write is seen; says how often the answer was that the view is behind.
async fn read_until_seen(api: &Api, write: &Write) -> usize {
    let mut behind = 0;
    wait_until("the write is seen", PATIENCE, async || {
        let read = read(api, write).await;
        behind += usize::from(read == Read::Behind);
        (read == Read::Seen).then_some(())
    })
    .await;
    behind
}

async fn write_and_read_everywhere(commands: &Api, instances: [&Api; 2]) -> Vec<Write> {
    let mut writes = Vec::new();
    for number in 0..ORDERS {
        let write = place(commands).await;
        read_until_seen(instances[number % instances.len()], &write).await;
        writes.push(write);
    }
    writes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_instance_answers_with_less_than_the_client_has_seen_written() {
    let site = Site::start().await;
    let commands = site.role("command-api", "commands").await;
    let lagging = Instance::start(&site, "lagging").await;
    let mut wiped = Instance::start(&site, "wiped").await;
    let before = write_and_read_everywhere(&commands.api, [&lagging.api, &wiped.api]).await;

    // It gets no time: what was sent to it meanwhile is read when it goes on, and answered as late as it is, not as of then.
    signal("STOP", lagging.program.pid());
    let mut during = Vec::new();
    for _ in 0..ORDERS {
        during.push(place(&commands.api).await);
    }
    let waiting = during.iter().rev().take(READS).map(|write| {
        let (api, write) = (lagging.api.clone(), write.clone());
        tokio::spawn(async move { read(&api, &write).await })
    });
    let waiting: Vec<_> = waiting.collect();
    for write in during.iter().rev().take(READS) {
        assert_eq!(read(&wiped.api, write).await, Read::Seen, "the other one");
    }
    signal("CONT", lagging.program.pid());
    for read in waiting {
        let read = read.await.unwrap();
        assert!(read == Read::Seen || read == Read::Behind, "{read:?}");
    }
    read_until_seen(&lagging.api, &during[ORDERS - 1]).await;

    // It begins with the first event again, under reads that ask for the last one.
    let newest = during[ORDERS - 1].clone();
    let reads = (0..READS).map(|_| {
        let (api, write) = (wiped.api.clone(), newest.clone());
        async move { read_until_seen(&api, &write).await }
    });
    tokio::join!(
        join_all(reads.collect::<Vec<_>>()),
        wiped.wipe_and_restart(&site)
    );
    for write in before.iter().chain(&during) {
        assert_eq!(read(&wiped.api, write).await, Read::Seen);
        assert_eq!(read(&lagging.api, write).await, Read::Seen);
    }
}

/// What nobody can have: the answer is 503 within the bound of a wait, and never an older view.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_that_an_instance_can_not_reach_is_503_until_it_can() {
    const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
    let site = Site::start().await;
    let commands = site.role("command-api", "commands").await;
    let instance = Instance::start(&site, "views").await;
    let write = place(&commands.api).await;
    assert_eq!(read_until_seen(&instance.api, &write).await, 0);
    let (log, at) = write.position.rsplit_once('-').unwrap();
    let beyond = at.parse::<u64>().unwrap() + 1;
    let future = Write {
        position: format!("{log}-{beyond}"),
        ..write
    };
    let behind = tokio::time::timeout(ANSWERED_WITHIN, read(&instance.api, &future)).await;
    assert_eq!(behind.unwrap(), Read::Behind, "nothing is there yet");
    let next = place(&commands.api).await;
    assert_eq!(next.position, future.position);
    read_until_seen(&instance.api, &next).await;
    assert_eq!(read(&instance.api, &future).await, Read::Seen);
}

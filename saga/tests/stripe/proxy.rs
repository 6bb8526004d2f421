//! A TCP proxy that loses, cuts, delays and replaces what passes through it, by rules.
//!
//! Invariant: one request a connection, so that every request meets the rules anew; and each rule says whether the
//! server behind gets to see the request. It knows of HTTP only where a message ends.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::RwLock,
    task::JoinHandle,
    time::timeout,
};

/// Longer than any client here waits: whoever is held for this long has been forgotten.
const HOLD_MAX: Duration = Duration::from_secs(30);

/// The requests here have less than one kilobyte.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// Which requests a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

/// What happens to a request or its reply.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The server never sees the request.
    LoseRequest(Then),
    /// The server sees that many bytes of the request, then a reset; so does the client.
    CutRequest(usize),
    /// The server does what it was asked for, but its reply is lost.
    LoseReply(Then),
    /// The server does what it was asked for; the client gets that many bytes of its reply, then a reset.
    CutReply(usize),
}

/// What the client gets in place of the reply.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    /// The end of the connection.
    Close,
    /// Nothing, for as long as it waits.
    Hold,
    /// These words.
    Say(String),
}

struct Rule {
    verb: Verb,
    fault: Fault,
    times: usize,
}

/// A running proxy; dropping it ends it.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    rules: Mutex<Vec<Rule>>,
    heads: Mutex<Vec<String>>,
    /// Held for reading by every request until the server is done with it.
    on_its_way: RwLock<()>,
}

impl Proxy {
    /// Stands in front of the server at `upstream`, and does nothing to it yet.
    pub(crate) async fn before(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(serve(listener, upstream, Arc::clone(&shared)));
        Self {
            address,
            shared,
            task,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on every such request meets the fault, until [`Self::heal`].
    pub(crate) fn fail_every(&self, verb: Verb, fault: Fault) {
        self.fail(verb, fault, usize::MAX);
    }

    /// The next such request that meets no earlier rule meets the fault.
    pub(crate) fn fail_next(&self, verb: Verb, fault: Fault) {
        self.fail(verb, fault, 1);
    }

    fn fail(&self, verb: Verb, fault: Fault, times: usize) {
        locked(&self.shared.rules).push(Rule { verb, fault, times });
    }

    /// From now on everything passes. What was on its way to the server has been done by then, also where the client
    /// gave up on it, so that nothing comes in late.
    pub(crate) async fn heal(&self) {
        locked(&self.shared.rules).clear();
        drop(self.shared.on_its_way.write().await);
    }

    /// Ends it: from now on connections are refused.
    pub(crate) async fn shut(mut self) {
        self.task.abort();
        // It was aborted; that it is gone is all there is to know.
        let _ = (&mut self.task).await;
    }

    /// The heads of all requests that came in whole, in lower case, in their order.
    pub(crate) fn heads(&self) -> Vec<String> {
        locked(&self.shared.heads).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn fault_for(&self, verb: Verb) -> Option<Fault> {
        let mut rules = locked(&self.rules);
        let rule = rules
            .iter_mut()
            .find(|rule| rule.verb == verb && rule.times > 0)?;
        rule.times -= 1;
        Some(rule.fault.clone())
    }
}

/// What a head says under a name.
pub(crate) fn header(head: &str, name: &str) -> String {
    let prefix = format!("{name}: ");
    let mut lines = head.lines();
    let line = lines.find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("no {name} in {head}"))
        .to_owned()
}

/// Nothing that panics holds the lock.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, upstream: SocketAddr, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        // What breaks here is what the client sees, and the test judges that.
        tokio::spawn(async move { pass(client, upstream, &shared).await });
    }
}

async fn pass(mut client: TcpStream, upstream: SocketAddr, shared: &Shared) -> io::Result<()> {
    let Some(request) = read_request(&mut client).await? else {
        return Ok(());
    };
    let on_its_way = shared.on_its_way.read().await;
    locked(&shared.heads).push(request.head.to_lowercase());
    match shared.fault_for(request.verb()) {
        None => {
            let reply = ask(upstream, &request).await?;
            client.write_all(&reply).await
        }
        Some(Fault::LoseRequest(then)) => {
            drop(on_its_way);
            answer(client, then).await
        }
        Some(Fault::CutRequest(bytes)) => {
            let mut server = TcpStream::connect(upstream).await?;
            server.write_all(&request.bytes()[..bytes]).await?;
            reset(server)?;
            reset(client)
        }
        Some(Fault::LoseReply(then)) => {
            ask(upstream, &request).await?;
            drop(on_its_way);
            answer(client, then).await
        }
        Some(Fault::CutReply(bytes)) => {
            let reply = ask(upstream, &request).await?;
            client
                .write_all(&reply[..bytes.min(reply.len() - 1)])
                .await?;
            reset(client)
        }
    }
}

/// A request, with the wish that the connection be closed after it.
struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    fn verb(&self) -> Verb {
        if self.head.starts_with("GET ") {
            Verb::Get
        } else {
            Verb::Post
        }
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }
}

async fn read_request(client: &mut TcpStream) -> io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = whole(&bytes) {
            return Ok(Some(request));
        }
        if bytes.len() > REQUEST_BYTES_MAX || client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

fn whole(bytes: &[u8]) -> Option<Request> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    let body = bytes.get(end..end + length.unwrap_or(0))?.to_vec();
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    Some(Request { head, body })
}

/// Hands the request on and takes the whole reply.
async fn ask(upstream: SocketAddr, request: &Request) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(&request.bytes()).await?;
    let mut reply = Vec::new();
    server.read_to_end(&mut reply).await?;
    Ok(reply)
}

async fn answer(mut client: TcpStream, then: Then) -> io::Result<()> {
    match then {
        Then::Close => Ok(()),
        Then::Hold => {
            // The client hangs up, or has been forgotten; either way there is nothing left to do.
            let _ = timeout(HOLD_MAX, client.read_u8()).await;
            Ok(())
        }
        Then::Say(words) => client.write_all(words.as_bytes()).await,
    }
}

/// Ends a connection by a reset, where closing it would end it in good order.
fn reset(connection: TcpStream) -> io::Result<()> {
    connection.set_zero_linger()
}

//! Networks that can be cut: a switch, and hosts with a network of their own that hang on it.
//!
//! Everything lives in network namespaces, but for one cable that leads to the test. Each namespace is held by a process that
//! waits for the end of its input, which is the end of the test, however that comes about: nothing is left behind.

use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};

use crate::harness::skip::skipped;

const WHAT: &str = "a network that is cut";

/// The servers of a cluster.
pub(super) const HOSTS: usize = 3;

/// On the host: nothing that comes from, or goes to, the hosts that are named.
const CUT: &str = "add table inet cut;
    add chain inet cut in { type filter hook input priority 0; };
    add chain inet cut out { type filter hook output priority 0; };
    add rule inet cut in ip saddr { PEERS } counter drop;
    add rule inet cut out ip daddr { PEERS } counter drop;";

/// The networks.
pub(super) struct Net {
    hosts: Vec<Namespace>,
    /// It ends last: the cables go with it.
    switch: Namespace,
    /// What the addresses begin with. The range is for networks that are measured (RFC 2544), and nobody's on the internet.
    prefix: String,
}

/// A network namespace, with the process that holds it.
struct Namespace {
    holder: Child,
}

impl Net {
    /// Lays all cables; `None` where that can't be done.
    pub(super) fn up() -> Option<Self> {
        // Several tests may run on this machine.
        let prefix = format!("198.18.{}", std::process::id() % 256);
        let switch = Namespace::make()?;
        let hosts = (0..HOSTS).map(|_| Namespace::make());
        let net = Self {
            hosts: hosts.collect::<Option<_>>()?,
            switch,
            prefix,
        };
        net.lay_cables()?;
        // Whether it can be cut is known now.
        net.try_to_cut_off(0)?;
        net.heal(0);
        Some(net)
    }

    /// The address of a host.
    pub(super) fn address(&self, host: usize) -> String {
        format!("{}.{}", self.prefix, host + 1)
    }

    /// Runs a program in the network of a host.
    pub(super) fn command(&self, host: usize, program: &str) -> Command {
        self.hosts[host].command(program)
    }

    /// From now on nothing passes between this host and the others.
    pub(super) fn cut_off(&self, host: usize) {
        self.try_to_cut_off(host).unwrap();
    }

    fn try_to_cut_off(&self, host: usize) -> Option<()> {
        let peers = (0..HOSTS).filter(|peer| *peer != host);
        let peers: Vec<_> = peers.map(|peer| self.address(peer)).collect();
        let rules = CUT.replace("PEERS", &peers.join(", "));
        self.hosts[host].run("nft", &[&rules]).map(drop)
    }

    /// Everything passes again; says how many packets did not.
    pub(super) fn heal(&self, host: usize) -> u64 {
        let host = &self.hosts[host];
        let rules = host.run("nft", &["list", "table", "inet", "cut"]).unwrap();
        host.run("nft", &["delete", "table", "inet", "cut"])
            .unwrap();
        let counts = rules.split("counter packets ").skip(1);
        counts.map(number_at_the_start_of).sum()
    }

    fn lay_cables(&self) -> Option<()> {
        let switch = &self.switch;
        switch.ip("link add switch type bridge")?;
        switch.ip("link set switch up")?;
        for (number, host) in self.hosts.iter().enumerate() {
            let port = format!("port{number}");
            let netns = host.pid();
            switch.ip(&format!(
                "link add {port} type veth peer name cable netns {netns}"
            ))?;
            switch.plug(&port)?;
            host.ip("link set lo up")?;
            host.ip(&format!(
                "address add {}/24 dev cable",
                self.address(number)
            ))?;
            host.ip("link set cable up")?;
        }
        let (own, netns) = (format!("ot{}", std::process::id()), switch.pid());
        ip(&format!(
            "link add {own} type veth peer name uplink netns {netns}"
        ))?;
        switch.plug("uplink")?;
        ip(&format!("address add {}.254/24 dev {own}", self.prefix))?;
        ip(&format!("link set {own} up"))
    }
}

impl Namespace {
    fn make() -> Option<Self> {
        let holder = Command::new("unshare")
            // It says something once it is in there, and goes when there is nobody left who could say something to it.
            .args(["--net", "sh", "-c", "echo; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut namespace = match holder {
            Ok(holder) => Self { holder },
            Err(error) => {
                skipped(WHAT, &format!("unshare: {error}"));
                return None;
            }
        };
        let mut said = [0];
        let out = namespace.holder.stdout.as_mut().unwrap();
        if out.read_exact(&mut said).is_err() {
            let mut why = String::new();
            let err = namespace.holder.stderr.as_mut().unwrap();
            err.read_to_string(&mut why).unwrap();
            skipped(WHAT, &format!("unshare: {}", why.trim()));
            return None;
        }
        Some(namespace)
    }

    fn pid(&self) -> u32 {
        self.holder.id()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net=/proc/{}/ns/net", self.pid()))
            .arg(program);
        command
    }

    fn run(&self, program: &str, args: &[&str]) -> Option<String> {
        run(program, self.command(program).args(args))
    }

    /// Words of `ip`.
    fn ip(&self, words: &str) -> Option<()> {
        let words: Vec<_> = words.split_whitespace().collect();
        self.run("ip", &words).map(drop)
    }

    /// Plugs a cable into the switch, which this is.
    fn plug(&self, port: &str) -> Option<()> {
        self.ip(&format!("link set {port} master switch up"))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // It may have been killed.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Words of `ip`, outside all of the namespaces.
fn ip(words: &str) -> Option<()> {
    run("ip", Command::new("ip").args(words.split_whitespace())).map(drop)
}

/// Runs a program to its end; `None` where it can't be run, or fails, and then the fault was skipped.
fn run(program: &str, command: &mut Command) -> Option<String> {
    let why = match command.output() {
        Ok(Output { status, stdout, .. }) if status.success() => {
            return Some(String::from_utf8(stdout).unwrap());
        }
        Ok(Output { stderr, .. }) => String::from_utf8_lossy(&stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    skipped(WHAT, &format!("{program}: {why}"));
    None
}

fn number_at_the_start_of(text: &str) -> u64 {
    let digits = text.split(|char: char| !char.is_ascii_digit()).next();
    digits.unwrap().parse().unwrap()
}

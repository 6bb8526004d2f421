//! The faults: how each strikes, by what it is seen, who notices it, and how it is healed.

use std::time::Duration;

use super::clients::Clients;
use super::town::Town;
use super::wire::Weather;
use crate::harness::{PATIENCE, cash_order, is_alive, signal, wait_until};

/// Longer than a command takes, shorter than a command is waited for.
const LATE_BY: Duration = Duration::from_secs(1);

/// While the saga is away so many commands go through, and the first order among them waits.
const ACKNOWLEDGED_MEANWHILE: u64 = 100;

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A role is killed with SIGKILL.
    Kill(&'static str),
    /// A role is stopped with SIGSTOP, and goes on with SIGCONT.
    Stop(&'static str),
    /// The one nats-server is killed; its owner starts it again.
    KillNats,
    /// The one nats-server is stopped, and goes on.
    StopNats,
    /// What the nats-server says comes late to the command-api.
    LateReplies,
    /// What the nats-server says is lost: appends are stored, and their acknowledgements never come.
    LostReplies,
    /// All connections of the command-api to the nats-server are reset, also those that it makes anew.
    Reset,
    /// The leader of three servers is killed.
    KillLeader,
    /// The leader of three servers is stopped, and goes on as if it still led.
    StopLeader,
    /// Each of three servers is stopped in order and started again, one after the other.
    RollingRestart,
    /// All three servers are killed at once.
    KillAll,
}

/// What a fault has struck.
pub(super) enum Struck {
    /// A process, which is dead or stopped.
    Process(u32),
    /// One of three servers.
    Node(usize),
    /// Something else.
    Else,
}

impl Town {
    /// Lets a fault strike, and sees that it did.
    pub(super) async fn strike(&mut self, fault: Fault) -> Struck {
        match fault {
            Fault::Kill(role) => {
                let pid = self.place(role).program.pid();
                self.kill(role);
                assert!(!is_alive(pid), "{role} is not dead");
                Struck::Process(pid)
            }
            Fault::Stop(role) => stop(self.place(role).program.pid()).await,
            Fault::KillNats => {
                let pid = self.nats_pid();
                signal("KILL", pid);
                wait_until("the nats-server is dead", PATIENCE, async || {
                    (!is_alive(pid)).then_some(())
                })
                .await;
                Struck::Process(pid)
            }
            Fault::StopNats => stop(self.nats_pid()).await,
            Fault::LateReplies => self.turn(Weather::Late(LATE_BY)).await,
            Fault::LostReplies => self.turn(Weather::Deaf).await,
            Fault::Reset => self.turn(Weather::Storm).await,
            Fault::KillLeader => {
                let leader = self.leader().await;
                self.log.cluster().node_mut(leader).kill().await;
                Struck::Node(leader)
            }
            Fault::StopLeader => {
                let leader = self.leader().await;
                let pid = self.log.cluster().node(leader).pid().unwrap();
                stop(pid).await
            }
            Fault::RollingRestart => {
                self.restart_in_turn().await;
                Struck::Else
            }
            Fault::KillAll => {
                for node in 0..self.log.cluster().nodes().len() {
                    self.log.cluster().node_mut(node).kill().await;
                }
                Struck::Else
            }
        }
    }

    /// Waits until a client has noticed the fault.
    pub(super) async fn noticed(&self, fault: Fault, clients: &Clients, before: u64) {
        match fault {
            // Commands and queries go on; what nobody does is what comes next.
            Fault::Kill("saga") | Fault::Stop("saga") => {
                let api = self.api();
                let placed = api.post("/orders", cash_order()).await.expect(201);
                clients.acknowledged_more(ACKNOWLEDGED_MEANWHILE).await;
                let (order, position) = (placed.order_id(), placed.header("ordertrace-position"));
                let trace = api.get(format!("/orderTraces/{order}?after={position}"));
                assert_eq!(trace.await.expect(200).json()["state"], "placed");
            }
            // Each server hands over before it goes, so it may be that nobody notices.
            Fault::RollingRestart => {}
            _ => clients.troubled_more(before).await,
        }
    }

    /// Takes the fault away, and waits until all that runs says that it is ready.
    pub(super) async fn heal(&mut self, fault: Fault, struck: Struck) {
        match (fault, struck) {
            (Fault::Kill(role), _) => self.restart(role),
            (Fault::Stop(_) | Fault::StopNats | Fault::StopLeader, Struck::Process(pid)) => {
                signal("CONT", pid);
            }
            (Fault::LateReplies | Fault::LostReplies | Fault::Reset, _) => {
                self.wire.as_ref().unwrap().turn(Weather::Fair);
            }
            (Fault::KillLeader, Struck::Node(node)) => {
                self.log.cluster().node_mut(node).start().await.unwrap();
            }
            (Fault::KillAll, _) => {
                self.log.cluster().start_all().await.unwrap();
            }
            (Fault::KillNats | Fault::RollingRestart, _) => {}
            (fault, _) => panic!("{fault:?} strikes otherwise"),
        }
        for role in super::town::ROLES {
            self.of(role).ready().await;
        }
    }

    /// The server that leads the stream of events, once all three are well.
    async fn leader(&mut self) -> usize {
        self.log.cluster().ready().await.unwrap();
        let leader = self.reader().await.leader_of_events().await;
        let mut nodes = self.log.cluster().nodes().iter();
        nodes.position(|node| node.name() == leader).unwrap()
    }

    async fn restart_in_turn(&mut self) {
        for node in 0..self.log.cluster().nodes().len() {
            let cluster = self.log.cluster();
            cluster.node_mut(node).stop().await;
            cluster.node_mut(node).start().await.unwrap();
            cluster.ready().await.unwrap();
        }
    }

    /// Changes the weather, and waits until that has done harm.
    async fn turn(&self, weather: Weather) -> Struck {
        let wire = self.wire.as_ref().unwrap();
        let before = wire.harm();
        wire.turn(weather);
        wait_until("the weather does harm", PATIENCE, async || {
            (wire.harm() > before).then_some(())
        })
        .await;
        Struck::Else
    }

    fn nats_pid(&self) -> u32 {
        self.log.single().pid().unwrap()
    }
}

/// Stops a process, and waits until it stands still.
async fn stop(pid: u32) -> Struck {
    signal("STOP", pid);
    wait_until("the process stands still", PATIENCE, async || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let state = stat.rsplit_once(") ").map(|(_, state)| state);
        state.filter(|state| state.starts_with('T')).map(|_| ())
    })
    .await;
    Struck::Process(pid)
}

//! The whole program, as its users run it: real processes, real HTTP, a real nats-server, and what they leave in the log.
//!
//! Each test has a data folder, processes and ports of its own, and ends what it started, also when it fails. What a
//! crate does by itself is tested in that crate.

// `cfg(test)` is always on here; it tells clippy that all of this is test code.
#[cfg(test)]
mod harness;

#[cfg(test)]
mod access;
#[cfg(test)]
mod after;
#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod allocator;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod crash_matrix;
#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod failover;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod faults_disk;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod links;
#[cfg(test)]
mod live;
mod login;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod nats_outage;
#[cfg(test)]
mod nats_security;
#[cfg(test)]
mod observability;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod ops;
#[cfg(test)]
mod original_calls;
#[cfg(test)]
mod page;
#[cfg(test)]
mod partition;
#[cfg(test)]
mod provider_outage;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod redeploy;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod replay_from_zero;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod restarts;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod systemd;
#[cfg(test)]
mod tamper;
#[cfg(test)]
mod upgrade;
#[cfg(test)]
mod wedged;
#[cfg(test)]
mod witness;

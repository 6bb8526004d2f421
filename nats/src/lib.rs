//! The Ordertrace log on NATS JetStream: the connection, the declared topology, and an adapter for every port.
//!
//! A process opens a [`Connection`], has the [`Topology`] made or checked, checks that the servers keep what they
//! acknowledge ([`Durability`]), and then builds the adapters over the connection and the [`StreamIdentity`] it watches:
//! [`JetStreamFeed`], [`JetStreamWork`], [`JetStreamTimers`], [`JetStreamParking`], [`JetStreamRecords`] and
//! [`JetStreamCheckpoints`].
//!
//! Invariants: subjects are built from parsed ids only; what is there is never changed to what is declared, a difference
//! is refused and told; a stream that was created anew is noticed and never taken for the old one. `async-nats` is named
//! in no other crate. Nothing here decides what an event means.

mod api;
mod connection;
mod facts;
mod identity;

mod durability;
mod topology;

mod delivered;
mod get;
mod pull;

mod log;

mod feed;
mod follower;
mod work;

mod checkpoints;
mod records;

mod parking;
mod publish;
mod timers;

mod backup;

mod permissions;

mod raw;

pub mod doctor;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod managed;
pub mod subject;

pub use api::ApiError;
pub use backup::{
    BACKUP_ORDER, BackupError, Fired, JetStreamBackup, Places, Restoring, Snapshot, StreamConfig,
    StreamInfo, StreamState, restored_config, restored_log_config, withheld_config,
};
pub use checkpoints::JetStreamCheckpoints;
pub use connection::{
    Access, ClientCertificate, ConnectError, ConnectOptions, Connection, Identity,
};
pub use durability::{ALLOW_FLAG, Durability, NotDurable, ensure_durable};
pub use feed::JetStreamFeed;
pub use identity::StreamIdentity;
pub use log::{Expired, JetStreamLog, NoAnswer, QueueFull, ReplicaError, Unfit};
pub use parking::{InvalidConsumerName, JetStreamParking};
pub use permissions::{
    ClusterSetup, InvalidNkey, InvalidRoutePassword, NatsRole, Permissions, PublicNkey,
    RoutePassword, ServerSetup, TlsFiles, UserSeed,
};
pub use raw::{Prepared, RawPublishError, RawPublisher};
pub use records::JetStreamRecords;
pub use timers::JetStreamTimers;
pub use topology::{
    AckPolicy, ConsumerSpec, DeliverPolicy, Difference, Discard, PriorityPolicy, Provisioned,
    ReplayPolicy, Replicas, Retention, Storage, StreamSpec, Survey, Topology, TopologyError,
    TopologyOptions,
};
pub use work::JetStreamWork;

//! What each role may not do on a server with the configuration that is generated for it: the server itself says no.

use std::time::Duration;

use futures::future::join_all;
use ordertrace_nats::{Connection, NatsRole};
use tokio::time::timeout;

use crate::rig::{PATIENCE, roles::Roles};
use NatsRole::{Audit, Auditor, CommandApi, Monitor, Operator, Projections, Saga};

const ALL_BUT_OPERATOR: [NatsRole; 6] = [CommandApi, Saga, Projections, Audit, Auditor, Monitor];
const FOLLOWERS: [NatsRole; 3] = [Projections, Audit, Auditor];
const READERS: [NatsRole; 4] = [Projections, Audit, Auditor, Monitor];

/// Who may not publish what.
const NOT_TO_PUBLISH: &[(&[NatsRole], &str)] = &[
    (&ALL_BUT_OPERATOR, "$JS.API.STREAM.CREATE.ORDERTRACE_EVENTS"),
    (&ALL_BUT_OPERATOR, "$JS.API.STREAM.UPDATE.ORDERTRACE_EVENTS"),
    (&ALL_BUT_OPERATOR, "$JS.API.STREAM.DELETE.ORDERTRACE_EVENTS"),
    (&ALL_BUT_OPERATOR, "$JS.API.STREAM.PURGE.ORDERTRACE_TIMERS"),
    (
        &ALL_BUT_OPERATOR,
        "$JS.API.STREAM.MSG.DELETE.ORDERTRACE_DLQ",
    ),
    (
        &ALL_BUT_OPERATOR,
        "$JS.API.STREAM.SNAPSHOT.ORDERTRACE_EVENTS",
    ),
    (
        &ALL_BUT_OPERATOR,
        "$JS.API.STREAM.RESTORE.ORDERTRACE_EVENTS",
    ),
    (
        &ALL_BUT_OPERATOR,
        "$JS.API.STREAM.LEADER.STEPDOWN.ORDERTRACE_EVENTS",
    ),
    (
        &ALL_BUT_OPERATOR,
        "$JS.API.CONSUMER.DELETE.ORDERTRACE_EVENTS.saga-00",
    ),
    (
        &ALL_BUT_OPERATOR,
        "$JS.API.CONSUMER.DURABLE.CREATE.ORDERTRACE_EVENTS.mine",
    ),
    (&ALL_BUT_OPERATOR, "$JS.API.META.LEADER.STEPDOWN"),
    (&ALL_BUT_OPERATOR, "$JS.API.STREAM.CREATE.MINE"),
    (
        &READERS,
        "ordertrace.events.00.01890a5d-ac96-774b-bcce-b302099a8057",
    ),
    (
        &[Operator],
        "ordertrace.events.00.01890a5d-ac96-774b-bcce-b302099a8057",
    ),
    (
        &[CommandApi, Projections, Audit, Auditor, Operator, Monitor],
        "ordertrace.timers.at.o.n",
    ),
    (
        &[CommandApi, Saga, Projections, Audit, Auditor, Monitor],
        "ordertrace.timers.due.00.o.n",
    ),
    (
        &[CommandApi, Projections, Audit, Auditor, Operator, Monitor],
        "ordertrace.dlq.saga.1",
    ),
    (
        &[CommandApi, Saga, Projections, Auditor, Operator, Monitor],
        "ordertrace.checkpoints",
    ),
    // Another role's durable consumer: to take its work, to acknowledge it, to set it back, to change it.
    (
        &[CommandApi, Projections, Audit, Auditor, Monitor],
        "$JS.API.CONSUMER.MSG.NEXT.ORDERTRACE_EVENTS.saga-07",
    ),
    (
        &[CommandApi, Projections, Audit, Auditor, Monitor],
        "$JS.ACK.ORDERTRACE_EVENTS.saga-07.1.1.1.1.1",
    ),
    (
        &[CommandApi, Projections, Audit, Auditor, Monitor],
        "$JS.API.CONSUMER.RESET.ORDERTRACE_EVENTS.saga-07",
    ),
    (
        &[CommandApi, Saga, Projections, Audit, Auditor, Monitor],
        "$JS.API.CONSUMER.CREATE.ORDERTRACE_EVENTS.saga-07",
    ),
    (
        &FOLLOWERS,
        "$JS.API.CONSUMER.CREATE.ORDERTRACE_EVENTS.saga-07.ordertrace.events.07.>",
    ),
    (&FOLLOWERS, "$JS.API.CONSUMER.CREATE.ORDERTRACE_TIMERS.mine"),
    (&FOLLOWERS, "$JS.API.CONSUMER.CREATE.ORDERTRACE_EVENTS"),
    // What is in streams that are not its own.
    (&[Monitor], "$JS.API.STREAM.MSG.GET.ORDERTRACE_EVENTS"),
    (&[Monitor], "$JS.API.DIRECT.GET.ORDERTRACE_EVENTS"),
    (
        &[CommandApi, Projections, Audit, Auditor, Monitor],
        "$JS.API.STREAM.MSG.GET.ORDERTRACE_DLQ",
    ),
    (
        &[CommandApi, Saga, Projections, Monitor],
        "$JS.API.STREAM.MSG.GET.ORDERTRACE_CHECKPOINTS",
    ),
    // Others, and the servers.
    (&NatsRole::ALL, "_INBOX_other.1"),
    (&NatsRole::ALL, "anything.else"),
    (&NatsRole::ALL, "$SYS.REQ.SERVER.PING.CONNZ"),
    (&NatsRole::ALL, "$SYS.REQ.ACCOUNT.ORDERTRACE.CONNZ"),
    (
        &[CommandApi, Saga, Projections, Audit, Auditor],
        "$SYS.REQ.SERVER.PING.JSZ",
    ),
];

/// Nobody may listen to these.
const NOT_TO_HEAR: [&str; 7] = [
    ">",
    "ordertrace.events.>",
    "ordertrace.timers.due.>",
    "_INBOX_other.>",
    "_INBOX.>",
    "$JS.API.>",
    "$SYS.>",
];

/// The server has refused it, and said so; a mere silence would not do.
async fn assert_refused(connection: &Connection, role: NatsRole, subject: &str) {
    let refused = timeout(PATIENCE, connection.until_denied(subject)).await;
    assert!(refused.is_ok(), "{role} may {subject}");
}

#[tokio::test]
async fn a_role_may_publish_nothing_that_is_not_its_own() {
    let roles = Roles::provisioned().await;
    for role in NatsRole::ALL {
        let connection = roles.connect(role).await;
        let forbidden = NOT_TO_PUBLISH
            .iter()
            .filter(|(roles, _)| roles.contains(&role));
        let forbidden: Vec<&str> = forbidden.map(|(_, subject)| *subject).collect();
        assert!(forbidden.len() > 4, "{role}");
        for subject in &forbidden {
            let sent = connection.client().publish(*subject, "{}".into()).await;
            sent.unwrap();
        }
        let refused = forbidden
            .iter()
            .map(|subject| assert_refused(&connection, role, subject));
        join_all(refused).await;
    }
}

#[tokio::test]
async fn a_role_hears_nothing_but_its_own_inbox() {
    let roles = Roles::provisioned().await;
    for role in NatsRole::ALL {
        let connection = roles.connect(role).await;
        for subject in NOT_TO_HEAR {
            // The client drops what is not held.
            let subscribed = connection.client().subscribe(subject).await.unwrap();
            assert_refused(&connection, role, subject).await;
            drop(subscribed);
        }
    }
}

#[tokio::test]
async fn who_has_no_key_is_not_let_in() {
    let roles = Roles::start().await;
    let url = format!("nats://{}", roles.server.address);
    let options = ordertrace_nats::ConnectOptions {
        start_budget: Duration::from_millis(500),
        ..ordertrace_nats::ConnectOptions::new([url], "saga")
    };
    let refused = Connection::open(options).await.unwrap_err().to_string();
    assert!(refused.contains("authorization violation"), "{refused}");
}

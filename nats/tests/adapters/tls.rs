//! Connections that nobody can read along, on a server with the configuration that is generated for it.

use std::path::PathBuf;
use std::time::Duration;

use ordertrace_nats::{
    Access, ClientCertificate, ConnectError, ConnectOptions, Connection, NatsRole, TlsFiles,
};

use crate::rig::{Rig, roles::Roles};

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/adapters/tls");
    folder.join(name)
}

fn text(name: &str) -> String {
    file(name).to_str().unwrap().to_owned()
}

/// A server with a certificate; it may demand one of its clients.
async fn roles(is_mutual: bool) -> Roles {
    let files = TlsFiles {
        certificate: text("server.pem"),
        key: text("server.key"),
        client_ca: is_mutual.then(|| text("ca.pem")),
    };
    Roles::start_with(Some(files)).await
}

/// How a role connects that trusts the authority, and shows a certificate or not.
fn trusting(roles: &Roles, shows_one: bool) -> ConnectOptions {
    let options = roles.options(NatsRole::Saga);
    let certificate = ClientCertificate {
        certificate: file("client.pem"),
        key: file("client.key"),
    };
    let access = Access {
        tls_ca: Some(file("ca.pem")),
        tls_client: shows_one.then_some(certificate),
        ..options.access
    };
    ConnectOptions {
        access,
        start_budget: Duration::from_secs(2),
        ..options
    }
}

async fn is_refused(options: ConnectOptions) -> bool {
    let refused = Connection::open(options).await;
    matches!(refused, Err(ConnectError::Unreachable { .. }))
}

#[tokio::test]
async fn a_server_that_the_authority_vouches_for_is_trusted_and_no_other() {
    let roles = roles(false).await;
    let trusting = trusting(&roles, false);
    let connection = Connection::open(trusting.clone()).await.unwrap();
    assert!(connection.is_encrypted());

    // The authorities of this machine do not know that one.
    let access = Access {
        tls_ca: None,
        tls_required: true,
        ..trusting.access.clone()
    };
    assert!(is_refused(ConnectOptions { access, ..trusting }).await);
}

#[tokio::test]
async fn who_has_to_show_a_certificate_and_has_none_is_not_let_in() {
    let roles = roles(true).await;
    Connection::open(trusting(&roles, true)).await.unwrap();
    assert!(is_refused(trusting(&roles, false)).await);
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_demanded() {
    let rig = Rig::bare().await;
    let options = ConnectOptions::new([rig.server.client_url()], "saga");
    let plain = Connection::open(options.clone()).await.unwrap();
    assert!(!plain.is_encrypted());
    let access = Access {
        tls_required: true,
        ..Access::default()
    };
    let demanding = ConnectOptions {
        access,
        start_budget: Duration::from_secs(2),
        ..options
    };
    assert!(is_refused(demanding).await);
}

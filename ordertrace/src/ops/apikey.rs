//! `ordertrace ops apikey`: the API keys that roles let in.
//!
//! Invariant: a secret goes to the standard output once, when its key is made, and nowhere else. It works on the file that
//! the roles read, and speaks to nobody.

use anyhow::Context as _;
use ordertrace_auth::{ApiKeyRecord, KeyId, NewApiKey, create, list, revoke};
use ordertrace_domain::Clock as _;
use ordertrace_http::Role;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::print::Printer;
use crate::{
    cli::{ApiKeyCommand, wrong},
    clock::SystemClock,
};

const COLUMNS: [(&str, &str); 6] = [
    ("ID", "/id"),
    ("NAME", "/name"),
    ("ROLES", "/roles"),
    ("CUSTOMER", "/customerId"),
    ("MADE", "/createdAt"),
    ("REVOKED", "/revokedAt"),
];

/// Does what is asked for.
pub(super) fn run(printer: &Printer, command: ApiKeyCommand) -> anyhow::Result<()> {
    let now = SystemClock.now();
    match command {
        ApiKeyCommand::Create {
            name,
            roles,
            customer,
            file,
        } => {
            let new = NewApiKey {
                name,
                roles: roles.into_iter().map(Role::from).collect(),
                customer_id: customer,
            };
            let (record, secret) = create(&file.path, new, now)?;
            let mut made = shown(&record);
            made["key"] = json!(secret.expose_secret());
            let rows = [("Key", "/key"), ("Id", "/id"), ("Roles", "/roles")];
            printer.one(&made, &rows)?;
            eprintln!("keep it: only its hash was stored, and it is not shown again");
            Ok(())
        }
        ApiKeyCommand::List { file } => {
            let keys = list(&file.path)?.iter().map(shown).collect();
            printer.list(keys, &COLUMNS, "there are no API keys")
        }
        ApiKeyCommand::Revoke { id, confirm, file } => {
            let id = KeyId::parse(&id).map_err(|error| wrong(&error.to_string()))?;
            let known = list(&file.path)?.into_iter().find(|key| key.id == id);
            let known = known.with_context(|| format!("there is no API key {id}"))?;
            if !confirm.yes {
                eprintln!("would revoke the key below; --yes does it");
                return printer.list(vec![shown(&known)], &COLUMNS, "");
            }
            let revoked = revoke(&file.path, &id, now)?;
            printer.list(vec![shown(&revoked)], &COLUMNS, "")
        }
    }
}

fn shown(key: &ApiKeyRecord) -> Value {
    let roles: Vec<_> = key.roles.iter().map(Role::name).collect();
    json!({
        "id": key.id.to_string(),
        "name": key.name,
        "roles": roles.join(" "),
        "customerId": key.customer_id.as_ref().map(ToString::to_string),
        "createdAt": key.created_at.to_string(),
        "revokedAt": key.revoked_at.map(|at| at.to_string()),
    })
}

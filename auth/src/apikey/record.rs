//! What is kept of an API key: a line of JSON.

use ordertrace_domain::{CustomerId, Timestamp};
use ordertrace_http::{Role, Roles};
use serde::{Deserialize, Serialize};

use super::{InvalidKey, KeyId, secret::SecretHash};
use crate::name;

/// The longest name of a key: it stands in every event that follows from its use.
const NAME_CHARS_MAX: usize = 64;

/// A key that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// What it is for, such as `shop-frontend`. No two keys have the same name, also not one after the other: it stands in
    /// the log.
    pub name: String,
    /// In which capacities it may be used.
    pub roles: Roles,
    /// Whose orders are its own. A key for customers has to have one; a key without one has no orders.
    pub customer_id: Option<String>,
}

/// What is kept of a key.
#[derive(Clone)]
pub struct ApiKeyRecord {
    /// Which it is.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// In which capacities it may be used.
    pub roles: Roles,
    /// Whose orders are its own.
    pub customer_id: Option<CustomerId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it does not count any more.
    pub revoked_at: Option<Timestamp>,
    pub(super) hash: SecretHash,
}

/// By hand, because a hash is nobody's business, though nothing can be done with it.
impl std::fmt::Debug for ApiKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeyRecord")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// How it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    id: String,
    name: String,
    roles: Vec<String>,
    customer_id: Option<String>,
    hash: String,
    created_at: String,
    revoked_at: Option<String>,
}

impl ApiKeyRecord {
    pub(super) fn new(
        new: NewApiKey,
        id: KeyId,
        hash: SecretHash,
        created_at: Timestamp,
    ) -> Result<Self, InvalidKey> {
        let customer = new.customer_id.as_deref().map(name::customer).transpose();
        let record = Self {
            id,
            name: new.name,
            roles: new.roles,
            customer_id: customer.map_err(|_| InvalidKey::Customer)?,
            created_at,
            revoked_at: None,
            hash,
        };
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), InvalidKey> {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name =
            (1..=NAME_CHARS_MAX).contains(&self.name.len()) && self.name.bytes().all(is_sign);
        if !is_name {
            Err(InvalidKey::Name)
        } else if self.roles == Roles::NONE {
            Err(InvalidKey::NoRole)
        } else if self.roles.has(Role::Customer) && self.customer_id.is_none() {
            Err(InvalidKey::NoCustomer)
        } else {
            Ok(())
        }
    }

    /// Who acts by it: the key, whoever holds it.
    pub(super) fn actor(&self) -> String {
        format!("{}{}", name::API_KEY, self.name)
    }

    pub(super) fn read(line: &str) -> Option<Self> {
        let line: Line = serde_json::from_str(line).ok()?;
        let roles: Option<Roles> = line.roles.iter().map(|role| Role::named(role)).collect();
        let revoked_at = line.revoked_at.as_deref().map(Timestamp::parse);
        let new = NewApiKey {
            name: line.name,
            roles: roles?,
            customer_id: line.customer_id,
        };
        let created_at = Timestamp::parse(&line.created_at).ok()?;
        let hash = SecretHash::parse(&line.hash)?;
        let record = Self::new(new, KeyId::parse(&line.id).ok()?, hash, created_at).ok()?;
        Some(Self {
            revoked_at: revoked_at.transpose().ok()?,
            ..record
        })
    }

    pub(super) fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Line {
            id: self.id.to_string(),
            name: self.name.clone(),
            roles: self
                .roles
                .iter()
                .map(|role| role.name().to_owned())
                .collect(),
            customer_id: self.customer_id.as_ref().map(ToString::to_string),
            hash: self.hash.to_text(),
            created_at: self.created_at.to_string(),
            revoked_at: self.revoked_at.map(|at| at.to_string()),
        })
    }
}

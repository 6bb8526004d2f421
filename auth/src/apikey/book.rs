//! All API keys: the content of their file, without the file.
//!
//! Invariant: no two have the same id or the same name, and none is ever taken out: who reads in the log what was done by a
//! key finds out which that was.

use std::collections::HashSet;

use ordertrace_domain::Timestamp;
use secrecy::SecretString;

use super::{ApiKeyRecord, KeyId, NewApiKey, secret};
use crate::watched::Unfit;

/// The most keys, revoked ones included: all are kept in memory, and read at once.
const KEYS_MAX: usize = 2_000;

/// The largest file: with the longest line a record can have, all keys fit.
pub(super) const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What can't be an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// An id has another form.
    #[error("an API key's id has 16 hexadecimal digits")]
    Id,
    /// A name has other characters, or too many.
    #[error("an API key's name has 1 to 64 letters, digits, dots, hyphens and underscores")]
    Name,
    /// A key has that name, or had it before it was revoked.
    #[error("there is or was an API key of that name, and the log names keys by it: take another")]
    NameTaken,
    /// It would be of no use.
    #[error("an API key needs a role")]
    NoRole,
    /// A key for customers would be nobody's.
    #[error("an API key with the role customer needs the customer whose orders it may see")]
    NoCustomer,
    /// The customer is nobody that there can be.
    #[error("the customer's name is too long, not printable, or one of the program's own")]
    Customer,
    /// There are as many as there may be.
    #[error("there are {KEYS_MAX} API keys, and that is the most")]
    TooMany,
    /// No key has that id.
    #[error("there is no API key with that id")]
    Unknown,
    /// The operating system gives no random bytes.
    #[error("there are no random bytes to make an API key from")]
    NoRandomness,
}

/// All keys, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Book {
    records: Vec<ApiKeyRecord>,
}

impl Book {
    /// Reads the lines of a file.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Unfit> {
        let text = std::str::from_utf8(bytes).map_err(|_| Unfit("it is no text"))?;
        if !text.is_empty() && !text.ends_with('\n') {
            return Err(Unfit("its last line is cut off"));
        }
        let records: Option<Vec<_>> = text.lines().map(ApiKeyRecord::read).collect();
        let records = records.ok_or(Unfit("one of its lines is no API key"))?;
        let ids: HashSet<_> = records.iter().map(|record| &record.id).collect();
        let names: HashSet<_> = records.iter().map(|record| &record.name).collect();
        if ids.len() < records.len() || names.len() < records.len() {
            return Err(Unfit("two of its API keys have the same id or name"));
        }
        if records.len() > KEYS_MAX {
            return Err(Unfit("it has too many API keys"));
        }
        Ok(Self { records })
    }

    /// The lines of a file.
    pub(super) fn to_text(&self) -> Result<String, serde_json::Error> {
        let lines = self
            .records
            .iter()
            .map(|record| record.write().map(|line| line + "\n"));
        lines.collect()
    }

    pub(super) fn records(&self) -> &[ApiKeyRecord] {
        &self.records
    }

    pub(super) fn into_records(self) -> Vec<ApiKeyRecord> {
        self.records
    }

    /// Adds a key; gives the whole of it, which is not kept.
    pub(super) fn add(
        &mut self,
        new: NewApiKey,
        now: Timestamp,
    ) -> Result<(ApiKeyRecord, SecretString), InvalidKey> {
        if self.records.len() >= KEYS_MAX {
            return Err(InvalidKey::TooMany);
        }
        if self.records.iter().any(|record| record.name == new.name) {
            return Err(InvalidKey::NameTaken);
        }
        let (id, hash, text) = secret::make().map_err(|_| InvalidKey::NoRandomness)?;
        let record = ApiKeyRecord::new(new, id, hash, now)?;
        self.records.push(record.clone());
        Ok((record, text))
    }

    /// Revokes a key. One that is revoked stays so since when it was.
    pub(super) fn revoke(
        &mut self,
        id: &KeyId,
        now: Timestamp,
    ) -> Result<ApiKeyRecord, InvalidKey> {
        let record = self.records.iter_mut().find(|record| record.id == *id);
        let record = record.ok_or(InvalidKey::Unknown)?;
        record.revoked_at.get_or_insert(now);
        Ok(record.clone())
    }
}

#[cfg(test)]
mod tests {
    use ordertrace_http::{Role, Roles};
    use rstest::rstest;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn new(name: &str) -> NewApiKey {
        NewApiKey {
            name: name.to_owned(),
            roles: Roles::NONE.and(Role::Operator),
            customer_id: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut book = Book::default();
        let customer = NewApiKey {
            roles: Roles::NONE.and(Role::Customer).and(Role::Courier),
            customer_id: Some("alice \"A\"".to_owned()),
            ..new("alice")
        };
        let (first, _) = book.add(customer, NOW).unwrap();
        book.add(new("ops"), NOW).unwrap();
        book.revoke(&first.id, NOW).unwrap();
        let text = book.to_text().unwrap();
        let read = Book::parse(text.as_bytes()).unwrap();
        assert_eq!(read.to_text().unwrap(), text);
        assert_eq!(read.records()[0].revoked_at, Some(NOW));
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn a_line_has_what_the_documentation_says() {
        let mut book = Book::default();
        let (record, text) = book.add(new("ops"), NOW).unwrap();
        let line: serde_json::Value = serde_json::from_str(&book.to_text().unwrap()).unwrap();
        let hash = line["hash"].as_str().unwrap();
        assert_eq!(
            line,
            serde_json::json!({
                "id": record.id.to_string(), "name": "ops", "roles": ["operator"], "customerId": null,
                "hash": hash, "createdAt": "2027-01-15T08:00:00.000000Z", "revokedAt": null,
            })
        );
        let text = secrecy::ExposeSecret::expose_secret(&text);
        assert!(!hash.contains(&text[20..]) && hash.len() == 64);
    }

    #[rstest]
    #[case::no_name(new(""), InvalidKey::Name)]
    #[case::space(new("a b"), InvalidKey::Name)]
    #[case::long(new(&"a".repeat(65)), InvalidKey::Name)]
    #[case::taken(new("taken"), InvalidKey::NameTaken)]
    #[case::no_role(NewApiKey { roles: Roles::NONE, ..new("a") }, InvalidKey::NoRole)]
    #[case::no_customer(NewApiKey { roles: Roles::ALL, ..new("a") }, InvalidKey::NoCustomer)]
    #[case::our_own(NewApiKey { customer_id: Some("saga".to_owned()), ..new("a") }, InvalidKey::Customer)]
    fn what_can_t_be_a_key_is_not_made(#[case] new: NewApiKey, #[case] why: InvalidKey) {
        let mut book = Book::default();
        book.add(self::new("taken"), NOW).unwrap();
        assert_eq!(book.add(new, NOW).unwrap_err(), why);
        assert_eq!(book.records().len(), 1);
    }

    #[test]
    fn the_longest_records_fit_into_the_largest_file() {
        let mut book = Book::default();
        for number in 0..KEYS_MAX {
            let longest = NewApiKey {
                roles: Roles::ALL,
                // The longest that a character of it gets in JSON.
                customer_id: Some("\\\u{1F600}".repeat(64)),
                ..new(&format!("{number:064}"))
            };
            let (record, _) = book.add(longest, NOW).unwrap();
            book.revoke(&record.id, NOW).unwrap();
        }
        assert_eq!(book.add(new("more"), NOW).unwrap_err(), InvalidKey::TooMany);
        assert!(book.to_text().unwrap().len() <= FILE_BYTES_MAX);
    }

    #[test]
    fn a_damaged_file_is_refused_as_a_whole() {
        let mut book = Book::default();
        book.add(new("one"), NOW).unwrap();
        book.add(new("two"), NOW).unwrap();
        let text = book.to_text().unwrap();
        let first = text.lines().next().unwrap();
        for damaged in [
            text[..text.len() - 1].to_owned(),
            text.replace("operator", "root"),
            text.replace("\"two\"", "\"one\""),
            text.replace("\"name\"", "\"id\""),
            text.replace("createdAt", "madeAt"),
            format!("{text}{first}\n"),
            format!("{text}\n"),
        ] {
            Book::parse(damaged.as_bytes()).unwrap_err();
        }
        assert!(Book::parse(b"").unwrap().records().is_empty());
    }
}

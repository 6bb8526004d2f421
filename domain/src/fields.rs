//! A payload, read field by field from its first byte to its last.
//!
//! Invariant: a key too many, too few, twice or elsewhere makes it unreadable. Keys are compared with the bytes in which
//! ours are written, so the check costs next to nothing when a view is rebuilt.

use rmp_serde::decode::ReadReader;
use serde::de::DeserializeOwned;

use crate::{Actor, DecodeError, PAYLOAD_BYTES_MAX};

/// How deep the maps and arrays of one field may nest: a line within the lines within `data` needs three.
const DEPTH_MAX: usize = 16;

/// How many fields an envelope has.
const FIELDS: u8 = 14;
/// How many fields an actor has.
const ACTOR_FIELDS: u8 = 2;
/// The first byte of a map of up to 15 entries, less their number (MessagePack's `fixmap`).
const SHORT_MAP: u8 = 0x80;
/// The first byte of a text of up to 31 bytes, less their number (MessagePack's `fixstr`).
const SHORT_TEXT: usize = 0xa0;

/// What is left of a payload.
pub(crate) struct Fields<'a> {
    reader: rmp_serde::Deserializer<ReadReader<&'a [u8]>>,
}

impl<'a> Fields<'a> {
    /// An envelope's payload, before its first field.
    pub(crate) fn of_envelope(payload: &'a [u8]) -> Result<Self, DecodeError> {
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(DecodeError::TooLong(payload.len()));
        }
        let mut reader = rmp_serde::Deserializer::new(payload);
        reader.set_max_depth(DEPTH_MAX);
        let mut fields = Self { reader };
        fields.begin_map(FIELDS)?;
        Ok(fields)
    }

    fn begin_map(&mut self, fields: u8) -> Result<(), DecodeError> {
        let rest = self.reader.get_mut();
        *rest = rest
            .strip_prefix(&[SHORT_MAP | fields])
            .ok_or_else(|| DecodeError::Malformed(format!("not a map of {fields}")))?;
        Ok(())
    }

    fn key(&mut self, name: &str) -> Result<(), DecodeError> {
        let rest = self.reader.get_mut();
        *rest = rest
            .split_first()
            .filter(|(mark, _)| usize::from(**mark) == SHORT_TEXT | name.len())
            .and_then(|(_, text)| text.strip_prefix(name.as_bytes()))
            .ok_or_else(|| DecodeError::Malformed(format!("no {name} in its place")))?;
        Ok(())
    }

    fn value<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        T::deserialize(&mut self.reader).map_err(|error| DecodeError::Malformed(error.to_string()))
    }

    pub(crate) fn read<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, DecodeError> {
        self.key(name)?;
        self.value()
    }

    pub(crate) fn read_actor(&mut self) -> Result<Actor, DecodeError> {
        self.key("actor")?;
        self.begin_map(ACTOR_FIELDS)?;
        Ok(Actor {
            kind: self.read("kind")?,
            id: self.read("id")?,
        })
    }

    /// What is behind the key of the last field, `data`.
    pub(crate) fn rest(mut self) -> Result<Self, DecodeError> {
        self.key("data")?;
        Ok(self)
    }

    /// Reads a map that takes up all the bytes that are left.
    pub(crate) fn last_map<T: DeserializeOwned>(mut self) -> Result<T, DecodeError> {
        let malformed = |what: &str| Err(DecodeError::Malformed(what.to_owned()));
        let first = self.reader.get_ref().first();
        if !matches!(first, Some(0x80..=0x8f | 0xde | 0xdf)) {
            return malformed("data is not a map");
        }
        let value = self.value()?;
        if !self.reader.get_ref().is_empty() {
            return malformed("trailing bytes");
        }
        Ok(value)
    }
}

//! A payload, read field by field from its first byte to its last.
//!
//! Invariant: a key too many, too few, twice or elsewhere makes it unreadable. Keys are compared with the bytes in which
//! ours are written, so the check costs next to nothing when a view is rebuilt. For whoever wants the links only there are
//! shortcuts: bytes and texts that are not copied.

use rmp_serde::decode::ReadReader;
use serde::Deserialize as _;
use serde::de::{DeserializeOwned, IgnoredAny, IntoDeserializer as _, value};
use uuid::Uuid;

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

/// The first byte of a text of up to 255 bytes, before their number (MessagePack's `str 8`).
const TEXT: u8 = 0xd9;
/// The same of up to 65,535 bytes (`str 16`), and of more (`str 32`).
const TEXT_16: u8 = 0xda;
const TEXT_32: u8 = 0xdb;
/// Nothing.
const NIL: u8 = 0xc0;
/// The first byte of up to 255 bytes, before their number (MessagePack's `bin 8`).
const BYTES: u8 = 0xc4;

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

    /// The same of a value of so many bytes, at once where it is written as ours are.
    pub(crate) fn read_bytes<const N: usize, T: DeserializeOwned>(
        &mut self,
        name: &str,
        of: impl FnOnce([u8; N]) -> T,
    ) -> Result<T, DecodeError> {
        self.key(name)?;
        match self.next_bytes() {
            Some(bytes) => Ok(of(*bytes)),
            None => self.value(),
        }
    }

    /// The same of an id.
    pub(crate) fn read_id<T: DeserializeOwned>(
        &mut self,
        name: &str,
        of: impl FnOnce(Uuid) -> T,
    ) -> Result<T, DecodeError> {
        self.read_bytes(name, |bytes| of(Uuid::from_bytes(bytes)))
    }

    /// A text, and nothing else that could be read as one.
    pub(crate) fn text(&mut self, name: &str) -> Result<&'a str, DecodeError> {
        self.key(name)?;
        self.next_text()
            .ok_or_else(|| malformed(&format!("{name} is no text")))
    }

    /// A text, or nothing.
    pub(crate) fn text_or_nil(&mut self, name: &str) -> Result<Option<&'a str>, DecodeError> {
        self.key(name)?;
        let rest = self.reader.get_mut();
        if let Some(behind) = rest.strip_prefix(&[NIL]) {
            *rest = behind;
            return Ok(None);
        }
        let text = self.next_text();
        text.map(Some)
            .ok_or_else(|| malformed(&format!("{name} is neither text nor nil")))
    }

    /// What a text stands for. The library alone would take bytes for a text as well, and whoever reads the link only
    /// would not: then an event would be one to the views and none to an auditor.
    fn read_text<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, DecodeError> {
        self.text(name).and_then(meant)
    }

    /// The same where there may be nothing.
    pub(crate) fn read_text_or_nil<T: DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, DecodeError> {
        self.text_or_nil(name)?.map(meant).transpose()
    }

    /// The bytes that come next, if they are so many.
    fn next_bytes<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let rest = self.reader.get_mut();
        let ([mark, length], behind) = rest.split_first_chunk()?;
        let (bytes, behind) = behind.split_first_chunk()?;
        let is_so_long = *mark == BYTES && usize::from(*length) == N;
        is_so_long.then(|| {
            *rest = behind;
            bytes
        })
    }

    /// The text that comes next, if a text does.
    fn next_text(&mut self) -> Option<&'a str> {
        let rest = self.reader.get_mut();
        let (mark, behind) = rest.split_first()?;
        let (length, behind) = match *mark {
            mark @ 0xa0..=0xbf => (usize::from(mark) - SHORT_TEXT, behind),
            TEXT => long::<1>(behind)?,
            TEXT_16 => long::<2>(behind)?,
            TEXT_32 => long::<4>(behind)?,
            _ => return None,
        };
        let (text, behind) = behind.split_at_checked(length)?;
        let text = std::str::from_utf8(text).ok()?;
        *rest = behind;
        Some(text)
    }

    /// Reads past an actor, of whatever kind.
    pub(crate) fn skip_actor(&mut self) -> Result<(), DecodeError> {
        self.key("actor")?;
        self.begin_map(ACTOR_FIELDS)?;
        self.text("kind")?;
        self.text("id").map(drop)
    }

    /// The same, with both of its fields read as something.
    #[cfg(test)]
    pub(crate) fn read_actor_as<T: DeserializeOwned>(&mut self) -> Result<(T, T), DecodeError> {
        self.key("actor")?;
        self.begin_map(ACTOR_FIELDS)?;
        Ok((self.read("kind")?, self.read("id")?))
    }

    pub(crate) fn read_actor(&mut self) -> Result<Actor, DecodeError> {
        self.key("actor")?;
        self.begin_map(ACTOR_FIELDS)?;
        Ok(Actor {
            kind: self.read_text("kind")?,
            id: self.read_text("id")?,
        })
    }

    /// What is behind the key of the last field, `data`.
    pub(crate) fn rest(mut self) -> Result<Self, DecodeError> {
        self.key("data")?;
        Ok(self)
    }

    /// Reads a map that takes up all the bytes that are left.
    pub(crate) fn last_map<T: DeserializeOwned>(mut self) -> Result<T, DecodeError> {
        self.begin_last_map()?;
        let value = self.value()?;
        if !self.reader.get_ref().is_empty() {
            return Err(malformed("trailing bytes"));
        }
        Ok(value)
    }

    /// Looks that a map takes up all the bytes that are left, without a copy of anything in it.
    pub(crate) fn skip_last_map(self) -> Result<(), DecodeError> {
        self.begin_last_map()?;
        let mut reader = rmp_serde::Deserializer::from_read_ref(*self.reader.get_ref());
        reader.set_max_depth(DEPTH_MAX);
        let skipped = IgnoredAny::deserialize(&mut reader);
        skipped.map_err(|error| malformed(&error.to_string()))?;
        // It doesn't say where it stands. But only at the end it finds no byte that a value begins with.
        match IgnoredAny::deserialize(&mut reader) {
            Err(rmp_serde::decode::Error::InvalidMarkerRead(_)) => Ok(()),
            _ => Err(malformed("trailing bytes")),
        }
    }

    fn begin_last_map(&self) -> Result<(), DecodeError> {
        let first = self.reader.get_ref().first();
        if matches!(first, Some(0x80..=0x8f | 0xde | 0xdf)) {
            Ok(())
        } else {
            Err(malformed("data is not a map"))
        }
    }
}

/// A length of so many bytes, and what is behind it.
fn long<const N: usize>(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, behind) = bytes.split_first_chunk::<N>()?;
    let length = length
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    Some((length, behind))
}

fn meant<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    T::deserialize(text.into_deserializer())
        .map_err(|error: value::Error| malformed(&error.to_string()))
}

fn malformed(what: &str) -> DecodeError {
    DecodeError::Malformed(what.to_owned())
}

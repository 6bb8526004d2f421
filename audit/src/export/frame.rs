//! What stands before and after the events: which log, which part of it, and by what it is proven.

use ordertrace_domain::{Hash, Incarnation, Sequence};

use crate::SignedCheckpoint;
use crate::json::{Cursor, Off, put_number, put_text};

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which log, by the name of the key that signs for it; none where there is no checkpoint.
    pub origin: Option<String>,
    /// Which stream it was.
    pub incarnation: Incarnation,
    /// The first position that was looked at.
    pub from: Sequence,
    /// The last one; the one before `from` if there is none.
    pub to: Sequence,
    /// What was looked for; without it, everything.
    pub filter: Option<FilterText>,
}

/// What an export was filtered by, as a note for its readers. No check follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilterText {
    /// The order.
    pub order: Option<String>,
    /// The types of the events.
    pub r#type: Option<String>,
    /// Who gave the command.
    pub actor: Option<String>,
    /// Whose orders.
    pub customer: Option<String>,
    /// Recorded at this time or later.
    pub recorded_from: Option<String>,
    /// Recorded before this time.
    pub recorded_to: Option<String>,
}

/// The keys of a filter, in their order.
const FILTER_KEYS: [&str; 6] = [
    "order",
    "type",
    "actor",
    "customer",
    "recordedFrom",
    "recordedTo",
];

impl FilterText {
    const fn values(&self) -> [&Option<String>; 6] {
        [
            &self.order,
            &self.r#type,
            &self.actor,
            &self.customer,
            &self.recorded_from,
            &self.recorded_to,
        ]
    }

    const fn values_mut(&mut self) -> [&mut Option<String>; 6] {
        [
            &mut self.order,
            &mut self.r#type,
            &mut self.actor,
            &mut self.customer,
            &mut self.recorded_from,
            &mut self.recorded_to,
        ]
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.values().iter().all(|value| value.is_none())
    }

    fn put(&self, out: &mut Vec<u8>) {
        let set = FILTER_KEYS.iter().zip(self.values());
        let set = set.filter_map(|(key, value)| Some((key, value.as_ref()?)));
        for (index, (key, value)) in set.enumerate() {
            out.push(if index == 0 { b'{' } else { b',' });
            put_text(out, key);
            out.push(b':');
            put_text(out, value);
        }
        out.push(b'}');
    }

    fn take(cursor: &mut Cursor<'_>) -> Result<Self, Off> {
        let mut filter = Self::default();
        let mut before = "{";
        for (key, value) in FILTER_KEYS.iter().zip(filter.values_mut()) {
            if cursor.skip(&format!("{before}\"{key}\":")) {
                *value = Some(cursor.text()?.into_owned());
                before = ",";
            }
        }
        if filter.is_empty() {
            return Err(cursor.off("null, or an object with keys of a filter in their order"));
        }
        cursor.literal("}")?;
        Ok(filter)
    }
}

impl Header {
    /// Whether everything from the first position on was looked at and nothing was looked for.
    pub const fn is_unfiltered_from_the_first(&self) -> bool {
        self.filter.is_none() && self.from.get() == 1
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"format\":\"ordertrace-export/1\",\"origin\":");
        match &self.origin {
            Some(origin) => put_text(out, origin),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"incarnation\":");
        put_text(out, &self.incarnation.to_string());
        out.extend_from_slice(b",\"from\":");
        put_number(out, self.from.get());
        out.extend_from_slice(b",\"to\":");
        put_number(out, self.to.get());
        out.extend_from_slice(b",\"filter\":");
        match self.filter.as_ref().filter(|filter| !filter.is_empty()) {
            Some(filter) => filter.put(out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b"}\n");
    }

    pub(super) fn take(cursor: &mut Cursor<'_>) -> Result<Self, Off> {
        cursor.literal("{\"format\":\"ordertrace-export/1\",\"origin\":")?;
        let origin = match cursor.skip("null") {
            true => None,
            false => Some(cursor.text()?.into_owned()),
        };
        cursor.literal(",\"incarnation\":")?;
        let incarnation = take_incarnation(cursor)?;
        cursor.literal(",\"from\":")?;
        let from = Sequence::new(cursor.number()?);
        cursor.literal(",\"to\":")?;
        let to = Sequence::new(cursor.number()?);
        cursor.literal(",\"filter\":")?;
        let filter = match cursor.skip("null") {
            true => None,
            false => Some(FilterText::take(cursor)?),
        };
        cursor.literal("}\n")?;
        cursor.end()?;
        Ok(Self {
            origin,
            incarnation,
            from,
            to,
            filter,
        })
    }
}

fn take_incarnation(cursor: &mut Cursor<'_>) -> Result<Incarnation, Off> {
    let begin = cursor.clone();
    let text = cursor.text()?;
    let nanos = u64::from_str_radix(&text, 16).ok();
    let incarnation = nanos.map(Incarnation::from_created_nanos);
    let incarnation = incarnation.filter(|incarnation| incarnation.to_string() == text);
    incarnation.ok_or_else(|| begin.off("lowercase hexadecimal without leading zeros"))
}

/// The last two lines of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How many events the file says to have.
    pub events: u64,
    /// Where it says that the first one stands.
    pub first: Option<Sequence>,
    /// And the last one.
    pub last: Option<Sequence>,
    /// What the events are proven by.
    pub checkpoint: Option<SignedCheckpoint>,
    /// The SHA-256 that the file says to have up to its last line.
    pub written: Hash,
    /// The one that it has.
    pub computed: Hash,
    /// SHA-256 of the whole file.
    pub whole: Hash,
}

/// The last line but one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) events: u64,
    pub(super) first: Option<Sequence>,
    pub(super) last: Option<Sequence>,
    pub(super) checkpoint: Option<SignedCheckpoint>,
}

/// What the last line but one begins with, and no event.
pub(super) const TRAILER: &str = "{\"events\":";

impl Trailer {
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(TRAILER.as_bytes());
        put_number(out, self.events);
        out.extend_from_slice(b",\"first\":");
        put_position(out, self.first);
        out.extend_from_slice(b",\"last\":");
        put_position(out, self.last);
        out.extend_from_slice(b",\"checkpoint\":");
        match &self.checkpoint {
            Some(checkpoint) => put_text(out, checkpoint.as_str()),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b"}\n");
    }

    pub(super) fn take(cursor: &mut Cursor<'_>) -> Result<Self, Off> {
        cursor.literal(TRAILER)?;
        let events = cursor.number()?;
        cursor.literal(",\"first\":")?;
        let first = cursor.number_or_null()?.map(Sequence::new);
        cursor.literal(",\"last\":")?;
        let last = cursor.number_or_null()?.map(Sequence::new);
        cursor.literal(",\"checkpoint\":")?;
        let checkpoint = match cursor.skip("null") {
            true => None,
            false => Some(take_checkpoint(cursor)?),
        };
        cursor.literal("}\n")?;
        cursor.end()?;
        Ok(Self {
            events,
            first,
            last,
            checkpoint,
        })
    }
}

fn put_position(out: &mut Vec<u8>, position: Option<Sequence>) {
    match position {
        Some(position) => put_number(out, position.get()),
        None => out.extend_from_slice(b"null"),
    }
}

/// Reads a note in quotes.
pub(crate) fn take_checkpoint(cursor: &mut Cursor<'_>) -> Result<SignedCheckpoint, Off> {
    let begin = cursor.clone();
    let note = cursor.text()?;
    let checkpoint = SignedCheckpoint::parse(note.as_bytes());
    checkpoint.map_err(|_| begin.off("a signed checkpoint"))
}

const DIGEST: &str = "{\"sha256\":";

/// Writes the last line: the SHA-256 of all that stands before it.
pub(super) fn put_digest(out: &mut Vec<u8>, digest: Hash) {
    out.extend_from_slice(DIGEST.as_bytes());
    put_text(out, &digest.to_string());
    out.extend_from_slice(b"}\n");
}

pub(super) fn take_digest(cursor: &mut Cursor<'_>) -> Result<Hash, Off> {
    cursor.literal(DIGEST)?;
    let digest = cursor.hex()?;
    cursor.literal("}\n")?;
    cursor.end()?;
    Ok(digest)
}

//! Shards: the fixed split of all orders into sixteen parts, so that work on the log can be divided.
//!
//! Invariant: the shard of an order never changes. It is a part of the order's subject, and so of every stored message.

use std::fmt;

use uuid::Uuid;

use crate::OrderId;

/// One of the [`Shard::COUNT`] parts; shown as two digits, `00` to `15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// How many shards there are. Frozen with the first stored event.
    pub const COUNT: u8 = 16;

    /// The shard of an order: FNV-1a (32 bit) of the id's text, modulo 16, as NATS's own `partition()` computes it.
    pub fn of(order: OrderId) -> Self {
        let mut text = Uuid::encode_buffer();
        let text = order.as_uuid().hyphenated().encode_lower(&mut text);
        let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Self((hash % u32::from(Self::COUNT)) as u8)
    }

    /// Whether this is how the shard is shown.
    pub(crate) fn is_shown_as(self, text: &str) -> bool {
        text.as_bytes() == [b'0' + self.0 / 10, b'0' + self.0 % 10]
    }

    /// All shards, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }

    /// The shard's number, 0 to 15.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 32-bit FNV-1a of the id's text, computed with an independent implementation, modulo 16.
    #[test]
    fn the_shard_of_an_order_is_frozen() {
        let shard = |text| Shard::of(OrderId::parse(text).unwrap()).to_string();
        assert_eq!(shard("00000000-0000-0000-0000-000000000000"), "01");
        assert_eq!(shard("01890a5d-ac96-774b-bcce-b302099a8057"), "03");
        assert_eq!(shard("ffffffff-ffff-4fff-bfff-ffffffffffff"), "11");
    }
}

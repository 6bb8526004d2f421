//! A block of an index: which of some thousands of orders, by number, have something in common.
//!
//! Invariant: its bytes are a function of the set alone, however it came about. Few numbers are a list, many are a bit each;
//! whichever is smaller.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// How many numbers as a list take as much room as all bits of a block: sixteen bits each.
const LISTED_ONE_IN: usize = 16;

/// A set of numbers below the span of its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbers {
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// In order.
    List(Vec<u16>),
    /// A bit for each number of the span, and how many are set.
    Bits(Vec<u8>, usize),
}

impl Numbers {
    /// None.
    pub(super) const fn none() -> Self {
        Self {
            form: Form::List(Vec::new()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    pub(super) fn count(&self) -> usize {
        match &self.form {
            Form::List(list) => list.len(),
            Form::Bits(_, count) => *count,
        }
    }

    /// Puts a number in; whether it was not there.
    pub(super) fn insert(&mut self, number: u16, span: usize) -> bool {
        let is_new = match &mut self.form {
            Form::List(list) => match list.binary_search(&number) {
                Ok(_) => false,
                Err(at) => {
                    list.insert(at, number);
                    true
                }
            },
            Form::Bits(bits, count) => {
                let is_new = set(bits, number, true);
                *count += usize::from(is_new);
                is_new
            }
        };
        self.settle(span);
        is_new
    }

    /// Takes a number out; whether it was there.
    pub(super) fn remove(&mut self, number: u16, span: usize) -> bool {
        let was_there = match &mut self.form {
            Form::List(list) => match list.binary_search(&number) {
                Ok(at) => {
                    list.remove(at);
                    true
                }
                Err(_) => false,
            },
            Form::Bits(bits, count) => {
                let was_there = set(bits, number, false);
                *count -= usize::from(was_there);
                was_there
            }
        };
        self.settle(span);
        was_there
    }

    /// The first number from this one on.
    pub(super) fn first_from(&self, from: u16) -> Option<u16> {
        match &self.form {
            Form::List(list) => list
                .get(list.partition_point(|number| *number < from))
                .copied(),
            Form::Bits(bits, _) => {
                let (byte, bit) = (usize::from(from / 8), from % 8);
                let head = bits.get(byte)? & (u8::MAX << bit);
                if head != 0 {
                    return number(byte, head.trailing_zeros());
                }
                let tail = bits.iter().enumerate().skip(byte + 1);
                let (byte, bits) = tail.into_iter().find(|(_, bits)| **bits != 0)?;
                number(byte, bits.trailing_zeros())
            }
        }
    }

    /// The last number up to this one.
    pub(super) fn last_to(&self, to: u16) -> Option<u16> {
        match &self.form {
            Form::List(list) => {
                let behind = list.partition_point(|number| *number <= to);
                list.get(behind.checked_sub(1)?).copied()
            }
            Form::Bits(bits, _) => {
                let (byte, bit) = (usize::from(to / 8).min(bits.len()), to % 8);
                let head = bits.get(byte).copied().unwrap_or(0) & (u8::MAX >> (7 - bit));
                if head != 0 {
                    return number(byte, 7 - head.leading_zeros());
                }
                let head = bits.iter().enumerate().take(byte);
                let (byte, bits) = head.rev().find(|(_, bits)| **bits != 0)?;
                number(byte, 7 - bits.leading_zeros())
            }
        }
    }

    /// Takes the form that is due for so many numbers.
    fn settle(&mut self, span: usize) {
        let is_list_due = self.count() <= span / LISTED_ONE_IN;
        match &self.form {
            Form::List(list) if !is_list_due => {
                let mut bits = vec![0; span.div_ceil(8)];
                for number in list {
                    set(&mut bits, *number, true);
                }
                self.form = Form::Bits(bits, list.len());
            }
            Form::Bits(bits, _) if is_list_due => {
                let bytes = bits.iter().enumerate();
                let numbers = bytes.flat_map(|(byte, bits)| {
                    let is_set = move |bit: &u32| bits & (1 << bit) != 0;
                    (0..8)
                        .filter(is_set)
                        .filter_map(move |bit| number(byte, bit))
                });
                self.form = Form::List(numbers.collect());
            }
            Form::List(_) | Form::Bits(..) => {}
        }
    }
}

fn number(byte: usize, bit: u32) -> Option<u16> {
    u16::try_from(byte * 8 + bit as usize).ok()
}

/// Sets or clears a bit; whether that changed anything.
fn set(bits: &mut [u8], number: u16, to: bool) -> bool {
    let Some(byte) = bits.get_mut(usize::from(number / 8)) else {
        return false;
    };
    let mask = 1 << (number % 8);
    let changes = (*byte & mask != 0) != to;
    *byte ^= if changes { mask } else { 0 };
    changes
}

const LIST: u8 = 0;
const BITS: u8 = 1;

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = match &self.form {
            Form::List(list) => {
                let numbers = list.iter().flat_map(|number| number.to_be_bytes());
                std::iter::once(LIST).chain(numbers).collect()
            }
            Form::Bits(bits, _) => [&[BITS], bits.as_slice()].concat(),
        };
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Numbers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of numbers, or bits")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Numbers, E> {
                let form = match bytes.split_first() {
                    Some((&LIST, list)) => {
                        let (numbers, rest) = list.as_chunks();
                        if !rest.is_empty() {
                            return Err(E::invalid_length(bytes.len(), &self));
                        }
                        let numbers = numbers.iter().map(|number| u16::from_be_bytes(*number));
                        Form::List(numbers.collect())
                    }
                    Some((&BITS, bits)) => {
                        let count = bits.iter().map(|bits| bits.count_ones() as usize).sum();
                        Form::Bits(bits.to_vec(), count)
                    }
                    Some(_) | None => return Err(E::custom("neither a list nor bits")),
                };
                Ok(Numbers { form })
            }
        }
        deserializer
            .deserialize_bytes(Bytes)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const SPAN: usize = 256;

    proptest! {
        #[test]
        fn it_is_the_set_and_its_bytes_are_those_of_the_set(
            changes in proptest::collection::vec((any::<bool>(), 0_u16..256), 0..300),
            probe in 0_u16..256,
        ) {
            let (mut numbers, mut set) = (Numbers::none(), BTreeSet::new());
            for (is_insert, number) in changes {
                if is_insert {
                    prop_assert_eq!(numbers.insert(number, SPAN), set.insert(number));
                } else {
                    prop_assert_eq!(numbers.remove(number, SPAN), set.remove(&number));
                }
            }
            prop_assert_eq!(numbers.count(), set.len());
            prop_assert_eq!(numbers.first_from(probe), set.range(probe..).next().copied());
            prop_assert_eq!(numbers.last_to(probe), set.range(..=probe).next_back().copied());
            let mut fresh = Numbers::none();
            set.iter().rev().for_each(|number| { fresh.insert(*number, SPAN); });
            prop_assert_eq!(&numbers, &fresh);
            let bytes = rmp_serde::to_vec(&numbers).unwrap();
            prop_assert!(bytes.len() <= SPAN / 8 + 8);
            prop_assert_eq!(rmp_serde::from_slice::<Numbers>(&bytes).unwrap(), numbers);
        }
    }
}

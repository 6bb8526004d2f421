//! The values: a format byte, a CRC-32 over key and body, and the body in MessagePack.
//!
//! Invariant: what does not check out is damage, never a value. The checksum covers the key, so that a value under
//! another key's name is found too. The body has no field names: the layout's revision stands for them.

use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;

/// The format of every value. A value of another format is another program's.
pub(super) const FORMAT: u8 = 1;

const HEADER_BYTES: usize = 1 + size_of::<u32>();

/// The stored form of a value under a key.
///
/// # Errors
/// A value that can't be encoded. None of ours is: they are plain data.
pub(super) fn seal(key: &[u8], body: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut value = vec![FORMAT; HEADER_BYTES];
    let mut encoder = rmp_serde::Serializer::new(&mut value);
    body.serialize(&mut encoder)
        .map_err(|error| StoreError::Damaged(format!("a value can't be encoded: {error}")))?;
    let checksum = checksum(key, &value[HEADER_BYTES..]);
    value[1..HEADER_BYTES].copy_from_slice(&checksum.to_be_bytes());
    Ok(value)
}

/// The value that is stored under a key.
///
/// # Errors
/// [`StoreError::Damaged`] for any other bytes.
pub(super) fn open<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("the value of key {key:02x?} {what}"));
    let Some((header, body)) = value.split_at_checked(HEADER_BYTES) else {
        return Err(damaged("is cut off"));
    };
    if header[0] != FORMAT {
        return Err(damaged("has another format"));
    }
    if header[1..] != checksum(key, body).to_be_bytes() {
        return Err(damaged("does not match its checksum"));
    }
    rmp_serde::from_slice(body).map_err(|error| damaged(&format!("can't be decoded: {error}")))
}

fn checksum(key: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(body);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_under_its_own_key_only() {
        let value = seal(b"key", &(7_u64, "seven")).unwrap();
        assert_eq!(
            open::<(u64, String)>(b"key", &value).unwrap(),
            (7, "seven".into())
        );
        assert!(matches!(
            open::<(u64, String)>(b"kez", &value),
            Err(StoreError::Damaged(_))
        ));
    }

    #[test]
    fn no_flipped_bit_and_no_cut_goes_unnoticed() {
        let value = seal(b"key", &(7_u64, "seven")).unwrap();
        for index in 0..value.len() {
            let mut flipped = value.clone();
            flipped[index] ^= 1;
            assert!(open::<(u64, String)>(b"key", &flipped).is_err(), "{index}");
            assert!(
                open::<(u64, String)>(b"key", &value[..index]).is_err(),
                "{index}"
            );
        }
    }
}

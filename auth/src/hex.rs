//! 32 bytes and the like, as hexadecimal digits.

/// The digits, the letters in lower case.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that so many digits stand for; nothing for any other text.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_hex = text.len() == 2 * N && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_back_as_they_were_written() {
        let bytes = [0, 1, 0x7F, 0x80, 0xFF];
        assert_eq!(encode(&bytes), "00017f80ff");
        assert_eq!(decode(&encode(&bytes)), Some(bytes));
        assert_eq!(decode("00017F80FF"), Some(bytes));
        for text in ["", "00017f80f", "00017f80ff00", "+1017f80ff", "éééééé"] {
            assert_eq!(decode::<5>(text), None, "{text}");
        }
    }
}

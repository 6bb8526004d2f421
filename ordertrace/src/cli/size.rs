//! Sizes, as people write them.

/// The units, each 1,024 of the one before it.
const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

/// `80GiB`, or a number of bytes; at least one.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = text[digits.len()..].trim_start();
    let power = match unit {
        "" => Some(0),
        _ => UNITS.iter().position(|known| *known == unit),
    };
    let power = power.ok_or_else(|| format!("the unit is one of {}", UNITS.join(", ")))?;
    let count: u64 = digits
        .parse()
        .map_err(|_| "it is a whole number and a unit, such as 80GiB".to_owned())?;
    let bytes = (0..power).try_fold(count, |bytes, _| bytes.checked_mul(1_024));
    match bytes {
        Some(bytes) if (1..=i64::MAX.unsigned_abs()).contains(&bytes) => Ok(bytes),
        _ => Err("it has to be at least one byte, and less than 8,388,608TiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1", 1)]
    #[case("4096B", 4_096)]
    #[case(" 1 KiB ", 1_024)]
    #[case("80GiB", 85_899_345_920)]
    #[case("1TiB", 1_099_511_627_776)]
    fn a_size_is_a_number_and_a_unit(#[case] text: &str, #[case] wanted: u64) {
        assert_eq!(bytes(text), Ok(wanted));
    }

    #[rstest]
    #[case("")]
    #[case("0")]
    #[case("-1")]
    #[case("GiB")]
    #[case("1.5GiB")]
    #[case("80GB")]
    #[case("80gib")]
    #[case("8388608TiB")]
    #[case("99999999999999999999")]
    #[case("８GiB")]
    fn anything_else_is_none(#[case] text: &str) {
        assert!(bytes(text).is_err(), "{text}");
    }
}

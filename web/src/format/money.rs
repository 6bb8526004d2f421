//! Money: minor units to what people read, and what people write to minor units.
//!
//! Invariant: nothing is rounded and nothing guessed. What can't be said exactly is not converted.

use std::fmt;

use iso_currency::Currency;

use super::count::grouped;

/// An amount, as people read it: `1,234.50`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Money {
    minor: i64,
    currency: String,
}

impl Money {
    /// An amount in minor units of a currency.
    pub(crate) fn new(minor: i64, currency: &str) -> Self {
        let currency = currency.to_owned();
        Self { minor, currency }
    }

    /// The currency's code.
    pub(crate) fn currency(&self) -> &str {
        &self.currency
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "−" } else { "" };
        // A code that nobody knows has minor units of its own: they are shown as they are.
        let digits = decimals(&self.currency).unwrap_or(0);
        let padded = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        write!(f, "{sign}{}", grouped(whole))?;
        if fraction.is_empty() {
            return Ok(());
        }
        write!(f, ".{fraction}")
    }
}

/// How many decimals an amount of this currency has.
pub(crate) fn decimals(currency: &str) -> Option<usize> {
    Currency::from_code(currency)?.exponent().map(usize::from)
}

/// An amount as somebody wrote it, such as `10.5` of EUR, in minor units: `1050`. `None` if it is no such amount.
pub(crate) fn to_minor(text: &str, currency: &str) -> Option<String> {
    let digits = decimals(currency)?;
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > digits || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let minor = format!("{whole}{fraction:0<digits$}");
    let without_zeros = minor.trim_start_matches('0');
    Some(
        if without_zeros.is_empty() {
            "0"
        } else {
            without_zeros
        }
        .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1050, "EUR", "10.50")]
    #[case(5, "EUR", "0.05")]
    #[case(123_456_789, "EUR", "1,234,567.89")]
    #[case(100_000, "KRW", "100,000")]
    #[case(1_234, "BHD", "1.234")]
    #[case(-1050, "EUR", "−10.50")]
    #[case(i64::MIN, "KRW", "−9,223,372,036,854,775,808")]
    #[case(1050, "???", "1,050")]
    fn an_amount_has_the_decimals_of_its_currency(
        #[case] minor: i64,
        #[case] currency: &str,
        #[case] shown: &str,
    ) {
        assert_eq!(Money::new(minor, currency).to_string(), shown);
    }

    #[rstest]
    #[case("10.50", "EUR", Some("1050"))]
    #[case("10.5", "EUR", Some("1050"))]
    #[case(" 10 ", "EUR", Some("1000"))]
    #[case("0.05", "EUR", Some("5"))]
    #[case("0", "EUR", Some("0"))]
    #[case("1000", "KRW", Some("1000"))]
    #[case("10.", "EUR", Some("1000"))]
    #[case("10.505", "EUR", None)]
    #[case("10.5", "KRW", None)]
    #[case("10,50", "EUR", None)]
    #[case("-1", "EUR", None)]
    #[case(".5", "EUR", None)]
    #[case("", "EUR", None)]
    #[case("1e3", "EUR", None)]
    #[case("10", "???", None)]
    fn what_people_write_is_converted_exactly_or_not_at_all(
        #[case] text: &str,
        #[case] currency: &str,
        #[case] minor: Option<&str>,
    ) {
        assert_eq!(to_minor(text, currency).as_deref(), minor);
    }
}

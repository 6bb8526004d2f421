//! Money: a positive integer of minor units, in a currency of ISO 4217.
//!
//! Invariant: sums and products are checked; there is no float anywhere near an amount.

use std::fmt;

use iso_currency::IntoEnumIterator as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An amount or a currency that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoney {
    /// Zero or less.
    #[error("an amount must be greater than zero")]
    NotPositive,
    /// A sum or a product beyond 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Not a currency in use by ISO 4217, in capitals: metals, funds, test codes and withdrawn currencies are none.
    #[error("not a currency code of ISO 4217, such as EUR")]
    UnknownCurrency,
}

/// A positive number of minor units (cents, won, …) of the order's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

impl Amount {
    /// Checks a number of minor units.
    ///
    /// # Errors
    /// [`InvalidMoney::NotPositive`] for zero and below.
    pub const fn from_minor(minor: i64) -> Result<Self, InvalidMoney> {
        if minor > 0 {
            Ok(Self(minor))
        } else {
            Err(InvalidMoney::NotPositive)
        }
    }

    /// The number of minor units.
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// This amount that many times.
    ///
    /// # Errors
    /// [`InvalidMoney::Overflow`].
    pub fn times(self, quantity: u32) -> Result<Self, InvalidMoney> {
        let product = self.0.checked_mul(i64::from(quantity));
        product.map_or(Err(InvalidMoney::Overflow), Self::from_minor)
    }

    /// The sum of at least one amount.
    ///
    /// # Errors
    /// [`InvalidMoney::Overflow`]; [`InvalidMoney::NotPositive`] when there is nothing to add.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, InvalidMoney> {
        let mut total = 0_i64;
        for amount in amounts {
            total = total.checked_add(amount.0).ok_or(InvalidMoney::Overflow)?;
        }
        Self::from_minor(total)
    }
}

/// A currency of ISO 4217; its code stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Reads a code of three capitals.
    ///
    /// # Errors
    /// [`InvalidMoney::UnknownCurrency`].
    pub fn parse(code: &str) -> Result<Self, InvalidMoney> {
        iso_currency::Currency::from_code(code)
            .filter(is_in_use)
            .map(Self)
            .ok_or(InvalidMoney::UnknownCurrency)
    }

    /// Every currency that [`Currency::parse`] takes.
    pub fn all() -> impl Iterator<Item = Self> {
        iso_currency::Currency::iter().filter(is_in_use).map(Self)
    }

    /// The code, such as `EUR`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal digits a minor unit is worth: 2 for EUR, 0 for KRW; `None` for currencies without a minor unit.
    pub fn exponent(self) -> Option<u16> {
        self.0.exponent()
    }
}

fn is_in_use(known: &iso_currency::Currency) -> bool {
    !known.is_special() && !known.is_fund() && known.is_superseded().is_none()
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A currency that was withdrawn after the order was placed stays readable, hence not `parse`.
        let code = String::deserialize(deserializer)?;
        iso_currency::Currency::from_code(&code)
            .map(Self)
            .ok_or_else(|| D::Error::custom(InvalidMoney::UnknownCurrency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_positive() {
        assert_eq!(Amount::from_minor(0), Err(InvalidMoney::NotPositive));
        assert_eq!(Amount::from_minor(-1), Err(InvalidMoney::NotPositive));
        assert_eq!(Amount::from_minor(1).map(Amount::minor), Ok(1));
    }

    #[test]
    fn sums_and_products_are_checked() {
        let most = Amount::from_minor(i64::MAX).unwrap();
        let one = Amount::from_minor(1).unwrap();
        assert_eq!(Amount::sum([most, one]), Err(InvalidMoney::Overflow));
        assert_eq!(most.times(2), Err(InvalidMoney::Overflow));
        assert_eq!(one.times(0), Err(InvalidMoney::NotPositive));
        assert_eq!(Amount::sum([]), Err(InvalidMoney::NotPositive));
    }

    #[test]
    fn every_currency_there_is_reads_back() {
        let all: Vec<_> = Currency::all().collect();
        assert!(all.len() > 150, "{}", all.len());
        for currency in all {
            assert_eq!(Currency::parse(currency.code()), Ok(currency));
        }
    }

    #[test]
    fn only_codes_in_capitals_are_currencies() {
        assert_eq!(Currency::parse("EUR").map(Currency::code), Ok("EUR"));
        assert_eq!(Currency::parse("KRW").map(Currency::exponent), Ok(Some(0)));
        for code in ["eur", "EU", "EURO", "ABC", "", "XXX", "XAU", "HRK"] {
            assert_eq!(
                Currency::parse(code),
                Err(InvalidMoney::UnknownCurrency),
                "{code}"
            );
        }
    }
}

//! Money as Stripe counts it.
//!
//! The domain counts in the minor units of ISO 4217, and so does Stripe, but for the currencies that are named here; see
//! <https://docs.stripe.com/currencies#minor-units>, [zero-decimal](https://docs.stripe.com/currencies#zero-decimal) and
//! [special cases](https://docs.stripe.com/currencies#special-cases), as of November 2026. The forint and the Taiwan dollar
//! are special there for payouts alone, so they are not here.
//!
//! Invariant: an amount goes out exactly, or not at all. Nothing is rounded, and no unit is guessed.

use ordertrace_domain::{Amount, Currency};

/// How Stripe counts a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counting {
    /// How many decimal digits its unit is worth.
    digits: u32,
    /// What every amount must be a multiple of.
    step: i64,
}

/// An amount that Stripe can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unrepresentable {
    /// Stripe does not say how it counts the currency, or does not take it at all.
    #[error("the payment provider takes no {0}")]
    Currency(Currency),
    /// It is no multiple of the smallest amount that Stripe takes.
    #[error("the payment provider takes no such fraction of {0}")]
    Fraction(Currency),
    /// It is beyond 64 bits in Stripe's units.
    #[error("the amount is too large for the payment provider")]
    TooLarge,
}

/// The amount in Stripe's units.
pub(super) fn to_stripe(amount: Amount, currency: Currency) -> Result<i64, Unrepresentable> {
    let (counting, exponent) = counting(currency).ok_or(Unrepresentable::Currency(currency))?;
    let units = if counting.digits >= exponent {
        let times = 10_i64.pow(counting.digits - exponent);
        let units = amount.minor().checked_mul(times);
        units.ok_or(Unrepresentable::TooLarge)?
    } else {
        let parts = 10_i64.pow(exponent - counting.digits);
        divided(amount.minor(), parts).ok_or(Unrepresentable::Fraction(currency))?
    };
    if units % counting.step != 0 {
        return Err(Unrepresentable::Fraction(currency));
    }
    Ok(units)
}

/// The amount that so many of Stripe's units are, if they are one that it could have been told.
pub(super) fn from_stripe(units: i64, currency: Currency) -> Option<Amount> {
    let (counting, exponent) = counting(currency)?;
    if units % counting.step != 0 {
        return None;
    }
    let minor = if counting.digits >= exponent {
        divided(units, 10_i64.pow(counting.digits - exponent))?
    } else {
        units.checked_mul(10_i64.pow(exponent - counting.digits))?
    };
    Amount::from_minor(minor).ok()
}

/// How Stripe counts a currency, and how many decimal digits the minor unit of ISO 4217 is worth.
fn counting(currency: Currency) -> Option<(Counting, u32)> {
    let exponent = u32::from(currency.exponent()?);
    let (digits, step) = match (currency.code(), exponent) {
        // Zero decimals. For the ariary ISO 4217 has two.
        (
            "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF",
            _,
        ) => (0, 1),
        // Zero decimals too, also by ISO 4217, but told as if there were two: `500` is 5 króna.
        ("ISK" | "UGX", _) => (2, 100),
        // Three decimals, of which the last has to be 0.
        ("BHD" | "JOD" | "KWD" | "OMR" | "TND", _) => (3, 10),
        // All others have two. One that has not by ISO 4217 is none that Stripe lists.
        (_, 2) => (2, 1),
        _ => return None,
    };
    Some((Counting { digits, step }, exponent))
}

fn divided(units: i64, by: i64) -> Option<i64> {
    (units % by == 0).then_some(units / by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn told(minor: i64, code: &str) -> Result<i64, Unrepresentable> {
        to_stripe(Amount::from_minor(minor).unwrap(), currency(code))
    }

    /// Every currency that an order can be in.
    fn all_currencies() -> Vec<Currency> {
        let letters = || (b'A'..=b'Z').map(char::from);
        let codes =
            letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| [a, b, c])));
        codes
            .filter_map(|code| Currency::parse(&String::from_iter(code)).ok())
            .collect()
    }

    #[rstest]
    #[case::two_decimals("EUR", 1_000, 1_000)]
    #[case::special_for_payouts_only("HUF", 1_045, 1_045)]
    #[case::special_for_payouts_only("TWD", 80_045, 80_045)]
    #[case::zero_decimals("KRW", 500, 500)]
    #[case::zero_decimals("BIF", 1, 1)]
    #[case::zero_decimals("CLP", 1, 1)]
    #[case::zero_decimals("DJF", 1, 1)]
    #[case::zero_decimals("GNF", 1, 1)]
    #[case::zero_decimals("JPY", 1, 1)]
    #[case::zero_decimals("KMF", 1, 1)]
    #[case::zero_decimals("PYG", 1, 1)]
    #[case::zero_decimals("RWF", 1, 1)]
    #[case::zero_decimals("VND", 1, 1)]
    #[case::zero_decimals("VUV", 1, 1)]
    #[case::zero_decimals("XAF", 1, 1)]
    #[case::zero_decimals("XOF", 1, 1)]
    #[case::zero_decimals("XPF", 1, 1)]
    #[case::zero_where_iso_has_two("MGA", 1_000, 10)]
    #[case::told_with_two("ISK", 5, 500)]
    #[case::told_with_two("UGX", 5_000, 500_000)]
    #[case::three_decimals("BHD", 5_120, 5_120)]
    #[case::three_decimals("JOD", 10, 10)]
    #[case::three_decimals("KWD", 5_130, 5_130)]
    #[case::three_decimals("OMR", 10, 10)]
    #[case::three_decimals("TND", 10, 10)]
    fn an_amount_is_told_in_stripes_units(
        #[case] code: &str,
        #[case] minor: i64,
        #[case] units: i64,
    ) {
        assert_eq!(told(minor, code), Ok(units));
        let back = from_stripe(units, currency(code));
        assert_eq!(back.map(Amount::minor), Some(minor));
    }

    #[rstest]
    #[case("MGA", 1_001)]
    #[case("MGA", 20)]
    #[case("BHD", 1_001)]
    #[case("JOD", 5)]
    #[case("KWD", 5_124)]
    #[case("OMR", 11)]
    #[case("TND", 999)]
    fn a_fraction_that_stripe_does_not_take_is_not_rounded(#[case] code: &str, #[case] minor: i64) {
        let fraction = Unrepresentable::Fraction(currency(code));
        assert_eq!(told(minor, code), Err(fraction));
    }

    #[rstest]
    #[case("ISK", 501)]
    #[case("UGX", 50)]
    #[case("TND", 5_124)]
    #[case("EUR", 0)]
    #[case("EUR", -1)]
    fn units_that_stripe_could_not_have_been_told_are_no_amount(
        #[case] code: &str,
        #[case] units: i64,
    ) {
        assert_eq!(from_stripe(units, currency(code)), None);
    }

    #[rstest]
    #[case("IQD")]
    #[case("LYD")]
    fn a_currency_that_stripe_does_not_list_is_not_guessed_at(#[case] code: &str) {
        let unknown = Unrepresentable::Currency(currency(code));
        assert_eq!(told(1_000, code), Err(unknown));
        assert_eq!(from_stripe(1_000, currency(code)), None);
    }

    #[test]
    fn what_is_beyond_64_bits_is_not_told() {
        assert_eq!(told(i64::MAX, "ISK"), Err(Unrepresentable::TooLarge));
        assert_eq!(from_stripe(i64::MAX, currency("MGA")), None);
    }

    #[test]
    fn every_amount_of_every_currency_comes_back_as_it_went_out_or_never_goes() {
        let currencies = all_currencies();
        assert!(currencies.len() > 150, "{} currencies", currencies.len());
        for currency in currencies {
            let mut told = 0;
            for minor in (1..=2_000).chain([99_999, 1_000_000, i64::MAX / 1_000]) {
                let amount = Amount::from_minor(minor).unwrap();
                let Ok(units) = to_stripe(amount, currency) else {
                    continue;
                };
                told += 1;
                assert_eq!(from_stripe(units, currency), Some(amount), "{currency}");
            }
            let is_taken = counting(currency).is_some();
            assert_eq!(told > 0, is_taken, "{currency}");
            // One unit of money is the same for both, whatever it is divided into.
            let one = 10_i64.pow(u32::from(currency.exponent().unwrap_or(0)));
            let units = to_stripe(Amount::from_minor(one).unwrap(), currency);
            let digits = counting(currency).map(|(counting, _)| counting.digits);
            assert_eq!(units.ok(), digits.map(|digits| 10_i64.pow(digits)));
        }
    }
}

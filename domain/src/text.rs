//! Words of a user or of the payment provider, bounded and fit to be shown.
//!
//! Invariant: text that came through `parse` holds no control, bidirectional or zero-width character. Reading the log
//! does not check again: what was once accepted stays readable when a rule is tightened later.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text that a field does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but white space, or white space at an end: shorten it to the words themselves.
    #[error("must not be empty, nor begin or end with white space")]
    Blank,
    /// More characters than the field takes.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A character nobody can see, or one that reorders others on the screen.
    #[error("must not hold control, bidirectional or zero-width characters")]
    Unprintable,
    /// A reference with a character outside the letters, digits and signs of ASCII.
    #[error("must consist of visible ASCII characters")]
    NotAscii,
    /// Thirteen to nineteen digits: a card's number must never get into the log.
    #[error("must be the payment provider's reference, never a card number")]
    CardNumber,
}

/// Characters that are invisible or change how others are shown: zero-width, bidirectional, fillers, tags.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn check_words(text: &str, chars_max: usize) -> Result<(), InvalidText> {
    if text.is_empty() || text.trim() != text {
        return Err(InvalidText::Blank);
    }
    if text.chars().count() > chars_max {
        return Err(InvalidText::TooLong(chars_max));
    }
    if text.chars().any(is_unprintable) {
        return Err(InvalidText::Unprintable);
    }
    Ok(())
}

fn check_reference(text: &str, chars_max: usize) -> Result<(), InvalidText> {
    check_words(text, chars_max)?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InvalidText::NotAscii);
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let separators = text.bytes().filter(|byte| *byte == b'-').count();
    if (13..=19).contains(&digits) && digits + separators == text.len() {
        return Err(InvalidText::CardNumber);
    }
    Ok(())
}

macro_rules! text_newtype {
    ($(#[$doc:meta])* $name:ident, $check:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The most characters it takes.
            pub const CHARS_MAX: usize = $max;

            /// Checks text from outside.
            ///
            /// # Errors
            /// Empty, too long or unprintable text.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidText> {
                let text = text.into();
                $check(&text, $max).map(|()| Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_newtype!(
    /// What a product is called at the time of the order.
    ProductName, check_words, 100
);
text_newtype!(
    /// Who ordered: the subject of the caller's token, or `anonymous`.
    CustomerId, check_words, 128
);
text_newtype!(
    /// Why something was cancelled, declined or failed, in somebody's words.
    Reason, check_words, 200
);
text_newtype!(
    /// The payment provider's name for a customer's means of payment, such as `pm_card_visa`.
    PaymentToken, check_reference, 255
);
text_newtype!(
    /// The payment provider's name for one payment attempt, such as `pi_3Nx…`.
    ProviderRef, check_reference, 255
);
text_newtype!(
    /// The payment provider's name for one refund, such as `re_3Nx…`.
    RefundRef, check_reference, 255
);
text_newtype!(
    /// Who acted: a token's subject, the name of a role, or `anonymous`.
    ActorId, check_words, 128
);

impl CustomerId {
    /// Whoever orders where nobody has to log in.
    pub fn anonymous() -> Self {
        Self("anonymous".to_owned())
    }
}

impl ActorId {
    /// The name of one of the program's own roles.
    pub(crate) fn of_role(name: &'static str) -> Self {
        Self(name.to_owned())
    }
}

impl Reason {
    /// Makes a reason of any text, for words that come from a machine: cut to length, unprintable characters replaced.
    pub fn lossy(text: &str) -> Self {
        let shown: String = text
            .trim()
            .chars()
            .take(Self::CHARS_MAX)
            .map(|c| if is_unprintable(c) { '\u{FFFD}' } else { c })
            .collect();
        let shown = shown.trim();
        Self(
            if shown.is_empty() {
                "unspecified"
            } else {
                shown
            }
            .to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("Coffee")]
    #[case("커피 아메리카노")]
    #[case("Café & Crème №5")]
    fn words_of_any_language_are_taken(#[case] text: &str) {
        assert_eq!(ProductName::parse(text).unwrap().as_str(), text);
    }

    #[rstest]
    #[case("", InvalidText::Blank)]
    #[case(" Coffee", InvalidText::Blank)]
    #[case("Cof\u{0}fee", InvalidText::Unprintable)]
    #[case("Cof\u{200B}fee", InvalidText::Unprintable)]
    #[case("Cof\u{202E}fee", InvalidText::Unprintable)]
    #[case(&"x".repeat(101), InvalidText::TooLong(100))]
    fn unfit_words_are_refused(#[case] text: &str, #[case] refused: InvalidText) {
        assert_eq!(ProductName::parse(text), Err(refused));
    }

    #[rstest]
    #[case("4242424242424242", InvalidText::CardNumber)]
    #[case("4242-4242-4242-4242", InvalidText::CardNumber)]
    #[case("4242 4242 4242 4242", InvalidText::NotAscii)]
    #[case("pm_é", InvalidText::NotAscii)]
    fn a_card_number_is_no_payment_token(#[case] text: &str, #[case] refused: InvalidText) {
        assert_eq!(PaymentToken::parse(text), Err(refused));
    }

    #[test]
    fn a_lossy_reason_is_always_a_reason() {
        for text in ["", " \u{0} ", "card\ndeclined", &"é".repeat(500)] {
            let reason = Reason::lossy(text);
            assert!(
                Reason::parse(reason.as_str()).is_ok(),
                "{text:?} gave {reason:?}"
            );
        }
    }
}

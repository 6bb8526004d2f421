//! Reasons for people, made of Stripe's words.
//!
//! Invariant: no reason holds what looks like a card's number or a key. Stripe's own texts hold neither, but what stands
//! in between may write anything.

use ordertrace_domain::Reason;

use super::wire::ApiError;

/// The shortest card number has twelve digits. Stripe's own names mix letters in.
const CARD_DIGITS_MIN: usize = 12;

/// Why Stripe said no: its sentence, and its code in brackets.
pub(super) fn reason(error: &ApiError) -> Reason {
    let presentable = |text: &Option<String>| text.clone().filter(|text| is_presentable(text));
    let code = presentable(&error.decline_code).or_else(|| presentable(&error.code));
    match (presentable(&error.message), code) {
        (Some(message), Some(code)) => Reason::lossy(&format!("{message} ({code})")),
        (Some(text), None) | (None, Some(text)) => Reason::lossy(&text),
        (None, None) => Reason::lossy("refused by the payment provider"),
    }
}

fn is_presentable(text: &str) -> bool {
    let holds_key = ["sk_", "rk_", "Bearer"]
        .iter()
        .any(|key| text.contains(key));
    !text.trim().is_empty() && !holds_key && !holds_card_number(text)
}

/// Whether there is a run of digits of a card number's length, with or without spaces and dashes in between.
fn holds_card_number(text: &str) -> bool {
    let mut digits = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => digits += 1,
            ' ' | '-' => {}
            _ => digits = 0,
        }
        if digits >= CARD_DIGITS_MIN {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn said(message: Option<&str>, code: Option<&str>, decline_code: Option<&str>) -> String {
        let error = ApiError {
            message: message.map(str::to_owned),
            code: code.map(str::to_owned),
            decline_code: decline_code.map(str::to_owned),
            ..ApiError::default()
        };
        reason(&error).to_string()
    }

    #[test]
    fn a_reason_is_the_sentence_and_the_most_precise_code() {
        let sentence = Some("Your card was declined.");
        assert_eq!(
            said(sentence, Some("card_declined"), Some("lost_card")),
            "Your card was declined. (lost_card)"
        );
        assert_eq!(said(None, Some("card_declined"), None), "card_declined");
        assert_eq!(said(None, None, None), "refused by the payment provider");
    }

    #[rstest]
    #[case("Card 4242424242424242 was declined")]
    #[case("Card 4242 4242-4242 4242 was declined")]
    #[case("Invalid key sk_test_abc")]
    fn what_is_confidential_is_left_out(#[case] message: &str) {
        assert_eq!(
            said(Some(message), Some("card_declined"), None),
            "card_declined"
        );
    }
}

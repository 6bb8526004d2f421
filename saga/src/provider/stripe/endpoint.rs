//! The addresses of Stripe's API that are used: payment intents and refunds, nothing else.

use ordertrace_domain::ProviderRef;
use reqwest::Url;

/// The most refunds that Stripe puts on one page.
const REFUNDS_PAGE: &str = "100";

/// An address of the API.
#[derive(Debug, Clone, Copy)]
pub(super) enum Endpoint<'a> {
    Intents,
    Intent(&'a ProviderRef),
    Confirm(&'a ProviderRef),
    Cancel(&'a ProviderRef),
    Refunds,
    RefundsOf(&'a ProviderRef),
}

/// What is done at an address. A secret key may be allowed some and not others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    LookUp,
    Confirm,
    Cancel,
    Refund,
    ListRefunds,
}

impl Operation {
    /// How many there are.
    pub(super) const COUNT: usize = Self::ListRefunds as usize + 1;

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::LookUp => "look_up",
            Self::Confirm => "confirm",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::ListRefunds => "list_refunds",
        }
    }
}

impl Endpoint<'_> {
    pub(super) const fn operation(self) -> Operation {
        match self {
            Self::Intents => Operation::Create,
            Self::Intent(_) => Operation::LookUp,
            Self::Confirm(_) => Operation::Confirm,
            Self::Cancel(_) => Operation::Cancel,
            Self::Refunds => Operation::Refund,
            Self::RefundsOf(_) => Operation::ListRefunds,
        }
    }

    /// The address below `base_url`, which may have a path of its own.
    pub(super) fn url(self, base_url: &Url) -> Url {
        let mut url = base_url.clone();
        let path: &[&str] = match &self {
            Self::Intents => &["payment_intents"],
            Self::Intent(intent) => &["payment_intents", intent.as_str()],
            Self::Confirm(intent) => &["payment_intents", intent.as_str(), "confirm"],
            Self::Cancel(intent) => &["payment_intents", intent.as_str(), "cancel"],
            Self::Refunds | Self::RefundsOf(_) => &["refunds"],
        };
        // Only addresses such as `data:` have no segments, and a configuration has none of these.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        if let Self::RefundsOf(intent) = self {
            url.query_pairs_mut()
                .append_pair("payment_intent", intent.as_str())
                .append_pair("limit", REFUNDS_PAGE);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "https://api.stripe.com",
        "https://api.stripe.com/v1/payment_intents/pi_1/confirm"
    )]
    #[case(
        "https://gate/stripe/",
        "https://gate/stripe/v1/payment_intents/pi_1/confirm"
    )]
    fn an_address_lies_below_the_base(#[case] base: &str, #[case] address: &str) {
        let intent = ProviderRef::parse("pi_1").unwrap();
        let base = base.parse().unwrap();
        assert_eq!(Endpoint::Confirm(&intent).url(&base).as_str(), address);
    }

    #[test]
    fn a_strange_reference_stays_one_segment() {
        let intent = ProviderRef::parse("pi/../x?y#z").unwrap();
        let base = "https://api.stripe.com".parse().unwrap();
        assert_eq!(
            Endpoint::Intent(&intent).url(&base).as_str(),
            "https://api.stripe.com/v1/payment_intents/pi%2F..%2Fx%3Fy%23z"
        );
    }
}

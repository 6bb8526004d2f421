//! The states of an order in words for people, and what kind of state each is.
//!
//! Invariant: every state of [`ordertrace_http::TRACE_STATES`] has words and a tone, which a test checks. A state that
//! this version does not know is shown as it came.

use std::borrow::Cow;

use ordertrace_http::TRACE_STATES;

/// What kind of state it is. Colours and signs follow from it, and from nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// On its way, as it should be.
    Flow,
    /// Not as it should be, or being undone.
    Trouble,
    /// Paid and delivered.
    Done,
    /// Over, without goods and money.
    Closed,
}

impl Tone {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Flow, Self::Trouble, Self::Done, Self::Closed];

    /// The last part of its class names.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Trouble => "trouble",
            Self::Done => "done",
            Self::Closed => "closed",
        }
    }

    /// For a legend.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Flow => "In flow",
            Self::Trouble => "In trouble",
            Self::Done => "Completed",
            Self::Closed => "Closed",
        }
    }
}

/// One state of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State<'a> {
    /// As the API says it.
    pub(crate) name: &'a str,
    /// For people.
    pub(crate) label: Cow<'a, str>,
    /// What kind it is.
    pub(crate) tone: Tone,
}

impl<'a> State<'a> {
    /// The state with this name.
    pub(crate) fn of(name: &'a str) -> Self {
        let (label, tone) = match name {
            "placed" => ("Placed", Tone::Flow),
            "payment_requested" => ("Payment requested", Tone::Flow),
            "payment_submitted" => ("Payment submitted", Tone::Flow),
            "payment_unknown" => ("Payment unknown", Tone::Trouble),
            "payment_approved" => ("Paid", Tone::Flow),
            "payment_declined" => ("Payment declined", Tone::Trouble),
            "payment_expired" => ("Payment expired", Tone::Trouble),
            "delivery_prepared" => ("Ready to go", Tone::Flow),
            "delivery_started" => ("On the way", Tone::Flow),
            "delivery_failed" => ("Delivery failed", Tone::Trouble),
            "delivered" => ("Delivered", Tone::Flow),
            "delivery_cancelled" => ("Called back", Tone::Trouble),
            "cancelling" => ("Cancelling", Tone::Trouble),
            "refund_requested" => ("Refund requested", Tone::Trouble),
            "refund_failed" => ("Refund failed", Tone::Trouble),
            "refunded" => ("Refunded", Tone::Trouble),
            "completed" => ("Completed", Tone::Done),
            "cancelled" => ("Cancelled", Tone::Closed),
            "rejected" => ("Rejected", Tone::Closed),
            unknown => return Self::unknown(unknown),
        };
        let label = Cow::Borrowed(label);
        Self { name, label, tone }
    }

    fn unknown(name: &'a str) -> Self {
        let label = Cow::Owned(name.replace('_', " "));
        Self {
            name,
            label,
            tone: Tone::Flow,
        }
    }

    /// Every state there is.
    pub(crate) fn all() -> impl Iterator<Item = State<'static>> {
        TRACE_STATES.into_iter().map(State::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_words_of_its_own() {
        let mut labels: Vec<_> = State::all().map(|state| state.label).collect();
        assert!(labels.iter().all(|label| matches!(label, Cow::Borrowed(_))));
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), TRACE_STATES.len());
    }

    #[test]
    fn a_state_of_a_later_version_is_shown_as_it_came() {
        let state = State::of("lost_at_sea");
        assert_eq!(
            (state.label.as_ref(), state.tone),
            ("lost at sea", Tone::Flow)
        );
    }
}

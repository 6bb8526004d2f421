//! Who did it, and on behalf of which request.

use serde::{Deserialize, Serialize};

use crate::ActorId;

/// Who gave a command; it stands in every event that followed from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// In which capacity.
    pub kind: ActorKind,
    /// Who: a token's subject, the name of a role, or `anonymous`.
    pub id: ActorId,
}

impl Actor {
    /// The saga.
    pub fn saga() -> Self {
        Self {
            kind: ActorKind::System,
            id: ActorId::of_role("saga"),
        }
    }

    /// Whoever uses an API that is open to all.
    pub fn anonymous() -> Self {
        Self {
            kind: ActorKind::Anonymous,
            id: ActorId::of_role("anonymous"),
        }
    }
}

/// In which capacity somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// Nobody logged in: the open API of a development machine.
    Anonymous,
    /// Who ordered.
    Customer,
    /// Who delivers.
    Courier,
    /// Who runs the shop.
    Operator,
    /// The program itself: the saga.
    System,
}

impl ActorKind {
    /// The word in the log, such as `customer`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Customer => "customer",
            Self::Courier => "courier",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

/// Text that is no `traceparent` of W3C Trace Context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent of version 00")]
pub struct InvalidTraceParent;

/// Ties an event to the distributed trace of the request behind it: a W3C `traceparent` of version 00.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TraceParent(String);

impl TraceParent {
    /// Checks a header's value: `00-<32 hex>-<16 hex>-<2 hex>`, neither id all zero (W3C Trace Context, 3.2.2).
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, InvalidTraceParent> {
        let parts: Vec<&str> = text.split('-').collect();
        let [version, trace, parent, flags] = parts.as_slice() else {
            return Err(InvalidTraceParent);
        };
        let is_hex = |part: &str, digits: usize| {
            part.len() == digits
                && part
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_zero = |part: &str| part.bytes().all(|byte| byte == b'0');
        let is_valid = *version == "00"
            && is_hex(trace, 32)
            && is_hex(parent, 16)
            && is_hex(flags, 2)
            && !is_zero(trace)
            && !is_zero(parent);
        if is_valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidTraceParent)
        }
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_traceparent_is_kept_as_it_is() {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(TraceParent::parse(text).unwrap().as_str(), text);
    }

    #[rstest]
    #[case("")]
    #[case("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    #[case("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    #[case("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    #[case("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    #[case("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    fn anything_else_is_none(#[case] text: &str) {
        assert_eq!(TraceParent::parse(text), Err(InvalidTraceParent));
    }
}

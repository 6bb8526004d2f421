//! Idempotency: the same request with the same key is the same command, and a placed order's id follows from it.
//!
//! Invariant: ids are derived, not remembered. There is no table of keys that could be lost or run out of date; the log
//! itself says whether a command was carried out.

use uuid::Uuid;

use crate::{CommandId, OrderId};

/// The namespace of command ids that are derived from a request.
const COMMANDS: Uuid = Uuid::from_u128(0x6f72_6465_7274_5261_8000_636f_6d6d_616e);
/// The namespace of order ids that are derived from a request.
const ORDERS: Uuid = Uuid::from_u128(0x6f72_6465_7274_5261_8000_6f72_6465_7273);

/// The most characters of an `Idempotency-Key`.
pub const KEY_CHARS_MAX: usize = 255;

/// A key that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an Idempotency-Key has 1 to 255 visible ASCII characters")]
pub struct InvalidKey;

/// What a client sends as `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Checks a header's value.
    ///
    /// # Errors
    /// Empty, longer than [`KEY_CHARS_MAX`], or with anything but visible ASCII.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let is_valid = (1..=KEY_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidKey)
        }
    }
}

/// A request as far as it tells one command from another.
#[derive(Debug, Clone, Copy)]
pub struct RequestIdentity<'a> {
    /// Who asks: keys of one caller never meet another's.
    pub principal: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    /// The route's pattern, such as `/payments/{id}/approve`.
    pub route: &'a str,
    /// The id in the path; empty where there is none.
    pub resource: &'a str,
    /// The caller's key.
    pub key: &'a IdempotencyKey,
}

impl RequestIdentity<'_> {
    /// The command's id: UUIDv5 of all parts, each as a netstring (`5:hello,`) so that no two requests run together.
    pub fn command_id(&self) -> CommandId {
        CommandId::from_uuid(Uuid::new_v5(&COMMANDS, self.name().as_bytes()))
    }

    /// The id of the order that the request places: derived likewise, in a namespace of its own.
    pub fn order_id(&self) -> OrderId {
        OrderId::from_uuid(Uuid::new_v5(&ORDERS, self.name().as_bytes()))
    }

    fn name(&self) -> String {
        [
            self.principal,
            self.method,
            self.route,
            self.resource,
            &self.key.0,
        ]
        .map(|part| format!("{}:{part},", part.len()))
        .concat()
    }
}

/// The id of a command that the saga gives: UUIDv5 of `<step>:<attempt>` in the namespace of the order, so that a
/// redelivered event or a second instance gives the same command again.
pub fn saga_command_id(order: OrderId, step: &str, attempt: u16) -> CommandId {
    CommandId::from_uuid(Uuid::new_v5(
        &order.as_uuid(),
        format!("{step}:{attempt}").as_bytes(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity<'a>(
        principal: &'a str,
        resource: &'a str,
        key: &'a IdempotencyKey,
    ) -> RequestIdentity<'a> {
        RequestIdentity {
            principal,
            method: "POST",
            route: "/orders",
            resource,
            key,
        }
    }

    #[test]
    fn derived_ids_are_frozen() {
        let key = IdempotencyKey::parse("k-1").unwrap();
        let request = identity("anonymous", "", &key);
        assert_eq!(
            request.command_id().to_string(),
            "8c259453-8fd0-57ef-ad33-09c7dabfd464"
        );
        assert_eq!(
            request.order_id().to_string(),
            "0bff1311-4371-507b-bccd-aa96e86ad0f3"
        );
    }

    #[test]
    fn requests_do_not_run_together() {
        let (a, bc) = (
            IdempotencyKey::parse("a").unwrap(),
            IdempotencyKey::parse("ba").unwrap(),
        );
        assert_ne!(
            identity("p", "ab", &a).command_id(),
            identity("p", "a", &bc).command_id()
        );
        assert_ne!(
            identity("p", "", &a).command_id(),
            identity("q", "", &a).command_id()
        );
    }

    #[test]
    fn keys_are_visible_ascii() {
        for bad in ["", "a b", "ключ", "a\n", &"k".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(bad), Err(InvalidKey), "{bad:?}");
        }
    }
}

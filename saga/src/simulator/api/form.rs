//! The parameters of a request, as a form or a query.
//!
//! Invariant: what is not taken out by the time it [ends](Form::end) is unknown, and refused.

use std::collections::BTreeMap;

use super::refusal::ApiError;

/// What callers may say that makes no difference here.
const IGNORED: [&str; 3] = ["payment_method_types", "expand", "return_url"];

pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(encoded).into_owned();
        let is_ignored = |name: &str| {
            let name = name.split('[').next().unwrap_or(name);
            IGNORED.contains(&name)
        };
        Self(pairs.filter(|(name, _)| !is_ignored(name)).collect())
    }

    /// A parameter that may be left out; an empty one counts as left out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    pub(super) fn require(&mut self, name: &'static str) -> Result<String, ApiError> {
        self.take(name).ok_or_else(|| ApiError::missing(name))
    }

    /// A whole number of at least 1.
    pub(super) fn take_number(&mut self, name: &'static str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.take(name) else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(number) if number >= 1 => Ok(Some(number)),
            Ok(_) | Err(_) => Err(ApiError::no_positive_integer(name, &text)),
        }
    }

    /// A parameter that may say one thing only.
    pub(super) fn only(&mut self, name: &'static str, value: &str) -> Result<(), ApiError> {
        match self.take(name) {
            Some(other) if other != value => Err(ApiError::not_here(name, value)),
            Some(_) | None => Ok(()),
        }
    }

    /// All of `metadata[…]`.
    pub(super) fn take_metadata(&mut self) -> BTreeMap<String, String> {
        let mut metadata = BTreeMap::new();
        self.0.retain(|name, value| {
            let inner = name.strip_prefix("metadata[");
            let Some(inner) = inner.and_then(|rest| rest.strip_suffix(']')) else {
                return true;
            };
            metadata.insert(inner.to_owned(), value.clone());
            false
        });
        metadata
    }

    /// Nothing else may have been said.
    pub(super) fn end(self) -> Result<(), ApiError> {
        match self.0.into_keys().next() {
            Some(name) => Err(ApiError::unknown(&name)),
            None => Ok(()),
        }
    }
}

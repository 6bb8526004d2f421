//! Who looks at a page, and what they are offered.
//!
//! Invariant: what is offered follows from the same [`Access`] by which the API judges the call behind it; but the API judges,
//! and not the page. Whatever is not offered can still be asked for by its address, and is refused there.

use axum::http::request;
use ordertrace_auth::Session;
use ordertrace_http::{Access, Principal, Reach, Role};

/// Who looks at a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Viewer {
    /// Nobody, where one has to log in first.
    principal: Option<Principal>,
    /// What the forms of this session send along.
    csrf: Option<String>,
}

impl Viewer {
    /// Whoever sends this request.
    pub(crate) fn of(parts: &request::Parts) -> Self {
        let session = parts.extensions.get::<Session>();
        Self {
            principal: parts.extensions.get().cloned(),
            csrf: session.map(|session| session.csrf_token().to_owned()),
        }
    }

    /// Whether the API would carry this out for them.
    pub(crate) fn may(&self, access: Access) -> bool {
        access.judge(self.principal.as_ref()).is_ok()
    }

    /// Whether that is so whoever's order it is.
    pub(crate) fn may_for_all(&self, access: Access) -> bool {
        access.judge(self.principal.as_ref()) == Ok(Reach::All)
    }

    /// What their forms send along; nothing where there is no session.
    pub(crate) fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// Their name, if they have logged in.
    pub(crate) fn name(&self) -> Option<&str> {
        let known = self
            .principal
            .as_ref()
            .filter(|known| !known.is_anonymous)?;
        Some(known.id.as_str())
    }

    /// In which capacities they ask, as words.
    pub(crate) fn roles(&self) -> String {
        let roles = self.principal.iter().flat_map(|known| known.roles.iter());
        let names: Vec<_> = roles.map(Role::name).collect();
        names.join(", ")
    }
}

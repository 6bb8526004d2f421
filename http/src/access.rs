//! Who may call an operation, and how much of what there is they reach by it.
//!
//! Invariant: every operation says it ([`Described::new`] asks for it), and it is judged before the operation's own code
//! runs. What a handler then shows is bounded by the [`Reach`] that it takes from the request; without a judgement there is
//! none to take.
//!
//! [`Described::new`]: crate::openapi::Described::new

use axum::{
    extract::{FromRequestParts, Request},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};
use ordertrace_domain::CustomerId;

use crate::{Principal, Problem, ProblemKind, Role, Roles};

const OPERATORS: Roles = Roles::NONE.and(Role::Operator);

/// Who looks after everything.
const STAFF: Roles = OPERATORS.and(Role::Auditor);

/// Who may call an operation. What several crates have to know of is a constant here: those that serve the operation, and
/// the page, which offers nobody what they would be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    is_public: bool,
    all: Roles,
    own: bool,
}

impl Access {
    /// Everybody, logged in or not: it tells nothing about anybody.
    pub const PUBLIC: Self = Self {
        is_public: true,
        all: Roles::NONE,
        own: false,
    };

    /// Placing orders, and asking for their cancellation.
    pub const ORDERS: Self = Self::of(OPERATORS).and_owners();
    /// Saying whether the money is there: not for its owner.
    pub const PAYMENTS: Self = Self::of(OPERATORS);
    /// Saying how far the goods have come.
    pub const DELIVERIES: Self = Self::of(OPERATORS.and(Role::Courier));
    /// Looking at orders, at their payments, and at all that they have come to.
    pub const READING: Self = Self::of(STAFF).and_owners();
    /// Looking at deliveries.
    pub const READING_DELIVERIES: Self = Self::of(STAFF.and(Role::Courier)).and_owners();
    /// Looking at what is of all orders together: totals, and which of them are stuck.
    pub const STAFF: Self = Self::of(STAFF);
    /// Looking after what needs a person.
    pub const OPERATIONS: Self = Self::of(OPERATORS);

    /// These, whomever it concerns.
    pub const fn of(all: Roles) -> Self {
        Self {
            is_public: false,
            all,
            own: false,
        }
    }

    /// And customers, as far as it is theirs.
    #[must_use]
    pub const fn and_owners(self) -> Self {
        Self { own: true, ..self }
    }

    /// Who may call it; nothing if everybody may.
    pub fn roles(self) -> Option<Roles> {
        let owners = if self.own {
            self.all.and(Role::Customer)
        } else {
            self.all
        };
        (!self.is_public).then_some(owners)
    }

    /// How much this one reaches, or why nothing.
    ///
    /// # Errors
    /// Nobody has logged in, or with none of these roles.
    pub fn judge(self, principal: Option<&Principal>) -> Result<Reach, Problem> {
        if self.is_public {
            return Ok(Reach::All);
        }
        let Some(principal) = principal else {
            let detail = "log in first: send a token or an API key";
            return Err(Problem::new(ProblemKind::InvalidToken, detail));
        };
        if principal.roles.meets(self.all) {
            Ok(Reach::All)
        } else if self.own && principal.roles.has(Role::Customer) {
            Ok(Reach::Own(principal.customer_id.clone()))
        } else {
            let detail = "you are known, but may not do this";
            Err(Problem::new(ProblemKind::Forbidden, detail))
        }
    }

    pub(crate) async fn check(self, mut request: Request, next: Next) -> Response {
        match self.judge(request.extensions().get()) {
            Ok(reach) => {
                request.extensions_mut().insert(reach);
                next.run(request).await
            }
            Err(problem) => problem.into_response(),
        }
    }
}

/// How much of what there is a request reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's orders.
    All,
    /// Those of one customer; others' are to be answered like missing ones.
    Own(CustomerId),
}

impl Reach {
    /// Whether an order of this customer is within reach.
    pub fn has(&self, customer: &CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Own(own) => own == customer,
        }
    }

    /// The customer whose orders alone are within reach, if that is so.
    pub const fn owner(&self) -> Option<&CustomerId> {
        match self {
            Self::All => None,
            Self::Own(own) => Some(own),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Reach {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let reach = parts.extensions.get::<Self>().cloned();
        // Only a route that no `ApiRouter` serves comes here.
        reach.ok_or_else(|| Problem::new(ProblemKind::Internal, "nobody judged this request"))
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let principal = parts.extensions.get::<Self>().cloned();
        principal.ok_or_else(|| Problem::new(ProblemKind::InvalidToken, "log in first"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELIVERY: Access = Access::DELIVERIES;

    fn somebody(roles: Roles) -> Principal {
        Principal {
            roles,
            is_anonymous: false,
            ..Principal::open()
        }
    }

    fn kind(judged: Result<Reach, Problem>) -> Option<ProblemKind> {
        judged.err().map(|problem| problem.kind())
    }

    #[test]
    fn nobody_reaches_anything_that_is_not_public() {
        assert_eq!(Access::PUBLIC.judge(None).unwrap(), Reach::All);
        assert_eq!(kind(DELIVERY.judge(None)), Some(ProblemKind::InvalidToken));
        let none = somebody(Roles::NONE);
        assert_eq!(
            kind(DELIVERY.judge(Some(&none))),
            Some(ProblemKind::Forbidden)
        );
    }

    #[test]
    fn a_customer_reaches_what_is_theirs_where_owners_may_come() {
        let customer = somebody(Roles::NONE.and(Role::Customer));
        assert_eq!(
            kind(DELIVERY.judge(Some(&customer))),
            Some(ProblemKind::Forbidden)
        );
        let reach = DELIVERY.and_owners().judge(Some(&customer)).unwrap();
        assert_eq!(reach, Reach::Own(customer.customer_id));
        assert!(!reach.has(&CustomerId::parse("somebody-else").unwrap()));
    }

    #[test]
    fn who_has_a_second_role_reaches_what_that_role_reaches() {
        let both = somebody(Roles::NONE.and(Role::Customer).and(Role::Courier));
        assert_eq!(
            DELIVERY.and_owners().judge(Some(&both)).unwrap(),
            Reach::All
        );
    }
}

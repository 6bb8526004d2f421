//! Who asks, and in which capacities.
//!
//! Invariant: nobody is anybody until a layer that authenticates has put a [`Principal`] into the request's extensions. A
//! program that asks nobody to log in says so with [`Principal::open`].

use ordertrace_domain::{Actor, ActorId, ActorKind, CustomerId};

/// In which capacity somebody may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Orders, and sees and cancels what they have ordered.
    Customer,
    /// Delivers.
    Courier,
    /// Runs the shop.
    Operator,
    /// Reads everything, and changes nothing.
    Auditor,
}

impl Role {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Customer, Self::Courier, Self::Operator, Self::Auditor];

    /// The word for it in a token's `scope` and in an API key, such as `customer`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Courier => "courier",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Some of the roles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Roles(u8);

impl Roles {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self::NONE
        .and(Role::Customer)
        .and(Role::Courier)
        .and(Role::Operator)
        .and(Role::Auditor);

    /// These, and this one.
    #[must_use]
    pub const fn and(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }

    /// Whether this one is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether one of them is among the others.
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::and)
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who they are, for the log: a token's subject, the owner of an API key, or `anonymous`.
    pub id: ActorId,
    /// Whose orders are theirs.
    pub customer_id: CustomerId,
    /// In which capacities they may ask.
    pub roles: Roles,
    /// Whether nobody was asked to log in, so that this is whoever can reach the port.
    pub is_anonymous: bool,
}

impl Principal {
    /// Somebody whom nobody has asked to log in, and who may do everything: for a program that only its own machine can
    /// reach.
    pub fn open() -> Self {
        Self {
            id: Actor::anonymous().id,
            customer_id: CustomerId::anonymous(),
            roles: Roles::ALL,
            is_anonymous: true,
        }
    }

    /// Who acts, for an event. Somebody who has several roles acts in the one that may do most.
    pub fn actor(&self) -> Actor {
        let kind = if self.is_anonymous {
            ActorKind::Anonymous
        } else if self.roles.has(Role::Operator) {
            ActorKind::Operator
        } else if self.roles.has(Role::Courier) {
            ActorKind::Courier
        } else {
            ActorKind::Customer
        };
        Actor {
            kind,
            id: self.id.clone(),
        }
    }
}

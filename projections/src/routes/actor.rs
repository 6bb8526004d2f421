//! Who did something, as it is shown to somebody.
//!
//! Invariant: a customer learns in which capacity somebody acted on their order, and by what name only where that is nobody
//! who works for the shop, or themself.

use ordertrace_domain::{Actor, ActorKind};
use ordertrace_http::Reach;
use serde::Serialize;
use utoipa::ToSchema;

/// Who gave a command.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Actor)]
pub(super) struct ActorResource {
    kind: &'static str,
    /// Not told to a customer of somebody who works for the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<String>,
}

impl ActorResource {
    /// Who it was, as far as somebody with this reach is told.
    pub(super) fn of(actor: &Actor, reach: &Reach) -> Self {
        let is_themself = reach
            .owner()
            .is_none_or(|own| own.as_str() == actor.id.as_str());
        let is_told = is_themself || !is_staff(actor.kind);
        Self {
            kind: actor.kind.name(),
            id: is_told.then(|| actor.id.to_string()),
        }
    }
}

const fn is_staff(kind: ActorKind) -> bool {
    match kind {
        ActorKind::Operator | ActorKind::Courier => true,
        ActorKind::Anonymous | ActorKind::Customer | ActorKind::System => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::{ActorId, CustomerId};
    use rstest::rstest;

    #[rstest]
    #[case::operator(ActorKind::Operator, "bob", None)]
    #[case::courier(ActorKind::Courier, "bob", None)]
    #[case::themself_at_work(ActorKind::Courier, "alice", Some("alice"))]
    #[case::customer(ActorKind::Customer, "alice", Some("alice"))]
    #[case::key_of_theirs(ActorKind::Customer, "apikey:shop", Some("apikey:shop"))]
    #[case::saga(ActorKind::System, "saga", Some("saga"))]
    #[case::nobody(ActorKind::Anonymous, "anonymous", Some("anonymous"))]
    fn a_customer_is_told_no_name_of_somebody_who_works_for_the_shop(
        #[case] kind: ActorKind,
        #[case] id: &str,
        #[case] told: Option<&str>,
    ) {
        let id = ActorId::parse(id).unwrap();
        let actor = Actor { kind, id };
        let alice = Reach::Own(CustomerId::parse("alice").unwrap());
        assert_eq!(ActorResource::of(&actor, &alice).id.as_deref(), told);
        let to_staff = ActorResource::of(&actor, &Reach::All);
        assert_eq!(to_staff.id.as_deref(), Some(actor.id.as_str()));
        assert_eq!(to_staff.kind, kind.name());
    }
}

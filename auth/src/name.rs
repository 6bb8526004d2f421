//! Names of those who ask, as they come from outside.
//!
//! Invariant: nobody gets a name of the program's own. Who could call themselves `anonymous` would own the orders of a time
//! without log-ins; who could call themselves `apikey:…`, would act in the name of a key.

use ordertrace_domain::{Actor, ActorId, CustomerId};

use crate::Refused;

/// What the actor begins with that an API key is.
pub(crate) const API_KEY: &str = "apikey:";

/// The name of somebody: a token's subject, or the customer that an API key is for.
pub(crate) fn customer(text: &str) -> Result<CustomerId, Refused> {
    let customer = CustomerId::parse(text).map_err(Refused::Name)?;
    let own = [Actor::anonymous().id, Actor::saga().id];
    let is_own = own
        .iter()
        .any(|own| text.eq_ignore_ascii_case(own.as_str()));
    let is_key = text
        .get(..API_KEY.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(API_KEY));
    if is_own || is_key {
        return Err(Refused::ReservedName);
    }
    Ok(customer)
}

/// The same name, for the log.
pub(crate) fn actor(customer: &CustomerId) -> Result<ActorId, Refused> {
    ActorId::parse(customer.as_str()).map_err(Refused::Name)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("alice")]
    #[case("auth0|5f7c8ec7c33c6c004bbafe82")]
    #[case("김민수")]
    #[case("anonymous2")]
    fn people_have_names_of_many_kinds(#[case] name: &str) {
        let customer = customer(name).unwrap();
        assert_eq!(actor(&customer).unwrap().as_str(), name);
    }

    #[rstest]
    #[case("anonymous")]
    #[case("Anonymous")]
    #[case("saga")]
    #[case("apikey:shop")]
    #[case("APIKEY:shop")]
    fn the_program_s_own_names_are_nobody_s(#[case] name: &str) {
        assert!(matches!(customer(name), Err(Refused::ReservedName)));
    }

    #[rstest]
    #[case("")]
    #[case(" alice")]
    #[case("al\u{200B}ice")]
    #[case(&"a".repeat(129))]
    fn what_can_t_be_shown_is_no_name(#[case] name: &str) {
        assert!(matches!(customer(name), Err(Refused::Name(_))));
    }
}

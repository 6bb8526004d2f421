//! What is made of what the user may do.

use super::finding::{Check, Finding};
use super::seen::{Observations, Subjects, UserSeen};
use crate::permissions::{NatsRole, Permissions};

/// So many subjects are named; more of them say nothing new.
const NAMED_MAX: usize = 5;

pub(super) fn judge(seen: &Observations, role: NatsRole, found: &mut Vec<Finding>) {
    match &seen.user {
        Ok(user) => found.extend(of_user(user, role)),
        Err(why) => found.push(Check::Unseen.warning(
            "the user",
            format!("what it may do could not be found out: {why}"),
            "let it publish to $SYS.REQ.USER.INFO, which tells it only of itself",
        )),
    }
}

fn of_user(user: &UserSeen, role: NatsRole) -> Vec<Finding> {
    let declared = Permissions::of(role);
    let Some(grants) = &user.permissions else {
        return vec![too_wide(user, role, "everything")];
    };
    let publish = (&declared.publish, &declared.publish_denied);
    let too_much = [
        (
            "publish to",
            beyond(grants.publish.as_ref(), publish.0, publish.1),
        ),
        (
            "subscribe to",
            beyond(grants.subscribe.as_ref(), &declared.subscribe, &[]),
        ),
    ];
    let too_much = too_much.iter().filter(|(_, subjects)| !subjects.is_empty());
    let mut found: Vec<Finding> = too_much
        .map(|(verb, subjects)| too_wide(user, role, &format!("{verb} {}", named(subjects))))
        .collect();
    let lacking = [
        lacks(grants.publish.as_ref(), &declared.publish),
        lacks(grants.subscribe.as_ref(), &declared.subscribe),
    ]
    .concat();
    if !lacking.is_empty() {
        found.push(Check::Permissions.critical(
            shown(user),
            format!("it lacks what {role} needs: {}", named(&lacking)),
            "write the users anew with `ordertrace ops nats-config`",
        ));
    }
    found
}

fn too_wide(user: &UserSeen, role: NatsRole, what: &str) -> Finding {
    Check::Permissions.warning(
        shown(user),
        format!("it may {what}, which {role} does not need"),
        "give each role a user of its own: `ordertrace ops nats-config`",
    )
}

/// What is allowed beyond what is declared, or not denied that is.
fn beyond(granted: Option<&Subjects>, allow: &[String], deny: &[String]) -> Vec<String> {
    let everything = || vec![">".to_owned()];
    let Some(granted) = granted else {
        return everything();
    };
    let Some(allowed) = &granted.allow else {
        return everything();
    };
    let denied = granted.deny.as_deref().unwrap_or_default();
    let more = allowed.iter().filter(|subject| !allow.contains(subject));
    let undenied = deny.iter().filter(|subject| !denied.contains(subject));
    more.chain(undenied).cloned().collect()
}

fn lacks(granted: Option<&Subjects>, allow: &[String]) -> Vec<String> {
    let Some(granted) = granted else {
        return Vec::new();
    };
    let denied = granted.deny.as_deref().unwrap_or_default();
    let is_lacking = |subject: &&String| {
        let allowed = granted.allow.as_ref();
        allowed.is_some_and(|allowed| !allowed.contains(subject)) || denied.contains(subject)
    };
    allow.iter().filter(is_lacking).cloned().collect()
}

fn named(subjects: &[String]) -> String {
    let shown = subjects.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>();
    let more = subjects.len().saturating_sub(NAMED_MAX);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

fn shown(user: &UserSeen) -> String {
    match user.user.as_str() {
        "" => "the user".to_owned(),
        name => format!("user {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::seen::Grants;
    use super::*;

    fn granted(role: NatsRole) -> UserSeen {
        let Permissions {
            publish,
            publish_denied,
            subscribe,
        } = Permissions::of(role);
        UserSeen {
            user: "UABC".to_owned(),
            permissions: Some(Grants {
                publish: Some(Subjects {
                    allow: Some(publish),
                    deny: Some(publish_denied),
                }),
                subscribe: Some(Subjects {
                    allow: Some(subscribe),
                    deny: None,
                }),
            }),
        }
    }

    fn told(user: &UserSeen, role: NatsRole) -> Vec<String> {
        of_user(user, role)
            .into_iter()
            .map(|finding| finding.found)
            .collect()
    }

    #[test]
    fn nothing_is_found_of_a_user_who_may_what_the_role_needs() {
        for role in NatsRole::ALL {
            assert_eq!(told(&granted(role), role), Vec::<String>::new(), "{role}");
        }
    }

    #[test]
    fn a_user_without_permissions_may_everything() {
        let everything = UserSeen::default();
        assert_eq!(
            told(&everything, NatsRole::Saga),
            ["it may everything, which saga does not need"]
        );
        let mut half = granted(NatsRole::Saga);
        half.permissions.as_mut().unwrap().subscribe = None;
        let told = told(&half, NatsRole::Saga);
        assert_eq!(told, ["it may subscribe to >, which saga does not need"]);
    }

    #[test]
    fn another_roles_user_is_too_wide_here_and_too_narrow_there() {
        let found = told(&granted(NatsRole::Saga), NatsRole::Projections);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("ordertrace.events.>"), "{found:?}");
        assert!(found[2].contains("CONSUMER.CREATE"), "{found:?}");
    }

    #[test]
    fn a_denial_that_was_taken_out_is_found() {
        let mut user = granted(NatsRole::Projections);
        let publish = user.permissions.as_mut().unwrap().publish.as_mut().unwrap();
        publish
            .deny
            .as_mut()
            .unwrap()
            .retain(|subject| !subject.contains("STREAM.DELETE"));
        let found = told(&user, NatsRole::Projections);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("STREAM.DELETE"), "{found:?}");
    }
}

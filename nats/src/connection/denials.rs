//! What the server has refused a connection, by its permissions.
//!
//! A request that is refused is never answered: the refusal comes on its own, as a line of text, for the protocol has no
//! codes. It names the subject, which is all that is read of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::watch;

/// So many subjects are remembered: a role uses some dozens, and a mistake in permissions refuses the same ones for ever.
const REMEMBERED_MAX: usize = 1_000;

/// The refusals of one connection; clones share them.
#[derive(Debug, Clone)]
pub(super) struct Denials(Arc<watch::Sender<BTreeSet<String>>>);

impl Default for Denials {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(BTreeSet::new())))
    }
}

impl Denials {
    /// Remembers the subject that an error of the server speaks of, if it speaks of a permission.
    pub(super) fn note(&self, said: &str) {
        let Some(subject) = denied_subject(said) else {
            return;
        };
        self.0.send_if_modified(|denied| {
            denied.len() < REMEMBERED_MAX && denied.insert(subject.to_owned())
        });
    }

    pub(super) fn all(&self) -> BTreeSet<String> {
        self.0.borrow().clone()
    }

    pub(super) async fn wait_for(&self, subject: &str) {
        self.wait_for_any(|denied| denied == subject).await;
    }

    /// Waits for the refusal of a subject of a kind, and gives it.
    pub(super) async fn wait_for_any(&self, is_of_the_kind: impl Fn(&str) -> bool) -> String {
        let found =
            |denied: &BTreeSet<String>| denied.iter().find(|it| is_of_the_kind(it)).cloned();
        let mut denied = self.0.subscribe();
        let news = denied.wait_for(|denied| found(denied).is_some()).await;
        // The sender is ours, so the wait ends by the news only.
        news.ok()
            .and_then(|denied| found(&denied))
            .unwrap_or_default()
    }
}

/// `Permissions Violation for Publish to "a.b"`, or `for Subscription to "a.b"` with something about a queue after it.
fn denied_subject(said: &str) -> Option<&str> {
    let lower = said.to_ascii_lowercase();
    let start = lower.find("permissions violation for ")?;
    let (_, rest) = said[start..].split_once('"')?;
    rest.split_once('"').map(|(subject, _)| subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        r#"Permissions Violation for Publish to "$JS.API.INFO""#,
        Some("$JS.API.INFO")
    )]
    #[case(r#"'Permissions Violation for Subscription to ">"'"#, Some(">"))]
    #[case(
        r#"permissions violation for subscription to "a" using queue "q""#,
        Some("a")
    )]
    #[case("Authorization Violation", None)]
    #[case("permissions violation for publish to", None)]
    fn the_subject_is_read_of_a_refusal(#[case] said: &str, #[case] subject: Option<&str>) {
        assert_eq!(denied_subject(said), subject);
    }

    #[tokio::test]
    async fn a_refusal_is_seen_by_who_comes_later() {
        let denials = Denials::default();
        denials.note(r#"Permissions Violation for Publish to "a""#);
        denials.clone().wait_for("a").await;
        assert_eq!(denials.all().len(), 1);
    }
}

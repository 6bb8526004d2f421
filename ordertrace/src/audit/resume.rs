//! The command that goes on where another one was interrupted, in words that a shell takes as they are.

use ordertrace_domain::Position;

use crate::cli::{FilterArgs, LogSourceArgs};

/// `ordertrace audit …`, word by word.
pub(super) struct Command(Vec<String>);

impl Command {
    pub(super) fn new(words: &[&str]) -> Self {
        let all = ["ordertrace", "audit"].iter().chain(words);
        Self(all.map(|word| (*word).to_owned()).collect())
    }

    /// A flag with its value, if there is one.
    pub(super) fn flag(mut self, flag: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            // In one word, so that a value that begins with a hyphen is still one.
            self.0.push(format!("{flag}={value}"));
        }
        self
    }

    /// The same filters, but from this position on.
    pub(super) fn filtered(self, filter: &FilterArgs, from: Position) -> Self {
        let types = (!filter.types.is_empty()).then(|| filter.types.join(","));
        self.flag("--order", filter.order.as_deref())
            .flag("--type", types.as_deref())
            .flag("--actor", filter.actor.as_deref())
            .flag("--customer", filter.customer.as_deref())
            .flag("--from", filter.from.as_deref())
            .flag("--to", filter.to.as_deref())
            .flag("--from-position", Some(&from.to_string()))
            .flag("--to-position", filter.to_position.as_deref())
    }

    /// The same log. What an environment variable says it says again; it may be a secret, too.
    pub(super) fn on(self, source: &LogSourceArgs) -> Self {
        let said = |variable, value: &str| std::env::var(variable).is_ok_and(|it| it == value);
        let url = source.nats_url().filter(|url| !said("NATS_URL", url));
        let data_dir = source.data.data_dir.to_string_lossy();
        let is_said = url.is_some() || said("ORDERTRACE_DATA_DIR", &data_dir);
        self.flag("--nats-url", url)
            .flag("--data-dir", (!is_said).then_some(data_dir.as_ref()))
    }

    /// As somebody would type it.
    pub(super) fn shown(&self) -> String {
        let words: Vec<String> = self.0.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordertrace_domain::{Incarnation, Sequence};

    #[test]
    fn everything_but_the_first_position_is_said_again() {
        let filter = FilterArgs {
            types: vec!["OrderPlaced".to_owned(), "OrderCompleted".to_owned()],
            customer: Some("d'Artagnan; rm -r *".to_owned()),
            from_position: Some("1".to_owned()),
            to_position: Some("99".to_owned()),
            ..FilterArgs::default()
        };
        let next = Position {
            incarnation: Incarnation::from_created_nanos(0x18c0),
            sequence: Sequence::new(42),
        };
        let command = Command::new(&["replay", "-o", "ndjson"]).filtered(&filter, next);
        assert_eq!(
            command.shown(),
            "ordertrace audit replay -o ndjson --type=OrderPlaced,OrderCompleted \
             '--customer=d'\\''Artagnan; rm -r *' --from-position=18c0-42 --to-position=99"
        );
    }
}

//! What a command comes to on the history of its order.

use super::{CommandRequest, Refusal};
use crate::{CommandHash, Event, History, decide};

/// What a command comes to on a given history.
pub(super) enum Verdict {
    /// It was carried out before; the history ends with its events.
    Repeat(History),
    /// Its id was used for another command.
    Reused,
    /// All it asks for is so already.
    Nothing,
    /// It is refused on this history.
    Refused(Refusal),
    /// These events follow.
    Events(Vec<Event>),
}

impl Verdict {
    /// Looks for the command's own events first: they settle the matter whatever else has happened since.
    pub(super) fn of(
        history: &History,
        request: &CommandRequest,
        command_hash: CommandHash,
    ) -> Self {
        if let Some((hash, events)) = history.of_command(request.command_id) {
            return match events.last() {
                Some(last) if hash == command_hash => {
                    Self::Repeat(history.until(last.envelope.version))
                }
                _ => Self::Reused,
            };
        }
        if let Some(expected) = request.expected_version
            && expected != history.version()
        {
            return Self::Refused(Refusal::VersionMismatch {
                actual: history.version(),
            });
        }
        match decide(&history.state(), &request.command) {
            Ok(events) if events.is_empty() => Self::Nothing,
            Ok(events) => Self::Events(events),
            Err(rejection) => Self::Refused(Refusal::Rejected(rejection)),
        }
    }
}

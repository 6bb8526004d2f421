//! What a command comes to on the history of its order.

use super::{CommandRequest, Refusal};
use crate::{CommandHash, Event, History, OrderState, Rejection, decide};

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
    /// Looks for the command's own events first: they settle the matter whatever else has happened since. Only whose the
    /// order is comes before that: of another's not even a repeat is known.
    pub(super) fn of(
        history: &History,
        request: &CommandRequest,
        command_hash: CommandHash,
    ) -> Self {
        let state = history.state();
        if is_beyond(request, &state) {
            return Self::Refused(Refusal::Rejected(Rejection::OrderNotFound));
        }
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
        match decide(&state, &request.command) {
            Ok(events) if events.is_empty() => Self::Nothing,
            Ok(events) => Self::Events(events),
            Err(rejection) => Self::Refused(Refusal::Rejected(rejection)),
        }
    }
}

/// Whether the order is none that the asker reaches. One that was never placed is nobody's, so that it is answered as
/// another's is, also where the version would be at fault.
fn is_beyond(request: &CommandRequest, state: &OrderState) -> bool {
    request.within.as_ref().is_some_and(|own| {
        let customer = state.order().map(|order| &order.placed.customer_id);
        customer != Some(own)
    })
}

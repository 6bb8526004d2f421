//! What is there beside what is declared, all of it: for whoever has to say what is wrong rather than to refuse it.

use super::provision::Look;
use super::{Difference, Topology, TopologyError};
use crate::Connection;

/// How the streams and consumers compare with what is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// What is not there: `stream ORDERTRACE_EVENTS`.
    pub missing: Vec<String>,
    /// What is not as declared, and keeps every role from starting.
    pub differing: Vec<Difference>,
    /// What is not as declared, and stops nobody: a limit.
    pub tolerated: Vec<Difference>,
}

impl Topology {
    /// Compares everything, and changes nothing.
    ///
    /// # Errors
    /// [`TopologyError::Refused`] and [`TopologyError::Unreadable`].
    pub async fn survey(&self, connection: &Connection) -> Result<Survey, TopologyError> {
        let look = Look::at(connection);
        let (missing, found) = look.look(&self.objects()).await?;
        let (tolerated, differing) = found.into_iter().partition(Difference::is_tolerable);
        Ok(Survey {
            missing: missing.into_iter().map(|object| object.shown).collect(),
            differing,
            tolerated,
        })
    }
}

//! Which part of the log has to be read for a filter.
//!
//! Invariant: a read begins and ends where the filter does, and looks at nothing that lies far outside: the log itself is
//! asked where a time stands in it.

use std::time::Duration;

use ordertrace_domain::{LogError, OrderId, Records, Sequence, Span, Timestamp};

use super::Filter;

/// How far the clocks may differ of servers that lead the log one after the other. Around the ends of a filter by time so
/// much more is read, and each record's own time is looked at: synchronised servers differ by milliseconds.
const CLOCKS_DIFFER_MAX: Duration = Duration::from_secs(10);

/// Whether what is yet to come is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only what is there now.
    Now,
    /// That, and what will come.
    AndOn,
}

/// What of the log to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// From where to where.
    pub span: Span,
    /// Only this order's.
    pub of: Option<OrderId>,
}

impl Plan {
    /// For a filter, on a log that ends here at this moment. It costs at most two requests.
    ///
    /// # Errors
    /// See [`LogError`].
    pub async fn of(
        filter: &Filter,
        records: &dyn Records,
        last: Sequence,
        reach: Reach,
    ) -> Result<Self, LogError> {
        let begin = filter
            .recorded_from
            .map(|from| from.before(CLOCKS_DIFFER_MAX));
        let end = filter.recorded_to.map(|to| to.after(CLOCKS_DIFFER_MAX));
        let begin = match begin {
            Some(time) => Some(first_since(records, time).await?.unwrap_or(last)),
            None => None,
        };
        let end = match end {
            Some(time) => first_since(records, time).await?,
            None => None,
        };
        Ok(Self::between(filter, last, begin, end, reach))
    }

    /// The same once it is known after which positions the times stand.
    fn between(
        filter: &Filter,
        last: Sequence,
        begin: Option<Sequence>,
        end: Option<Sequence>,
        reach: Reach,
    ) -> Self {
        let ends = [filter.to_position(), end];
        let now = (reach == Reach::Now).then_some(last);
        let begins = [filter.from_position().map(before), begin];
        let after = begins.into_iter().flatten().max().unwrap_or_default();
        Self {
            span: Span {
                // What begins beyond the end of the log is waited for from there.
                after: after.min(last),
                upto: ends.into_iter().chain([now]).flatten().min(),
            },
            of: filter.order,
        }
    }

    /// How many positions lie in it; none if it has no end.
    pub fn positions(&self) -> Option<u64> {
        let end = self.span.upto?;
        Some(end.get().saturating_sub(self.span.after.get()))
    }
}

/// After which position what was recorded at this time or later begins.
async fn first_since(records: &dyn Records, time: Timestamp) -> Result<Option<Sequence>, LogError> {
    Ok(records.first_since(time).await?.map(before))
}

fn before(sequence: Sequence) -> Sequence {
    Sequence::new(sequence.get().saturating_sub(1))
}

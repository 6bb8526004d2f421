//! What the signer remembers of a witness between two checkpoints.

use std::{
    mem::{Discriminant, discriminant},
    sync::Arc,
    time::Duration,
};

use ordertrace_domain::Sequence;
use tokio::time::Instant;

use super::error::AskError;

/// So long a witness that did not answer is left alone: each checkpoint would else wait for it.
pub(super) const REST: Duration = Duration::from_secs(10);

/// What is known of a witness.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The size that it has cosigned last.
    pub(super) size: Sequence,
    trouble: Option<Trouble>,
    rests_until: Option<Instant>,
}

#[derive(Debug)]
struct Trouble {
    kind: Discriminant<AskError>,
    ahead: Option<Sequence>,
    said: Arc<str>,
}

/// What to tell about how it went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// As before.
    None,
    /// It cosigns again.
    Recovered,
    /// Another trouble than before.
    Trouble,
}

impl Memory {
    /// Whether it is to be left alone.
    pub(super) fn is_resting(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// What was wrong last.
    pub(super) fn trouble(&self) -> Option<Arc<str>> {
        self.trouble
            .as_ref()
            .map(|trouble| Arc::clone(&trouble.said))
    }

    /// It has cosigned.
    pub(super) fn cosigned(&mut self, size: Sequence) -> News {
        self.size = size;
        self.rests_until = None;
        match self.trouble.take() {
            Some(_) => News::Recovered,
            None => News::None,
        }
    }

    /// It has not. A signer that lost a race against another one finds a witness ahead too, but not twice at one size.
    pub(super) fn failed(&mut self, error: AskError, now: Instant) -> (AskError, News) {
        let before = self.trouble.take();
        let (error, ahead) = match error {
            AskError::Ahead(size) if before.as_ref().is_some_and(|it| it.ahead == Some(size)) => {
                (AskError::StillAhead(size), Some(size))
            }
            AskError::Ahead(size) => (error, Some(size)),
            error => (error, None),
        };
        self.rests_until = error.is_silence().then(|| now + REST);
        let kind = discriminant(&error);
        let is_known = before.is_some_and(|before| before.kind == kind);
        self.trouble = Some(Trouble {
            kind,
            ahead,
            said: error.to_string().into(),
        });
        (error, if is_known { News::None } else { News::Trouble })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(size: u64) -> AskError {
        AskError::Ahead(Sequence::new(size))
    }

    #[test]
    fn a_trouble_is_news_once_and_so_is_its_end() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        assert_eq!(memory.cosigned(Sequence::new(1)), News::None);
        assert_eq!(memory.failed(AskError::NoCosignature, now).1, News::Trouble);
        assert_eq!(memory.failed(AskError::NoCosignature, now).1, News::None);
        assert_eq!(memory.failed(AskError::TooLong, now).1, News::Trouble);
        assert_eq!(memory.cosigned(Sequence::new(2)), News::Recovered);
        assert_eq!(memory.trouble(), None);
        assert_eq!(memory.size, Sequence::new(2));
    }

    #[test]
    fn a_witness_that_stays_ahead_at_one_size_is_an_alarm() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        for size in [7, 8, 9] {
            let (error, _) = memory.failed(ahead(size), now);
            assert!(!error.is_alarm(), "another signer goes on: {size}");
        }
        for news in [News::Trouble, News::None, News::None] {
            let (error, told) = memory.failed(ahead(9), now);
            assert!(error.is_alarm());
            assert_eq!(told, news);
        }
        assert_eq!(memory.cosigned(Sequence::new(10)), News::Recovered);
    }

    #[test]
    fn a_witness_that_is_silent_is_left_alone_for_a_while() {
        let (mut memory, now) = (Memory::default(), Instant::now());
        memory.failed(AskError::TooSlow(Duration::from_secs(1)), now);
        assert!(memory.is_resting(now));
        assert!(!memory.is_resting(now + REST));
        memory.failed(AskError::NoCosignature, now);
        assert!(!memory.is_resting(now), "one that answers is asked again");
    }
}

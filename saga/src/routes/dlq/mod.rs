//! `/ops/dlq`: the messages that could not be handled, and what an operator decides on them.
//!
//! Invariant: a decision is made on the message as it was seen. When somebody else was quicker it is looked at again, and
//! the decision with it.

mod discard;
mod letter;
mod list;
mod page;
mod retry;
mod show;

use ordertrace_domain::{ActorId, DeadLetter, DeadLetterId, Verdict};
use ordertrace_http::{Problem, ProblemKind, openapi::ApiRouter};
use utoipa::openapi::HttpMethod::{Get, Post};

use super::{
    Ops,
    failure::{not_confirmed, not_read},
    request::letter_id,
};

/// How often a decision is made anew, because somebody else decided, or the message was parked again, at the same moment:
/// a few people and the saga do not collide that often in a row.
const LOOKS_MAX: usize = 5;

pub(super) fn routes() -> ApiRouter<Ops> {
    ApiRouter::new()
        .route(Get, page::PATH, list::list, page::described())
        .route(Get, show::ROUTE, show::show, show::described())
        .route(Post, retry::ROUTE, retry::retry, retry::described())
        .route(Post, discard::ROUTE, discard::discard, discard::described())
}

/// What an operator wants of a parked message.
trait Decide: Sync {
    /// What to put on record of the message as it is now. `None` leaves it as it is.
    fn decide(
        &self,
        ops: &Ops,
        letter: &DeadLetter,
    ) -> impl Future<Output = Result<Option<Verdict>, Problem>> + Send;
}

impl Ops {
    async fn letter(&self, id: &DeadLetterId) -> Result<DeadLetter, Problem> {
        let found = self.dead_letters.find(id).await;
        let found = found.map_err(|error| not_read(&error))?;
        found.ok_or_else(Problem::not_found)
    }

    /// Checks whether what an operator wants of a message can be put on record, and gives the message as it is.
    async fn check(&self, id: &DeadLetterId, wanted: &impl Decide) -> Result<DeadLetter, Problem> {
        let letter = self.letter(id).await?;
        wanted.decide(self, &letter).await?;
        Ok(letter)
    }

    /// Puts on record what an operator wants of a message, and gives the message as it is then.
    async fn settle(
        &self,
        id: &DeadLetterId,
        wanted: &impl Decide,
        by: &ActorId,
    ) -> Result<DeadLetter, Problem> {
        for _ in 0..LOOKS_MAX {
            let letter = self.letter(id).await?;
            let Some(verdict) = wanted.decide(self, &letter).await? else {
                return Ok(letter);
            };
            let settled = self.dead_letters.settle(&letter, verdict.clone(), by);
            let settled = settled.await.map_err(|error| {
                not_confirmed(
                    &error,
                    "the log did not say whether the decision is on record; send it again",
                )
            })?;
            if settled {
                tracing::info!(letter.id = letter_id(id), operator.id = %by, ?verdict, "an operator decided on a parked message");
                return self.letter(id).await;
            }
        }
        Err(Problem::new(
            ProblemKind::VersionConflict,
            "others kept deciding on this message; nothing was changed by this call",
        ))
    }
}

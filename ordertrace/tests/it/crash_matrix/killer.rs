//! The gate that has the process killed around every step.
//!
//! The first time that a step is met, the process dies before it: the step never reaches the server. The next time, the
//! process dies after it: the server has answered, and the process never learns it. From then on the step passes.
//!
//! Invariant: from the wish for a kill to the kill no step passes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::path::{Detour, Path};
use crate::harness::{Gate, Verdict};

/// The provider does not listen now: nothing has happened there.
const BUSY: &str = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";

/// The answer is lost on the way: what comes instead says nothing.
const LOST: &str = "HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What the gate wants of whoever watches over the process.
#[derive(Debug)]
pub(super) enum Wish {
    /// Kill the process.
    Kill,
    /// Do what people do at this moment, then let the step pass.
    Act,
}

/// On which sides of a step the process has died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deaths {
    Before,
    BeforeAndAfter,
}

pub(super) struct Killer {
    path: Path,
    wishes: mpsc::UnboundedSender<Wish>,
    /// People have done what they were to do in the middle of a step.
    acted: CancellationToken,
    state: Mutex<State>,
}

struct State {
    /// Ends with the process that lives now.
    life: CancellationToken,
    is_dying: bool,
    /// In the order in which they were first met.
    steps: Vec<(String, Deaths)>,
    kills: usize,
}

impl Killer {
    pub(super) fn new(path: Path) -> (Self, mpsc::UnboundedReceiver<Wish>) {
        let (wishes, coming) = mpsc::unbounded_channel();
        let killer = Self {
            path,
            wishes,
            acted: CancellationToken::new(),
            state: Mutex::new(State {
                life: CancellationToken::new(),
                is_dying: false,
                steps: Vec::new(),
                kills: 0,
            }),
        };
        (killer, coming)
    }

    /// The process is dead: its connections end, and those that are made from now on are another's.
    pub(super) fn has_died(&self) {
        let mut state = self.state();
        state.is_dying = false;
        state.kills += 1;
        state.life.cancel();
        state.life = CancellationToken::new();
    }

    /// People have done what they were to do.
    pub(super) fn has_acted(&self) {
        self.acted.cancel();
    }

    /// The steps around which the process has died, in the order in which they were first met.
    pub(super) fn steps(&self) -> Vec<String> {
        let state = self.state();
        state.steps.iter().map(|(step, _)| step.clone()).collect()
    }

    /// Whether the process has died before and after every step that was met, this one among them.
    pub(super) fn is_done(&self, last: &str) -> bool {
        let state = self.state();
        let is_through = |(step, deaths): &(String, Deaths)| {
            *deaths == Deaths::BeforeAndAfter || self.is_one_sided(step)
        };
        !state.is_dying
            && state.steps.iter().any(|(step, _)| step == last)
            && state.steps.iter().all(is_through)
    }

    pub(super) fn kills(&self) -> usize {
        self.state().kills
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process does not die after a step that has a fault of its own: it is to live and see it.
    fn is_one_sided(&self, step: &str) -> bool {
        matches!(self.path.detour,
            Some((at, Detour::Busy | Detour::LoseAnswersUntil(_))) if at == step)
    }

    fn wish(&self, wish: Wish) {
        // Nobody listens only when the test has failed already.
        let _ = self.wishes.send(wish);
    }

    /// On which side of a step the process is to die now; `None` for neither.
    fn next_death(&self, state: &mut State, step: &str) -> Option<Deaths> {
        let is_early = self.path.first.is_some_and(|first| first != step);
        if state.steps.is_empty() && is_early {
            return None;
        }
        let known = state.steps.iter_mut().find(|(known, _)| known == step);
        match known {
            None => {
                state.steps.push((step.to_owned(), Deaths::Before));
                Some(Deaths::Before)
            }
            Some((_, deaths @ Deaths::Before)) if !self.is_one_sided(step) => {
                *deaths = Deaths::BeforeAndAfter;
                Some(Deaths::BeforeAndAfter)
            }
            Some(_) => None,
        }
    }

    /// What becomes of a step around which the process does not die any more.
    async fn let_pass(&self, step: &str) -> Verdict {
        match self.path.detour {
            Some((at, Detour::Busy)) if at == step => Verdict::Refuse(BUSY),
            Some((at, Detour::LoseAnswersUntil(last))) if self.is_silent(at, last, step) => {
                Verdict::Replace(LOST)
            }
            Some((at, Detour::PeopleAct)) if at == step => {
                if !self.acted.is_cancelled() {
                    self.wish(Wish::Act);
                }
                self.acted.cancelled().await;
                Verdict::Pass
            }
            Some(_) | None => Verdict::Pass,
        }
    }

    /// Whether the provider's answer to `step` gets lost: from step `at` on, until the process has died around `last`.
    fn is_silent(&self, at: &str, last: &str, step: &str) -> bool {
        let state = self.state();
        let deaths = |of: &str| {
            let known = state.steps.iter().find(|(known, _)| known == of);
            known.map(|(_, deaths)| *deaths)
        };
        let is_call = step.starts_with("GET ") || step.starts_with("POST ");
        is_call && deaths(at).is_some() && deaths(last) != Some(Deaths::BeforeAndAfter)
    }
}

#[async_trait]
impl Gate for Killer {
    fn admit(&self) -> CancellationToken {
        self.state().life.clone()
    }

    async fn meet(&self, step: &str) -> Verdict {
        let (death, life) = {
            let mut state = self.state();
            let life = state.life.clone();
            if state.is_dying {
                (Some(Deaths::Before), life)
            } else {
                let death = self.next_death(&mut state, step);
                state.is_dying = death.is_some();
                if death == Some(Deaths::Before) {
                    self.wish(Wish::Kill);
                }
                (death, life)
            }
        };
        match death {
            None => self.let_pass(step).await,
            Some(Deaths::BeforeAndAfter) => Verdict::KeepAnswer,
            Some(Deaths::Before) => {
                life.cancelled().await;
                Verdict::Cut
            }
        }
    }

    async fn answered(&self, _step: &str) {
        let life = self.admit();
        self.wish(Wish::Kill);
        life.cancelled().await;
    }
}

//! Every step brings the shop nearer to its end, so that every path ends.
//!
//! stateright's own `eventually` is blind to a path that runs into a state it has seen. So "every order ends" is proven in
//! two halves: each step lowers a rank that can't be lowered for ever (here), and where no step is possible any more,
//! every order has ended (a property of the state).

use std::cmp::Reverse;

use ordertrace_saga::{Effect, ProviderCall};

use crate::{
    state::{Asked, Case, Work},
    till::{Reply, Request, Till},
};

/// What an order still holds: versions to reach, then things to do. The first difference counts.
///
/// There is no end of versions in it, but the deciders give each order only so many for as many faults, and the checker
/// would not come to an end if there were more. Faults and whims are counted by the shop: what spends one is progress.
type Rank = (Reverse<u64>, u64);

/// An order that was closed is at the last of all versions.
const CLOSED: u64 = 10_000;

/// What an event on the queue may lead to: more than all else that one look at an order can set going.
const EVENT: u64 = 100_000;
/// How far behind a look may be: a new look makes up for it, whatever follows.
const BEHIND: u64 = 100_000;
const LATE: u64 = 10_000;
const TIMER_TO_SET: u64 = 7_002;
const TIMER_SET: u64 = 7_001;
const TIMER_FIRED: u64 = 7_000;
/// A second look at the same version, after a refusal.
const SECOND_LOOK: u64 = 5_000;
const LOOK_UP: u64 = 200;
const CALL: u64 = 100;
const OTHER_EFFECT: u64 = 10;

/// Whether an order is nearer to its end than before, when nothing was spent on it.
pub(crate) fn is_progress(before: &Case, after: &Case) -> bool {
    rank(after) < rank(before)
}

fn rank(case: &Case) -> Rank {
    (Reverse(height(case)), weight(case))
}

/// How far the order has come: its version, and between one version and the next how many commands are in hand that
/// either take it further or find that somebody else has.
fn height(case: &Case) -> u64 {
    let version = case.state.version().get();
    if version == 0 {
        return CLOSED;
    }
    let holds = |work: &&Work| {
        let is_command = |effect: &Effect| matches!(effect, Effect::Command(_));
        work.is_by_timer()
            && work.seen.version() == case.state.version()
            && work.due.iter().any(|effect| is_command(effect))
    };
    let pending = case.hands.iter().flatten().filter(holds).count() as u64;
    version * (case.hands.len() as u64 + 1) + pending
}

/// How much there is still to do without another event.
fn weight(case: &Case) -> u64 {
    let queue = case.queue.iter().map(|item| match item {
        crate::book::Item::Event { .. } => EVENT,
        crate::book::Item::Timer(_) => TIMER_FIRED,
    });
    let hands = case.hands.iter().flatten().map(|work| in_hand(case, work));
    let timers = u64::from(case.timers.count()) * TIMER_SET;
    queue.chain(hands).sum::<u64>() + timers + LATE * case.late.len() as u64
}

fn in_hand(case: &Case, work: &Work) -> u64 {
    let version = case.state.version().get();
    let behind = BEHIND * version.saturating_sub(work.seen.version().get());
    let may_look_again = work.is_by_timer() && work.refused_at.map(u64::from) != Some(version);
    let request = work.request.map_or(0, |asked| {
        // An answer that tells nothing may lead to another look.
        let look = u64::from(asked.reply == Some(Reply::Pending)) * TIMER_TO_SET;
        2 * requests_left(&case.till, asked) + u64::from(asked.reply.is_none()) + look
    });
    let due = work.due.iter().map(|effect| match &**effect {
        Effect::Command(_) | Effect::CancelTimer(_) => OTHER_EFFECT,
        Effect::Schedule { .. } => TIMER_TO_SET,
        Effect::CallProvider(ProviderCall::LookUp(_)) => LOOK_UP,
        Effect::CallProvider(_) => CALL,
    });
    1 + behind + u64::from(may_look_again) * SECOND_LOOK + request + due.sum::<u64>()
}

/// How many requests of a call may follow, at most: a refund after a list without one, and a list after a refund.
fn requests_left(till: &Till, asked: Asked) -> u64 {
    match asked.request {
        Request::Create { .. } => 6,
        Request::Get(_) => 5,
        Request::Confirm(_) => 4,
        Request::Cancel(_) => 3,
        Request::ListRefunds(_) if asked.reply == Some(Reply::Refunds { any: false }) => 3,
        Request::ListRefunds(_) if asked.reply.is_none() && till.refunds() == 0 => 3,
        Request::Refund { .. } => 2,
        Request::ListRefunds(_) => 1,
    }
}

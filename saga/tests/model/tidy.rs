//! Keeps states few: what makes no difference any more is thrown away.
//!
//! Invariant: nothing is thrown away that could still lead to something. That an order which has ended is left alone is
//! not taken for granted here: it is looked at, for everything that could wake the saga, before it is thrown away.

use ordertrace_domain::TimerName;

use crate::{
    book::{Book, Item},
    fulfilment::Fulfilment,
    possible::may_look_stale,
    state::{Case, Slip, Timers},
};

/// Throws away what makes no difference any more.
pub(crate) fn tidy(model: &Fulfilment, case: &mut Case, may_look_back: bool) {
    if case.has_ended() {
        close(&model.book, case);
    } else {
        drop_overtaken(model, case, may_look_back);
    }
}

/// An order that has ended is left alone by whatever may still wake the saga; so nothing of that need be kept.
fn close(book: &Book, case: &mut Case) {
    let timers = TimerName::ALL.into_iter().map(Item::Timer);
    let mut wakes = timers.chain(std::mem::take(&mut case.queue));
    if !wakes.all(|item| book.react(&case.state, &item).is_empty()) {
        case.slips.note(Slip::NotLeftAlone);
    }
    case.timers = Timers::default();
    if case.hands.iter().all(Option::is_none) && case.late.is_empty() {
        case.state = book.ageless(&case.state);
        case.done.clear();
    }
}

/// An event that was overtaken leads to nothing, ever; unless the saga looks at the order as it was.
fn drop_overtaken(model: &Fulfilment, case: &mut Case, may_look_back: bool) {
    let is_dead = |item: &Item| match item {
        Item::Event { then, .. } if then.version() < case.state.version() => {
            model.book.react(&case.state, item).is_empty()
                && !(may_look_back && may_look_stale(model, case, item))
        }
        Item::Event { .. } | Item::Timer(_) => false,
    };
    let dead: Vec<_> = case.queue.iter().map(is_dead).collect();
    let mut dead = dead.into_iter();
    case.queue.retain(|_| dead.next() == Some(false));
}

//! What the runner does with a piece of work, one effect at a time; written after the product's runner.
//!
//! Invariant: what it promises is here and nowhere else: a command that was carried out is never carried out again; what
//! a timer led to holds for the version it was decided on; a refused step after an event was overtaken, and after a timer
//! makes the runner look again; a call to the provider is made on a current read.

use ordertrace_domain::{
    CancellationCause, Command, Event, OrderEvent, Payment, PaymentCommand, Rejection,
};
use ordertrace_saga::{Effect, ProviderCall, SagaCommand};

use crate::{
    action::Fate,
    adapter::Outcome,
    book::{Afterwards, Book, Item, Ref, Story, have_one_id},
    state::{Asked, Case, Slip, Work, insert},
    till::{Reply, Request},
};

/// Why a command was not carried out.
enum Refusal {
    VersionMismatch,
    Rejected(Rejection),
    Reused,
}

/// Takes work off the queue, and looks.
pub(crate) fn take(book: &Book, case: &mut Case, item: &Item, is_stale: bool) {
    if !case.dequeue(item)
        && let Item::Timer(timer) = item
    {
        case.timers.unset(*timer);
    }
    let seen = match item {
        Item::Event { then, .. } if is_stale => then.clone(),
        Item::Event { .. } | Item::Timer(_) => case.state.clone(),
    };
    let mut work = Work {
        item: item.clone(),
        seen,
        expects: false,
        due: Vec::new(),
        request: None,
        refused_at: None,
        is_acknowledged: !book.rules.acknowledges_last,
    };
    look(book, case, &mut work);
    // Work that leads to nothing is as good as never taken, so there is nothing to acknowledge.
    let is_nothing = work.due.is_empty();
    case.hands[0] = (!is_nothing).then_some(work);
}

fn look(book: &Book, case: &mut Case, work: &mut Work) {
    let due = book.react(&work.seen, &work.item);
    let is_look_up =
        |effect: &Effect| matches!(effect, Effect::CallProvider(ProviderCall::LookUp(_)));
    if !work.is_by_timer() && due.iter().any(|effect| is_look_up(effect)) {
        case.slips.note(Slip::LookedUpEarly);
    }
    work.expects = work.is_by_timer() && book.rules.expects_versions;
    work.due = due.iter().rev().cloned().collect();
    prepare(book, work);
}

/// If the provider is to be asked next, the request is written.
fn prepare(book: &Book, work: &mut Work) {
    let request = work.call().map(|call| (book.rules.begin)(call));
    work.request = request.map(|request| Asked {
        request,
        reply: None,
    });
}

/// Carries out the next effect, which is no call.
pub(crate) fn carry_out(book: &Book, case: &mut Case, work: &mut Work, is_too_late: bool) {
    let Some(effect) = work.due.pop() else {
        return;
    };
    if is_too_late && let Effect::Schedule { timer, .. } | Effect::CancelTimer(timer) = &*effect {
        case.enqueue(Item::Timer(*timer));
    }
    match &*effect {
        Effect::Schedule { timer, .. } => case.timers.set(*timer),
        Effect::CancelTimer(timer) => case.timers.unset(*timer),
        Effect::CallProvider(_) => unreachable!("a call is made by sending its request"),
        Effect::Command(command) => {
            if let Err(refusal) = obey(book, case, work, &effect, command) {
                refused(book, case, work, command, &refusal);
                return;
            }
        }
    }
    prepare(book, work);
}

/// Gives a command of the saga, as the executor does.
fn obey(
    book: &Book,
    case: &mut Case,
    work: &Work,
    effect: &Ref<Effect>,
    command: &SagaCommand,
) -> Result<(), Refusal> {
    let is_same_step = |done: &&Ref<Effect>| matches!(&***done, Effect::Command(earlier) if have_one_id(earlier, command));
    let earlier = case.done.iter().find(is_same_step).cloned();
    if book.rules.derives_ids
        && let Some(earlier) = &earlier
    {
        let is_repeat = *earlier == *effect;
        return if is_repeat {
            Ok(())
        } else {
            Err(Refusal::Reused)
        };
    }
    if work.expects && work.seen.version() != case.state.version() {
        return Err(Refusal::VersionMismatch);
    }
    let story = book.decide(&case.state, effect, &command.command);
    let story = story.map_err(Refusal::Rejected)?;
    if story.is_empty() {
        return Ok(());
    }
    if earlier.is_some() {
        case.slips.note(Slip::StepTwice);
    }
    if withdraws_as_overdue(&story) && !is_open(&case.order().payment) {
        case.slips.note(Slip::OverdueThoughClosed);
    }
    insert(&mut case.done, effect.clone());
    case.append(&story);
    Ok(())
}

fn withdraws_as_overdue(story: &Story) -> bool {
    story.iter().any(|(event, _)| {
        matches!(&**event, Event::Order(OrderEvent::OrderCancellationRequested(event))
            if event.cause == CancellationCause::PaymentOverdue)
    })
}

const fn is_open(payment: &Payment) -> bool {
    matches!(payment, Payment::Submitted { .. } | Payment::Unknown { .. })
}

/// See the runner's `refused` and `until_done`.
fn refused(
    book: &Book,
    case: &mut Case,
    work: &mut Work,
    command: &SagaCommand,
    refusal: &Refusal,
) {
    if is_stray_money(&command.command, refusal) {
        return park(case, work);
    }
    if !work.is_by_timer() {
        return prepare(book, work);
    }
    if matches!(refusal, Refusal::Rejected(_) | Refusal::Reused) {
        let version = u16::try_from(case.state.version().get()).expect("few events");
        if work.refused_at == Some(version) {
            return park(case, work);
        }
        work.refused_at = Some(version);
    }
    work.seen = case.state.clone();
    look(book, case, work);
}

fn is_stray_money(command: &Command, refusal: &Refusal) -> bool {
    let is_charge = matches!(
        command,
        Command::Payment(PaymentCommand::ApprovePayment { .. })
    );
    let is_unwanted = matches!(
        refusal,
        Refusal::Rejected(Rejection::PaymentClosed | Rejection::ProviderReferenceMismatch)
    );
    is_charge && is_unwanted
}

fn park(case: &mut Case, work: &mut Work) {
    case.slips.note(Slip::Parked);
    work.due.clear();
    work.request = None;
}

/// The request goes out, and meets its fate.
pub(crate) fn send(book: &Book, case: &mut Case, work: &mut Work, fate: Fate) {
    let Some(asked) = work.request else {
        return;
    };
    let request = asked.request;
    let till = &mut case.till;
    let reply = match fate {
        Fate::Served => till.act(request),
        Fate::Doubled => {
            insert(&mut case.late, request);
            till.act(request)
        }
        Fate::KeyForgotten => till.act(Request::Create { anew: true }),
        Fate::NoBalance => Reply::RefundRefused,
        Fate::Pending => {
            if matches!(request, Request::Confirm(_) | Request::Refund { .. }) {
                till.act(request);
            }
            Reply::Pending
        }
        Fate::Late => {
            insert(&mut case.late, request);
            return hear(book, work, request, Outcome::Silence);
        }
        Fate::Lost => return hear(book, work, request, Outcome::Silence),
        Fate::NotSent => return hear(book, work, request, Outcome::NotSent),
    };
    let reply = Some(reply);
    work.request = Some(Asked { request, reply });
}

/// The reply is heard, or not.
pub(crate) fn hear_reply(book: &Book, work: &mut Work, is_lost: bool) {
    let Some(Asked {
        request,
        reply: Some(reply),
    }) = work.request
    else {
        return;
    };
    let outcome = if is_lost {
        Outcome::Silence
    } else {
        Outcome::Reply(reply)
    };
    hear(book, work, request, outcome);
}

/// What the provider said is a fact, and what follows holds for whatever version the order is at by then.
fn hear(book: &Book, work: &mut Work, request: Request, outcome: Outcome) {
    let Some(call) = work.due.last().cloned() else {
        return;
    };
    match book.go_on(&work.seen, &call, request, outcome) {
        Afterwards::Ask(request) => {
            let reply = None;
            work.request = Some(Asked { request, reply });
        }
        Afterwards::Do(following) => {
            work.due.pop();
            work.due.splice(0..0, following.iter().rev().cloned());
            work.expects = false;
            prepare(book, work);
        }
    }
}

/// The work is handed out again, unless somebody has acknowledged it.
pub(crate) fn hand_back(case: &mut Case, work: Work) {
    if !work.is_acknowledged {
        case.enqueue(work.item);
    }
}

/// The acknowledgement of a process that was replaced holds for the work wherever it is by now.
pub(crate) fn acknowledge_elsewhere(case: &mut Case, item: &Item) {
    if case.dequeue(item) {
        return;
    }
    if let Some(work) = &mut case.hands[0]
        && work.item == *item
    {
        work.is_acknowledged = true;
    }
}

//! What the adapter promises of the provider: which requests make up one call of the port, and what their replies mean.
//!
//! Invariant: as the port says. "Declined" is final, so an intent that was refused is cancelled before it is called so;
//! before money goes back, the refunds are listed; what was not heard is unknown.

use ordertrace_domain::{
    ProviderRef,
    testing::fixtures::{other_provider_ref, provider_ref, reason, refund_ref},
};
use ordertrace_saga::{
    ProviderAnswer, ProviderCall,
    provider::{Created, IntentStatus, NoAnswer, Refunded},
};

use crate::till::{Reply, Request, Standing};

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Reply(Reply),
    /// No reply in time.
    Silence,
    /// The breaker is open: the request never left.
    NotSent,
}

/// What the adapter does about it.
#[derive(Debug, Clone)]
pub(crate) enum Next {
    Ask(Request),
    Answer(ProviderAnswer),
}

/// The first request of a call.
pub(crate) fn begin(call: &ProviderCall) -> Request {
    match call {
        ProviderCall::Create(_) => Request::Create { anew: false },
        ProviderCall::Confirm(intent) => Request::Confirm(place_of(intent)),
        ProviderCall::LookUp(intent) => Request::Get(place_of(intent)),
        ProviderCall::Cancel(intent) => Request::Cancel(place_of(intent)),
        ProviderCall::Refund(refund) => Request::ListRefunds(place_of(&refund.intent)),
    }
}

/// What follows from a request's outcome.
pub(crate) fn go_on(call: &ProviderCall, request: Request, outcome: Outcome) -> Next {
    let reply = match outcome {
        Outcome::Silence => return unheard(call, NoAnswer::Unknown(reason("no answer in time"))),
        Outcome::NotSent => return unheard(call, not_asked()),
        Outcome::Reply(reply) => reply,
    };
    Next::Answer(match reply {
        Reply::Stands(Standing::Refused) => return Next::Ask(Request::Cancel(intent_of(request))),
        Reply::Refunds { any: false } => return Next::Ask(refund(call)),
        Reply::AlreadyRefunded => return Next::Ask(begin(call)),
        Reply::Made(place) => ProviderAnswer::Created(Ok(Created::Intent(name_of(place)))),
        Reply::CardUnknown => ProviderAnswer::Created(Ok(Created::Refused(reason("no such card")))),
        Reply::Stands(standing) => ProviderAnswer::Intent(Ok(status(standing))),
        Reply::Pending => pending(call),
        Reply::Refunds { any: true } | Reply::Refunded => {
            ProviderAnswer::Refunded(Ok(Refunded::Done(refund_ref())))
        }
        Reply::RefundRefused => {
            ProviderAnswer::Refunded(Ok(Refunded::Refused(reason("no balance"))))
        }
    })
}

/// The request that gives the money back, under a key of its own for each attempt.
pub(crate) fn refund(call: &ProviderCall) -> Request {
    match call {
        ProviderCall::Refund(refund) => Request::Refund {
            intent: place_of(&refund.intent),
            attempt: u8::try_from(refund.attempt.get()).expect("few attempts"),
        },
        ProviderCall::Create(_)
        | ProviderCall::Confirm(_)
        | ProviderCall::LookUp(_)
        | ProviderCall::Cancel(_) => begin(call),
    }
}

pub(crate) fn not_asked() -> NoAnswer {
    NoAnswer::NotAsked {
        reason: reason("the circuit breaker is open"),
        retry_after: None,
    }
}

/// The same for every kind of call: nobody answered.
pub(crate) fn unheard(call: &ProviderCall, none: NoAnswer) -> Next {
    Next::Answer(match call {
        ProviderCall::Create(_) => ProviderAnswer::Created(Err(none)),
        ProviderCall::Confirm(_) | ProviderCall::LookUp(_) | ProviderCall::Cancel(_) => {
            ProviderAnswer::Intent(Err(none))
        }
        ProviderCall::Refund(_) => ProviderAnswer::Refunded(Err(none)),
    })
}

fn pending(call: &ProviderCall) -> ProviderAnswer {
    let why = reason("processing");
    match call {
        ProviderCall::Refund(_) => ProviderAnswer::Refunded(Ok(Refunded::Pending(why))),
        ProviderCall::Create(_)
        | ProviderCall::Confirm(_)
        | ProviderCall::LookUp(_)
        | ProviderCall::Cancel(_) => ProviderAnswer::Intent(Ok(IntentStatus::Pending(why))),
    }
}

fn status(standing: Standing) -> IntentStatus {
    match standing {
        Standing::Unconfirmed => IntentStatus::Unconfirmed,
        Standing::Succeeded => IntentStatus::Succeeded,
        Standing::Cancelled { refused: false } => IntentStatus::Cancelled,
        Standing::Refused | Standing::Cancelled { refused: true } => {
            IntentStatus::Declined(reason("no funds"))
        }
    }
}

fn place_of(intent: &ProviderRef) -> u8 {
    u8::from(*intent != provider_ref())
}

fn name_of(place: u8) -> ProviderRef {
    match place {
        0 => provider_ref(),
        _ => other_provider_ref(),
    }
}

pub(crate) fn intent_of(request: Request) -> u8 {
    match request {
        Request::Confirm(intent)
        | Request::Get(intent)
        | Request::Cancel(intent)
        | Request::ListRefunds(intent)
        | Request::Refund { intent, .. } => intent,
        Request::Create { .. } => 0,
    }
}

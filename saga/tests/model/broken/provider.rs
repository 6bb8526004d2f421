//! What the provider said, or did not say, is taken wrongly.

use ordertrace_domain::{Order, testing::fixtures::reason};
use ordertrace_saga::{
    Moment, Policy, ProviderAnswer, ProviderCall, answered,
    provider::{Created, IntentStatus, NoAnswer},
};

use crate::{
    adapter::{self, Next, Outcome},
    check::is_found,
    properties::{ONE_NET_CHARGE, PROVIDERS_WORD, RIGHT_TIMER},
    rules::Rules,
    setup,
    till::{Reply, Request, Standing},
};

#[test]
fn an_unknown_outcome_must_not_count_as_declined() {
    let answered = |order: &Order,
                    policy: &Policy,
                    call: &ProviderCall,
                    answer: ProviderAnswer,
                    moment: Moment| {
        let answer = match answer {
            ProviderAnswer::Intent(Err(NoAnswer::Unknown(why))) => {
                ProviderAnswer::Intent(Ok(IntentStatus::Declined(why)))
            }
            other => other,
        };
        answered(order, policy, call, answer, moment)
    };
    let rules = Rules {
        answered,
        ..Rules::sound()
    };
    is_found(
        "unknown is declined",
        setup::a_crash_and_a_fault(rules),
        PROVIDERS_WORD,
    );
}

#[test]
fn an_open_breaker_must_not_count_as_declined() {
    let answered = |order: &Order,
                    policy: &Policy,
                    call: &ProviderCall,
                    answer: ProviderAnswer,
                    moment: Moment| {
        let answer = match answer {
            ProviderAnswer::Intent(Err(NoAnswer::NotAsked { reason, .. })) => {
                ProviderAnswer::Intent(Ok(IntentStatus::Declined(reason)))
            }
            ProviderAnswer::Created(Err(NoAnswer::NotAsked { reason, .. })) => {
                ProviderAnswer::Created(Ok(Created::Refused(reason)))
            }
            other => other,
        };
        answered(order, policy, call, answer, moment)
    };
    let rules = Rules {
        answered,
        ..Rules::sound()
    };
    is_found(
        "not asked is declined",
        setup::a_crash_and_a_fault(rules),
        PROVIDERS_WORD,
    );
}

#[test]
fn who_is_not_heard_must_not_charge_anew() {
    let begin = |call: &ProviderCall| match call {
        ProviderCall::LookUp(_) => Request::Create { anew: true },
        other => adapter::begin(other),
    };
    let go_on = |call: &ProviderCall, request: Request, outcome: Outcome| match (call, outcome) {
        (ProviderCall::LookUp(_), Outcome::Reply(Reply::Made(intent))) => {
            Next::Ask(Request::Confirm(intent))
        }
        _ => adapter::go_on(call, request, outcome),
    };
    let rules = Rules {
        begin,
        go_on,
        ..Rules::sound()
    };
    is_found(
        "a new intent",
        setup::a_crash_and_a_fault(rules),
        ONE_NET_CHARGE,
    );
}

#[test]
fn the_refunds_must_be_listed_before_another_is_made() {
    let begin = |call: &ProviderCall| match call {
        ProviderCall::Refund(_) => adapter::refund(call),
        other => adapter::begin(other),
    };
    let rules = Rules {
        begin,
        ..Rules::sound()
    };
    is_found(
        "refunds not listed",
        setup::a_careless_provider(rules),
        ONE_NET_CHARGE,
    );
}

#[test]
fn a_provider_that_was_not_asked_must_be_waited_for_by_a_timer() {
    let answered = |order: &Order,
                    policy: &Policy,
                    call: &ProviderCall,
                    answer: ProviderAnswer,
                    moment: Moment| {
        let is_not_asked = matches!(
            answer,
            ProviderAnswer::Created(Err(NoAnswer::NotAsked { .. }))
                | ProviderAnswer::Intent(Err(NoAnswer::NotAsked { .. }))
                | ProviderAnswer::Refunded(Err(NoAnswer::NotAsked { .. }))
        );
        if is_not_asked {
            return vec![];
        }
        answered(order, policy, call, answer, moment)
    };
    let rules = Rules {
        answered,
        ..Rules::sound()
    };
    is_found("no timer", setup::two_cards_and_a_fault(rules), RIGHT_TIMER);
}

#[test]
fn a_refusal_must_be_made_final() {
    let go_on = |call: &ProviderCall, request: Request, outcome: Outcome| match outcome {
        Outcome::Reply(Reply::Stands(Standing::Refused)) => {
            let declined = IntentStatus::Declined(reason("no funds"));
            Next::Answer(ProviderAnswer::Intent(Ok(declined)))
        }
        _ => adapter::go_on(call, request, outcome),
    };
    let rules = Rules {
        go_on,
        ..Rules::sound()
    };
    is_found(
        "refusal not final",
        setup::a_second_chance(rules),
        PROVIDERS_WORD,
    );
}

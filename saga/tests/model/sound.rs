//! The product holds, whatever happens.

use crate::{check::holds, rules::Rules, setup};

#[test]
fn two_cards_with_any_one_fault() {
    let shop = setup::two_cards_and_a_fault(Rules::sound());
    let met = [
        "completed",
        "declined",
        "expired",
        "voided",
        "refunded and cancelled",
        "charged though overdue, and refunded",
        "a confirmation came twice",
        "work of two orders in hand",
    ];
    holds("two cards, any one fault", shop, &met);
}

#[test]
fn two_cards_with_a_crash() {
    let shop = setup::two_cards_and_a_crash(Rules::sound());
    let met = [
        "completed",
        "declined",
        "crashed while the provider's reply was on its way",
        "work of two orders in hand",
    ];
    holds("two cards, a crash", shop, &met);
}

#[test]
fn a_card_and_cash_with_a_crash() {
    let shop = setup::card_and_cash(Rules::sound());
    holds(
        "card and cash, a crash",
        shop,
        &["completed", "work of two orders in hand"],
    );
}

#[test]
#[ignore = "minutes: cargo test -p ordertrace-saga --test model -- --ignored --nocapture"]
fn two_cards_with_a_crash_and_a_fault() {
    let shop = setup::two_cards_a_crash_and_a_fault(Rules::sound());
    holds(
        "two cards, a crash and a fault",
        shop,
        &["completed", "declined"],
    );
}

#[test]
fn an_order_with_a_crash_and_a_fault() {
    let shop = setup::a_crash_and_a_fault(Rules::sound());
    let met = [
        "two intents",
        "completed at the second attempt",
        "refunded, for the goods were undeliverable",
    ];
    holds("one order, a crash and a fault", shop, &met);
}

#[test]
fn an_order_with_two_faults() {
    let shop = setup::two_faults(Rules::sound());
    let met = [
        "listed, its payment unknown",
        "listed, its refund failed",
        "a confirmation came late, and was refused",
        "a confirmation came late, and charged",
    ];
    holds("one order, two faults", shop, &met);
}

#[test]
fn an_order_that_two_processes_work_on() {
    let shop = setup::a_takeover(Rules::sound());
    holds(
        "one order, a takeover",
        shop,
        &["two processes at one order"],
    );
}

#[test]
fn an_order_that_an_operator_gives_the_money_back_for() {
    let shop = setup::an_operator(Rules::sound());
    holds("one order, an operator", shop, &["completed"]);
}

#[test]
fn an_order_in_cash() {
    let shop = setup::cash_alone(Rules::sound());
    let met = ["completed", "expired", "voided", "refunded and cancelled"];
    holds("one order in cash", shop, &met);
}

#[test]
fn a_provider_that_gives_back_whatever_it_is_asked_for() {
    let shop = setup::a_careless_provider(Rules::sound());
    holds(
        "one order, a careless provider",
        shop,
        &["refunded and cancelled"],
    );
}

#[test]
fn a_card_that_is_refused_at_first() {
    let shop = setup::a_second_chance(Rules::sound());
    holds("a card refused at first", shop, &["declined"]);
}

#[test]
fn a_card_that_nobody_knows() {
    let shop = setup::an_unknown_card(Rules::sound());
    holds("an unknown card", shop, &["declined"]);
}

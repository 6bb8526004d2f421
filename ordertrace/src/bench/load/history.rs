//! What a made-up order goes through: its goods, and the commands that bring it where it is to be.
//!
//! Invariant: a function of seed, number and fate. The deciders accept every step; one that they refuse is a mistake here,
//! and ends the load.

use ordertrace_domain::{
    Actor, Amount, Attempt, CancellationCause, Command, CommandId, CommandRequest, Currency,
    CustomerId, DeliveryCancellationCause, DeliveryCommand, OrderCommand, OrderId, OrderLine,
    OrderLines, PaymentCommand, PaymentMethod, PaymentToken, PlaceOrder, ProductId, ProductName,
    ProviderRef, Quantity, Reason, RefundRef,
};
use uuid::Uuid;

use super::super::dice::Dice;

/// The namespace of made-up orders.
const ORDERS: Uuid = Uuid::from_u128(0x6f72_6465_7274_5261_8000_0062_656e_6368);

/// As many customers as that order again and again: fifty orders each in a log of a million.
const CUSTOMERS: u32 = 20_000;

/// As many products, the first ones bought most.
const PRODUCTS: u32 = 1_000;

/// What products are called, one after the other.
const NAMES: [&str; 8] = [
    "Coffee",
    "Espresso cups, set of six",
    "Oat milk",
    "Hand grinder",
    "Filter papers",
    "Kettle",
    "Green tea",
    "Chocolate, 70 %",
];

/// What an order comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is completed, rejected or cancelled.
    Ended,
    /// It was placed, and all that follows is the saga's to do, which sets its deadlines, too.
    Open,
}

/// An order with all that is to happen to it.
pub(super) struct History {
    pub(super) order_id: OrderId,
    steps: Vec<(Actor, Command)>,
}

impl History {
    /// The one with this number.
    pub(super) fn make(seed: u64, number: u64, fate: Fate) -> anyhow::Result<Self> {
        let mut dice = Dice::of(seed, number);
        let name = [seed.to_be_bytes(), number.to_be_bytes()].concat();
        let order_id = OrderId::from_uuid(Uuid::new_v5(&ORDERS, &name));
        // Whoever looks after an open order by card would have to ask a provider that has never heard of it.
        let is_card = fate == Fate::Ended && dice.below(100) < 40;
        let mut script = Script::begin(place(&mut dice, number, is_card)?);
        if fate == Fate::Ended {
            script.go_to_its_end(&mut dice, number, is_card)?;
        }
        let steps = script.steps;
        Ok(Self { order_id, steps })
    }

    /// What is asked for, step by step; the same each time.
    pub(super) fn requests(&self) -> impl Iterator<Item = CommandRequest> {
        let steps = self.steps.iter().enumerate();
        steps.map(|(number, (actor, command))| {
            let command_id = self.command_id(number);
            CommandRequest {
                order_id: self.order_id,
                command: command.clone(),
                command_id,
                actor: actor.clone(),
                causation_id: None,
                correlation_id: self.command_id(0).into(),
                traceparent: None,
                expected_version: None,
                within: None,
            }
        })
    }

    fn command_id(&self, step: usize) -> CommandId {
        let name = format!("bench:{step}");
        CommandId::from_uuid(Uuid::new_v5(&self.order_id.as_uuid(), name.as_bytes()))
    }
}

fn place(dice: &mut Dice, number: u64, is_card: bool) -> anyhow::Result<OrderCommand> {
    let lines = (0..=dice.below(3))
        .map(|_| line(dice))
        .collect::<Result<_, _>>()?;
    let payment_method = if is_card {
        let token = PaymentToken::parse(format!("pm_bench_{number}"))?;
        PaymentMethod::Card { token }
    } else {
        PaymentMethod::Cash
    };
    let customer = CustomerId::parse(format!("customer-{}", dice.below(CUSTOMERS)))?;
    let placed = PlaceOrder::new(
        customer,
        Currency::parse("EUR")?,
        OrderLines::new(lines)?,
        None,
        payment_method,
    );
    Ok(OrderCommand::PlaceOrder(placed?))
}

/// The lesser of two throws, so that a few products are in most orders and most products in few.
fn line(dice: &mut Dice) -> anyhow::Result<OrderLine> {
    let product = dice.below(PRODUCTS).min(dice.below(PRODUCTS));
    let quantity = 1 + dice.below(4);
    let price = i64::from(100 + product * 7 % 5_000);
    Ok(OrderLine {
        product_id: ProductId::new(u64::from(product) + 1)?,
        product_name: ProductName::parse(NAMES[product as usize % NAMES.len()])?,
        quantity: Quantity::new(quantity)?,
        amount: Amount::from_minor(price)?.times(quantity)?,
    })
}

/// The steps of an order, as they are put together.
struct Script {
    steps: Vec<(Actor, Command)>,
}

impl Script {
    fn begin(placed: OrderCommand) -> Self {
        Self {
            steps: vec![(Actor::anonymous(), placed.into())],
        }
    }

    fn act(&mut self, actor: Actor, command: impl Into<Command>) {
        self.steps.push((actor, command.into()));
    }

    fn by_saga<C: Into<Command>>(&mut self, commands: impl IntoIterator<Item = C>) {
        for command in commands {
            self.act(Actor::saga(), command);
        }
    }

    /// Of a hundred orders 72 are completed, 5 of them at the second attempt, 14 are rejected and 14 cancelled.
    fn go_to_its_end(&mut self, dice: &mut Dice, number: u64, is_card: bool) -> anyhow::Result<()> {
        let reason = |text: &str| Reason::parse(text);
        let provider_ref = if is_card {
            Some(ProviderRef::parse(format!("pi_bench_{number}"))?)
        } else {
            None
        };
        self.by_saga([PaymentCommand::RequestPayment]);
        if let Some(provider_ref) = provider_ref.clone() {
            self.by_saga([PaymentCommand::SubmitPayment { provider_ref }]);
        }
        match dice.below(100) {
            0..67 => {
                self.paid_and_sent(provider_ref);
                self.arrived();
            }
            67..72 => {
                self.paid_and_sent(provider_ref);
                let reason = reason("nobody at home")?;
                self.act(Actor::anonymous(), DeliveryCommand::FailDelivery { reason });
                self.act(Actor::anonymous(), DeliveryCommand::StartDelivery);
                self.arrived();
            }
            72..80 => {
                let reason = reason("insufficient funds")?;
                self.by_saga([PaymentCommand::DeclinePayment {
                    provider_ref,
                    reason,
                }]);
                self.by_saga([OrderCommand::RejectOrder]);
            }
            80..86 => {
                self.by_saga([PaymentCommand::ExpirePayment { provider_ref }]);
                self.by_saga([OrderCommand::RejectOrder]);
            }
            86..96 => {
                self.cancellation_requested();
                self.by_saga([PaymentCommand::VoidPayment { provider_ref }]);
                self.by_saga([OrderCommand::CancelOrder]);
            }
            _ => {
                self.paid_and_sent(provider_ref);
                self.cancellation_requested();
                self.paid_back(number, is_card)?;
            }
        }
        Ok(())
    }

    fn paid_and_sent(&mut self, provider_ref: Option<ProviderRef>) {
        let by = if provider_ref.is_some() {
            Actor::saga()
        } else {
            Actor::anonymous()
        };
        self.act(by, PaymentCommand::ApprovePayment { provider_ref });
        let attempts_max = Attempt::FIRST.next().next();
        self.by_saga([
            DeliveryCommand::PrepareDelivery { attempts_max },
            DeliveryCommand::StartDelivery,
        ]);
    }

    fn arrived(&mut self) {
        self.act(Actor::anonymous(), DeliveryCommand::CompleteDelivery);
        self.by_saga([OrderCommand::CompleteOrder]);
    }

    fn cancellation_requested(&mut self) {
        let (cause, reason) = (CancellationCause::Requested, None);
        self.act(
            Actor::anonymous(),
            OrderCommand::RequestCancellation { cause, reason },
        );
    }

    fn paid_back(&mut self, number: u64, is_card: bool) -> anyhow::Result<()> {
        let cause = DeliveryCancellationCause::OrderCancelled;
        let refund_ref = if is_card {
            Some(RefundRef::parse(format!("re_bench_{number}"))?)
        } else {
            None
        };
        self.by_saga([DeliveryCommand::CancelDelivery { cause }]);
        self.by_saga([
            PaymentCommand::RequestRefund,
            PaymentCommand::ConfirmRefund { refund_ref },
        ]);
        self.by_saga([OrderCommand::CancelOrder]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ordertrace_domain::{OrderState, decide, evolve};

    use super::*;

    fn played(history: &History) -> OrderState {
        history
            .steps
            .iter()
            .fold(OrderState::default(), |state, (_, command)| {
                let events = decide(&state, command).unwrap();
                assert!(!events.is_empty(), "{command:?} does nothing");
                events.iter().fold(state, evolve)
            })
    }

    #[test]
    fn the_deciders_accept_every_step_and_an_order_comes_to_its_fate() {
        for number in 0..2_000 {
            for (fate, has_ended) in [(Fate::Ended, true), (Fate::Open, false)] {
                let history = History::make(7, number, fate).unwrap();
                let state = played(&history);
                let phase = state.order().map(|order| order.phase);
                assert_eq!(phase.map(|phase| phase.has_ended()), Some(has_ended));
            }
        }
    }

    #[test]
    fn the_same_seed_and_number_make_the_same_commands() {
        let commands = |seed| {
            let history = History::make(seed, 3, Fate::Ended).unwrap();
            let of = |request: CommandRequest| (request.command_id, request.command.hash());
            history.requests().map(of).collect::<Vec<_>>()
        };
        assert_eq!(commands(1), commands(1));
        assert_ne!(commands(1), commands(2));
    }
}

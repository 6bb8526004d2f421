//! One order as most are, paid in cash, and what brings it on its way: the commands that benches send.
//!
//! Invariant: the deciders accept each step after the one before, and no order's id comes twice.

use ordertrace_domain::{
    Actor, Amount, Attempt, Command, CommandId, CommandRequest, Currency, CustomerId,
    DeliveryCommand, OrderCommand, OrderId, OrderLine, OrderLines, PaymentCommand, PaymentMethod,
    PlaceOrder, ProductId, ProductName, Quantity,
};
use uuid::Uuid;

/// An order, and how far it can be brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order(OrderId);

impl Order {
    /// Another one.
    pub(super) fn new() -> Self {
        Self(OrderId::from_uuid(Uuid::now_v7()))
    }

    /// Its first step.
    pub(super) fn place(self) -> anyhow::Result<CommandRequest> {
        let place = PlaceOrder::new(
            CustomerId::parse("customer-1".to_owned())?,
            Currency::parse("EUR")?,
            OrderLines::new(vec![OrderLine {
                product_id: ProductId::new(1)?,
                product_name: ProductName::parse("Coffee")?,
                quantity: Quantity::new(1)?,
                amount: Amount::from_minor(1_000)?,
            }])?,
            None,
            PaymentMethod::Cash,
        )?;
        Ok(self.request(Actor::anonymous(), OrderCommand::PlaceOrder(place)))
    }

    /// What brings an order that was placed to its fifth event, one event a step.
    pub(super) fn to_the_fifth_event(self) -> [CommandRequest; 4] {
        let attempts_max = Attempt::FIRST.next().next();
        let paid = PaymentCommand::ApprovePayment { provider_ref: None };
        [
            self.request(Actor::saga(), PaymentCommand::RequestPayment),
            self.request(Actor::anonymous(), paid),
            self.request(
                Actor::saga(),
                DeliveryCommand::PrepareDelivery { attempts_max },
            ),
            self.request(Actor::saga(), DeliveryCommand::StartDelivery),
        ]
    }

    /// The step after that.
    pub(super) fn deliver(self) -> CommandRequest {
        self.request(Actor::anonymous(), DeliveryCommand::CompleteDelivery)
    }

    fn request(self, actor: Actor, command: impl Into<Command>) -> CommandRequest {
        let command_id = CommandId::from_uuid(Uuid::now_v7());
        CommandRequest {
            order_id: self.0,
            command: command.into(),
            command_id,
            actor,
            causation_id: None,
            correlation_id: command_id.into(),
            traceparent: None,
            expected_version: None,
            within: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use ordertrace_domain::{OrderState, decide, evolve};

    use super::*;

    #[test]
    fn each_step_is_one_event() {
        let order = Order::new();
        let steps = [order.place().unwrap()];
        let steps = steps.into_iter().chain(order.to_the_fifth_event());
        let steps = steps.chain([order.deliver()]);
        let state = steps.fold(OrderState::default(), |state, request| {
            let events = decide(&state, &request.command).unwrap();
            assert_eq!(events.len(), 1, "{:?}", request.command);
            events.iter().fold(state, evolve)
        });
        assert!(state.order().is_some());
    }
}

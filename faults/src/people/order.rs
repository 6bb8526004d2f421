//! What a customer orders.

use ordertrace_domain::{
    Amount, Currency, CustomerId, OrderCommand, OrderId, OrderLine, OrderLines, PaymentMethod,
    PaymentToken, PlaceOrder, ProductId, ProductName, Quantity,
};
use uuid::Uuid;

use crate::{provider::CARDS, world::World};

/// An order that somebody is going to place.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) order: OrderId,
    pub(crate) customer: CustomerId,
    pub(crate) command: OrderCommand,
}

impl Place {
    /// An order of the dice's choice; nothing if a value is none, which the tests of this crate would notice.
    pub(crate) fn draw(world: &World, number: u64) -> Option<Self> {
        let customer = CustomerId::parse(format!("customer-{number}")).ok()?;
        let order = OrderId::from_uuid(id(world));
        let command = place(world, &customer)?;
        Some(Self {
            order,
            customer,
            command,
        })
    }

    /// Another order under the same id, as of a client that uses a key twice.
    pub(crate) fn other(&self, world: &World) -> Option<OrderCommand> {
        place(world, &self.customer)
    }
}

/// An id of the dice's choice.
pub(crate) fn id(world: &World) -> Uuid {
    Uuid::from_u64_pair(world.below(u64::MAX), world.below(u64::MAX))
}

fn place(world: &World, customer: &CustomerId) -> Option<OrderCommand> {
    let minor = i64::try_from(1 + world.below(100_000)).ok()?;
    let line = OrderLine {
        product_id: ProductId::new(1 + world.below(9)).ok()?,
        product_name: ProductName::parse("Coffee").ok()?,
        quantity: Quantity::new(1).ok()?,
        amount: Amount::from_minor(minor).ok()?,
    };
    let method = match world.below(3) {
        0 => PaymentMethod::Cash,
        _ => PaymentMethod::Card {
            token: PaymentToken::parse(CARDS[world.pick(CARDS.len())]).ok()?,
        },
    };
    let lines = OrderLines::new(vec![line]).ok()?;
    let currency = Currency::parse("EUR").ok()?;
    let order = PlaceOrder::new(customer.clone(), currency, lines, None, method).ok()?;
    Some(OrderCommand::PlaceOrder(order))
}

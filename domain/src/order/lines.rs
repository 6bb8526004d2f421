//! What is ordered and how it is paid for: product, quantity, line, means of payment.
//!
//! Invariant: an [`OrderLines`] has between one line and [`OrderLines::COUNT_MAX`], and a total that fits 64 bits.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Amount, InvalidMoney, PaymentToken, ProductName};

/// An order that can't be placed as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrder {
    /// A product id beyond what every JSON reader keeps exact.
    #[error("a product id is a whole number from 1 to 9007199254740991")]
    ProductId,
    /// No item, or too many of one.
    #[error("a quantity is a whole number from 1 to 1000000")]
    Quantity,
    /// No line, or more than an order takes.
    #[error("an order has 1 to 100 lines")]
    LineCount,
    /// The stated total is not the sum of the lines.
    #[error("the total does not equal the sum of the lines, {0} minor units")]
    TotalMismatch(i64),
    /// An amount or a sum that is none.
    #[error(transparent)]
    Money(#[from] InvalidMoney),
}

/// Names a product: a positive integer that JSON keeps exact (below 2⁵³).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProductId(u64);

impl ProductId {
    /// The largest number.
    pub const MAX: u64 = (1 << 53) - 1;

    /// Checks a number from outside.
    ///
    /// # Errors
    /// [`InvalidOrder::ProductId`].
    pub const fn new(number: u64) -> Result<Self, InvalidOrder> {
        match number {
            1..=Self::MAX => Ok(Self(number)),
            _ => Err(InvalidOrder::ProductId),
        }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How many of a product: 1 to 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(u32);

impl Quantity {
    /// The most items of a line.
    pub const MAX: u32 = 1_000_000;

    /// Checks a number from outside.
    ///
    /// # Errors
    /// [`InvalidOrder::Quantity`].
    pub const fn new(number: u32) -> Result<Self, InvalidOrder> {
        match number {
            1..=Self::MAX => Ok(Self(number)),
            _ => Err(InvalidOrder::Quantity),
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Which product.
    pub product_id: ProductId,
    /// Its name when it was ordered.
    pub product_name: ProductName,
    /// How many.
    pub quantity: Quantity,
    /// What the whole line costs, in minor units of the order's currency.
    pub amount: Amount,
}

/// One to a hundred lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderLines(Vec<OrderLine>);

impl OrderLines {
    /// The most lines of an order. With the longest names a payload then stays below 64 KiB.
    pub const COUNT_MAX: usize = 100;

    /// Checks the number of lines and that their sum fits.
    ///
    /// # Errors
    /// [`InvalidOrder::LineCount`]; [`InvalidOrder::Money`] when the sum overflows.
    pub fn new(lines: Vec<OrderLine>) -> Result<Self, InvalidOrder> {
        if lines.is_empty() || lines.len() > Self::COUNT_MAX {
            return Err(InvalidOrder::LineCount);
        }
        Amount::sum(lines.iter().map(|line| line.amount))?;
        Ok(Self(lines))
    }

    /// The lines, in the customer's order.
    pub fn as_slice(&self) -> &[OrderLine] {
        &self.0
    }

    /// How many items all lines have together.
    pub fn quantity(&self) -> u64 {
        self.0.iter().map(|line| u64::from(line.quantity.0)).sum()
    }

    /// The sum of the lines.
    ///
    /// # Errors
    /// [`InvalidMoney`], only for lines that were read from a log somebody else wrote.
    pub fn total(&self) -> Result<Amount, InvalidMoney> {
        Amount::sum(self.0.iter().map(|line| line.amount))
    }
}

/// How the customer pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum PaymentMethod {
    /// Somebody takes the money and says so over the API.
    Cash,
    /// The payment provider charges a card that it knows by this token.
    Card {
        /// The provider's name for the card.
        token: PaymentToken,
    },
}

impl PaymentMethod {
    /// `cash` or `card`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Card { .. } => "card",
        }
    }

    /// Whether the payment provider has a part in it.
    pub const fn is_card(&self) -> bool {
        matches!(self, Self::Card { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(amount: i64) -> OrderLine {
        OrderLine {
            product_id: ProductId::new(1).unwrap(),
            product_name: ProductName::parse("Coffee").unwrap(),
            quantity: Quantity::new(2).unwrap(),
            amount: Amount::from_minor(amount).unwrap(),
        }
    }

    #[test]
    fn an_order_has_one_to_a_hundred_lines() {
        assert_eq!(OrderLines::new(vec![]), Err(InvalidOrder::LineCount));
        assert!(OrderLines::new(vec![line(1); 100]).is_ok());
        assert_eq!(
            OrderLines::new(vec![line(1); 101]),
            Err(InvalidOrder::LineCount)
        );
    }

    #[test]
    fn lines_sum_up_without_overflow() {
        let lines = OrderLines::new(vec![line(300), line(700)]).unwrap();
        assert_eq!(lines.total().map(Amount::minor), Ok(1_000));
        assert_eq!(lines.quantity(), 4);
        let overflow = OrderLines::new(vec![line(i64::MAX), line(1)]);
        assert_eq!(overflow, Err(InvalidOrder::Money(InvalidMoney::Overflow)));
    }

    #[test]
    fn quantities_and_product_ids_are_bounded() {
        assert_eq!(Quantity::new(0), Err(InvalidOrder::Quantity));
        assert_eq!(Quantity::new(1_000_001), Err(InvalidOrder::Quantity));
        assert_eq!(ProductId::new(0), Err(InvalidOrder::ProductId));
        assert_eq!(ProductId::new(1 << 53), Err(InvalidOrder::ProductId));
    }
}

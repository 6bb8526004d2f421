//! The body of `POST /orders`.
//!
//! Either the original system's flat fields, where `cost` is the order's total, or `lines`, where each has the `price`
//! of one item; never both. All money is in minor units of `currency`.

use ordertrace_domain::{
    Amount, Currency, CustomerId, InvalidOrder, OrderLines, PaymentMethod, PaymentToken, PlaceOrder,
};
use ordertrace_http::{Fault, Faulty, Fields, FromJson, Json, Problem, ProblemKind};

use super::goods::{self, amount};

/// An order as it was sent.
#[derive(Debug)]
pub(super) struct NewOrder {
    currency: Option<Currency>,
    lines: OrderLines,
    stated_total: Option<Amount>,
    payment_method: PaymentMethod,
}

impl NewOrder {
    /// The order as a customer's command.
    pub(super) fn place(
        self,
        customer_id: CustomerId,
        default_currency: Currency,
    ) -> Result<PlaceOrder, Problem> {
        let currency = self.currency.unwrap_or(default_currency);
        PlaceOrder::new(
            customer_id,
            currency,
            self.lines,
            self.stated_total,
            self.payment_method,
        )
        .map_err(|invalid: InvalidOrder| {
            // The lines were checked when they were read: what is left to be wrong is the total.
            Problem::field(ProblemKind::InvalidMoney, "/cost", invalid.to_string())
        })
    }
}

impl FromJson for NewOrder {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let currency = fields.optional("currency", |value| Ok(Currency::parse(&value.text()?)?));
        let payment_method = payment_method(fields);
        let (lines, stated_total) = if fields.has("lines") {
            (goods::lines(fields), fields.optional("cost", amount))
        } else {
            (goods::flat(fields), Ok(None))
        };
        Ok(Self {
            currency: currency?,
            payment_method: payment_method?,
            lines: lines?,
            stated_total: stated_total?,
        })
    }
}

/// The `paymentType` words.
enum PaymentType {
    Cash,
    Card,
}

fn payment_type(value: Json) -> Result<PaymentType, Fault> {
    match value.text()?.as_str() {
        "cash" => Ok(PaymentType::Cash),
        "card" => Ok(PaymentType::Card),
        _ => Err(Fault::validation("must be \"cash\" or \"card\"")),
    }
}

fn payment_method(fields: &mut Fields<'_>) -> Result<PaymentMethod, Faulty> {
    match fields.required("paymentType", payment_type)? {
        PaymentType::Cash => fields
            .forbidden("paymentMethod", "belongs to a payment by card only")
            .map(|()| PaymentMethod::Cash),
        PaymentType::Card => {
            let token = fields.optional("paymentMethod", |value| {
                Ok(PaymentToken::parse(value.text()?)?)
            })?;
            let missing = "is missing: a payment by card needs the payment provider's name for the card, \
                           such as pm_card_visa";
            token
                .map(|token| PaymentMethod::Card { token })
                .ok_or_else(|| fields.fault("paymentMethod", Fault::validation(missing)))
        }
    }
}

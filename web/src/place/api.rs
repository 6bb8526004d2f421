//! The form as the API takes it.
//!
//! Invariant: nothing is judged here. What is empty is left out, so that the API says what is missing; an amount is said in
//! minor units, and one that can't be is handed on as it was written, so that the API refuses it beside all other faults.

use serde::Serialize;

use super::form::{Form, Line};
use crate::format::to_minor;

/// The body of `POST /orders`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewOrder<'a> {
    currency: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    payment_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method: Option<&'a str>,
    lines: Vec<NewLine<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NewLine<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    product_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    product_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    qty: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    price: String,
}

/// The order that a form asks for.
pub(super) fn order_of(form: &Form) -> NewOrder<'_> {
    let method = form.payment_method.as_str();
    NewOrder {
        currency: &form.currency,
        payment_type: &form.payment_type,
        // The field is there for cash too, and has no say then.
        payment_method: (form.is_card() && !method.is_empty()).then_some(method),
        lines: form
            .lines
            .iter()
            .map(|line| line_of(line, &form.currency))
            .collect(),
    }
}

fn line_of<'a>(line: &'a Line, currency: &str) -> NewLine<'a> {
    NewLine {
        product_id: &line.product_id,
        product_name: &line.product_name,
        qty: &line.qty,
        price: to_minor(&line.price, currency).unwrap_or_else(|| line.price.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_in_minor_units_and_what_is_empty_is_left_out() {
        let form = Form::read(
            "currency=EUR&paymentType=cash&paymentMethod=pm_1&productName=Coffee&productId=1&qty=2&price=4.5&productName=&price=4.505",
        );
        let body = serde_json::to_value(order_of(&form)).unwrap();
        let expected = serde_json::json!({
            "currency": "EUR",
            "paymentType": "cash",
            "lines": [
                { "productId": "1", "productName": "Coffee", "qty": "2", "price": "450" },
                { "price": "4.505" },
            ],
        });
        assert_eq!(body, expected);
    }
}

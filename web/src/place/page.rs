//! The form as a page.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{
    form::{Form, Line},
    report::{Fault, Report},
};
use crate::{
    api::Caller,
    chrome::{self, Chrome, Section},
};

/// What the simulated payment provider takes for a card, as Stripe's test mode does.
const TEST_METHODS: [&str; 3] = ["pm_card_visa", "pm_card_mastercard", "pm_card_amex"];

/// Currencies that are offered; any other of ISO 4217 can be written.
const CURRENCIES: [&str; 6] = ["EUR", "USD", "GBP", "CHF", "JPY", "KRW"];

#[derive(Template)]
#[template(path = "place/page.html")]
struct PlacePage<'a> {
    chrome: Chrome,
    form: &'a Form,
    report: &'a Report,
    currencies: [&'static str; CURRENCIES.len()],
    methods: [&'static str; TEST_METHODS.len()],
}

/// The page with what was written, and with what is wrong with it.
pub(super) fn page(caller: &Caller, status: StatusCode, form: &Form, report: &Report) -> Response {
    let page = PlacePage {
        chrome: Chrome::new(caller, Section::NewOrder, "New order"),
        form,
        report,
        currencies: CURRENCIES,
        methods: TEST_METHODS,
    };
    chrome::page(status, &page)
}

/// One field of a line: what the template draws an input of.
struct Input<'a> {
    id: String,
    name: &'static str,
    label: &'static str,
    value: &'a str,
    mode: &'static str,
    fault: Option<&'a Fault>,
    has_focus: bool,
}

impl PlacePage<'_> {
    /// The fields of a line, in their order.
    fn inputs<'a>(&'a self, index: &usize, line: &'a Line) -> [Input<'a>; 4] {
        let input = |name, label, value, mode| {
            let id = format!("line-{index}-{name}");
            Input {
                fault: self.report.at(&id),
                has_focus: name == "productName" && self.form.added == Some(*index),
                id,
                name,
                label,
                value,
                mode,
            }
        };
        [
            input("productName", "Product", &line.product_name, "text"),
            input("productId", "Number", &line.product_id, "numeric"),
            input("qty", "Quantity", &line.qty, "numeric"),
            input("price", "Price of one", &line.price, "decimal"),
        ]
    }
}

//! What is wrong with a form, in the API's own words, and where.

use super::form::Form;
use crate::{
    api::{ApiError, Caller, FieldProblem},
    format::{decimals, to_minor},
};

/// The kind of problem that a form has which placed an order before, and says something else now.
const KEY_REUSE: &str = "key-reuse";

/// Whether a form can place an order no more unless it has another key.
pub(super) fn is_used_up(error: &ApiError) -> bool {
    error
        .problem()
        .is_some_and(|problem| problem.kind == KEY_REUSE)
}

/// The API's answer to a form that is no order.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// What is wrong in all; empty when nothing is.
    pub(super) title: String,
    /// A sentence about it, where the faults do not say it all.
    pub(super) detail: String,
    pub(super) faults: Vec<Fault>,
    pub(super) request_id: Option<String>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field's id on the page; none for what is wrong with no field of the form.
    pub(super) field: Option<String>,
    /// What the field is called.
    pub(super) name: String,
    /// As they stand behind the name.
    pub(super) words: String,
}

impl Report {
    /// What the API said to a form.
    pub(super) fn of(form: &Form, error: &ApiError, caller: &Caller) -> Self {
        let request_id = caller.request_id().map(str::to_owned);
        let Some(problem) = error.problem() else {
            tracing::error!(
                error = error as &dyn std::error::Error,
                "an order could not be placed"
            );
            return Self {
                title: "The order could not be placed".to_owned(),
                request_id,
                ..Self::default()
            };
        };
        if problem.kind == KEY_REUSE {
            return Self::used_up();
        }
        let mut errors: Vec<_> = problem.errors.iter().collect();
        errors.sort_by_key(|error| Place::of(&error.pointer).rank());
        let faults = errors.into_iter().map(|error| Fault::of(form, error));
        Self {
            title: match problem.errors.len() {
                0 => problem.title.clone(),
                1 => "One field needs another look".to_owned(),
                several => format!("{several} fields need another look"),
            },
            detail: if problem.errors.is_empty() {
                problem.detail.clone()
            } else {
                String::new()
            },
            faults: faults.collect(),
            request_id: error
                .status()
                .is_server_error()
                .then_some(request_id)
                .flatten(),
        }
    }

    /// Somebody went back to a form that was sent, and changed it. Keys are none of their concern.
    fn used_up() -> Self {
        Self {
            title: "This form has placed an order already".to_owned(),
            detail: "That order stays as it was sent. Nothing was done just now. Sent again, it is a second order, of what stands here."
                .to_owned(),
            ..Self::default()
        }
    }

    /// Whether there is anything to report.
    pub(super) fn is_empty(&self) -> bool {
        self.title.is_empty()
    }

    /// What is wrong with a field.
    pub(super) fn at(&self, field: &str) -> Option<&Fault> {
        self.faults
            .iter()
            .find(|fault| fault.field.as_deref() == Some(field))
    }
}

impl Fault {
    fn of(form: &Form, error: &FieldProblem) -> Self {
        let place = Place::of(&error.pointer);
        let words = match place {
            Place::InLine(index, "price") => price_words(form, index),
            Place::InLine(..) | Place::Field(_) | Place::Elsewhere => None,
        };
        Self {
            field: place.field(),
            name: place.name(),
            words: words.unwrap_or_else(|| error.detail.clone()),
        }
    }

    /// The words where they stand alone.
    pub(super) fn sentence(&self) -> String {
        capitalized(&self.words)
    }
}

/// The API speaks of minor units; the form does not.
fn price_words(form: &Form, index: usize) -> Option<String> {
    let price = &form.lines.get(index)?.price;
    let digits = decimals(&form.currency)?;
    if price.is_empty() || to_minor(price, &form.currency).is_some() {
        return None;
    }
    let currency = &form.currency;
    Some(match digits {
        0 => format!("an amount in {currency} is a whole number, such as 1000"),
        digits => format!(
            "an amount in {currency} is digits with at most {digits} after a point, such as 10.{}",
            "50000".get(..digits).unwrap_or("5")
        ),
    })
}

/// The fields of a line, and then those of the order, as the form has them from top to bottom.
const IN_LINE: [&str; 4] = ["productName", "productId", "qty", "price"];
const OF_ORDER: [&str; 3] = ["paymentType", "currency", "paymentMethod"];

/// Where a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    Field(&'a str),
    InLine(usize, &'a str),
    Elsewhere,
}

impl<'a> Place<'a> {
    fn of(pointer: &'a str) -> Self {
        let parts: Vec<_> = pointer.split('/').skip(1).collect();
        match parts.as_slice() {
            [name @ ("currency" | "paymentType" | "paymentMethod")] => Self::Field(name),
            [
                "lines",
                index,
                name @ ("productId" | "productName" | "qty" | "price"),
            ] => index
                .parse()
                .map_or(Self::Elsewhere, |index| Self::InLine(index, name)),
            _ => Self::Elsewhere,
        }
    }

    /// How far down on the page it is: by line, and within it.
    fn rank(self) -> (usize, Option<usize>) {
        let among = |names: &[&str], name| names.iter().position(|known| *known == name);
        match self {
            Self::InLine(line, name) => (line, among(&IN_LINE, name)),
            Self::Field(name) => (usize::MAX - 1, among(&OF_ORDER, name)),
            Self::Elsewhere => (usize::MAX, None),
        }
    }

    fn field(self) -> Option<String> {
        match self {
            Self::Field(name) => Some(name.to_owned()),
            Self::InLine(index, name) => Some(format!("line-{index}-{name}")),
            Self::Elsewhere => None,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Field("paymentType") => "Payment".to_owned(),
            Self::Field("paymentMethod") => "Payment method".to_owned(),
            Self::Field(_) => "Currency".to_owned(),
            Self::InLine(index, name) => format!("Line {}, {}", index + 1, in_line(name)),
            Self::Elsewhere => "The order".to_owned(),
        }
    }
}

fn in_line(name: &str) -> &'static str {
    match name {
        "productId" => "product number",
        "productName" => "product",
        "qty" => "quantity",
        _ => "price",
    }
}

fn capitalized(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn fault(form: &str, pointer: &str) -> Fault {
        let (pointer, detail) = (pointer.to_owned(), "is missing".to_owned());
        Fault::of(&Form::read(form), &FieldProblem { pointer, detail })
    }

    #[rstest]
    #[case("/currency", Some("currency"), "Currency")]
    #[case("/paymentMethod", Some("paymentMethod"), "Payment method")]
    #[case("/lines/1/qty", Some("line-1-qty"), "Line 2, quantity")]
    #[case("/lines", None, "The order")]
    #[case("/lines/x/qty", None, "The order")]
    #[case("/cost", None, "The order")]
    #[case("", None, "The order")]
    fn a_fault_is_told_at_its_field(
        #[case] pointer: &str,
        #[case] field: Option<&str>,
        #[case] name: &str,
    ) {
        let fault = fault("", pointer);
        assert_eq!((fault.field.as_deref(), fault.name.as_str()), (field, name));
        assert_eq!(
            (fault.words.as_str(), fault.sentence().as_str()),
            ("is missing", "Is missing")
        );
    }

    #[test]
    fn a_price_that_is_no_amount_is_told_in_the_units_of_the_form() {
        let eur = fault("currency=EUR&productName=a&price=1.005", "/lines/0/price");
        let words = "An amount in EUR is digits with at most 2 after a point, such as 10.50";
        assert_eq!(eur.sentence(), words);
        let krw = fault("currency=KRW&productName=a&price=1.5", "/lines/0/price");
        assert_eq!(
            krw.sentence(),
            "An amount in KRW is a whole number, such as 1000"
        );
        let none = fault("currency=EUR&productName=a&price=", "/lines/0/price");
        assert_eq!(none.words, "is missing");
    }
}

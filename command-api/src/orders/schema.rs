//! The body of `POST /orders`, described: its two forms, each to be paid in cash or by card.

use ordertrace_domain::{Currency, OrderLines, ProductId, ProductName, Quantity};
use ordertrace_http::openapi::{
    Schemas, integer_or_digits, line_of_text, or_null, reference, word,
};
use serde_json::{Value, json};
use utoipa::openapi::{
    RefOr, Schema,
    schema::{ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Type},
};

use crate::openapi::closed;

/// What has to be there beside the payment.
struct Form {
    name: &'static str,
    title: &'static str,
    fields: fn(ObjectBuilder) -> ObjectBuilder,
}

const FORMS: [Form; 2] = [
    Form {
        name: "NewOrderOfOneProduct",
        title: "One product, and what it costs in all",
        fields: one_product,
    },
    Form {
        name: "NewOrderOfLines",
        title: "Lines, each with the price of one item",
        fields: several_lines,
    },
];

/// The body.
pub(super) fn new_order(schemas: &mut Schemas) -> RefOr<Schema> {
    schemas.named("NewLine", new_line());
    let mut either = OneOfBuilder::new();
    for form in FORMS {
        for (payment, fields) in PAYMENTS {
            let title = format!("{}, {payment}", form.title);
            let described = ObjectBuilder::new().title(Some(title));
            let described = with_currency(fields((form.fields)(described)));
            let name = format!("{}{}", form.name, capital(payment));
            either = either.item(schemas.named(name, closed(described)));
        }
    }
    schemas.named("NewOrder", Schema::OneOf(either.build()))
}

/// Bodies that are taken.
pub(super) fn examples() -> [(&'static str, Value); 2] {
    let one_product = json!({
        "productId": 1, "productName": "Coffee", "qty": 1, "cost": 1000, "paymentType": "cash"
    });
    let lines = json!({
        "paymentType": "card",
        "paymentMethod": "pm_card_visa",
        "lines": [
            { "productId": 1, "productName": "Coffee", "qty": 2, "price": 450 },
            { "productId": 2, "productName": "Cake", "qty": 1, "price": 600 },
        ],
    });
    [("one product, cash", one_product), ("lines, card", lines)]
}

type Fields = fn(ObjectBuilder) -> ObjectBuilder;

const PAYMENTS: [(&str, Fields); 2] = [("cash", in_cash), ("card", by_card)];

fn in_cash(object: ObjectBuilder) -> ObjectBuilder {
    let nothing = ObjectBuilder::new().schema_type(Type::Null);
    object
        .property("paymentType", word(&["cash"]))
        .required("paymentType")
        .property("paymentMethod", nothing)
}

fn by_card(object: ObjectBuilder) -> ObjectBuilder {
    object
        .property("paymentType", word(&["card"]))
        .required("paymentType")
        .property("paymentMethod", payment_method())
        .required("paymentMethod")
}

/// The provider's name for a card. Never the card's number: thirteen to nineteen digits are refused.
fn payment_method() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "The payment provider's name for the card, such as `pm_card_visa`; never a card's number.",
        ))
        .pattern(Some("^(?!-*([0-9]-*){13,19}$)[!-~]{1,255}$"))
        .build()
}

fn one_product(object: ObjectBuilder) -> ObjectBuilder {
    item(object)
        .property("cost", integer_or_digits(i64::MAX as u64))
        .required("cost")
}

fn several_lines(object: ObjectBuilder) -> ObjectBuilder {
    let lines = ArrayBuilder::new()
        .items(reference("NewLine"))
        .min_items(Some(1))
        .max_items(Some(OrderLines::COUNT_MAX));
    object
        .property("lines", lines)
        .required("lines")
        .property("cost", or_null(integer_or_digits(i64::MAX as u64)))
}

fn new_line() -> Object {
    let described = item(ObjectBuilder::new())
        .property("price", integer_or_digits(i64::MAX as u64))
        .required("price");
    closed(described)
}

fn item(object: ObjectBuilder) -> ObjectBuilder {
    object
        .property("productId", integer_or_digits(ProductId::MAX))
        .required("productId")
        .property("productName", line_of_text(ProductName::CHARS_MAX))
        .required("productName")
        .property("qty", integer_or_digits(Quantity::MAX.into()))
        .required("qty")
}

fn with_currency(object: ObjectBuilder) -> ObjectBuilder {
    let codes: Vec<_> = Currency::all().map(Currency::code).collect();
    let code = word(&codes);
    object.property("currency", or_null(code))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

//! What is ordered, in either of its two forms.

use ordertrace_domain::{
    Amount, InvalidOrder, OrderLine, OrderLines, ProductId, ProductName, Quantity,
};
use ordertrace_http::{Fault, Faulty, Fields, FromJson, Json};

/// The flat fields that `lines` take the place of.
const FLAT: [&str; 3] = ["productId", "productName", "qty"];

/// An amount of money, in minor units.
pub(super) fn amount(value: Json) -> Result<Amount, Fault> {
    Ok(Amount::from_minor(value.minor_units()?)?)
}

/// The original's form: one product, and what it costs in all.
pub(super) fn flat(fields: &mut Fields<'_>) -> Result<OrderLines, Faulty> {
    let item = Item::read(fields);
    let cost = fields.required("cost", amount);
    let line = item?.line(cost?);
    OrderLines::new(vec![line]).map_err(|invalid| fields.fault("cost", invalid.into()))
}

/// The form with lines.
pub(super) fn lines(fields: &mut Fields<'_>) -> Result<OrderLines, Faulty> {
    let why = "can't be there beside lines; each line has its own";
    let alone = FLAT.map(|name| fields.forbidden(name, why));
    let lines = fields.list::<Line>("lines")?;
    alone.into_iter().collect::<Result<(), Faulty>>()?;
    OrderLines::new(lines.into_iter().map(|Line(line)| line).collect())
        .map_err(|invalid| fields.fault("lines", invalid.into()))
}

/// One of the `lines`.
struct Line(OrderLine);

impl FromJson for Line {
    fn from_json(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let item = Item::read(fields);
        let price = fields.required("price", amount);
        let (item, price) = (item?, price?);
        let times = price.times(item.quantity.get());
        times
            .map(|amount| Self(item.line(amount)))
            .map_err(|invalid| fields.fault("price", invalid.into()))
    }
}

/// What both forms have in common.
struct Item {
    product_id: ProductId,
    product_name: ProductName,
    quantity: Quantity,
}

impl Item {
    fn read(fields: &mut Fields<'_>) -> Result<Self, Faulty> {
        let product_id = fields.required("productId", product_id);
        let product_name = fields.required("productName", product_name);
        let quantity = fields.required("qty", quantity);
        Ok(Self {
            product_id: product_id?,
            product_name: product_name?,
            quantity: quantity?,
        })
    }

    fn line(self, amount: Amount) -> OrderLine {
        OrderLine {
            product_id: self.product_id,
            product_name: self.product_name,
            quantity: self.quantity,
            amount,
        }
    }
}

fn product_id(value: Json) -> Result<ProductId, Fault> {
    let number = u64::try_from(value.integer()?).map_err(|_| InvalidOrder::ProductId)?;
    Ok(ProductId::new(number)?)
}

fn product_name(value: Json) -> Result<ProductName, Fault> {
    Ok(ProductName::parse(value.text()?)?)
}

fn quantity(value: Json) -> Result<Quantity, Fault> {
    let number = u32::try_from(value.integer()?).map_err(|_| InvalidOrder::Quantity)?;
    Ok(Quantity::new(number)?)
}

//! `POST /orders`: places an order.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use ordertrace_domain::OrderCommand;
use ordertrace_http::{JsonBody, OrderResource, Problem};

use super::new_order::NewOrder;
use crate::{CommandApi, answer::text, caller::Caller};

pub(super) const ROUTE: &str = "/orders";

pub(super) async fn place(
    State(api): State<CommandApi>,
    caller: Caller,
    JsonBody(body): JsonBody<NewOrder>,
) -> Result<Response, Problem> {
    let customer_id = caller.principal.customer_id.clone();
    let order = body.place(customer_id, api.default_currency)?;
    let request = caller.creation(ROUTE, OrderCommand::PlaceOrder(order))?;
    let done = api.carry_out(&request).await?;
    let location: HeaderValue = text(format!("{ROUTE}/{}", done.order_id()));
    let mut response = done.answer(StatusCode::CREATED, OrderResource::of);
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

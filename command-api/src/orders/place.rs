//! `POST /orders`: places an order.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use ordertrace_domain::OrderCommand;
use ordertrace_http::{
    JsonBody, OrderResource, Problem, ProblemKind,
    openapi::{Described, Schemas, location},
};
use utoipa::openapi::Required;

use super::{new_order::NewOrder, schema};
use crate::{
    CommandApi,
    answer::text,
    caller::Caller,
    openapi::{ORDERS, creation, done, with_body},
};

pub(super) const ROUTE: &str = "/orders";

pub(super) fn described() -> Described {
    let answer = |schemas: &mut Schemas| {
        done::<OrderResource>(
            schemas,
            StatusCode::CREATED,
            "The order, in the log for good.",
        )
        .with(location("order"))
        .leads_to("getOrder", "orderId")
        .leads_to("getOrderTrace", "orderId")
        .leads_to("listEvents", "orderId")
        .leads_to("cancelOrder", "orderId")
        .leads_to("approvePayment", "orderId")
        .leads_to("completeDelivery", "orderId")
    };
    let described = creation("placeOrder", ORDERS, "Places an order")
        .explained(
            "Either one product and what it costs in all, or `lines`. Send an `Idempotency-Key`: when the answer gets \
             lost, send the request again, and you get the answer without a second order.",
        )
        .answers(answer)
        .problems([ProblemKind::InvalidMoney]);
    with_body(
        described,
        Required::True,
        schema::new_order,
        &schema::examples(),
    )
}

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

//! `/v1/refunds`

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::{
    super::{
        book::Book,
        magic::Step,
        record::Line,
        rules::{self, Return},
    },
    Simulator,
    answer::Answer,
    form::Form,
    objects,
    once::{Identity, Risk, once},
    refusal::ApiError,
};

/// How many refunds a list has, unless the caller asks for another number.
const LIMIT: i64 = 10;

pub(super) async fn create(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wish = wish(&body)?;
    let identity = Identity::of(uri.path(), &headers, &body);
    let work = move |book: &mut Book| {
        let risk = Risk::at(book, &wish.intent, Step::Refund);
        book.put(Line::Asked(wish.intent.clone()));
        once(book, identity, risk, |book| refunded(book, wish))
    };
    let reply = simulator.exclusively(work).await?;
    Ok(reply.send(simulator.slow_answer).await)
}

/// What went back, the last first.
pub(super) async fn list(
    State(simulator): State<Simulator>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let mut form = Form::parse(query.unwrap_or_default().as_bytes());
    let id = form.require("payment_intent")?;
    let limit = form.take_number("limit")?.unwrap_or(LIMIT);
    form.end()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let work = move |book: &mut Book| {
        book.put(Line::Asked(id.clone()));
        let intent = rules::look_up(book, &id);
        let intent = intent.map_err(|refusal| ApiError::refused(refusal, "list"))?;
        let refunds = book.refunds_of(&id);
        let currency = &intent.wish.currency;
        let data = refunds.iter().rev().take(limit);
        let data = data.map(|refund| objects::refund(refund, currency));
        let has_more = refunds.len() > limit;
        Ok(Answer::ok(objects::list(
            "/v1/refunds",
            data.collect(),
            has_more,
        )))
    };
    let answer: Result<Answer, ApiError> = simulator.exclusively(work).await?;
    Ok(answer?.into_response())
}

fn wish(body: &[u8]) -> Result<Return, ApiError> {
    let mut form = Form::parse(body);
    let wish = Return {
        intent: form.require("payment_intent")?,
        amount: form.take_number("amount")?,
        metadata: form.take_metadata(),
        at: Utc::now().timestamp(),
    };
    form.take("reason");
    form.end()?;
    Ok(wish)
}

fn refunded(book: &mut Book, wish: Return) -> Result<Answer, ApiError> {
    let id = wish.intent.clone();
    let refund = rules::refund(book, wish);
    let refund = refund.map_err(|refusal| ApiError::refused(refusal, "refund"))?;
    let currency = book.intent(&id).map_or("", |intent| &intent.wish.currency);
    Ok(Answer::ok(objects::refund(&refund, currency)))
}

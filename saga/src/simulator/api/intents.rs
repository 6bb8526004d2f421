//! `/v1/payment_intents`

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use chrono::Utc;

use super::{
    super::{
        book::Book,
        magic::Step,
        record::{Intent, Line, Wish},
        rules::{self, Refusal},
    },
    Simulator,
    answer::Answer,
    form::Form,
    objects,
    once::{Identity, Risk, once},
    refusal::ApiError,
};

pub(super) async fn create(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wish = wish(&body)?;
    let risk = Risk {
        amount: wish.amount,
        subject: wish.subject(),
        step: Step::Create,
    };
    let identity = Identity::of(uri.path(), &headers, &body);
    let work = move |book: &mut Book| {
        let reply = once(book, identity, Some(risk), |book| {
            let created = rules::create(book, wish);
            shown(created, "create")
        });
        // The name is not in the request; a repeat is counted by the answer it gets again.
        if let Some(id) = reply.answer.body["id"].as_str() {
            book.put(Line::Asked(id.to_owned()));
        }
        reply
    };
    let reply = simulator.exclusively(work).await?;
    Ok(reply.send(simulator.slow_answer).await)
}

pub(super) async fn look_up(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Form::parse(query.unwrap_or_default().as_bytes()).end()?;
    let work = move |book: &mut Book| {
        book.put(Line::Asked(id.clone()));
        shown(rules::look_up(book, &id), "retrieve")
    };
    let answer = simulator.exclusively(work).await??;
    Ok(answer.into_response())
}

pub(super) async fn confirm(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Result<Response, ApiError> {
    Form::parse(&body).end()?;
    let identity = Identity::of(uri.path(), &headers, &body);
    let work = move |book: &mut Book| {
        let risk = Risk::at(book, &id, Step::Confirm);
        book.put(Line::Asked(id.clone()));
        once(book, identity, risk, |book| {
            shown(rules::confirm(book, &id), "confirm")
        })
    };
    let reply = simulator.exclusively(work).await?;
    Ok(reply.send(simulator.slow_answer).await)
}

pub(super) async fn cancel(
    State(simulator): State<Simulator>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Result<Response, ApiError> {
    let mut form = Form::parse(&body);
    form.take("cancellation_reason");
    form.end()?;
    let identity = Identity::of(uri.path(), &headers, &body);
    let work = move |book: &mut Book| {
        book.put(Line::Asked(id.clone()));
        once(book, identity, None, |book| {
            shown(rules::cancel(book, &id), "cancel")
        })
    };
    let reply = simulator.exclusively(work).await?;
    Ok(reply.send(simulator.slow_answer).await)
}

fn wish(body: &[u8]) -> Result<Wish, ApiError> {
    let mut form = Form::parse(body);
    let amount = form.take_number("amount")?;
    let currency = form.require("currency")?;
    let is_code = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_code {
        return Err(ApiError::no_currency(&currency));
    }
    form.only("confirm", "false")?;
    form.only("capture_method", "automatic")?;
    let wish = Wish {
        amount: amount.ok_or_else(|| ApiError::missing("amount"))?,
        currency: currency.to_ascii_lowercase(),
        payment_method: form.take("payment_method"),
        description: form.take("description"),
        metadata: form.take_metadata(),
        at: Utc::now().timestamp(),
    };
    form.end()?;
    Ok(wish)
}

fn shown(intent: Result<Intent, Refusal>, doing: &str) -> Result<Answer, ApiError> {
    match intent {
        Ok(intent) => Ok(Answer::ok(objects::intent(&intent))),
        Err(refusal) => Err(ApiError::refused(refusal, doing)),
    }
}

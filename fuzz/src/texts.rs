//! Texts that stand for something: tokens, ids, subjects, words.

use ordertrace_domain::{
    ActorId, CommandId, Currency, CustomerId, IdempotencyKey, OrderId, PaymentToken, Position,
    ProductName, ProviderRef, Reason, RefundRef, RequestIdentity, Timestamp, TraceParent,
};
use ordertrace_nats::subject::{
    events_of, parked, parse_events, parse_parked, parse_timer_due, timer_due,
};

/// The token of a position, such as `Ordertrace-After` and `Last-Event-ID` bring: read in the one form that is given out.
pub fn position(bytes: &[u8]) -> bool {
    is_spelled_in_one_way(bytes, Position::parse)
}

/// An `Idempotency-Key`. The ids that follow from it are the same again, and others for another resource.
pub fn idempotency_key(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let Ok(key) = IdempotencyKey::parse(text) else {
        return false;
    };
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    let of = |resource: &str| {
        let (principal, method, route) = ("alice", "POST", "/orders");
        RequestIdentity {
            principal,
            method,
            route,
            resource,
            key: &key,
        }
        .command_id()
    };
    assert_eq!(of(text), of(text));
    assert_ne!(of(text), of(""));
    true
}

/// The subject of an event, of a timer that went off, or of a parked message: what is read of one builds it again.
pub fn subject(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let event = parse_events(text).map(events_of);
    let timer = parse_timer_due(text).map(|(order, timer)| timer_due(order, timer));
    let letter = parse_parked(text).map(|(consumer, number)| parked(consumer, number));
    let read = [event, timer, letter].into_iter().flatten();
    let read: Vec<_> = read.inspect(|built| assert_eq!(built, text)).collect();
    assert!(read.len() <= 1, "{read:?}");
    !read.is_empty()
}

/// Any other text from outside: ids, names, words, references, times, currencies, `traceparent`.
pub fn words(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let lossy = Reason::lossy(text);
    assert_eq!(Reason::parse(lossy.as_str()), Ok(lossy));
    let kept = [
        is_spelled_in_one_way(bytes, OrderId::parse),
        is_spelled_in_one_way(bytes, CommandId::parse),
        is_spelled_in_one_way(bytes, ProductName::parse),
        is_spelled_in_one_way(bytes, CustomerId::parse),
        is_spelled_in_one_way(bytes, ActorId::parse),
        is_spelled_in_one_way(bytes, Reason::parse),
        is_spelled_in_one_way(bytes, PaymentToken::parse),
        is_spelled_in_one_way(bytes, ProviderRef::parse),
        is_spelled_in_one_way(bytes, RefundRef::parse),
    ];
    let others = [time(text), currency(text), trace(text)];
    kept.into_iter().chain(others).any(|is_read| is_read)
}

/// Whether the text is read; then it is shown as it was written.
fn is_spelled_in_one_way<'a, T: ToString, E>(
    bytes: &'a [u8],
    parse: impl FnOnce(&'a str) -> Result<T, E>,
) -> bool {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let read = parse(text).ok();
    let shown = read.map(|value| value.to_string());
    shown.is_some_and(|shown| {
        assert_eq!(shown, text);
        true
    })
}

/// A time has many spellings, and one in which it is shown.
fn time(text: &str) -> bool {
    let Ok(time) = Timestamp::parse(text) else {
        return false;
    };
    assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
    true
}

fn currency(text: &str) -> bool {
    let Ok(currency) = Currency::parse(text) else {
        return false;
    };
    assert_eq!(Currency::parse(currency.code()), Ok(currency));
    true
}

fn trace(text: &str) -> bool {
    let Ok(trace) = TraceParent::parse(text) else {
        return false;
    };
    assert_eq!(trace.as_str(), text);
    true
}

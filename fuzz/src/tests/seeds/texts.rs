//! Texts, as files, settings and the log have them.

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub(super) fn of(target: &str) -> Vec<String> {
    let texts: &[&str] = match target {
        "message" => &["ordertrace.events.00.>\nNats-Msg-Id: 1\n\n\u{8e}"],
        "position" => &["18c0a3f2b1e40000-42", "0-0", "18C0-42", "1-18446744073709551616"],
        "idempotency_key" => &["k-1", "8e03978e-40d5-43e8-bc93-6894a57f9324", "a b", "ключ"],
        "subject" => return subjects(),
        "words" => &WORDS,
        "checkpoint" => &["— witness.example/w1 OYxoIwAAAABlU8ZzZm9v\n"],
        "verify" => &["orderId,status\n1,Order END\n", "[{\"orderId\":1}]", "\u{1f}\u{8b}"],
        "key" => &["PRIVATE+KEY+log.example+00000000+AQ==", "log.example+00+"],
        "filter" => &FILTERS,
        "row" => &["\u{1}"],
        "letter" => &LETTERS,
        "issuer_keys" => &ISSUER_KEYS,
        "api_keys" => &API_KEYS,
        "claims" => &CLAIMS,
        "credential" => &CREDENTIALS,
        "session" => &["ordertrace=AAAA; theme=dark", "ot_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        _ => &[],
    };
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn subjects() -> Vec<String> {
    let shards = (0..16).map(|shard| format!("{shard:02}"));
    let shard = shards.into_iter().find(|shard| {
        let subject = format!("ordertrace.events.{shard}.{ID}");
        ordertrace_domain::order_of_subject(&subject).is_some()
    });
    let shard = shard.unwrap();
    vec![
        format!("ordertrace.events.{shard}.{ID}"),
        format!("ordertrace.timers.due.{shard}.{ID}.payment-deadline"),
        "ordertrace.dlq.saga-timers-05.18446744073709551615".to_owned(),
        "ordertrace.dlq.saga.07".to_owned(),
        format!("ordertrace.events.*.{ID}"),
    ]
}

const WORDS: [&str; 10] = [
    ID,
    "Coffee",
    "커피 아메리카노",
    "pm_card_visa",
    "4242-4242-4242-4242",
    " \u{202e}",
    "2026-11-23T07:00:00.000001Z",
    "9999-12-31T23:59:59.999999-23:59",
    "EUR",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
];

const FILTERS: [&str; 4] = [
    "order=01890a5d-ac96-774b-bcce-b302099a8057&type=OrderPlaced,PaymentApproved&actor=customer:alice",
    "from=2026-11-23T07:00:00Z&to=2026-11-24T07:00:00%2B01:00&fromPosition=18c0-1&toPosition=7",
    "customer=%EC%BB%A4%ED%94%BC",
    "from=2026-11-24T07:00:00Z&to=2026-11-23T07:00:00Z",
];

const LETTERS: [&str; 4] = [
    "ordertrace.dlq.saga.7\n\n{\"sequence\":7,\"order_id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"consumer\":\"saga\",\"reason\":\"no \\\"reason\\\"\",\"attempts\":3}",
    "ordertrace.dlq.saga.7\n\n{\"sequence\":7,\"order_id\":null,\"consumer\":\"saga\",\"reason\":\"x\",\"attempts\":3,\"parked_at\":\"2023-11-14T22:13:20.000001Z\",\"settled\":\"discarded\",\"settled_by\":\"ada\",\"settled_reason\":\"a test\"}",
    "ordertrace.dlq.saga.8\n\n{}",
    "ordertrace.dlq.notes\n\n",
];

const ISSUER_KEYS: [&str; 3] = [
    r#"{"keys":[{"kty":"OKP","kid":"ed","crv":"Ed25519","x":"6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw"}]}"#,
    r#"{"keys":[{"kty":"EC","kid":"ec","crv":"P-256","x":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","y":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"},{"kty":"oct","k":"AAAA"}]}"#,
    r#"{"keys":[]}"#,
];

const API_KEYS: [&str; 4] = [
    "{\"id\":\"0123456789abcdef\",\"name\":\"ops\",\"roles\":[\"operator\"],\"customerId\":null,\"hash\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"createdAt\":\"2027-01-15T08:00:00.000000Z\",\"revokedAt\":null}\n{\"id\":\"0123456789abcde0\",\"name\":\"alice\",\"roles\":[\"customer\",\"courier\"],\"customerId\":\"alice\",\"hash\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\",\"createdAt\":\"2027-01-15T08:00:00.000000Z\",\"revokedAt\":\"2027-01-16T08:00:00.000000Z\"}\n",
    "",
    "{\"id\":\"0123456789abcdef\"}\n",
    "{}",
];

const CLAIMS: [&str; 4] = [
    "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"ed\"}\n{\"iss\":\"https://issuer.example/\",\"aud\":\"ordertrace\",\"sub\":\"alice\",\"scope\":\"customer openid\",\"iat\":$NOW,\"nbf\":$NOW,\"exp\":$END}",
    "{\"alg\":\"EdDSA\",\"typ\":\"application/jwt\"}\n{\"iss\":\"https://issuer.example/\",\"aud\":[\"x\",\"ordertrace\"],\"sub\":\"bob\",\"exp\":$END.5}",
    "{\"alg\":\"none\",\"typ\":\"JWT\"}\n{}",
    "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"jwk\":{}}\n{\"iss\":[\"https://issuer.example/\"],\"aud\":\"ordertrace\",\"sub\":\"saga\",\"exp\":1e300}",
];

const CREDENTIALS: [&str; 5] = [
    "authorization: Bearer ot_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "x-api-key: ot_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "x-api-key: ot_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nauthorization: Bearer a.b.c",
    "authorization: Bearer eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.e30.AAAA",
    "authorization: Basic YTpi",
];

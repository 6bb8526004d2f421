//! What is logged of those who ask.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

use ordertrace_auth::{NewApiKey, create, revoke};
use ordertrace_domain::Timestamp;
use ordertrace_http::{Role, Roles};
use secrecy::ExposeSecret as _;
use tracing::{Dispatch, Level, level_filters::LevelFilter, subscriber};

use crate::{
    forgeries::{self, ed},
    shop::Shop,
};

/// What a part of a token has to be as long as for its being in the log to tell anything.
const PART_CHARS_MIN: usize = 16;

/// While a single subscriber is alive, `tracing` asks only the thread that reaches a log line first whether anybody wants
/// it, and remembers the answer for all. A second one, which wants nothing, makes it ask all subscribers.
static SECOND_SUBSCRIBER: LazyLock<Dispatch> = LazyLock::new(|| {
    Dispatch::new(
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::OFF)
            .finish(),
    )
});

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_refusal_is_logged_with_its_reason_and_without_the_credential() {
    LazyLock::force(&SECOND_SUBSCRIBER);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logged = subscriber::set_default(subscriber);
    let shop = Shop::new();
    let now = Timestamp::from_micros(0);
    let new = NewApiKey {
        name: "van-1".to_owned(),
        roles: Roles::NONE.and(Role::Courier),
        customer_id: None,
    };
    let (record, key) = create(&shop.keys(), new, now).unwrap();
    revoke(&shop.keys(), &record.id, now).unwrap();
    let forged = forgeries::all().into_iter().map(|(_, token)| token);
    let secret = key.expose_secret().to_owned();
    let sent: Vec<_> = forged.chain([ed().sign(), secret]).collect();
    for credential in &sent {
        shop.bearer(credential).await;
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for reason in ["the API key was revoked", "no such key", "ExpiredSignature"] {
        assert!(log.contains(reason), "{reason} is not in {log}");
    }
    let parts = sent
        .iter()
        .flat_map(|credential| credential.split(['.', '_']));
    for part in parts.filter(|part| part.len() >= PART_CHARS_MIN) {
        let is_id = part == record.id.to_string();
        assert!(is_id || !log.contains(part), "{part} is in the log");
    }
}

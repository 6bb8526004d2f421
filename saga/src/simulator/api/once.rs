//! A request's way to the ledger: its idempotency key, what is to go wrong, what it does.
//!
//! Invariant: a request with a key is carried out once; whatever was answered then, a 500 too, is the answer to every
//! repeat. What goes wrong before anything is done uses up no key. (<https://docs.stripe.com/api/idempotent_requests>;
//! Stripe forgets keys after a day, this simulator never.)

use axum::{body::Bytes, http::HeaderMap};

use super::{
    super::{
        book::Book,
        magic::{Course, Step, Trouble},
        record::{Line, Stored},
    },
    answer::{Answer, Reply},
    refusal::ApiError,
};

/// What tells a repeat from another request.
pub(super) struct Identity {
    key: Option<String>,
    request: String,
}

/// What may go wrong with a request.
pub(super) struct Risk {
    pub(super) amount: i64,
    pub(super) subject: String,
    pub(super) step: Step,
}

impl Risk {
    /// What may go wrong at a step of an intent that is there.
    pub(super) fn at(book: &Book, intent: &str, step: Step) -> Option<Self> {
        let amount = book.intent(intent)?.wish.amount;
        Some(Self {
            amount,
            subject: intent.to_owned(),
            step,
        })
    }
}

impl Identity {
    pub(super) fn of(path: &str, headers: &HeaderMap, body: &Bytes) -> Self {
        let key = headers.get("idempotency-key");
        let key = key.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = String::from_utf8_lossy(body);
        Self {
            key: key.filter(|key| !key.is_empty()),
            request: format!("POST {path} {body}"),
        }
    }

    fn stored_by(&self, book: &Book) -> Option<Reply> {
        let stored = book.stored(self.key.as_ref()?)?;
        if stored.request != self.request {
            return Some(reply(ApiError::other_request(&stored.key).into_answer()));
        }
        let answer = Answer {
            status: stored.status,
            body: stored.body.clone(),
        };
        Some(Reply {
            answer,
            trouble: None,
            is_replayed: true,
        })
    }

    fn store(self, book: &mut Book, answer: &Answer) {
        let Some(key) = self.key else { return };
        book.put(Line::Stored(Stored {
            key,
            request: self.request,
            status: answer.status,
            body: answer.body.clone(),
        }));
    }
}

/// Carries a request out, unless it was before.
pub(super) fn once(
    book: &mut Book,
    identity: Identity,
    risk: Option<Risk>,
    work: impl FnOnce(&mut Book) -> Result<Answer, ApiError>,
) -> Reply {
    if let Some(reply) = identity.stored_by(book) {
        return reply;
    }
    let course = risk.map_or(Course::Smooth, |risk| {
        book.course(risk.amount, &risk.subject, risk.step)
    });
    let trouble = match course {
        Course::Before(trouble) => {
            let answer = ApiError::broken().into_answer();
            return troubled(answer, trouble);
        }
        Course::After(trouble) => Some(trouble),
        Course::Smooth => None,
    };
    let answer = work(book).unwrap_or_else(ApiError::into_answer);
    let answer = match trouble {
        Some(Trouble::Error) => ApiError::broken().into_answer(),
        Some(Trouble::Lost | Trouble::RateLimited | Trouble::Late) | None => answer,
    };
    identity.store(book, &answer);
    match trouble {
        Some(trouble) => troubled(answer, trouble),
        None => reply(answer),
    }
}

const fn reply(answer: Answer) -> Reply {
    Reply {
        answer,
        trouble: None,
        is_replayed: false,
    }
}

const fn troubled(answer: Answer, trouble: Trouble) -> Reply {
    Reply {
        answer,
        trouble: Some(trouble),
        is_replayed: false,
    }
}

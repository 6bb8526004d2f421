//! The simulator over HTTP: the part of Stripe's API that the saga uses, and a look at the ledger.
//!
//! | request | does |
//! |---|---|
//! | `POST /v1/payment_intents` | makes an intent, unconfirmed |
//! | `GET /v1/payment_intents/{id}` | looks at it |
//! | `POST /v1/payment_intents/{id}/confirm` | charges it |
//! | `POST /v1/payment_intents/{id}/cancel` | calls it off |
//! | `POST /v1/refunds` | gives money back |
//! | `GET /v1/refunds?payment_intent=` | lists what went back |
//! | `GET /_simulator/ledger` | the ledger, as a JSON list of [`LedgerRow`](super::LedgerRow)s; no part of Stripe's API |
//!
//! Shapes and words are those of <https://docs.stripe.com/api>. A parameter that is unknown here is refused, as it is
//! there, so that a caller's mistake shows.

mod answer;
mod auth;
mod form;
mod intents;
mod objects;
mod once;
mod refunds;
mod refusal;

use std::{io, path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{Method, Uri},
    middleware,
    response::{IntoResponse, Json, Response},
    routing::{get, post},
};
use tokio::{net::TcpListener, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::{book::Book, magic::SLOW_ANSWER, till::Till};
use refusal::ApiError;

/// The longest body that is read: an intent's form is well below 1 KiB.
const BODY_BYTES_MAX: usize = 16 * 1_024;

/// How long a shutdown waits for answers that are under way. A slow one is cut off, as a killed provider would.
const DRAIN_MAX: Duration = Duration::from_secs(2);

/// The simulator, asked over HTTP. Clones share the ledger.
#[derive(Clone)]
pub struct Simulator {
    till: Arc<Till>,
    slow_answer: Duration,
}

impl Simulator {
    /// A simulator whose ledger is gone with the process.
    pub fn in_memory() -> Self {
        Self::over(Till::default())
    }

    /// A simulator whose ledger is kept in a file, together with other processes.
    ///
    /// # Errors
    /// When the file can't be opened or read.
    pub fn with_journal(path: &Path) -> io::Result<Self> {
        Till::with_journal(path).map(Self::over)
    }

    fn over(till: Till) -> Self {
        Self {
            till: Arc::new(till),
            slow_answer: SLOW_ANSWER,
        }
    }

    /// Changes how long a slow answer takes, for callers with a time-out of another length.
    #[must_use]
    pub fn answering_late_by(self, slow_answer: Duration) -> Self {
        Self {
            till: self.till,
            slow_answer,
        }
    }

    /// Its routes.
    pub fn router(&self) -> Router {
        let api = Router::new()
            .route("/v1/payment_intents", post(intents::create))
            .route("/v1/payment_intents/{id}", get(intents::look_up))
            .route("/v1/payment_intents/{id}/confirm", post(intents::confirm))
            .route("/v1/payment_intents/{id}/cancel", post(intents::cancel))
            .route("/v1/refunds", get(refunds::list).post(refunds::create))
            .fallback(unrecognized)
            .method_not_allowed_fallback(unrecognized)
            .layer(middleware::from_fn(auth::require_secret));
        Router::new()
            .route("/_simulator/ledger", get(ledger))
            .merge(api)
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(self.clone())
    }

    /// Answers on a listener until `shutdown`.
    ///
    /// # Errors
    /// Never while the listener is sound: what goes wrong on a connection ends that connection.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
        let server = axum::serve(listener, self.router())
            .with_graceful_shutdown(shutdown.clone().cancelled_owned());
        let overdue = async {
            shutdown.cancelled().await;
            tokio::time::sleep(DRAIN_MAX).await;
        };
        tokio::select! {
            served = server.into_future() => served,
            () = overdue => Ok(()),
        }
    }

    /// Works on the ledger, off the async threads: it waits for a lock that other processes hold.
    async fn exclusively<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Book) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let till = Arc::clone(&self.till);
        let done = spawn_blocking(move || till.exclusively(work)).await;
        match done {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(error)) => {
                tracing::error!(%error, "the payment simulator's journal can't be used");
                Err(ApiError::broken())
            }
            Err(error) => {
                tracing::error!(%error, "the payment simulator failed");
                Err(ApiError::broken())
            }
        }
    }
}

async fn ledger(State(simulator): State<Simulator>) -> Response {
    match simulator.exclusively(|book| book.rows()).await {
        Ok(rows) => Json(rows).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn unrecognized(method: Method, uri: Uri) -> ApiError {
    ApiError::unrecognized(&method, uri.path())
}

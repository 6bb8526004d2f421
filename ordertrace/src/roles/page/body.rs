//! The body of a request on its way to a role.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// A body that can be shared between threads, as the client asks for. It never is: whoever reads from it has it alone, so the
/// lock is never waited for.
pub(super) struct Handed(Mutex<Body>);

impl Handed {
    pub(super) const fn on(body: Body) -> Self {
        Self(Mutex::new(body))
    }

    fn with<T>(&self, look: impl FnOnce(&Body) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl HttpBody for Handed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let body = self.get_mut().0.get_mut();
        let body = body.unwrap_or_else(PoisonError::into_inner);
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.with(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.with(Body::size_hint)
    }
}

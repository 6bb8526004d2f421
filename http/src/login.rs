//! For how long a login stands.
//!
//! Invariant: an answer that goes on after its request was judged asks for this, and ends when it does. One that is over at
//! once need not: its login was checked on the way in. Nothing here knows what somebody logs in with.

use std::future::Future;

use axum::http::Extensions;
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared, pending},
};

/// Why a login does not stand any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginEnd {
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
    /// Nobody can say whether it still counts.
    Unverifiable,
}

/// A login that stood when the request came. Whatever authenticates puts it into the request's extensions, beside the
/// [`Principal`](crate::Principal).
#[derive(Debug, Clone)]
pub struct StandingLogin(Shared<BoxFuture<'static, LoginEnd>>);

impl StandingLogin {
    /// A login that stands until this says how it ended. It is asked only while somebody waits for it.
    pub fn until(end: impl Future<Output = LoginEnd> + Send + 'static) -> Self {
        Self(end.boxed().shared())
    }

    /// The login of a request. Where nobody had to log in there is none to end.
    pub fn of(extensions: &Extensions) -> Self {
        let login = extensions.get::<Self>().cloned();
        login.unwrap_or_else(|| Self::until(pending()))
    }

    /// Waits for its end.
    pub async fn ended(&self) -> LoginEnd {
        self.0.clone().await
    }

    /// How it has ended, if it has.
    pub fn end(&self) -> Option<LoginEnd> {
        self.0.clone().now_or_never()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn everybody_who_waits_is_told_and_whoever_asks_later() {
        let (end, ended) = oneshot::channel();
        let login = StandingLogin::until(async { ended.await.unwrap_or(LoginEnd::Unverifiable) });
        assert_eq!(login.end(), None);
        let (one, other) = (login.clone(), login.clone());
        let ends = async { end.send(LoginEnd::Revoked) };
        let (one, other, sent) = tokio::join!(one.ended(), other.ended(), ends);
        assert_eq!(sent, Ok(()));
        assert_eq!((one, other), (LoginEnd::Revoked, LoginEnd::Revoked));
        assert_eq!(login.end(), Some(LoginEnd::Revoked));
    }

    #[test]
    fn where_nobody_logs_in_nothing_ends() {
        assert_eq!(StandingLogin::of(&Extensions::new()).end(), None);
    }
}

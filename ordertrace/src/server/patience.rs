//! How long a client may leave its answer lying.
//!
//! Invariant: a connection that takes nothing of what is to be written to it for [`WRITE_STALL_MAX`] is cut off, with whatever
//! was being answered; what it holds is bounded by the buffers that are full by then. One that takes its time, but takes it,
//! is left alone. Whether a client that is sent nothing is still there is not looked at.

use std::{
    future::{Future as _, Ready, ready},
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a client may take nothing. A network that recovers does so within seconds; a live stream that was cut off goes on
/// where it was when the client comes back.
pub(super) const WRITE_STALL_MAX: Duration = Duration::from_secs(30);

/// Gives each connection this much patience.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patient;

impl<S> Accept<TcpStream, S> for Patient {
    type Stream = Bounded<TcpStream>;
    type Service = S;
    type Future = Ready<io::Result<(Self::Stream, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // Messages of a live stream are small, and each is to go out at once.
        let accepted = stream.set_nodelay(true);
        ready(accepted.map(|()| (Bounded::new(stream, WRITE_STALL_MAX), service)))
    }
}

/// A connection whose writes have a bound.
pub(super) struct Bounded<I> {
    inner: I,
    stall_max: Duration,
    /// Runs while a write waits for the client; there is none for a client that takes what it is sent.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<I: AsyncWrite + Unpin> Bounded<I> {
    fn new(inner: I, stall_max: Duration) -> Self {
        Self {
            inner,
            stall_max,
            stalled: None,
        }
    }

    /// A write, until it has waited for too long.
    fn bounded<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut I>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(written) = write(Pin::new(&mut self.inner), context) {
            self.stalled = None;
            return Poll::Ready(written);
        }
        let stall_max = self.stall_max;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(stall_max)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Bounded<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.bounded(context, |inner, context| inner.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.bounded(context, |inner, context| {
            inner.poll_write_vectored(context, bytes)
        })
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    /// A socket has nothing to flush, so this is no sign that the client takes something.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Bounded<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test]
    async fn a_write_that_nobody_takes_fails_once_it_has_waited_long_enough() {
        let (_client, server) = duplex(8);
        let mut connection = Bounded::new(server, Duration::from_millis(20));
        let error = connection.write_all(&[0; 9]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_client_that_takes_its_time_is_left_alone() {
        let (mut client, server) = duplex(1);
        let mut connection = Bounded::new(server, Duration::from_secs(60));
        let taken = async {
            let mut bytes = [0; 64];
            client.read_exact(&mut bytes).await.unwrap();
            bytes
        };
        let (written, taken) = tokio::join!(connection.write_all(&[7; 64]), taken);
        written.unwrap();
        assert_eq!(taken, [7; 64]);
        assert!(connection.stalled.is_none(), "patience is for each write");
    }
}

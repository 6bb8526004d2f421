//! A stream of the API's, message by message.

use std::pin::Pin;

use axum::{body::BodyDataStream, response::Response};
use futures::{Stream, StreamExt as _};
use sse_stream::{Sse, SseByteStream};

use super::{ApiError, error::refused};

/// One message of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The position it stands at; a message that says nothing of an event has none.
    pub(crate) id: Option<String>,
    /// What it is, such as `trace`.
    pub(crate) event: String,
    /// Its data, as it came.
    pub(crate) data: String,
}

/// The messages, as they come. The end of it is the end of the API's stream, whatever was its reason: who listens
/// comes back with the last id it has seen.
pub(crate) struct Events(Pin<Box<SseByteStream<BodyDataStream>>>);

impl Events {
    pub(super) async fn read(response: Response) -> Result<Self, ApiError> {
        if !response.status().is_success() {
            return Err(refused(response).await);
        }
        let data = response.into_body().into_data_stream();
        Ok(Self(Box::pin(SseByteStream::new(data))))
    }

    /// The same as a stream. Blocks that say nothing, such as one that only tells when to come back, are left out.
    pub(crate) fn messages(self) -> impl Stream<Item = Message> + Send + 'static {
        self.0.filter_map(async |block| {
            let block = block
                .inspect_err(|error| tracing::debug!(%error, "a stream of the API broke off"))
                .ok()?;
            Message::of(block)
        })
    }
}

impl Message {
    fn of(block: Sse) -> Option<Self> {
        let Some(data) = block.data else {
            return block.id.map(Self::position);
        };
        Some(Self {
            id: block.id,
            event: block.event.unwrap_or_else(|| "message".to_owned()),
            data,
        })
    }

    /// What is said to a listener for whom there is nothing new. The API sends an id alone, of which a browser's scripts are
    /// not told; they would go on to count from the id before.
    fn position(id: String) -> Self {
        let data = serde_json::json!({ "position": id });
        Self {
            id: Some(id),
            event: "position".to_owned(),
            data: data.to_string(),
        }
    }
}

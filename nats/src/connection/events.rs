//! What the client reports unasked.
//!
//! A denied permission is told here and nowhere else: whoever made the request only sees that no answer came.

use std::sync::{Arc, Mutex, PoisonError};

use async_nats::{Event, ServerError};

use super::denials::Denials;
use super::link::LinkPublisher;

/// Logs the events of one connection and keeps its link up to date.
#[derive(Debug)]
pub(super) struct Events {
    role: String,
    link: LinkPublisher,
    complaint: LastComplaint,
    denials: Denials,
}

/// What the client last complained of, for the error of a start that failed.
#[derive(Debug, Clone, Default)]
pub(super) struct LastComplaint(Arc<Mutex<Option<String>>>);

impl LastComplaint {
    pub(super) fn get(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, complaint: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(complaint);
    }
}

impl Events {
    pub(super) fn new(role: &str, link: LinkPublisher) -> Self {
        Self {
            role: role.to_owned(),
            link,
            complaint: LastComplaint::default(),
            denials: Denials::default(),
        }
    }

    pub(super) fn denials(&self) -> Denials {
        self.denials.clone()
    }

    pub(super) fn last_complaint(&self) -> LastComplaint {
        self.complaint.clone()
    }

    pub(super) fn handle(&self, event: &Event) {
        let role = &self.role;
        match event {
            Event::Connected => {
                self.link.is_up();
                tracing::info!(nats.role = role, "the connection to NATS is up");
            }
            Event::Disconnected => {
                self.link.is_down();
                tracing::warn!(
                    nats.role = role,
                    "the connection to NATS is lost; trying again"
                );
            }
            Event::LameDuckMode => {
                tracing::info!(nats.role = role, "the NATS server is about to stop");
            }
            Event::Draining => tracing::debug!(nats.role = role, "the connection to NATS drains"),
            Event::Closed => {
                self.link.is_down();
                tracing::info!(nats.role = role, "the connection to NATS is closed");
            }
            Event::SlowConsumer(subscription) => {
                tracing::error!(
                    nats.role = role,
                    nats.subscription = subscription,
                    "messages of a subscription were dropped"
                );
            }
            Event::ServerError(error) => self.server_complains(error),
            Event::ClientError(error) => {
                self.complaint.set(error.to_string());
                tracing::debug!(nats.role = role, %error, "the NATS client reports an error");
            }
        }
    }

    fn server_complains(&self, error: &ServerError) {
        self.complaint.set(error.to_string());
        if let ServerError::Other(said) = error {
            self.denials.note(said);
        }
        tracing::error!(nats.role = self.role, %error, "the NATS server reports an error");
    }
}

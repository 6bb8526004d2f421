//! Whether an API key counts.

use std::{path::PathBuf, sync::Arc, time::Duration};

use ordertrace_domain::{ActorId, CustomerId};
use ordertrace_http::Principal;

use super::{
    ApiKeyRecord,
    book::{Book, FILE_BYTES_MAX},
    secret::Presented,
};
use crate::{
    AuthError, Authenticated, Refused,
    watched::{Nothing, Watched},
};

/// How often to look whether the file has changed: a key that was revoked counts for that long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The API keys that count, from their file.
#[derive(Debug)]
pub struct ApiKeys {
    book: Watched<Book>,
}

impl ApiKeys {
    /// Keys from a file, which is read again when it has changed. As long as there has been no file there is no key.
    pub fn from_file(file: impl Into<PathBuf>) -> Self {
        Self {
            book: Watched::new(
                "the API keys",
                file,
                LOOK_EVERY,
                FILE_BYTES_MAX,
                Book::parse,
            ),
        }
    }

    /// Whether keys can be checked.
    pub(crate) async fn are_ready(&self) -> bool {
        self.book().await.is_ok()
    }

    pub(crate) async fn check(&self, text: &str) -> Result<Authenticated, AuthError> {
        let presented = Presented::parse(text).ok_or(Refused::ApiKeyUnknown)?;
        let book = self.book().await?;
        let records = book.records();
        let record = records.iter().find(|record| record.id == presented.id);
        let is_it = presented.is(record.map(|record| record.hash));
        match record {
            Some(record) if is_it && record.revoked_at.is_none() => Ok(Authenticated {
                principal: principal(record)?,
                expires_at: None,
            }),
            Some(_) if is_it => Err(Refused::ApiKeyRevoked.into()),
            _ => Err(Refused::ApiKeyUnknown.into()),
        }
    }

    async fn book(&self) -> Result<Arc<Book>, AuthError> {
        match self.book.get().await {
            Ok(book) => Ok(book),
            Err(Nothing::Missing) => Ok(Arc::default()),
            Err(Nothing::Unusable) => Err(AuthError::NoKeys),
        }
    }
}

/// Who asks with such a key. Without a customer it is its own one, who has no orders: nobody else can have that name.
fn principal(record: &ApiKeyRecord) -> Result<Principal, Refused> {
    let actor = record.actor();
    let customer_id = match &record.customer_id {
        Some(customer) => customer.clone(),
        None => CustomerId::parse(actor.as_str()).map_err(Refused::Name)?,
    };
    Ok(Principal {
        id: ActorId::parse(actor).map_err(Refused::Name)?,
        customer_id,
        roles: record.roles,
        is_anonymous: false,
    })
}

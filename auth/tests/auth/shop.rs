//! A server that says who asks, and the answers it gives.

use std::{path::PathBuf, sync::Arc};

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::from_fn_with_state,
    routing::any,
};
use ordertrace_auth::{
    ApiKeys, Authenticator, Jwks, Session, SessionKey, Sessions, TokenPolicy, TokenTypes, Tokens,
    Transport, authenticate,
};
use ordertrace_http::{BODY_BYTES_MAX, Principal};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::issuer::{AUDIENCE, ISSUER, jwks};

/// A server, and the folder of what it reads.
pub(crate) struct Shop {
    routes: Router,
    pub(crate) authenticator: Arc<Authenticator>,
    folder: TempDir,
}

/// What it answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Shop {
    /// Takes tokens of every type, API keys and sessions.
    pub(crate) fn new() -> Self {
        Self::of(TokenTypes::AccessOrPlain)
    }

    pub(crate) fn of(types: TokenTypes) -> Self {
        Self::with(|folder| {
            std::fs::write(folder.path().join("jwks.json"), jwks()).unwrap();
            let policy = TokenPolicy {
                issuer: ISSUER.to_owned(),
                audience: AUDIENCE.to_owned(),
                types,
            };
            let keys = Jwks::from_file(folder.path().join("jwks.json"));
            let sessions = Sessions::new(
                SessionKey::random().unwrap(),
                Vec::new(),
                Transport::PlainLoopback,
            );
            Authenticator::closed()
                .with_tokens(Tokens::new(&policy, keys))
                .with_api_keys(ApiKeys::from_file(folder.path().join("keys")))
                .with_sessions(sessions)
        })
    }

    pub(crate) fn with(authenticator: impl FnOnce(&TempDir) -> Authenticator) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authenticator = Arc::new(authenticator(&folder));
        let routes = Router::new()
            .route("/who", any(who))
            .route("/log-in", any(log_in))
            .layer(from_fn_with_state(Arc::clone(&authenticator), authenticate));
        Self {
            routes,
            authenticator,
            folder,
        }
    }

    /// The file of the API keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// The issuer takes back a key.
    pub(crate) fn withdraw(&self, kid: &str) {
        let mut set: Value = serde_json::from_str(&jwks()).unwrap();
        let keys = set["keys"].as_array_mut().unwrap();
        keys.retain(|key| key["kid"] != kid);
        std::fs::write(self.folder.path().join("jwks.json"), set.to_string()).unwrap();
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.send_to("/who", method, headers, body).await
    }

    async fn send_to(
        &self,
        path: &str,
        method: Method,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, value.as_bytes());
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// What somebody gets who has just logged in, and comes with this cookie of before.
    pub(crate) async fn log_in(&self, cookie: &str) -> Answer {
        self.send_to("/log-in", Method::GET, &[("cookie", cookie)], "")
            .await
    }

    pub(crate) async fn get(&self, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, headers, "").await
    }

    /// With `Authorization: Bearer`.
    pub(crate) async fn bearer(&self, token: &str) -> Answer {
        self.get(&[("authorization", &format!("Bearer {token}"))])
            .await
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &header::HeaderName) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Says who asks, whether in a session, and with which body.
async fn who(
    principal: Option<Extension<Principal>>,
    session: Option<Extension<Session>>,
    body: String,
) -> String {
    let Some(Extension(principal)) = principal else {
        return "nobody".to_owned();
    };
    let roles: Vec<_> = principal
        .roles
        .iter()
        .map(ordertrace_http::Role::name)
        .collect();
    let id = if principal.id.as_str() == principal.customer_id.as_str() {
        principal.id.to_string()
    } else {
        format!("{} for {}", principal.id, principal.customer_id)
    };
    let session = if session.is_some() {
        " in a session"
    } else {
        ""
    };
    format!("{id} as {}{session}{body}", roles.join("+"))
}

/// What the log-in page answers, as far as it matters here.
async fn log_in() -> [(header::HeaderName, &'static str); 1] {
    [(header::SET_COOKIE, "ordertrace=new; Path=/")]
}

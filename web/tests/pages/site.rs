//! Pages that let in who has a key, and a browser before them.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    middleware::from_fn_with_state,
};
use chrono::Utc;
use ordertrace_auth::{
    ApiKeys, Authenticator, KeyId, NewApiKey, SessionKey, Sessions, Transport, authenticate,
    create, revoke,
};
use ordertrace_domain::Timestamp;
use ordertrace_http::{Role, Roles};
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::peer::{Page, Peer};

/// A site that lets in who has a key.
pub(crate) struct Site {
    routes: Router,
    pub(crate) key: String,
    key_id: KeyId,
    keys: TempDir,
}

fn now() -> Timestamp {
    Timestamp::from(Utc::now())
}

impl Site {
    /// With a key of a customer.
    pub(crate) fn over(peer: &Peer) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let file = keys.path().join("keys");
        let new = NewApiKey {
            name: "shop".to_owned(),
            roles: Roles::NONE.and(Role::Customer),
            customer_id: Some("alice".to_owned()),
        };
        let (record, key) = create(&file, new, now()).unwrap();
        let sessions = Sessions::new(
            SessionKey::random().unwrap(),
            Vec::new(),
            Transport::PlainLoopback,
        );
        let authenticator = Authenticator::closed()
            .with_api_keys(ApiKeys::from_file(file))
            .with_sessions(sessions);
        let authenticator = Arc::new(authenticator);
        let routes = ordertrace_web::router_alone(peer.api(), authenticator.clone())
            .layer(from_fn_with_state(authenticator, authenticate));
        Self {
            routes,
            key: key.expose_secret().to_owned(),
            key_id: record.id,
            keys,
        }
    }

    pub(crate) async fn send(&self, request: Request) -> Page {
        Page::of(self.routes.clone().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Page {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookie)
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    pub(crate) async fn try_with(&self, credential: &str, next: &str) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("credential", credential)
            .append_pair("next", next);
        self.post("/ui/login", "", &form.finish()).await
    }

    /// Has its key count no longer.
    pub(crate) fn revoke(&self) {
        revoke(&self.keys.path().join("keys"), &self.key_id, now()).unwrap();
    }

    /// Logs in. Gives what the browser sends from then on.
    pub(crate) async fn log_in(&self) -> String {
        let page = self.try_with(&self.key, "/ui/orders").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let cookie = page.header("set-cookie").split(';').next().unwrap();
        cookie.to_owned()
    }
}

/// What the forms of a page send along.
pub(crate) fn csrf(page: &Page) -> String {
    let field = page.html.split("name=\"csrf\" value=\"").nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

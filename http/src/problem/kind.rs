//! The kinds of problem there are.
//!
//! Invariant: a kind keeps its status and its name for ever, for programs go by them.

use axum::http::StatusCode;

macro_rules! problem_kinds {
    ($($(#[$doc:meta])* $kind:ident = $status:ident, $name:literal, $title:literal;)+) => {
        /// The kinds of problem, each with its status and the last part of its `type`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemKind {
            $($(#[$doc])* $kind,)+
        }

        impl ProblemKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$kind => StatusCode::$status,)+ }
            }

            /// The last part of its `type`, such as `not-found`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// Its `type`.
            pub fn urn(self) -> String {
                format!("urn:ordertrace:problem:{}", self.name())
            }

            /// The same words for every problem of the kind.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$kind => $title,)+ }
            }
        }
    };
}

problem_kinds! {
    /// The body is not JSON.
    MalformedJson = BAD_REQUEST, "malformed-json", "The body is not well-formed JSON";
    /// An id in the path or the query is none.
    InvalidId = BAD_REQUEST, "invalid-id", "Not an id";
    /// The `Idempotency-Key` is none.
    IdempotencyKey = BAD_REQUEST, "idempotency-key", "Not an idempotency key";
    /// A header or a query parameter is not as it should be.
    InvalidRequest = BAD_REQUEST, "invalid-request", "The request is not valid";
    /// Nobody has logged in, or not in a way that counts.
    InvalidToken = UNAUTHORIZED, "invalid-token", "Not logged in";
    /// Whoever has logged in may not do this.
    Forbidden = FORBIDDEN, "forbidden", "Not allowed";
    /// The `Host` header names another server: a page elsewhere may be behind it.
    WrongHost = MISDIRECTED_REQUEST, "wrong-host", "The request is meant for another host";
    /// A page of another site sent the request.
    CrossSite = FORBIDDEN, "cross-site", "The request comes from another site";
    /// There is no such resource.
    NotFound = NOT_FOUND, "not-found", "Not found";
    /// No checkpoint was signed yet.
    NoCheckpoint = NOT_FOUND, "no-checkpoint", "There is no checkpoint yet";
    /// The resource has no such method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed here";
    /// The client does not take the form of the answer.
    NotAcceptable = NOT_ACCEPTABLE, "not-acceptable", "No acceptable representation";
    /// The request took too long to arrive.
    Timeout = REQUEST_TIMEOUT, "timeout", "The request took too long";
    /// The order is not in a state to do that.
    IllegalTransition = CONFLICT, "illegal-transition", "The order does not allow that now";
    /// Others kept changing the order.
    VersionConflict = CONFLICT, "version-conflict", "The order changed meanwhile";
    /// Another rebuild of the view has not ended yet.
    RebuildUnderWay = CONFLICT, "rebuild-under-way", "A rebuild is under way";
    /// `If-Match` names another version.
    PreconditionFailed = PRECONDITION_FAILED, "precondition-failed", "The order is at another version";
    /// The body is too large.
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "The body is too large";
    /// The path and its query are too long.
    UriTooLong = URI_TOO_LONG, "uri-too-long", "The path is too long";
    /// The body is not declared as JSON.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be application/json in UTF-8";
    /// Amounts, totals or currencies are wrong.
    InvalidMoney = UNPROCESSABLE_ENTITY, "invalid-money", "The money is not valid";
    /// A field is missing, unknown or not valid.
    Validation = UNPROCESSABLE_ENTITY, "validation", "The content is not valid";
    /// The same key with another body.
    KeyReuse = UNPROCESSABLE_ENTITY, "key-reuse", "The idempotency key was used for another request";
    /// The order's history can't be read; an operator has to look at it.
    OrderUnreadable = INTERNAL_SERVER_ERROR, "order-unreadable", "The order can't be read";
    /// The order has as many events as it may have.
    OrderFull = CONFLICT, "order-full", "The order takes no more events";
    /// The log can't be reached, or has not said how a command ended.
    LogUnavailable = SERVICE_UNAVAILABLE, "log-unavailable", "The event log is not available";
    /// It is not known whether the command was carried out.
    OutcomeUnknown = SERVICE_UNAVAILABLE, "outcome-unknown", "The outcome is not known yet";
    /// The view has not come that far yet.
    ViewBehind = SERVICE_UNAVAILABLE, "view-behind", "The view is behind";
    /// No checkpoint covers it yet, or the audit has not caught up with it.
    CheckpointBehind = SERVICE_UNAVAILABLE, "checkpoint-behind", "No checkpoint covers that yet";
    /// There are no keys to check a login with.
    NoKeys = SERVICE_UNAVAILABLE, "no-keys", "Nobody can be logged in at the moment";
    /// The header fields are too large.
    HeadersTooLarge = REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", "The header fields are too large";
    /// The client sends more requests than it may.
    RateLimited = TOO_MANY_REQUESTS, "rate-limited", "Too many requests of this client";
    /// More is asked of this process than it can answer in time.
    Overloaded = SERVICE_UNAVAILABLE, "overloaded", "Too much is asked for at the moment";
    /// The client has as many streams as it may have.
    TooManyStreams = TOO_MANY_REQUESTS, "too-many-streams", "Too many streams of this client";
    /// All clients together have as many streams as this process serves.
    NoStreamFree = SERVICE_UNAVAILABLE, "no-stream-free", "Every stream is taken";
    /// Something unforeseen.
    Internal = INTERNAL_SERVER_ERROR, "internal", "Something went wrong here";
}

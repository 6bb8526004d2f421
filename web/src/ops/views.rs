//! How far the views have come.

use askama::Template;

use super::{
    model::{Views, ViewsAnswer},
    section::{Content, Mark},
};
use crate::{
    api::{Api, ApiError, Caller},
    format::number,
};

/// How many characters of a digest are shown: enough to compare two at a glance.
const DIGEST_CHARS: usize = 12;

#[derive(Template)]
#[template(path = "ops/views.html")]
struct ViewsSection {
    views: Views,
    orders: String,
    behind: Option<String>,
    digest: String,
}

pub(super) async fn draw(api: &Api, caller: &Caller) -> Result<Content, ApiError> {
    let ViewsAnswer { views } = api.get(caller, "/ops/views").await?.body;
    let mark = match (&views.halted, views.is_ready) {
        (Some(_), _) => Mark::Word("danger", "Halted"),
        (None, true) => Mark::Word("done", "Ready"),
        (None, false) => Mark::Word("trouble", "Catching up"),
    };
    let section = ViewsSection {
        orders: number(views.orders),
        behind: views.behind.map(number),
        digest: short_digest(&views.digest).to_owned(),
        views,
    };
    Ok(Content::of(mark, &section))
}

/// The beginning of a digest.
pub(super) fn short_digest(digest: &str) -> &str {
    digest.get(..DIGEST_CHARS).unwrap_or(digest)
}

//! The page: all sections, or one of them anew.

use askama::Template;
use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use futures::future::join_all;
use ordertrace_http::Access;
use serde::Deserialize;

use super::{
    PATH,
    section::{Drawn, Mark, Section},
};
use crate::{
    api::{Api, ApiError, Caller},
    chrome::{self, Chrome},
    failure,
};

/// What a person has done, as the page says it afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Comparing,
    Rebuilding,
    Resumed,
    Retried,
    Discarded,
}

/// The parameters of the page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

#[derive(Template)]
#[template(path = "ops/page.html")]
struct OpsPage<'a> {
    chrome: Chrome,
    /// What was just done.
    done: Option<&'static str>,
    refusal: Option<Refusal<'a>>,
    columns: Vec<Vec<SectionFragment>>,
}

#[derive(Template)]
#[template(path = "ops/section.html")]
struct SectionFragment {
    drawn: Drawn,
}

/// Why something was not done.
struct Refusal<'a> {
    what: &'static str,
    title: &'a str,
    detail: &'a str,
}

/// `GET /ui/ops`
pub(super) async fn get(
    State(api): State<Api>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    if !caller.may(Access::STAFF) {
        return failure::forbidden(&caller, chrome::Section::Operations);
    }
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let done = Deed::ALL.into_iter().find(|deed| deed.name() == asked.done);
    let page = OpsPage {
        chrome: Chrome::new(&caller, chrome::Section::Operations, "Operations"),
        done: done.map(Deed::words),
        refusal: None,
        columns: columns(&api, &caller).await,
    };
    chrome::page(StatusCode::OK, &page)
}

/// `GET /ui/ops/{section}`: a section alone for a script, which asks for it again and again.
pub(super) async fn section(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
) -> Response {
    let Some(section) = Section::parse(&name) else {
        return failure::not_found(&caller);
    };
    fragment(&api, &caller, section).await
}

/// `GET /ui/ops/rebuild`: the section, whose path its forms have, too.
pub(super) async fn rebuild(State(api): State<Api>, caller: Caller) -> Response {
    fragment(&api, &caller, Section::Rebuild).await
}

async fn fragment(api: &Api, caller: &Caller, section: Section) -> Response {
    if !caller.is_partial {
        return Redirect::to(&format!("{PATH}#{}", section.name())).into_response();
    }
    if !caller.may(section.access()) {
        return failure::forbidden(caller, chrome::Section::Operations);
    }
    let drawn = section.draw(api, caller).await;
    match (SectionFragment { drawn }).render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a section can't be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The page with the reason why nothing was done.
pub(super) async fn refused(api: &Api, caller: &Caller, deed: Deed, error: &ApiError) -> Response {
    if !caller.may(Access::STAFF) {
        return failure::failed(caller, chrome::Section::Operations, error);
    }
    let problem = error.problem();
    let page = OpsPage {
        chrome: Chrome::new(caller, chrome::Section::Operations, "Operations"),
        done: None,
        refusal: Some(Refusal {
            what: deed.undone(),
            title: problem.map_or("The API did not answer", |problem| &problem.title),
            detail: problem.map_or("", |problem| &problem.detail),
        }),
        columns: columns(api, caller).await,
    };
    let mut response = chrome::page(error.status(), &page);
    let name = HeaderName::from_static("hx-push-url");
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(PATH));
    response
}

async fn columns(api: &Api, caller: &Caller) -> Vec<Vec<SectionFragment>> {
    let columns = Section::COLUMNS.map(async |sections| {
        let theirs = sections.into_iter().filter(|it| caller.may(it.access()));
        let drawn = theirs.map(|section| section.draw(api, caller));
        let fragments = join_all(drawn).await.into_iter();
        fragments.map(|drawn| SectionFragment { drawn }).collect()
    });
    join_all(columns).await
}

impl Deed {
    const ALL: [Self; 5] = [
        Self::Comparing,
        Self::Rebuilding,
        Self::Resumed,
        Self::Retried,
        Self::Discarded,
    ];

    /// Its name in the address.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Comparing => "comparing",
            Self::Rebuilding => "rebuilding",
            Self::Resumed => "resumed",
            Self::Retried => "retried",
            Self::Discarded => "discarded",
        }
    }

    /// What follows from it.
    const fn words(self) -> &'static str {
        match self {
            Self::Comparing => "The comparison has begun. The views go on answering.",
            Self::Rebuilding => "The rebuild has begun. The views go on answering.",
            Self::Resumed => {
                "The saga looks at the order again, and does what is due. If that helps, the order leaves the list."
            }
            Self::Retried => {
                "The retry is on record, and the saga looks at the order again. If it fails again, the message is parked again."
            }
            Self::Discarded => "It is on record that the message is not to be handled any more.",
        }
    }

    /// What did not come of it.
    const fn undone(self) -> &'static str {
        match self {
            Self::Comparing => "Nothing was compared",
            Self::Rebuilding => "Nothing was rebuilt",
            Self::Resumed => "The order was not resumed",
            Self::Retried => "The message was not retried",
            Self::Discarded => "The message was not discarded",
        }
    }
}

impl SectionFragment {
    fn mark(&self) -> &Mark {
        &self.drawn.content.mark
    }
}

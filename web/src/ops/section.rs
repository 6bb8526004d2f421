//! The sections of the page, each a question to the API.

use askama::Template;
use ordertrace_http::Access;

use super::{consumers, letters, provider, rebuild, stuck, views};
use crate::api::{Api, ApiError, Caller};

/// A section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Views,
    Rebuild,
    Consumers,
    Provider,
    Stuck,
    Letters,
}

impl Section {
    /// All of them, in two columns. What waits for a person comes first.
    pub(super) const COLUMNS: [[Self; 3]; 2] = [
        [Self::Stuck, Self::Letters, Self::Rebuild],
        [Self::Views, Self::Provider, Self::Consumers],
    ];

    /// Its name in paths.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Views => "views",
            Self::Rebuild => "rebuild",
            Self::Consumers => "consumers",
            Self::Provider => "provider",
            Self::Stuck => "stuck",
            Self::Letters => "letters",
        }
    }

    /// Who may see it.
    pub(super) const fn access(self) -> Access {
        match self {
            Self::Stuck => Access::STAFF,
            Self::Views | Self::Rebuild | Self::Consumers | Self::Provider | Self::Letters => {
                Access::OPERATIONS
            }
        }
    }

    /// Its heading.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Views => "Views",
            Self::Rebuild => "Rebuild",
            Self::Consumers => "Saga consumers",
            Self::Provider => "Payment provider",
            Self::Stuck => "Stuck orders",
            Self::Letters => "Parked messages",
        }
    }

    /// The section of this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut all = Self::COLUMNS.into_iter().flatten();
        all.find(|section| section.name() == name)
    }

    /// The section as it is now, in HTML.
    pub(super) async fn draw(self, api: &Api, caller: &Caller) -> Drawn {
        let drawn = match self {
            Self::Views => views::draw(api, caller).await,
            Self::Rebuild => rebuild::draw(api, caller).await,
            Self::Consumers => consumers::draw(api, caller).await,
            Self::Provider => provider::draw(api, caller).await,
            Self::Stuck => stuck::draw(api, caller).await,
            Self::Letters => letters::draw(api, caller).await,
        };
        let content = drawn.unwrap_or_else(|error| self.failed(caller, &error));
        Drawn {
            section: self,
            content,
        }
    }

    fn failed(self, caller: &Caller, error: &ApiError) -> Content {
        let problem = error.problem();
        let failed = Failed {
            is_elsewhere: problem.is_some_and(|problem| problem.kind == "not-found"),
            title: problem.map_or("The answer can't be shown", |problem| &problem.title),
            detail: problem.map_or("", |problem| &problem.detail),
            request_id: caller.request_id(),
        };
        Content::of(Mark::None, &failed)
    }
}

/// A section as it is shown.
pub(super) struct Drawn {
    pub(super) section: Section,
    pub(super) content: Content,
}

/// What is in a section.
pub(super) struct Content {
    pub(super) mark: Mark,
    /// HTML that a template made.
    pub(super) html: String,
}

/// What a section's heading says at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    /// A word, and the tone it is said in.
    Word(&'static str, &'static str),
    /// How many things wait.
    Count(String),
}

impl Content {
    pub(super) fn of(mark: Mark, template: &impl Template) -> Self {
        let html = template.render().unwrap_or_else(|error| {
            tracing::error!(%error, "a section can't be drawn");
            "<p>This section can't be drawn. It is in our log.</p>".to_owned()
        });
        Self { mark, html }
    }
}

#[derive(Template)]
#[template(path = "ops/failed.html")]
struct Failed<'a> {
    /// Whether the API does not have it at all, as where roles run apart.
    is_elsewhere: bool,
    title: &'a str,
    detail: &'a str,
    request_id: Option<&'a str>,
}

//! What surrounds every page, and how a page becomes an answer.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::assets;

/// Which part of the site a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Orders, and each one of them.
    Orders,
    /// The form.
    NewOrder,
    /// What operators look at.
    Operations,
    /// A page that is not there.
    Nowhere,
}

impl Section {
    const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::NewOrder => "new",
            Self::Operations => "ops",
            Self::Nowhere => "",
        }
    }
}

/// The frame of a page: every page's template has it as `chrome`.
#[derive(Debug, Clone)]
pub(crate) struct Chrome {
    pub(crate) title: String,
    section: Section,
}

impl Chrome {
    /// The frame with a title of its own.
    pub(crate) fn new(section: Section, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { title, section }
    }

    /// The path of a file of this build.
    pub(crate) fn asset(&self, file: &str) -> String {
        assets::url(file)
    }

    /// The path of a style sheet of this build.
    pub(crate) fn sheet(&self, name: &str) -> String {
        self.asset(&format!("css/{name}.css"))
    }

    /// For `aria-current` of a link to the section of this name.
    pub(crate) fn current(&self, section: &str) -> &'static str {
        if self.section.name() == section {
            "page"
        } else {
            "false"
        }
    }
}

/// A page as an answer.
pub(crate) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page can't be drawn");
            let words = "This page can't be drawn. It is in our log.\n";
            (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
        }
    }
}

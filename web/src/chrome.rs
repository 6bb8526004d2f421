//! What surrounds every page, and how a page becomes an answer.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use ordertrace_http::Access;

use crate::{Site, api::Caller, assets, viewer::Viewer};

/// Which part of the site a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Orders, and each one of them.
    Orders,
    /// The form.
    NewOrder,
    /// What is to be delivered.
    Deliveries,
    /// What operators look at.
    Operations,
    /// A page that is not there, or from before a log-in.
    Nowhere,
}

impl Section {
    const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::NewOrder => "new",
            Self::Deliveries => "deliveries",
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
    viewer: Viewer,
    site: Site,
}

impl Chrome {
    /// The frame with a title of its own, as this caller sees it.
    pub(crate) fn new(caller: &Caller, section: Section, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            section,
            viewer: caller.viewer.clone(),
            site: caller.site,
        }
    }

    /// Who looks at it.
    pub(crate) const fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Whether the list of orders is offered.
    pub(crate) fn has_orders(&self) -> bool {
        self.viewer.may(Access::READING)
    }

    /// Whether the form for an order is offered.
    pub(crate) fn has_form(&self) -> bool {
        self.viewer.may(Access::ORDERS)
    }

    /// Whether the deliveries have a page of their own: for those who see nothing else of an order.
    pub(crate) fn has_deliveries(&self) -> bool {
        !self.has_orders() && self.viewer.may(Access::READING_DELIVERIES)
    }

    /// Whether there is anything among operations to be seen.
    pub(crate) fn has_operations(&self) -> bool {
        self.viewer.may(Access::STAFF)
    }

    /// Whether the API's own pages are on this port, too.
    pub(crate) fn has_docs(&self) -> bool {
        self.site == Site::BesideTheApi
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

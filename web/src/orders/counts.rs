//! How many orders there are, as the API tells it.

use std::collections::BTreeMap;

use ordertrace_http::Access;
use serde::Deserialize;

use super::filter::Filter;
use crate::api::{Answer, Api, ApiError, Caller};

/// `/orderTraces/stats`
#[derive(Debug, Deserialize)]
pub(super) struct Stats {
    pub(super) states: Vec<StateCount>,
    pub(super) hours: Vec<Hour>,
    pub(super) to: String,
}

/// How many orders are in a state.
#[derive(Debug, Deserialize)]
pub(super) struct StateCount {
    pub(super) state: String,
    pub(super) count: u64,
}

/// When orders were placed, and in which states they are now.
#[derive(Debug, Deserialize)]
pub(super) struct Hour {
    pub(super) begins: String,
    pub(super) states: BTreeMap<String, u64>,
}

/// All that is counted for a page.
#[derive(Debug)]
pub(super) struct Counts {
    /// Where all of them are; nothing for those who see their own only.
    pub(super) stats: Option<Stats>,
    /// How many orders meet the filter; where several filters meet, nobody counts.
    pub(super) found: Option<u64>,
    /// How many events the view is behind the log, as far as anybody knows.
    pub(super) behind: u64,
}

/// `/orderTraces`, of which only the count is of interest.
#[derive(Debug, Deserialize)]
struct List {
    page: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    total_elements: Option<u64>,
}

/// `/ops/views`
#[derive(Debug, Deserialize)]
struct Operations {
    views: Views,
}

#[derive(Debug, Deserialize)]
struct Views {
    behind: Option<u64>,
}

impl Counts {
    /// Asks the API for them.
    pub(super) async fn fetch(
        api: &Api,
        caller: &Caller,
        filter: &Filter,
    ) -> Result<Self, ApiError> {
        let found = filter.api_count();
        let (stats, found, views) = futures::join!(
            if_may(caller, Access::STAFF, api.get(caller, "/orderTraces/stats")),
            api.get::<List>(caller, &found),
            if_may(
                caller,
                Access::OPERATIONS,
                api.get::<Operations>(caller, "/ops/views")
            ),
        );
        // How far the view is behind is worth a word where somebody knows it, and no reason to show nothing.
        let views = views
            .and_then(Result::ok)
            .map(|Answer { body, .. }| body.views);
        let behind = views.and_then(|views| views.behind);
        Ok(Self {
            stats: stats.transpose()?.map(|Answer { body, .. }| body),
            found: found?.body.page.total_elements,
            behind: behind.unwrap_or(0),
        })
    }
}

/// What is asked, if whoever asks may.
async fn if_may<T>(caller: &Caller, access: Access, asked: impl Future<Output = T>) -> Option<T> {
    if caller.may(access) {
        Some(asked.await)
    } else {
        None
    }
}

//! HAL: links, and pages of resources, in the shape of the original system's answers.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

/// A link to a path on this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Link {
    /// An absolute path.
    #[schema(pattern = "^/")]
    href: String,
}

impl Link {
    /// A link to an absolute path.
    pub fn to(path: impl Into<String>) -> Self {
        Self { href: path.into() }
    }
}

/// Where a page stands in its collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The most entries a page has.
    pub size: u64,
    /// How many entries there are; left out where nobody counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_elements: Option<u64>,
    /// How many pages that makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total_pages: Option<u64>,
    /// Which page this is, from 0.
    pub number: u64,
}

impl Page {
    /// Page `number` of a collection of `total` entries, `size` a page.
    pub const fn new(size: u64, total: u64, number: u64) -> Self {
        Self {
            size,
            total_elements: Some(total),
            total_pages: Some(total.div_ceil(if size == 0 { 1 } else { size })),
            number,
        }
    }

    /// Page `number` of a list whose entries nobody has counted.
    pub const fn uncounted(size: u64, number: u64) -> Self {
        Self {
            size,
            total_elements: None,
            total_pages: None,
            number,
        }
    }
}

/// A page of resources: `_embedded`, `_links` and `page`, all three always there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Collection<T> {
    #[serde(rename = "_embedded")]
    embedded: BTreeMap<&'static str, Vec<T>>,
    #[serde(rename = "_links")]
    links: BTreeMap<&'static str, Link>,
    page: Page,
}

impl<T> Collection<T> {
    /// A page of `entries` under `name`, with a link to itself and, where there is more, to the next one.
    pub fn new(
        name: &'static str,
        entries: Vec<T>,
        page: Page,
        this: Link,
        next: Option<Link>,
    ) -> Self {
        let links = [("self", Some(this)), ("next", next)];
        Self {
            embedded: BTreeMap::from([(name, entries)]),
            links: links
                .into_iter()
                .filter_map(|(name, link)| link.map(|link| (name, link)))
                .collect(),
            page,
        }
    }
}

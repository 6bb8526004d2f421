//! What the list is asked for: the page's query, handed on to the API.
//!
//! Invariant: the API judges what is asked for, also names that neither of them knows. Only what HTML forms can't say is
//! put right here: a field that is empty asks for nothing, and a time without a zone is in UTC.

use form_urlencoded::Serializer;

use crate::live;

/// How many orders a page shows: what the API gives out unless it is told otherwise.
const ROWS_DEFAULT: usize = 50;

const CURSOR: &str = "cursor";
const LIMIT: &str = "limit";
const SORT: &str = "sort";
const STATE: &str = "state";
const OLDEST_FIRST: &str = "placedAt,asc";

/// What says which part of the list is asked for, and not which orders.
const OF_THE_PAGE: [&str; 4] = [CURSOR, SORT, LIMIT, "after"];

/// How long a time of a form is: `2026-11-23T09:31`, or with seconds.
const LOCAL_TIME_LENGTHS: [usize; 2] = [16, 19];

/// The parameters, as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pairs: Vec<(String, String)>,
}

impl Filter {
    /// Reads a query.
    pub(super) fn read(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, value)| !value.trim().is_empty() && !live::is_own_parameter(name))
            .map(|(name, value)| (name.into_owned(), value.trim().to_owned()));
        Self {
            pairs: pairs.collect(),
        }
    }

    /// What a field of the form shows.
    pub(super) fn value(&self, name: &str) -> &str {
        let pair = self.pairs.iter().find(|(known, _)| known == name);
        pair.map_or("", |(_, value)| value)
    }

    /// The state that is asked for.
    pub(super) fn state(&self) -> &str {
        self.value(STATE)
    }

    /// Whether it asks for some orders only.
    pub(super) fn is_narrow(&self) -> bool {
        let is_of_the_page = |name: &String| OF_THE_PAGE.contains(&name.as_str());
        self.pairs.iter().any(|(name, _)| !is_of_the_page(name))
    }

    /// Whether it asks for some orders only, whatever their state.
    pub(super) fn is_narrow_in_any_state(&self) -> bool {
        let asks = |name: &str| name != STATE && !OF_THE_PAGE.contains(&name);
        self.pairs.iter().any(|(name, _)| asks(name))
    }

    /// How a time is edited: with the browser's own means, unless it is one that they can't show, such as one with a zone.
    pub(super) fn time_input(&self, name: &str) -> &'static str {
        let value = self.value(name);
        if value.is_empty() || has_no_zone(value) {
            "datetime-local"
        } else {
            "text"
        }
    }

    /// Whether something is asked for that only the form shows.
    pub(super) fn needs_the_form(&self) -> bool {
        let is_shown_elsewhere = |name: &str| [STATE, CURSOR, "after"].contains(&name);
        self.pairs.iter().any(|(name, _)| !is_shown_elsewhere(name))
    }

    /// Whether this is the first page.
    pub(super) fn is_first_page(&self) -> bool {
        self.value(CURSOR).is_empty()
    }

    /// How many orders a page has at most; the API has seen to it that this is a sensible number.
    pub(super) fn rows_max(&self) -> usize {
        self.value(LIMIT).parse().unwrap_or(ROWS_DEFAULT)
    }

    /// Whether a new order belongs on this page.
    pub(super) fn takes_new_orders(&self) -> bool {
        self.is_first_page() && self.value(SORT) != OLDEST_FIRST
    }

    /// The API's page of the list.
    pub(super) fn api_list(&self) -> String {
        with_query("/orderTraces", self.api_pairs(|_| true))
    }

    /// The shortest of the API's pages, for how many orders there are.
    pub(super) fn api_count(&self) -> String {
        let limit = [(LIMIT, "1".to_owned())];
        let pairs = self.api_pairs(|name| !OF_THE_PAGE.contains(&name));
        with_query("/orderTraces", pairs.chain(limit))
    }

    /// The API's stream of the same orders.
    pub(super) fn api_stream(&self) -> String {
        let pairs = self.api_pairs(|name| !OF_THE_PAGE.contains(&name));
        with_query("/orderTraces/stream", pairs)
    }

    /// The page that shows this, from its first page.
    pub(super) fn first_page(&self) -> String {
        with_query("/ui/orders", self.without(&[CURSOR, "after"]))
    }

    /// The page with these orders in another state, or in any.
    pub(super) fn in_state(&self, state: &str) -> String {
        let others = self.without(&[CURSOR, "after", STATE]);
        let state = (!state.is_empty()).then_some((STATE, state.to_owned()));
        with_query("/ui/orders", state.into_iter().chain(others))
    }

    /// The page with another part of the list.
    pub(super) fn at_cursor(&self, cursor: &str) -> String {
        let others = self.without(&[CURSOR, "after"]);
        let cursor = [(CURSOR, cursor.to_owned())];
        with_query("/ui/orders", others.chain(cursor))
    }

    /// The page's own routes for the same orders.
    pub(super) fn beside(&self, path: &str) -> String {
        with_query(path, self.without(&[CURSOR, "after"]))
    }

    fn without(&self, names: &[&str]) -> impl Iterator<Item = (&str, String)> {
        let pairs = self.pairs.iter();
        let kept = pairs.filter(|(name, _)| !names.contains(&name.as_str()));
        kept.map(|(name, value)| (name.as_str(), value.clone()))
    }

    fn api_pairs(&self, is_asked: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, String)> {
        let pairs = self.pairs.iter();
        let asked = pairs.filter(move |(name, _)| is_asked(name));
        asked.map(|(name, value)| (name.as_str(), zoned(name, value)))
    }
}

/// A time as a form has it, with the zone that it means.
fn zoned(name: &str, value: &str) -> String {
    let is_time = name == "from" || name == "to";
    match (
        is_time && has_no_zone(value),
        value.len() == LOCAL_TIME_LENGTHS[0],
    ) {
        (false, _) => value.to_owned(),
        (true, true) => format!("{value}:00Z"),
        (true, false) => format!("{value}Z"),
    }
}

fn has_no_zone(time: &str) -> bool {
    LOCAL_TIME_LENGTHS.contains(&time.len()) && !time.ends_with(['Z', 'z'])
}

fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(pairs);
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_asks_for_nothing() {
        let filter = Filter::read("state=&productId=7&customerId=+");
        assert_eq!(filter.api_list(), "/orderTraces?productId=7");
    }

    #[test]
    fn a_time_of_a_form_is_in_utc_and_any_other_is_as_it_was_written() {
        let filter = Filter::read("from=2026-11-23T09:31&to=2026-11-23T10:00:00%2B02:00");
        assert_eq!(
            filter.api_list(),
            "/orderTraces?from=2026-11-23T09%3A31%3A00Z&to=2026-11-23T10%3A00%3A00%2B02%3A00"
        );
    }

    #[test]
    fn what_nobody_knows_is_left_to_the_api_to_refuse() {
        let filter = Filter::read("colour=red");
        assert_eq!(filter.api_list(), "/orderTraces?colour=red");
    }

    #[test]
    fn a_stream_is_of_orders_and_not_of_a_page() {
        let filter = Filter::read("state=placed&sort=placedAt,asc&cursor=ab&lastEventId=c-1");
        assert_eq!(filter.api_stream(), "/orderTraces/stream?state=placed");
    }

    #[test]
    fn another_state_is_looked_for_from_the_first_page() {
        let filter = Filter::read("state=placed&paymentType=cash&cursor=ab");
        assert_eq!(filter.in_state(""), "/ui/orders?paymentType=cash");
        let cancelled = "/ui/orders?state=cancelled&paymentType=cash";
        assert_eq!(filter.in_state("cancelled"), cancelled);
    }
}

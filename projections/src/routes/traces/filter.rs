//! What traces are looked for by. Everything in it is checked: a word that no trace can have is refused, not searched for.

use form_urlencoded::Serializer;
use ordertrace_domain::{CustomerId, ProductId, Timestamp};
use ordertrace_http::{
    PAYMENT_TYPES, Params, Problem, Reach, TRACE_STATES, TRACE_STATUSES,
    openapi::{integer, line_of_text, query as parameter, time as time_schema, word as one_of},
};
use utoipa::openapi::path::Parameter;

use crate::{Direction, Facet, Listing, Record, Search, routes::params::time_in};

const STATE: &str = "state";
const STATUS: &str = "status";
const PRODUCT: &str = "productId";
const CUSTOMER: &str = "customerId";
const PAYMENT_TYPE: &str = "paymentType";
const FROM: &str = "from";
const TO: &str = "to";
const SORT: &str = "sort";

const NEWEST_FIRST: &str = "placedAt,desc";
const OLDEST_FIRST: &str = "placedAt,asc";

/// The parameters of a filter, in the order in which links have them.
pub(super) const PARAMS: [&str; 8] = [
    STATE,
    STATUS,
    PRODUCT,
    CUSTOMER,
    PAYMENT_TYPE,
    FROM,
    TO,
    SORT,
];

/// The same without the order of a list: what a trace is told apart by.
pub(in crate::routes) const CONDITIONS: [&str; 7] =
    [STATE, STATUS, PRODUCT, CUSTOMER, PAYMENT_TYPE, FROM, TO];

/// The conditions, described.
pub(in crate::routes) fn conditions() -> [Parameter; 7] {
    let product = integer(1, ProductId::MAX);
    let customer = line_of_text(CustomerId::CHARS_MAX);
    [
        parameter(STATE, one_of(&TRACE_STATES), "Orders in this state."),
        parameter(
            STATUS,
            one_of(&TRACE_STATUSES),
            "Orders in this state by the original's word.",
        ),
        parameter(PRODUCT, product, "Orders of this product, in any line."),
        parameter(CUSTOMER, customer, "Orders of this customer."),
        parameter(
            PAYMENT_TYPE,
            one_of(&PAYMENT_TYPES),
            "Orders that are paid like this.",
        ),
        parameter(
            FROM,
            time_schema(),
            "Orders that the log recorded at this time or later.",
        ),
        parameter(
            TO,
            time_schema(),
            "Orders that the log recorded before this time.",
        ),
    ]
}

/// The order of a list, described.
pub(super) fn order() -> Parameter {
    let orders = one_of(&[NEWEST_FIRST, OLDEST_FIRST]);
    parameter(
        SORT,
        orders,
        "The newest first, as without it, or the oldest.",
    )
}

/// What is looked for, among the orders within reach.
pub(in crate::routes) struct Filter {
    pub(in crate::routes) reach: Reach,
    /// Whether it asks for the orders of a customer who is beyond reach. Nothing is looked up then: how much there is to look
    /// through would tell of them.
    pub(super) is_beyond: bool,
    facets: Vec<Facet>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    direction: Direction,
    /// The parameters as they came, encoded for a link; the same for the same search.
    pub(super) query: String,
}

impl Filter {
    pub(in crate::routes) fn read(params: &Params, reach: Reach) -> Result<Self, Problem> {
        let asked = params.get(CUSTOMER).map(customer).transpose()?;
        let is_beyond = asked.as_ref().is_some_and(|asked| !reach.has(asked));
        let customer = reach.owner().or(asked.as_ref());
        let facets = [
            word(params, STATE, &TRACE_STATES)?.map(Facet::state),
            word(params, STATUS, &TRACE_STATUSES)?.map(Facet::status),
            params.get(PRODUCT).map(product).transpose()?,
            customer.map(Facet::customer),
            word(params, PAYMENT_TYPE, &PAYMENT_TYPES)?.map(Facet::payment_type),
        ];
        let sort = word(params, SORT, &[NEWEST_FIRST, OLDEST_FIRST])?;
        Ok(Self {
            is_beyond,
            facets: facets.into_iter().flatten().collect(),
            from: time_in(params, FROM)?,
            to: time_in(params, TO)?,
            direction: match sort {
                Some(OLDEST_FIRST) => Direction::OldestFirst,
                Some(_) | None => Direction::NewestFirst,
            },
            query: query(params),
            reach,
        })
    }

    /// Whether an order is one that it looks for. Its time is that of its own event: where a server's clock stood back, the
    /// list has it where the log had come to by then.
    pub(in crate::routes) fn meets(&self, record: &Record) -> bool {
        let Some(row) = record.row() else {
            return false;
        };
        if self.is_beyond {
            return false;
        }
        let is_in_time = self.from.is_none_or(|from| row.placed_at >= from)
            && self.to.is_none_or(|to| row.placed_at < to);
        if !is_in_time || self.facets.is_empty() {
            return is_in_time;
        }
        let has = Facet::of(&row.order);
        self.facets.iter().all(|facet| has.contains(facet))
    }

    /// The search for a page of it.
    pub(super) fn search(&self, limit: usize) -> Search {
        Search {
            listing: Listing::Placed,
            facets: self.facets.clone(),
            from: self.from,
            to: self.to,
            direction: self.direction,
            after: None,
            limit,
        }
    }

    /// The only thing it asks for, if that is a facet: such traces are counted.
    pub(super) fn only_facet(&self) -> Option<&Facet> {
        match (self.facets.as_slice(), self.from, self.to) {
            ([facet], None, None) => Some(facet),
            _ => None,
        }
    }

    /// Whether it asks for nothing, so that every trace meets it.
    pub(super) fn is_empty(&self) -> bool {
        self.facets.is_empty() && self.from.is_none() && self.to.is_none()
    }
}

fn word<'a>(params: &'a Params, name: &str, words: &[&str]) -> Result<Option<&'a str>, Problem> {
    let Some(given) = params.get(name) else {
        return Ok(None);
    };
    if words.contains(&given) {
        return Ok(Some(given));
    }
    let words = words.join(", ");
    Err(Problem::invalid_request(format!(
        "{name} is one of {words}"
    )))
}

fn product(text: &str) -> Result<Facet, Problem> {
    // Only the plain spelling, as of any number in a query: neither `+1` nor `01`.
    let number = text
        .parse()
        .ok()
        .filter(|number: &u64| number.to_string() == text);
    let number = number.map(ProductId::new);
    match number {
        Some(Ok(product)) => Ok(Facet::product(product)),
        Some(Err(_)) | None => Err(Problem::invalid_request(format!(
            "{PRODUCT} is the number of a product"
        ))),
    }
}

fn customer(text: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(text)
        .map_err(|error| Problem::invalid_request(format!("{CUSTOMER}: {error}")))
}

fn query(params: &Params) -> String {
    let mut query = Serializer::new(String::new());
    for name in PARAMS {
        if let Some(value) = params.get(name) {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

//! Which events.

use clap::{Args, builder::PossibleValuesParser};
use ordertrace_audit::{Filter, FilterRequest, InvalidFilter};
use ordertrace_domain::Event;

/// Which events; all of them, if nothing is said.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Only this order's
    #[arg(long, value_name = "ORDER", value_parser = order)]
    pub(crate) order: Option<String>,
    /// Only events of this name, such as OrderPlaced; may be given more than once
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = type_names(), hide_possible_values = true)]
    pub(crate) types: Vec<String>,
    /// Only what these did: anonymous, customer, courier, operator or system, or one of them, as customer:alice
    #[arg(long, value_name = "KIND[:ID]", value_parser = actor)]
    pub(crate) actor: Option<String>,
    /// Only events of orders that this customer placed
    #[arg(long, value_name = "CUSTOMER", value_parser = customer)]
    pub(crate) customer: Option<String>,
    /// Only what the log recorded at this time or later (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) from: Option<String>,
    /// Only what the log recorded before this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) to: Option<String>,
    /// Begin at this position: a number, or as an answer shows it
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub(crate) from_position: Option<String>,
    /// End with this position
    #[arg(long, value_name = "POSITION", value_parser = position)]
    pub(crate) to_position: Option<String>,
}

/// The events there are.
fn type_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Event::types().map(|event| event.name))
}

fn order(text: &str) -> Result<String, InvalidFilter> {
    only(text, |request, text| request.order = Some(text))
}

fn actor(text: &str) -> Result<String, InvalidFilter> {
    only(text, |request, text| request.actor = Some(text))
}

fn customer(text: &str) -> Result<String, InvalidFilter> {
    only(text, |request, text| request.customer = Some(text))
}

fn time(text: &str) -> Result<String, InvalidFilter> {
    only(text, |request, text| request.recorded_from = Some(text))
}

fn position(text: &str) -> Result<String, InvalidFilter> {
    only(text, |request, text| request.from_position = Some(text))
}

/// Makes sure that a filter which says only this can be read. It is kept as it was written: it is said again in the command
/// that goes on, and asked of the API.
fn only(text: &str, set: impl FnOnce(&mut FilterRequest, String)) -> Result<String, InvalidFilter> {
    let mut request = FilterRequest::default();
    set(&mut request, text.to_owned());
    Filter::parse(&request).map(|_| text.to_owned())
}

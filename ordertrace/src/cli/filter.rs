//! Which events.

use clap::Args;

/// Which events; all of them, if nothing is said.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Only this order's
    #[arg(long, value_name = "ORDER")]
    pub(crate) order: Option<String>,
    /// Only events of this name, such as OrderPlaced; may be given more than once
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only what these did: anonymous, customer, courier, operator or system, or one of them, as customer:alice
    #[arg(long, value_name = "KIND[:ID]")]
    pub(crate) actor: Option<String>,
    /// Only events of orders that this customer placed
    #[arg(long, value_name = "CUSTOMER")]
    pub(crate) customer: Option<String>,
    /// Only what the log recorded at this time or later (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only what the log recorded before this time (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Begin at this position: a number, or as an answer shows it
    #[arg(long, value_name = "POSITION")]
    pub(crate) from_position: Option<String>,
    /// End with this position
    #[arg(long, value_name = "POSITION")]
    pub(crate) to_position: Option<String>,
}

//! What the process logs and traces, and how.

use clap::{Args, ValueEnum};
use reqwest::Url;

use super::quiet::Quiet;

/// What is logged, to the standard error stream.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Logs of this process")]
pub(crate) struct LogArgs {
    /// How much to log: error, warn, info, debug or trace, for all or for a crate (`info,ordertrace_saga=debug`)
    #[arg(
        long,
        value_name = "FILTER",
        env = "ORDERTRACE_LOG",
        default_value = "info,async_nats=warn"
    )]
    pub(crate) log: String,
    /// For people or for machines
    #[arg(
        long,
        value_name = "FORMAT",
        env = "ORDERTRACE_LOG_FORMAT",
        default_value = "pretty"
    )]
    pub(crate) log_format: LogFormat,
    #[command(flatten)]
    pub(crate) traces: TraceArgs,
}

/// Which traces are recorded, and where they go.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Traces")]
pub(crate) struct TraceArgs {
    /// The collector that takes spans by OTLP over HTTP, such as http://127.0.0.1:4318; without one none are recorded
    #[arg(
        long,
        value_name = "URL",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT",
        value_parser = Quiet(endpoint)
    )]
    otlp_endpoint: Option<String>,
    /// How many of the traces that begin here are recorded, from 0 to 1; of a trace that began elsewhere its sender decides
    #[arg(
        long = "trace-ratio",
        value_name = "RATIO",
        env = "OTEL_TRACES_SAMPLER_ARG",
        default_value = "1",
        value_parser = ratio
    )]
    pub(crate) ratio: f64,
}

impl TraceArgs {
    /// Where spans go, if anywhere. A variable that is set to nothing names nothing.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.otlp_endpoint.as_deref().filter(|it| !it.is_empty())
    }
}

fn endpoint(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if matches!(url.scheme(), "http" | "https") && is_bare {
        Ok(text.to_owned())
    } else {
        Err(
            "an http or https URL without a user or a query, such as http://127.0.0.1:4318"
                .to_owned(),
        )
    }
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse().ok();
    let ratio = ratio.filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| "a number from 0 to 1".to_owned())
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line an entry, for people.
    Pretty,
    /// A JSON object an entry.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", true)]
    #[case("http://127.0.0.1:4318", true)]
    #[case("https://collector.example/otlp/", true)]
    #[case("127.0.0.1:4318", false)]
    #[case("grpc://collector.example", false)]
    #[case("http://me:secret@collector.example", false)]
    #[case("http://collector.example?key=secret", false)]
    fn a_collector_is_named_by_a_bare_url(#[case] text: &str, #[case] is_one: bool) {
        assert_eq!(endpoint(text).is_ok(), is_one);
    }

    #[rstest]
    #[case("0", Some(0.0))]
    #[case("0.25", Some(0.25))]
    #[case("1", Some(1.0))]
    #[case("1.1", None)]
    #[case("-0.1", None)]
    #[case("NaN", None)]
    #[case("all", None)]
    fn a_ratio_is_a_part_of_the_whole(#[case] text: &str, #[case] parsed: Option<f64>) {
        assert_eq!(ratio(text).ok(), parsed);
    }
}

//! What a bench comes to: figures, each beside what it is compared with.

use std::io::{self, Write as _};

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use serde::Serialize;

use crate::cli::Output;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    /// What was measured.
    pub(super) bench: String,
    /// How many servers there are: `R1` or `R3`; or what else there is to say of them.
    pub(super) topology: String,
    /// Whether the servers sync each write (`always`) or when they like (`default`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sync: Option<&'static str>,
    /// How many were under way at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_flight: Option<u32>,
    /// Ours: the median of the runs.
    pub(super) ours: f64,
    /// The same without anything of ours in between, in the same runs; not a number if there is no such thing.
    pub(super) raw: f64,
    /// Ours by raw.
    pub(super) ratio: f64,
    /// What both are measured in.
    pub(super) unit: &'static str,
    /// How many runs there were.
    pub(super) runs: usize,
    /// The least and the most of ours.
    pub(super) ours_range: [f64; 2],
    /// The least and the most of raw.
    pub(super) raw_range: [f64; 2],
    /// What the ratio, or the figure itself, has to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wanted: Option<Wanted>,
    /// Whether it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_reached: Option<bool>,
}

/// What a figure has to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Wanted {
    /// Ours is at least so many times raw.
    RatioMin(f64),
    /// Ours is at most so many times raw.
    RatioMax(f64),
    /// Ours is at most this, whatever raw is.
    OursMax(f64),
}

impl Wanted {
    fn is_reached(self, figure: &Figure) -> bool {
        match self {
            Self::RatioMin(bound) => figure.ratio >= bound,
            Self::RatioMax(bound) => figure.ratio <= bound,
            Self::OursMax(bound) => figure.ours <= bound,
        }
    }

    fn words(self) -> String {
        match self {
            Self::RatioMin(bound) => format!("≥ {bound} ×"),
            Self::RatioMax(bound) => format!("≤ {bound} ×"),
            Self::OursMax(bound) => format!("≤ {bound}"),
        }
    }
}

impl Figure {
    /// The figure of these runs, in which ours and raw took turns.
    pub(super) fn of(
        bench: impl Into<String>,
        topology: impl Into<String>,
        unit: &'static str,
        ours: Vec<f64>,
        raw: Vec<f64>,
    ) -> Self {
        let (runs, ours_range, raw_range) = (ours.len(), range(&ours), range(&raw));
        let (ours, raw) = (median(ours), median(raw));
        Self {
            bench: bench.into(),
            topology: topology.into(),
            sync: None,
            in_flight: None,
            ours,
            raw,
            ratio: ours / raw,
            unit,
            runs,
            ours_range,
            raw_range,
            wanted: None,
            is_reached: None,
        }
    }

    /// How the servers sync, and how many were under way.
    pub(super) const fn with_load(mut self, sync: &'static str, in_flight: u32) -> Self {
        self.sync = Some(sync);
        self.in_flight = Some(in_flight);
        self
    }

    /// What it has to be.
    pub(super) fn wanted(mut self, wanted: Wanted) -> Self {
        self.is_reached = Some(wanted.is_reached(&self));
        self.wanted = Some(wanted);
        self
    }
}

/// The middle one of these, or the mean of both in the middle; nothing of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.saturating_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => {
            f64::midpoint(*below, *above)
        }
        (_, Some(value)) => *value,
        _ => f64::NAN,
    }
}

fn range(values: &[f64]) -> [f64; 2] {
    let least = values.iter().copied().fold(f64::NAN, f64::min);
    let most = values.iter().copied().fold(f64::NAN, f64::max);
    [least, most]
}

/// Prints figures: a JSON object a line, or a table.
pub(super) fn print(figures: &[Figure], output: Output) -> anyhow::Result<()> {
    let text = match output {
        Output::Json => {
            let lines: Result<Vec<_>, _> = figures.iter().map(serde_json::to_string).collect();
            lines?.join("\n")
        }
        Output::Table => table(figures),
    };
    match writeln!(io::stdout(), "{text}") {
        // Whoever has read enough closes the pipe.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn table(figures: &[Figure]) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header([
            "BENCH", "ON", "AT ONCE", "OURS", "(RANGE)", "RAW", "(RANGE)", "RATIO", "UNIT", "RUNS",
            "WANTED",
        ]);
    for figure in figures {
        let sync = figure.sync.map(|sync| format!(" {sync}"));
        let wanted = figure.wanted.map(|wanted| {
            let verdict = if figure.is_reached == Some(true) {
                "yes"
            } else {
                "NO"
            };
            format!("{}: {verdict}", wanted.words())
        });
        table.add_row([
            figure.bench.clone(),
            format!("{}{}", figure.topology, sync.unwrap_or_default()),
            figure
                .in_flight
                .map_or(String::new(), |count| count.to_string()),
            number(figure.ours),
            between(figure.ours_range),
            number(figure.raw),
            between(figure.raw_range),
            number(figure.ratio),
            figure.unit.to_owned(),
            figure.runs.to_string(),
            wanted.unwrap_or_default(),
        ]);
    }
    table.trim_fmt()
}

/// With as many digits as mean something.
fn number(value: f64) -> String {
    if value.is_nan() {
        "–".to_owned()
    } else if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

fn between([least, most]: [f64; 2]) -> String {
    if least.is_nan() {
        return String::new();
    }
    format!("{}–{}", number(least), number(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_whatever_the_order() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!((median(vec![5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(vec![]).is_nan());
    }

    #[test]
    fn a_figure_says_whether_it_is_what_it_has_to_be() {
        let figure = || Figure::of("it", "R1", "ms", vec![3.0, 1.0, 2.0], vec![1.0, 4.0, 2.0]);
        let reached = |wanted| figure().wanted(wanted).is_reached;
        assert_eq!(reached(Wanted::RatioMin(1.0)), Some(true));
        assert_eq!(reached(Wanted::RatioMin(1.1)), Some(false));
        assert_eq!(reached(Wanted::RatioMax(0.9)), Some(false));
        assert_eq!(reached(Wanted::OursMax(2.0)), Some(true));
        assert!(table(&[figure().wanted(Wanted::RatioMin(1.1))]).contains("≥ 1.1 ×: NO"));
        assert_eq!(
            figure().raw_range.map(f64::to_bits),
            [1.0_f64, 4.0].map(f64::to_bits)
        );
    }
}

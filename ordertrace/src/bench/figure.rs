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
    /// How the servers stood.
    pub(super) topology: String,
    /// Ours: the median of the runs.
    pub(super) ours: f64,
    /// The same without anything of ours in between, in the same runs.
    pub(super) raw: f64,
    /// Ours by raw.
    pub(super) ratio: f64,
    /// What both are measured in.
    pub(super) unit: &'static str,
    /// How many runs there were.
    pub(super) runs: u32,
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
        .set_header(["BENCH", "TOPOLOGY", "OURS", "RAW", "RATIO", "UNIT", "RUNS"]);
    for figure in figures {
        table.add_row([
            figure.bench.clone(),
            figure.topology.clone(),
            format!("{:.2}", figure.ours),
            format!("{:.2}", figure.raw),
            format!("{:.1}", figure.ratio),
            figure.unit.to_owned(),
            figure.runs.to_string(),
        ]);
    }
    table.trim_fmt()
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
}

//! Spans of time, in the two units that matter.

use chrono::TimeDelta;

/// A span, such as `320 ms`, `4.2 s`, `2 h 5 min`; one below zero is none.
pub(crate) fn span(span: TimeDelta) -> String {
    let ms = span.num_milliseconds().max(0);
    let (secs, mins, hours, days) = (ms / 1_000, ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    match () {
        () if ms < 1_000 => format!("{ms} ms"),
        () if secs < 60 => format!("{secs}.{} s", ms % 1_000 / 100),
        () if mins < 10 => two(mins, "min", secs % 60, "s"),
        () if mins < 60 => format!("{mins} min"),
        () if hours < 24 => two(hours, "h", mins % 60, "min"),
        () => two(days, "d", hours % 24, "h"),
    }
}

fn two(whole: i64, unit: &str, rest: i64, smaller: &str) -> String {
    match rest {
        0 => format!("{whole} {unit}"),
        rest => format!("{whole} {unit} {rest} {smaller}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(-5, "0 ms")]
    #[case(0, "0 ms")]
    #[case(320, "320 ms")]
    #[case(4_250, "4.2 s")]
    #[case(60_000, "1 min")]
    #[case(185_000, "3 min 5 s")]
    #[case(2_819_000, "46 min")]
    #[case(7_500_000, "2 h 5 min")]
    #[case(7_200_000, "2 h")]
    #[case(273_600_000, "3 d 4 h")]
    fn a_span_is_told_in_the_units_that_matter(#[case] ms: i64, #[case] told: &str) {
        assert_eq!(span(TimeDelta::milliseconds(ms)), told);
    }
}

//! A budget that is stored: a text file with a line a count, and what was counted this time against it.
//!
//! Invariant: what has no line, or a line that nobody counts any more, fails as well. What can't be counted on this machine is
//! left as it stands.

use std::path::{Path, PathBuf};

/// The variable that has the budget written anew.
const UPDATE: &str = "UPDATE_BUDGET";

/// Below so many hundredths of its budget, a count asks for a lower one.
const WELL_BELOW_PERCENT: u64 = 80;

/// Something that was counted.
#[derive(Debug, Clone)]
pub(crate) struct Count {
    name: String,
    /// None where this machine can't count it.
    count: Option<u64>,
}

impl Count {
    /// So many in all.
    pub(crate) fn of(name: impl Into<String>, count: Option<u64>) -> Self {
        let name = name.into();
        Self { name, count }
    }

    /// So many in all, of so many times: the mean, to the nearest whole number.
    pub(crate) fn mean(name: impl Into<String>, total: Option<u64>, times: u64) -> Self {
        Self::of(name, total.map(|total| (total + times / 2) / times))
    }

    /// What is wrong with it, given its budget, which may be overstepped by so many hundredths.
    fn against(&self, budget: Option<u64>, slack_percent: u64) -> Option<String> {
        let (name, count) = (&self.name, self.count?);
        match budget {
            None => Some(format!("{name}: {count}, and no budget")),
            Some(budget) if count > budget + budget * slack_percent / 100 => {
                Some(format!("{name}: {count}, budget {budget}"))
            }
            Some(budget) if count < budget && count * 100 <= budget * WELL_BELOW_PERCENT => Some(
                format!("{name}: {count}, budget {budget}: lower the budget"),
            ),
            Some(_) => None,
        }
    }
}

/// Compares with the budget in this file, from this crate's folder; or writes it, where that is asked for. Counts that are never
/// twice quite the same may overstep it by so many hundredths.
pub(crate) fn assert_within(file: &str, counts: &[Count], slack_percent: u64) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&file).unwrap();
    if std::env::var_os(UPDATE).is_some_and(|wanted| wanted == "1") {
        std::fs::write(&file, rewritten(&text, counts)).unwrap();
        return;
    }
    let wrong = wrong(&text, counts, slack_percent);
    assert!(
        wrong.is_empty(),
        "not within {}; if that is meant to be so, write it anew with {UPDATE}=1:\n{}",
        file.file_name().unwrap().display(),
        wrong.join("\n")
    );
}

/// All that does not fit.
fn wrong(text: &str, counts: &[Count], slack_percent: u64) -> Vec<String> {
    let budget: Vec<(&str, u64)> = text.lines().filter_map(line).collect();
    let budget_of = |name: &str| budget.iter().find(|it| it.0 == name).map(|it| it.1);
    let against = counts
        .iter()
        .filter_map(|count| count.against(budget_of(&count.name), slack_percent));
    let is_counted = |name: &str| counts.iter().any(|count| count.name == name);
    let forgotten = budget.iter().filter(|(name, _)| !is_counted(name));
    let forgotten = forgotten.map(|(name, _)| format!("{name}: nobody counts that any more"));
    against.chain(forgotten).collect()
}

/// A line's name and number; none of a line that says something else.
fn line(line: &str) -> Option<(&str, u64)> {
    let line = line.trim();
    let (name, number) = line.rsplit_once(char::is_whitespace)?;
    (!line.starts_with('#')).then_some((name.trim_end(), number.parse().ok()?))
}

/// The file as it should be: its words on top, then a line a count.
fn rewritten(text: &str, counts: &[Count]) -> String {
    let words = text.lines().take_while(|line| line.starts_with('#'));
    let mut lines: Vec<String> = words.map(str::to_owned).collect();
    let width = counts.iter().map(|count| count.name.chars().count()).max();
    for Count { name, count } in counts {
        let before = text.lines().filter_map(line).find(|it| it.0 == name);
        if let Some(number) = count.or(before.map(|it| it.1)) {
            lines.push(format!(
                "{name:<0$}  {number:>3}",
                width.unwrap_or_default()
            ));
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# What it is.\none thing:  its parts    10\n";

    fn found(number: u64) -> Vec<String> {
        wrong(TEXT, &[Count::of("one thing:  its parts", Some(number))], 0)
    }

    #[test]
    fn more_than_the_budget_is_wrong_and_so_is_a_fifth_less() {
        assert_eq!(found(11), ["one thing:  its parts: 11, budget 10"]);
        assert!(found(10).is_empty() && found(9).is_empty());
        assert_eq!(found(8).len(), 1);
        assert!(found(8)[0].ends_with("lower the budget"), "{:?}", found(8));
    }

    #[test]
    fn what_is_never_twice_the_same_has_some_room() {
        let of = |number| {
            wrong(
                TEXT,
                &[Count::of("one thing:  its parts", Some(number))],
                10,
            )
        };
        assert!(of(11).is_empty());
        assert_eq!(of(12).len(), 1);
    }

    #[test]
    fn what_only_one_side_knows_is_wrong() {
        let wrong = wrong(TEXT, &[Count::of("another", Some(1))], 0);
        let expected = [
            "another: 1, and no budget",
            "one thing:  its parts: nobody counts that any more",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn what_could_not_be_counted_is_neither_wrong_nor_changed() {
        let uncounted = [Count::of("one thing:  its parts", None)];
        assert!(wrong(TEXT, &uncounted, 0).is_empty());
        let written = rewritten(TEXT, &uncounted);
        assert_eq!(
            line(written.lines().nth(1).unwrap()),
            line(TEXT.lines().nth(1).unwrap())
        );
    }

    #[test]
    fn what_was_written_is_within_itself() {
        let counts = [
            Count::mean("one", Some(299), 200),
            Count::of("a second", Some(7)),
        ];
        let written = rewritten(TEXT, &counts);
        assert!(written.starts_with("# What it is.\none"), "{written}");
        assert_eq!(line(written.lines().nth(1).unwrap()), Some(("one", 1)));
        assert!(wrong(&written, &counts, 0).is_empty());
    }
}

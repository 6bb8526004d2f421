//! Patterns for whole numbers in digits. JSON Schema bounds numbers, but not numbers in text.

/// A pattern, without anchors, of the numbers from 1 to `max` in their plain spelling.
pub(super) fn up_to(max: u64) -> String {
    let digits = max.to_string();
    let length = digits.len();
    let mut choices = Vec::new();
    if length > 1 {
        choices.push(format!("[1-9][0-9]{{0,{}}}", length - 2));
    }
    // As long as `max`: equal to it up to some digit, smaller there, and anything behind.
    for (place, digit) in digits.bytes().enumerate() {
        let least = if place == 0 { b'1' } else { b'0' };
        if digit > least {
            let (least, most) = (char::from(least), char::from(digit - 1));
            let behind = match length - 1 - place {
                0 => String::new(),
                behind => format!("[0-9]{{{behind}}}"),
            };
            let before = &digits[..place];
            choices.push(format!("{before}[{least}-{most}]{behind}"));
        }
    }
    choices.push(digits);
    format!("({})", choices.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The few things that such a pattern is made of, matched the slow way.
    fn matches(pattern: &str, text: &str) -> bool {
        let choices = pattern.trim_start_matches('(').trim_end_matches(')');
        choices.split('|').any(|choice| fits(choice, text))
    }

    fn fits(choice: &str, text: &str) -> bool {
        let Some(first) = choice.chars().next() else {
            return text.is_empty();
        };
        let (range, rest) = if first == '[' {
            (&choice[1..4], &choice[5..])
        } else {
            (&choice[..1], &choice[1..])
        };
        let (low, high) = (range.as_bytes()[0], range.as_bytes()[range.len() - 1]);
        let (counts, rest) = match rest.strip_prefix('{').and_then(|it| it.split_once('}')) {
            Some((counts, rest)) => (counts, rest),
            None => ("1", rest),
        };
        let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
        let (least, most): (usize, usize) = (least.parse().unwrap(), most.parse().unwrap());
        (least..=most.min(text.len())).any(|count| {
            let in_range = |byte: u8| (low..=high).contains(&byte);
            text.bytes().take(count).all(in_range) && fits(rest, &text[count..])
        })
    }

    #[test]
    fn the_pattern_takes_exactly_the_numbers_up_to_its_bound() {
        for max in [1, 9, 10, 19, 70, 101, 200, 999, 1_000] {
            let pattern = up_to(max);
            for number in 0..=1_100_u64 {
                let is_within = (1..=max).contains(&number);
                assert_eq!(
                    matches(&pattern, &number.to_string()),
                    is_within,
                    "{number} by {pattern}"
                );
            }
            assert!(!matches(&pattern, "01"), "{pattern}");
        }
        let largest = up_to(u64::MAX);
        assert!(matches(&largest, "18446744073709551615"));
        assert!(!matches(&largest, "18446744073709551616"));
    }
}

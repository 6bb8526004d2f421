//! Numbers of things.

/// A number with a comma after each group of thousands.
pub(crate) fn number(number: u64) -> String {
    grouped(&number.to_string())
}

/// A number and its noun: `1 order`, `1,200 orders`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{} {noun}", number(count))
}

/// Digits with a comma after each group of thousands.
pub(super) fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart_and_one_is_no_plural() {
        assert_eq!(number(0), "0");
        assert_eq!(counted(1, "order", "orders"), "1 order");
        assert_eq!(counted(1_234_567, "order", "orders"), "1,234,567 orders");
    }
}

//! Bytes as text that a reviewer can read: sixteen a line, with their letters beside them.

/// Writes bytes below a comment.
pub(crate) fn dump(comment: &str, bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).map(|line| {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let letters: String = line.iter().map(|byte| letter(*byte)).collect();
        format!("{:<47}  |{letters}|\n", digits.join(" "))
    });
    format!("# {comment}\n{}", lines.collect::<String>())
}

fn letter(byte: u8) -> char {
    match char::from(byte) {
        letter @ ' '..='~' => letter,
        _ => '.',
    }
}

/// Reads the bytes back: what stands before the letters, in lines that are no comments.
pub(crate) fn parse(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let digits = lines.flat_map(|line| {
        let (digits, _) = line.split_once('|').expect("bytes, then their letters");
        digits.split_whitespace()
    });
    digits
        .map(|digits| u8::from_str_radix(digits, 16).expect("two hexadecimal digits"))
        .collect()
}

#[test]
fn bytes_read_back_as_they_were() {
    let bytes: Vec<u8> = (0..=255).chain(*b"|# 00").collect();
    assert_eq!(parse(&dump("a comment", &bytes)), bytes);
}

//! Text that has to stay on one line.

/// The text with every control character and line separator as a space: nothing in it can end a line.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

//! Keys as text columns.
//!
//! PostgreSQL's `text` holds every character but U+0000. An id or a code with one in it is rare and wrong, but it comes from outside,
//! and one such row must not keep its whole batch from being written: it is kept under another spelling.

use std::borrow::Cow;

/// Stands before the digit that says which character was meant: `0` for U+0000, `1` for itself.
const SUBSTITUTE: char = '\u{1a}';

/// The column value of a key.
pub(crate) fn write(key: &str) -> Cow<'_, str> {
    if !key.contains(['\0', SUBSTITUTE]) {
        return Cow::Borrowed(key);
    }
    let mut text = String::with_capacity(key.len() + 2);
    for letter in key.chars() {
        match letter {
            '\0' => text.extend([SUBSTITUTE, '0']),
            SUBSTITUTE => text.extend([SUBSTITUTE, '1']),
            other => text.push(other),
        }
    }
    Cow::Owned(text)
}

/// The key of a column value.
pub(crate) fn read(text: &str) -> Cow<'_, str> {
    if !text.contains(SUBSTITUTE) {
        return Cow::Borrowed(text);
    }
    let mut key = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == SUBSTITUTE) {
            (_, true) => key.push(match letters.next() {
                Some('0') => '\0',
                _ => SUBSTITUTE,
            }),
            (other, false) => key.push(other),
        }
    }
    Cow::Owned(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_comes_back_and_no_two_are_one() {
        let keys = [
            "", "a", "ü,[\"", "\0", "a\0b", "\u{1a}", "\u{1a}0", "\u{1a}\0", "\0\0",
        ];
        let written: std::collections::BTreeSet<String> =
            keys.iter().map(|key| write(key).into_owned()).collect();
        assert_eq!(written.len(), keys.len());
        for key in keys {
            assert!(!write(key).contains('\0'));
            assert_eq!(read(&write(key)), key);
        }
    }
}

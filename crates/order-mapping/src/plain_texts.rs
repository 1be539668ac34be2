//! Texts that a target takes as they are, told in one pass over their bytes.

/// What of a text needs no second look, for a set of characters that a target uses for itself.
#[derive(Debug, Clone)]
pub(crate) struct PlainTexts {
    /// What every byte is: nothing remarkable, or one of the classes below.
    classes: [u8; 256],
}

/// A space.
const GAP: u8 = 1;
/// A comma or semicolon, as they stand between the entries of a list.
const LIST: u8 = 2;
/// Outside printable ASCII, or forbidden.
const ODD: u8 = 4;

impl PlainTexts {
    pub(crate) fn without(forbidden: &str) -> Self {
        let mut classes = [ODD; 256];
        for (class, byte) in classes.iter_mut().zip(0_u8..0x80) {
            *class = match byte {
                _ if forbidden.contains(char::from(byte)) => ODD,
                b' ' => GAP,
                b',' | b';' => LIST,
                _ if byte.is_ascii_graphic() => 0,
                _ => ODD,
            };
        }
        Self { classes }
    }

    /// Whether the text is printable ASCII with single spaces and none at its ends, and has no forbidden character.
    pub(crate) fn hold(&self, text: &str) -> bool {
        let (odd, last) = text.bytes().fold((0, GAP), |(odd, last), byte| {
            let class = self.class(byte);
            (odd | class & ODD | class & last & GAP, class)
        });
        odd == 0 && last != GAP
    }

    /// Whether the text is printable ASCII on one line, and has no forbidden character; spaces may stand anywhere.
    pub(crate) fn hold_with_gaps(&self, text: &str) -> bool {
        text.bytes().fold(0, |all, byte| all | self.class(byte)) & ODD == 0
    }

    /// Whether the text is one word of printable ASCII that is no list, and has no forbidden character.
    pub(crate) fn hold_one_word(&self, text: &str) -> bool {
        text.bytes().fold(0, |all, byte| all | self.class(byte)) == 0
    }

    fn class(&self, byte: u8) -> u8 {
        self.classes.get(usize::from(byte)).copied().unwrap_or(ODD)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text;

    proptest! {
        #[test]
        fn what_is_held_is_what_a_second_look_leaves_as_it_is(text in "[ -~\t\u{e9}]{0,20}", forbidden in "[~|a\u{e9}]{0,2}") {
            let plain = PlainTexts::without(&forbidden);
            let allowed = !forbidden.chars().any(|c| text.contains(c));
            let ascii = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            prop_assert_eq!(plain.hold(&text), allowed && text::is_plain(&text));
            prop_assert_eq!(plain.hold_with_gaps(&text), allowed && ascii);
            prop_assert_eq!(plain.hold_one_word(&text), allowed && ascii && !text.contains([' ', ',', ';']));
        }
    }
}

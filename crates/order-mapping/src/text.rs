//! Free text made fit for a label: cleaned, written in ASCII where the target asks for it, and fitted into lines.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// A text without what no label shows, and whether something was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cleaned {
    pub(crate) text: String,
    pub(crate) removed: bool,
}

/// Composes the text (NFC), turns any white space into single spaces, trims, and removes control characters, invisible
/// characters and pictures. Idempotent.
pub(crate) fn clean(text: &str) -> Cleaned {
    let mut out = String::with_capacity(text.len().min(4096));
    let mut removed = false;
    let mut gap = false;
    let visible = text.chars().filter(|c| {
        let drop = shows_nothing(*c);
        removed |= drop;
        !drop
    });
    for c in visible.nfc() {
        if c.is_whitespace() {
            gap = !out.is_empty();
        } else {
            if std::mem::take(&mut gap) {
                out.push(' ');
            }
            out.push(c);
        }
    }
    Cleaned { text: out, removed }
}

/// Whether [`clean`] leaves nothing of the text.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || shows_nothing(c))
}

fn shows_nothing(c: char) -> bool {
    (c.is_control() && !c.is_whitespace()) || is_invisible(c) || is_picture(c)
}

/// Characters that show nothing: zero-width and direction marks, soft hyphen, variation selectors, tags.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c as u32,
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// Emoji, dingbats and keycaps.
const fn is_picture(c: char) -> bool {
    matches!(c, '\u{20E3}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// A text written in ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) text: String,
    /// Something was replaced.
    pub(crate) changed: bool,
    /// A character of a script that is not spelled out; the text must not be used.
    pub(crate) unsupported: bool,
}

/// Writes Latin letters and typographic signs in ASCII. Idempotent.
///
/// A replacement never touches a digit beside it: `3½` becomes `3 1/2`, because `31/2` would be another door.
pub(crate) fn fold(text: &str) -> Folded {
    let mut folded = Folded {
        text: String::with_capacity(text.len()),
        changed: false,
        unsupported: false,
    };
    let mut after_digit = false;
    for c in text.nfc() {
        if c.is_ascii() {
            if std::mem::take(&mut after_digit) && c.is_ascii_digit() {
                folded.text.push(' ');
            }
            folded.text.push(c);
            continue;
        }
        folded.changed = true;
        // A mark without a composed form belongs to the letter before it.
        if canonical_combining_class(c) != 0
            && folded
                .text
                .ends_with(|last: char| last.is_ascii_alphabetic())
        {
            continue;
        }
        let Some(plain) = plain(c) else {
            folded.unsupported = true;
            folded.text.push('?');
            after_digit = false;
            continue;
        };
        let is_digit = matches!(c, '０'..='９');
        let touches = plain.starts_with(|first: char| first.is_ascii_digit())
            && folded.text.ends_with(|last: char| last.is_ascii_digit())
            && (!is_digit || after_digit);
        if touches {
            folded.text.push(' ');
        }
        folded.text.push_str(&plain);
        after_digit = !is_digit && plain.ends_with(|last: char| last.is_ascii_digit());
    }
    folded
}

/// The ASCII writing of one character outside ASCII.
fn plain(c: char) -> Option<String> {
    let known = match c {
        'Æ' => "AE",
        'æ' => "ae",
        'Œ' => "OE",
        'œ' => "oe",
        'ẞ' => "SS",
        'ß' => "ss",
        'Ø' => "O",
        'ø' => "o",
        'Đ' | 'Ð' | 'Ɖ' => "D",
        'đ' | 'ð' => "d",
        'Þ' => "Th",
        'þ' => "th",
        'Ł' => "L",
        'ł' => "l",
        'Ħ' => "H",
        'ħ' => "h",
        'Ŧ' => "T",
        'ŧ' => "t",
        'Ŋ' => "Ng",
        'ŋ' => "ng",
        'ı' => "i",
        'ĸ' => "k",
        'Ə' => "E",
        'ə' => "e",
        'Ƶ' => "Z",
        'ƶ' => "z",
        '‘' | '’' | '‚' | '‛' | '′' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | '´' | '‹' | '›' => {
            "'"
        }
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => "-",
        '·' | '•' | '‧' => ".",
        '¡' => "!",
        '¿' => "?",
        '×' => "x",
        '÷' | '⁄' | '∕' => "/",
        '°' => "o",
        '§' => "S.",
        '¶' => "P.",
        '©' => "(c)",
        '®' => "(R)",
        '£' => "GBP",
        '€' => "EUR",
        '¥' => "YEN",
        '¢' => "c",
        '¦' => "|",
        '¬' => "-",
        '¨' => "\"",
        '¯' => "-",
        '¸' => ",",
        '±' => "+/-",
        _ => "\0",
    };
    if known != "\0" {
        return Some(known.to_owned());
    }
    // Accents off (Latin letters only), full-width forms, ligatures, superscripts, fractions, Roman and circled numbers.
    let mut out = String::new();
    for part in std::iter::once(c)
        .nfkd()
        .filter(|part| !is_combining_mark(*part))
    {
        match part {
            _ if part.is_ascii() => out.push(part),
            '⁄' => out.push('/'),
            'ı' => out.push('i'),
            _ => return None,
        }
    }
    (!out.trim().is_empty()).then_some(out)
}

/// The words of two lines in two lines of at most `limit` characters, order kept; none when they do not fit.
///
/// Lines that fit stay as they are. Else words move to the other line; a word is never divided.
pub(crate) fn reflow(line1: &str, line2: &str, limit: usize) -> Option<(String, String)> {
    if line1.chars().count() <= limit && line2.chars().count() <= limit {
        return Some((line1.to_owned(), line2.to_owned()));
    }
    let mut lines = (String::new(), String::new());
    let mut lengths = (0usize, 0usize);
    let mut second = false;
    for word in line1.split_whitespace().chain(line2.split_whitespace()) {
        let length = word.chars().count();
        let grown = |before: usize| {
            if before == 0 {
                length
            } else {
                before.saturating_add(1).saturating_add(length)
            }
        };
        second = second || grown(lengths.0) > limit;
        let (line, before) = if second {
            (&mut lines.1, &mut lengths.1)
        } else {
            (&mut lines.0, &mut lengths.0)
        };
        if grown(*before) > limit {
            return None;
        }
        if *before > 0 {
            line.push(' ');
        }
        line.push_str(word);
        *before = grown(*before);
    }
    Some(lines)
}

/// The longest beginning of at most `limit` characters that ends with a word; none when the first word is longer.
pub(crate) fn shorten(text: &str, limit: usize) -> Option<String> {
    let mut out = String::new();
    let mut length = 0usize;
    for word in text.split_whitespace() {
        let more = word.chars().count() + usize::from(length > 0);
        if length + more > limit {
            break;
        }
        if length > 0 {
            out.push(' ');
        }
        out.push_str(word);
        length += more;
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cleaning() {
        let dirty = clean("\u{FEFF} Unit\u{200B} 3,\t\u{1F48D}\u{A0}Mill\r\nLane\u{7} ");
        assert_eq!(dirty.text, "Unit 3, Mill Lane");
        assert!(dirty.removed);
        let plain = clean("  12  High\nStreet ");
        assert_eq!(
            (plain.text.as_str(), plain.removed),
            ("12 High Street", false)
        );
        assert_eq!(clean("Cafe\u{301}").text, "Café");
    }

    #[test]
    fn folding() {
        for (text, wanted) in [
            ("Flat 3½", "Flat 3 1/2"),
            ("½3", "1/2 3"),
            ("m²", "m2"),
            ("5²", "5 2"),
            ("Łódź, Straße 5", "Lodz, Strasse 5"),
            ("Çağrı Ýmir", "Cagri Ymir"),
            ("O’Neill – “Mill”", "O'Neill - \"Mill\""),
            ("Ｕｎｉｔ １２", "Unit 12"),
            ("Nguyễn", "Nguyen"),
            ("№ 7…", "No 7..."),
            ("£5", "GBP5"),
        ] {
            let folded = fold(text);
            assert_eq!(folded.text, wanted);
            assert!(folded.changed && !folded.unsupported, "{text}");
        }
        assert!(fold("北京市").unsupported && fold("Улица").unsupported && fold("١٢").unsupported);
        assert!(!fold("12 High Street").changed);
    }

    #[test]
    fn reflowing() {
        assert_eq!(reflow("a b", "c", 3), Some(("a b".into(), "c".into())));
        assert_eq!(
            reflow("aa bb cc", "dd", 5),
            Some(("aa bb".into(), "cc dd".into()))
        );
        assert_eq!(
            reflow("aa", "bb cc dd", 5),
            Some(("aa bb".into(), "cc dd".into()))
        );
        assert_eq!(reflow("aaaaaa", "", 5), None);
        assert_eq!(reflow("aa bb cc", "dd ee", 5), None);
        assert_eq!(
            reflow("aa bbbbb", "", 5),
            Some(("aa".into(), "bbbbb".into()))
        );
    }

    #[test]
    fn shortening() {
        assert_eq!(
            shorten("leave with the neighbour", 10),
            Some("leave with".into())
        );
        assert_eq!(shorten("leave", 3), None);
        assert_eq!(shorten("leave it", 8), Some("leave it".into()));
    }

    fn longest_run(text: &str) -> usize {
        text.split(|c: char| !(c.is_ascii_digit() || ('０'..='９').contains(&c)))
            .map(|run| run.chars().count())
            .max()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn cleaning_and_folding_are_idempotent_and_total(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(&clean(&once.text).text, &once.text);
            let folded = fold(&once.text);
            prop_assert!(folded.text.is_ascii());
            prop_assert_eq!(&fold(&folded.text).text, &folded.text);
        }

        #[test]
        fn folding_never_lengthens_a_run_of_digits(text in "[0-9０-９½⅓²³①éa ]{0,12}") {
            let folded = fold(&text);
            prop_assert!(longest_run(&folded.text) <= longest_run(&text).max(1), "{} -> {}", text, folded.text);
        }

        #[test]
        fn reflowing_keeps_every_word_and_the_limit(
            one in prop::collection::vec("[a-zé]{1,9}", 0..8), two in prop::collection::vec("[a-zé]{1,9}", 0..8), limit in 5usize..36,
        ) {
            let (line1, line2) = (one.join(" "), two.join(" "));
            let words: Vec<&str> = line1.split_whitespace().chain(line2.split_whitespace()).collect();
            match reflow(&line1, &line2, limit) {
                Some((a, b)) => {
                    prop_assert!(a.chars().count() <= limit && b.chars().count() <= limit);
                    let kept: Vec<&str> = a.split_whitespace().chain(b.split_whitespace()).collect();
                    prop_assert_eq!(kept, words);
                }
                None => prop_assert!(line1.chars().count() > limit || line2.chars().count() > limit),
            }
        }
    }
}

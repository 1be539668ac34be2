//! Free text made fit for a label: cleaned, written in ASCII where the target asks for it, and fitted into lines.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

/// What a target counts when it limits a text. After folding to ASCII all of them are equal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TextUnit {
    /// Unicode scalar values.
    #[default]
    Chars,
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 code units.
    Utf16,
}

impl TextUnit {
    /// The length of a text in this unit.
    ///
    /// ```
    /// use order_mapping::TextUnit;
    /// assert_eq!(["é", "💍"].map(|text| TextUnit::Bytes.count(text)), [2, 4]);
    /// assert_eq!(["é", "💍"].map(|text| TextUnit::Utf16.count(text)), [1, 2]);
    /// ```
    #[must_use]
    pub fn count(self, text: &str) -> usize {
        match self {
            Self::Chars if text.is_ascii() => text.len(),
            Self::Chars => text.chars().count(),
            Self::Bytes => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
        }
    }

    /// Whether a text is no longer than a limit. No unit counts more than there are bytes, so hardly any text is counted.
    pub(crate) fn fits(self, text: &str, limit: usize) -> bool {
        text.len() <= limit || self.count(text) <= limit
    }
}

/// The text without white space around it, as [`str::trim`] leaves it. Hardly any text has some, which its two ends tell.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    let graphic = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if graphic(text.as_bytes().first()) && graphic(text.as_bytes().last()) {
        text
    } else {
        text.trim()
    }
}

/// Whether nothing but white space is there.
#[inline]
pub(crate) fn is_white_space(text: &str) -> bool {
    let begins = text.as_bytes().first().is_some_and(u8::is_ascii_graphic);
    !begins && text.trim().is_empty()
}

/// Whether the text is what [`clean`] and [`fold`] would leave: printable ASCII, single spaces, none at the ends.
pub(crate) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut gap = true;
    let printable = bytes.iter().all(|b| {
        let space = *b == b' ';
        let fine = matches!(b, b' '..=b'~') && !(space && gap);
        gap = space;
        fine
    });
    printable && !gap
}

/// A text without what no label shows, and whether something was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cleaned {
    pub(crate) text: String,
    pub(crate) removed: bool,
}

/// Composes the text (NFC), turns any white space into single spaces, trims, and removes control characters, invisible
/// characters and pictures. Idempotent.
///
/// A picture leaves a space: `1💍2` is no `12`.
pub(crate) fn clean(text: &str) -> Cleaned {
    let mut out = String::with_capacity(text.len().min(4096));
    let mut removed = false;
    let mut gap = false;
    let visible = text.chars().filter_map(|c| {
        let picture = is_picture(c);
        let drop = picture || shows_nothing(c);
        removed |= drop;
        match (picture, drop) {
            (true, _) => Some(' '),
            (false, true) => None,
            (false, false) => Some(c),
        }
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
    let begins = text.as_bytes().first().is_some_and(u8::is_ascii_graphic);
    !begins
        && text
            .chars()
            .all(|c| c.is_whitespace() || shows_nothing(c) || is_picture(c))
}

/// What is left out without a trace; the frame of a keycap belongs to the digit inside.
fn shows_nothing(c: char) -> bool {
    (c.is_control() && !c.is_whitespace()) || is_invisible(c) || c == '\u{20E3}'
}

/// Characters that show nothing: zero-width and direction marks, soft hyphen, variation selectors, tags.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c as u32,
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
        | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// Emoji and dingbats. Numbers and letters in circles and squares are none: they may be the number of a door.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
        && !c.is_alphanumeric()
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

/// The words of some lines in two lines of at most `limit`, order kept; none when they do not fit.
///
/// Two lines that fit stay as they are. Else words move to the other line; a word is never divided.
pub(crate) fn reflow(lines: &[&str], limit: usize, unit: TextUnit) -> Option<(String, String)> {
    let fits = |line: &str| unit.count(line) <= limit;
    match lines {
        [] => return Some((String::new(), String::new())),
        [only] if fits(only) => return Some(((*only).to_owned(), String::new())),
        [first, second] if fits(first) && fits(second) => {
            return Some(((*first).to_owned(), (*second).to_owned()));
        }
        _ => {}
    }
    let mut placed = (String::new(), String::new());
    let mut lengths = (0usize, 0usize);
    let mut second = false;
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        let length = unit.count(word);
        let grown = |before: usize| {
            if before == 0 {
                length
            } else {
                before.saturating_add(1).saturating_add(length)
            }
        };
        second = second || grown(lengths.0) > limit;
        let (line, before) = if second {
            (&mut placed.1, &mut lengths.1)
        } else {
            (&mut placed.0, &mut lengths.0)
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
    Some(placed)
}

/// Words of an address and the short forms that every carrier reads. `Saint` is not among them: `St` is taken.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("Apartment", "Apt"),
    ("Avenue", "Ave"),
    ("Boulevard", "Blvd"),
    ("Building", "Bldg"),
    ("Buildings", "Bldgs"),
    ("Business", "Bus"),
    ("Centre", "Ctr"),
    ("Close", "Cl"),
    ("Court", "Ct"),
    ("Crescent", "Cres"),
    ("Drive", "Dr"),
    ("Estate", "Est"),
    ("Floor", "Flr"),
    ("Gardens", "Gdns"),
    ("Grove", "Gr"),
    ("Highway", "Hwy"),
    ("House", "Hse"),
    ("Industrial", "Ind"),
    ("Lane", "Ln"),
    ("Park", "Pk"),
    ("Place", "Pl"),
    ("Road", "Rd"),
    ("Square", "Sq"),
    ("Street", "St"),
    ("Terrace", "Ter"),
    ("Trading", "Trdg"),
];

/// Some lines with as few words in their short form as let them fit, the last words first, and how many words that were.
pub(crate) fn abbreviate(
    lines: &[&str],
    limit: usize,
    unit: TextUnit,
) -> Option<((String, String), usize)> {
    let mut words: Vec<Vec<String>> = lines
        .iter()
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect();
    let mut shortened = 0;
    for line in (0..words.len()).rev() {
        for word in (0..words.get(line).map_or(0, Vec::len)).rev() {
            let Some(text) = words.get_mut(line).and_then(|line| line.get_mut(word)) else {
                continue;
            };
            let Some(short) = short_form(text) else {
                continue;
            };
            *text = short;
            shortened += 1;
            let lines: Vec<String> = words.iter().map(|line| line.join(" ")).collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            if let Some(placed) = reflow(&lines, limit, unit) {
                return Some((placed, shortened));
            }
        }
    }
    None
}

/// The short form of a word; a comma or full stop behind it stays.
fn short_form(word: &str) -> Option<String> {
    let bare = word.trim_end_matches([',', '.', ';']);
    let (_, short) = ABBREVIATIONS
        .iter()
        .find(|(long, _)| long.eq_ignore_ascii_case(bare))?;
    let rest = word.strip_prefix(bare).unwrap_or_default();
    Some(format!("{short}{rest}"))
}

/// The longest beginning of at most `limit` characters that ends with a word; none when the first word is longer.
pub(crate) fn shorten(text: &str, limit: usize, unit: TextUnit) -> Option<String> {
    let mut out = String::new();
    let mut length = 0usize;
    for word in text.split_whitespace() {
        let more = unit.count(word) + usize::from(length > 0);
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
    fn what_is_left_out_never_makes_another_door() {
        for (text, wanted) in [
            ("Unit 1\u{1F48D}2", "Unit 1 2"),
            ("Unit 1\u{200B}2", "Unit 12"),
            (
                "1\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3} Mill Lane",
                "12 Mill Lane",
            ),
        ] {
            let cleaned = clean(text);
            assert_eq!((cleaned.text.as_str(), cleaned.removed), (wanted, true));
        }
        // A number or a letter in a circle is spelled out, or the address is held; it is no picture.
        assert_eq!(
            fold(&clean("Unit \u{1F131}, Gate \u{1F103}").text).text,
            "Unit B, Gate 2,"
        );
        assert!(fold(&clean("Unit \u{2777}").text).unsupported);
        assert!(is_blank(" \u{1F48D}\u{200B}") && !is_blank("\u{2777}"));
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

    fn two(line1: &str, line2: &str, limit: usize) -> Option<(String, String)> {
        reflow(&[line1, line2], limit, TextUnit::Chars)
    }

    #[test]
    fn reflowing() {
        assert_eq!(two("a b", "c", 3), Some(("a b".into(), "c".into())));
        assert_eq!(
            two("aa bb cc", "dd", 5),
            Some(("aa bb".into(), "cc dd".into()))
        );
        assert_eq!(
            two("aa", "bb cc dd", 5),
            Some(("aa bb".into(), "cc dd".into()))
        );
        assert_eq!(two("aaaaaa", "", 5), None);
        assert_eq!(two("aa bb cc", "dd ee", 5), None);
        assert_eq!(two("aa bbbbb", "", 5), Some(("aa".into(), "bbbbb".into())));
        let three = ["aa", "bb", "cc"];
        assert_eq!(
            reflow(&three, 5, TextUnit::Chars),
            Some(("aa bb".into(), "cc".into()))
        );
        assert_eq!(reflow(&three, 2, TextUnit::Chars), None);
        assert_eq!(reflow(&["éé"], 3, TextUnit::Bytes), None);
    }

    #[test]
    fn abbreviating_takes_as_few_words_as_it_needs() {
        let lines = ["Unit 4 Example House,", "Harbour Road Industrial Estate"];
        let short = |limit| abbreviate(&lines, limit, TextUnit::Chars);
        assert_eq!(
            short(28),
            Some((
                (
                    "Unit 4 Example House,".into(),
                    "Harbour Road Industrial Est".into()
                ),
                1
            ))
        );
        let ((line1, line2), count) = short(22).unwrap();
        assert_eq!(
            (line1.as_str(), line2.as_str(), count),
            ("Unit 4 Example House,", "Harbour Road Ind Est", 2)
        );
        assert_eq!(short(8), None);
        assert_eq!(short_form("ROAD,"), Some("Rd,".into()));
        assert_eq!(short_form("Roadside"), None);
    }

    #[test]
    fn shortening() {
        let short = |text, limit| shorten(text, limit, TextUnit::Chars);
        assert_eq!(
            short("leave with the neighbour", 10),
            Some("leave with".into())
        );
        assert_eq!(short("leave", 3), None);
        assert_eq!(short("leave it", 8), Some("leave it".into()));
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
            let plain = is_plain(&text);
            let as_is = once.text == text && folded.text == text && !once.removed && !folded.changed;
            prop_assert_eq!(plain, as_is && !text.is_empty());
        }

        #[test]
        fn the_ends_tell_whether_there_is_white_space_around(text in "[ \t\u{a0}\u{2028}a1~\u{e9}\u{7f}]{0,6}") {
            prop_assert_eq!(trimmed(&text), text.trim());
            prop_assert_eq!(is_white_space(&text), text.trim().is_empty());
            let longest = text.encode_utf16().count();
            for unit in [TextUnit::Chars, TextUnit::Bytes, TextUnit::Utf16] {
                prop_assert_eq!(unit.fits(&text, longest), unit.count(&text) <= longest);
            }
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
            match reflow(&[&line1, &line2], limit, TextUnit::Chars) {
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

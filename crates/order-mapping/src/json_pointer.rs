//! Where in a document something stands.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, SmolStrBuilder};

/// A JSON pointer (RFC 6901), for example `/lines/3/sku`; empty for the whole document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JsonPointer(SmolStr);

impl JsonPointer {
    /// Takes a pointer as it is written.
    pub fn new(pointer: impl AsRef<str>) -> Self {
        Self(SmolStr::new(pointer))
    }

    /// A place that is known beforehand; costs nothing.
    pub(crate) const fn fixed(pointer: &'static str) -> Self {
        Self(SmolStr::new_static(pointer))
    }

    /// A member of an order line.
    pub(crate) fn of_line(index: usize, member: &str) -> Self {
        let mut pointer = SmolStrBuilder::new();
        pointer.push_str("/lines/");
        pointer.push_str(itoa::Buffer::new().format(index));
        pointer.push('/');
        pointer.push_str(member);
        Self(pointer.finish())
    }

    /// The pointer as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Which of two places comes first in a document: indexes are compared as numbers, and stand before names.
    ///
    /// The first segment in which the two differ decides, so only that one is read.
    pub(crate) fn cmp_in_document(&self, other: &Self) -> Ordering {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let start = a
            .iter()
            .take(same)
            .rposition(|byte| *byte == b'/')
            .map_or(0, |slash| slash + 1);
        if same == a.len() || same == b.len() {
            // One holds the other, unless the segment goes on (`/lines/1`, `/lines/10`).
            let goes_on = [a, b]
                .iter()
                .any(|text| text.get(same).is_some_and(|byte| *byte != b'/'));
            if !goes_on {
                return a.len().cmp(&b.len());
            }
        }
        let is_name = |text: &[u8]| {
            text.get(start)
                .is_some_and(|byte| byte.is_ascii_alphabetic())
        };
        if is_name(a) && is_name(b) {
            // The end of a segment comes before everything.
            let next = |text: &[u8]| text.get(same).copied().filter(|byte| *byte != b'/');
            return next(a).cmp(&next(b));
        }
        let (a, b) = (segment(a, start), segment(b, start));
        match (plain_index(a), plain_index(b)) {
            (true, true) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            _ => segment_key(a).cmp(&segment_key(b)),
        }
    }
}

/// The segment that begins at a place.
fn segment(pointer: &[u8], start: usize) -> &[u8] {
    let rest = pointer.get(start..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'/');
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

/// Whether a segment is an index as it is usually written, so that the longer one is the greater.
fn plain_index(segment: &[u8]) -> bool {
    matches!(segment, [b'1'..=b'9', ..])
        && segment.len() < 18
        && segment.iter().all(u8::is_ascii_digit)
}

/// What a segment is ordered by: indexes by their number, before names.
fn segment_key(segment: &[u8]) -> (bool, usize, &[u8]) {
    let index = || std::str::from_utf8(segment).ok()?.parse::<usize>().ok();
    let numeric = segment
        .first()
        .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'+');
    match numeric.then(index).flatten() {
        Some(index) => (false, index, &[]),
        None => (true, 0, segment),
    }
}

impl std::ops::Deref for JsonPointer {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JsonPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for JsonPointer {
    fn from(pointer: &str) -> Self {
        Self(pointer.into())
    }
}

impl From<String> for JsonPointer {
    fn from(pointer: String) -> Self {
        Self(pointer.into())
    }
}

impl From<JsonPointer> for String {
    fn from(pointer: JsonPointer) -> Self {
        pointer.0.into()
    }
}

impl PartialEq<str> for JsonPointer {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for JsonPointer {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by taking both apart.
    fn slowly(a: &JsonPointer, b: &JsonPointer) -> Ordering {
        let segments = |pointer: &JsonPointer| -> Vec<(bool, usize, String)> {
            pointer
                .split('/')
                .map(|segment| match segment.parse::<usize>() {
                    Ok(index) => (false, index, String::new()),
                    Err(_) => (true, 0, segment.to_owned()),
                })
                .collect()
        };
        segments(a).cmp(&segments(b))
    }

    #[test]
    fn indexes_are_numbers_and_stand_before_names() {
        let ordered = [
            "",
            "/lines",
            "/lines/2",
            "/lines/2/sku",
            "/lines/10",
            "/lines/10/sku",
            "/payment",
        ];
        for pair in ordered.windows(2) {
            let (a, b) = (JsonPointer::new(pair[0]), JsonPointer::new(pair[1]));
            assert_eq!(a.cmp_in_document(&b), Ordering::Less, "{pair:?}");
            assert_eq!(b.cmp_in_document(&a), Ordering::Greater, "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn the_first_difference_decides(a in "(/(lines|line|sku|é|[1-9][0-9]{0,2})){0,4}", b in "(/(lines|line|sku|è|[1-9][0-9]{0,2})){0,4}") {
            let (a, b) = (JsonPointer::new(a), JsonPointer::new(b));
            prop_assert_eq!(a.cmp_in_document(&b), slowly(&a, &b));
        }
    }
}

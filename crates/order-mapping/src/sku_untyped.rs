//! What an importer without types makes of an article code.

/// What an importer without types makes of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UntypedReading {
    Number,
    Null,
}

/// How an importer without types would misread a code. The list follows what such an importer did to codes of real catalogues.
pub(crate) fn untyped_reading(code: &str) -> Option<UntypedReading> {
    const NULLS: [&str; 12] = [
        "NA", "NULL", "NAN", "NONE", "NIL", "TRUE", "FALSE", "INF", "INFINITY", "N/A", "-INF",
        "NAT",
    ];
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if code.starts_with(|c: char| c.is_ascii_digit()) {
        let number = if digits(code) {
            let leading_zero = code.len() > 1 && code.starts_with('0');
            leading_zero || code.len() > 15
        } else {
            code.split_once(['E', 'e'])
                .is_some_and(|(a, b)| digits(a) && digits(b))
        };
        return number.then_some(UntypedReading::Number);
    }
    // Most codes are longer than any of these words.
    let null = code.len() <= 8 && NULLS.iter().any(|word| code.eq_ignore_ascii_case(word));
    null.then_some(UntypedReading::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_of_untyped_importers() {
        for code in ["00123", "1E5", "12e3", "1234567890123456"] {
            assert_eq!(
                untyped_reading(code),
                Some(UntypedReading::Number),
                "{code}"
            );
        }
        for code in ["NA", "null", "NaN", "TRUE", "Infinity"] {
            assert_eq!(untyped_reading(code), Some(UntypedReading::Null), "{code}");
        }
        for code in ["0", "123", "E5", "1E5A", "85123A", "NAIL"] {
            assert_eq!(untyped_reading(code), None, "{code}");
        }
    }
}

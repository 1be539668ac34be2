//! What an article code has to look like at the warehouse, and what one of the shop becomes.

use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, Subject};

/// What happens to small letters of an article code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkuCase {
    /// ASCII letters become capitals. Collisions by case are reported in either case, because a warehouse compares without.
    #[default]
    Upper,
    /// Letters stay as they are.
    Keep,
}

/// The form of article codes at the warehouse.
///
/// Defaults: letters and digits only (the shop's requirement; the warehouse's own importer does not check it) and 1 to 24
/// characters (seen in use at the warehouse's carrier call).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SkuPolicy {
    /// Printable ASCII characters that are kept beside letters and digits, for example `-`. Everything else is stripped.
    pub extra_characters: String,
    /// What happens to small letters.
    pub case: SkuCase,
    /// Fewest characters.
    pub min_length: usize,
    /// Most characters.
    pub max_length: usize,
    /// The codes travel in a CSV file, so codes that look like numbers or missing values are errors instead of warnings.
    pub untyped_target: bool,
}

impl Default for SkuPolicy {
    fn default() -> Self {
        Self {
            extra_characters: String::new(),
            case: SkuCase::Upper,
            min_length: 1,
            max_length: 24,
            untyped_target: false,
        }
    }
}

impl SkuPolicy {
    /// The code without the characters that the policy does not keep, in the policy's case. Total and idempotent.
    ///
    /// A proposal only: a code crosses by the registry. Characters outside ASCII are left out here and refused by
    /// [`SkuPolicy::propose`].
    ///
    /// ```
    /// use order_mapping::SkuPolicy;
    /// assert_eq!(SkuPolicy::default().sanitise("mug-red/01"), "MUGRED01");
    /// ```
    #[must_use]
    pub fn sanitise(&self, code: &str) -> String {
        code.chars()
            .filter(|c| self.keeps(*c))
            .map(|c| match self.case {
                SkuCase::Upper => c.to_ascii_uppercase(),
                SkuCase::Keep => c,
            })
            .collect()
    }

    /// The warehouse code that a code of the shop becomes by rule.
    ///
    /// # Errors
    /// [`Code::SkuNonAscii`], [`Code::SkuEmptyAfterStrip`], [`Code::SkuTooShort`] or [`Code::SkuTooLong`]; nothing is
    /// transliterated and nothing is cut.
    pub fn propose(&self, code: &str) -> Result<String, Code> {
        // What no label shows and no person types is no punctuation to be left out.
        if !code.is_ascii() || code.contains(|c: char| c.is_ascii_control()) {
            return Err(Code::SkuNonAscii);
        }
        let proposal = self.sanitise(code);
        if proposal.is_empty() {
            Err(Code::SkuEmptyAfterStrip)
        } else if proposal.len() < self.min_length {
            Err(Code::SkuTooShort)
        } else if proposal.len() > self.max_length {
            Err(Code::SkuTooLong)
        } else {
            Ok(proposal)
        }
    }

    /// Whether a code can go to the warehouse as it is.
    #[must_use]
    pub fn accepts(&self, code: &str) -> bool {
        !code.is_empty()
            && code.len() >= self.min_length
            && code.len() <= self.max_length
            && code.chars().all(|c| self.keeps(c))
            && (self.case == SkuCase::Keep || !code.contains(|c: char| c.is_ascii_lowercase()))
    }

    fn keeps(&self, c: char) -> bool {
        c.is_ascii_alphanumeric() || (c.is_ascii_graphic() && self.extra_characters.contains(c))
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        let mut report = |path: &str, message: &'static str| {
            found.push(Diagnostic::new(Code::SkuPolicyBad, path, message).about(Subject::Config));
        };
        if self.max_length == 0 || self.min_length > self.max_length {
            report(
                "/sku/max_length",
                "no code could be long enough and short enough",
            );
        }
        if self
            .extra_characters
            .contains(|c: char| !c.is_ascii_graphic())
        {
            report(
                "/sku/extra_characters",
                "only printable ASCII characters without spaces can be kept",
            );
        }
    }
}

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
    let upper = code.to_ascii_uppercase();
    if NULLS.contains(&upper.as_str()) {
        return Some(UntypedReading::Null);
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = digits(&upper) && upper.len() > 1 && upper.starts_with('0');
    let too_many_digits = digits(&upper) && upper.len() > 15;
    let scientific = upper
        .split_once('E')
        .is_some_and(|(a, b)| digits(a) && digits(b));
    (leading_zero || too_many_digits || scientific).then_some(UntypedReading::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_guessed_or_cut() {
        let policy = SkuPolicy::default();
        assert_eq!(policy.propose("10V+"), Ok("10V".into()));
        assert_eq!(policy.propose("ß12"), Err(Code::SkuNonAscii));
        assert_eq!(policy.propose("A\0B12"), Err(Code::SkuNonAscii));
        assert_eq!(policy.propose("---"), Err(Code::SkuEmptyAfterStrip));
        assert_eq!(policy.propose(&"A".repeat(25)), Err(Code::SkuTooLong));
        let long = SkuPolicy {
            min_length: 3,
            ..SkuPolicy::default()
        };
        assert_eq!(long.propose("A-1"), Err(Code::SkuTooShort));
    }

    #[test]
    fn extra_characters_and_case_follow_the_policy() {
        let policy = SkuPolicy {
            extra_characters: "-".into(),
            case: SkuCase::Keep,
            ..SkuPolicy::default()
        };
        assert_eq!(policy.sanitise("mug-red/01"), "mug-red01");
        assert!(policy.accepts("mug-red") && !SkuPolicy::default().accepts("mug"));
    }

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

    proptest! {
        #[test]
        fn sanitising_is_idempotent_and_stays_in_the_alphabet(code in any::<String>()) {
            let policy = SkuPolicy::default();
            let once = policy.sanitise(&code);
            prop_assert!(once.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
            prop_assert_eq!(policy.sanitise(&once), once.clone());
            if let Ok(proposal) = policy.propose(&code) {
                prop_assert!(policy.accepts(&proposal));
            }
        }

        #[test]
        fn a_code_in_the_right_form_stays(code in "[A-Z0-9]{1,24}") {
            prop_assert_eq!(SkuPolicy::default().propose(&code), Ok(code));
        }
    }
}

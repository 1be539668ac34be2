//! What an article code has to look like at the warehouse, and what one of the shop becomes.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::{Code, Diagnostic, Subject, text};

/// What happens to small letters of an article code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkuCase {
    /// ASCII letters become capitals. Collisions by case are reported in either case, because a warehouse compares without.
    #[default]
    Upper,
    /// Letters stay as they are.
    Keep,
}

/// What a code becomes that cannot go as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SkuScheme {
    /// What is left of it once the policy's case and characters are applied.
    #[default]
    Strip,
    /// The same, and then [`SkuPolicy::suffix_length`] check characters of the whole code, so that `+10V` and `-10V` stay apart.
    ///
    /// Every code that lost anything or changed case gets them, whether or not another code comes near: what a code becomes never
    /// depends on other codes.
    StripThenSuffix,
}

/// The form of article codes at the warehouse.
///
/// Defaults: letters and digits only (the shop's requirement; the warehouse's own importer does not check it) and 1 to 24
/// characters (seen in use at the warehouse's carrier call).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct SkuPolicy {
    /// Printable ASCII characters that are kept beside letters and digits, for example `-`. Everything else is stripped.
    pub extra_characters: String,
    /// What happens to small letters.
    pub case: SkuCase,
    /// What a code becomes that cannot go as it is.
    pub scheme: SkuScheme,
    /// Check characters of [`SkuScheme::StripThenSuffix`], 1 to 24; they count towards the length. Three kept all codes of four real
    /// catalogues apart (measured), two did not.
    pub suffix_length: usize,
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
            scheme: SkuScheme::Strip,
            suffix_length: 3,
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

    /// The warehouse code that a code of the shop becomes by rule, the suffix of the scheme included.
    ///
    /// # Errors
    /// [`Code::SkuNonAscii`], [`Code::SkuEmptyAfterStrip`], [`Code::SkuTooShort`] or [`Code::SkuTooLong`]; nothing is
    /// transliterated and nothing is cut. [`Code::SkuPolicyBad`] when the code needs a suffix and its length cannot be used.
    ///
    /// ```
    /// use order_mapping::{SkuPolicy, SkuScheme};
    /// let mut policy = SkuPolicy::default();
    /// assert_eq!(policy.propose("+10V"), policy.propose("-10V"));
    /// policy.scheme = SkuScheme::StripThenSuffix;
    /// assert_eq!(policy.propose("+10V").as_deref(), Ok("10V3FD"));
    /// assert_eq!(policy.propose("-10V").as_deref(), Ok("10VKZN"));
    /// assert_eq!(policy.propose("10V").as_deref(), Ok("10V"));
    /// ```
    pub fn propose(&self, code: &str) -> Result<String, Code> {
        SkuForm::new(self).propose(code)
    }

    /// What a person may want to declare as a manual row for a code with characters outside printable ASCII; none when there is
    /// nothing to go by. Never used by itself: look-alikes would become another article.
    ///
    /// Compatibility forms become plain ones (Unicode's NFKC: full-width `Ａ` is `A`, `Ⅷ` is `VIII`), characters that nobody sees are left
    /// out, and the rule is applied to the rest. Accented and foreign letters have no such form.
    ///
    /// ```
    /// use order_mapping::SkuPolicy;
    /// let policy = SkuPolicy::default();
    /// assert_eq!(policy.suggest("ＡＢ-１\u{200B}").as_deref(), Some("AB1"));
    /// assert_eq!(policy.suggest("CAFÉ"), None);
    /// ```
    #[must_use]
    pub fn suggest(&self, code: &str) -> Option<String> {
        let plain: String = code
            .nfkc()
            .filter(|c| !c.is_control() && !text::is_invisible(*c))
            .collect();
        self.propose(&plain).ok()
    }

    /// Whether a code can go to the warehouse as it is.
    #[must_use]
    pub fn accepts(&self, code: &str) -> bool {
        let small = self.case == SkuCase::Keep;
        let right = |byte: u8| match byte {
            b'A'..=b'Z' | b'0'..=b'9' => true,
            b'a'..=b'z' => small,
            // No byte of a character outside ASCII is kept.
            _ => self.keeps(char::from(byte)),
        };
        !code.is_empty()
            && code.len() >= self.min_length
            && code.len() <= self.max_length
            && code.bytes().all(right)
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
        if self.scheme == SkuScheme::StripThenSuffix {
            if !(1..=SUFFIX_MAX).contains(&self.suffix_length) {
                report(
                    "/sku/suffix_length",
                    "a suffix has 1 to 24 check characters",
                );
            } else if self.suffix_length >= self.max_length {
                report(
                    "/sku/suffix_length",
                    "the suffix leaves no room for the code",
                );
            }
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

/// Most check characters: what half a SHA-256 yields.
const SUFFIX_MAX: usize = 24;

/// Characters of a suffix, `0` being the first. No vowels, so that no words, missing values (`NAN`) or numbers (`1E5`) arise, and no
/// letters that people take for digits. Never to be changed: the warehouse knows the codes.
const SUFFIX_ALPHABET: &[u8; 30] = b"0123456789BCDFGHJKMNPQRSTVWXYZ";

/// The check characters of a code: the first 16 bytes of the SHA-256 of its UTF-8 text as one big-endian number, written in the
/// suffix alphabet with the lowest digit first.
fn suffix(code: &str) -> impl Iterator<Item = char> {
    let mut rest = Sha256::digest(code.as_bytes())
        .iter()
        .take(16)
        .fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
    (0..SUFFIX_MAX).map(move |_| {
        let digit = usize::try_from(rest % 30).unwrap_or_default();
        rest /= 30;
        SUFFIX_ALPHABET
            .get(digit)
            .map_or('0', |byte| char::from(*byte))
    })
}

/// How a code relates to its proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proposed {
    /// The code itself; nothing was written.
    AsItIs,
    /// What is left of it.
    Stripped,
    /// What is left of it, and the suffix.
    Suffixed,
}

/// A policy made ready for a whole catalogue.
#[derive(Debug, Clone)]
pub(crate) struct SkuForm {
    min_length: usize,
    max_length: usize,
    scheme: SkuScheme,
    suffix_length: usize,
    /// What every byte becomes: itself, a capital, [`LEFT_OUT`] or [`REFUSED`].
    bytes: [u8; 256],
}

const LEFT_OUT: u8 = 0;
/// Outside printable ASCII. What no label shows and no person types is no punctuation to be left out.
const REFUSED: u8 = 0x80;

impl Default for SkuForm {
    fn default() -> Self {
        Self::new(&SkuPolicy::default())
    }
}

impl SkuForm {
    pub(crate) fn new(policy: &SkuPolicy) -> Self {
        let mut bytes = [REFUSED; 256];
        for (slot, byte) in bytes.iter_mut().zip(0_u8..0x80) {
            let c = char::from(byte);
            *slot = match c {
                _ if c.is_ascii_control() => REFUSED,
                _ if !policy.keeps(c) => LEFT_OUT,
                _ if policy.case == SkuCase::Upper => byte.to_ascii_uppercase(),
                _ => byte,
            };
        }
        Self {
            min_length: policy.min_length,
            max_length: policy.max_length,
            scheme: policy.scheme,
            suffix_length: policy.suffix_length,
            bytes,
        }
    }

    /// See [`SkuPolicy::propose`].
    pub(crate) fn propose(&self, code: &str) -> Result<String, Code> {
        let mut out = String::new();
        match self.apply(code, &mut out)? {
            Proposed::AsItIs => Ok(code.to_owned()),
            Proposed::Stripped | Proposed::Suffixed => Ok(out),
        }
    }

    /// The proposal for a code; it is written to `out` unless it is the code itself. See [`SkuPolicy::propose`].
    pub(crate) fn apply(&self, code: &str, out: &mut String) -> Result<Proposed, Code> {
        let becomes = |byte: u8| {
            self.bytes
                .get(usize::from(byte))
                .copied()
                .unwrap_or(REFUSED)
        };
        let changed = code.bytes().filter(|byte| becomes(*byte) != *byte).count();
        if changed == 0 && !code.is_empty() {
            return self.fits(code).map(|()| Proposed::AsItIs);
        }
        out.clear();
        // A code of the usual length, its suffix included, needs no second piece of memory.
        out.reserve(
            code.len()
                .min(self.max_length)
                .saturating_add(self.suffix_length),
        );
        for byte in code.bytes() {
            match becomes(byte) {
                LEFT_OUT => {}
                REFUSED => return Err(Code::SkuNonAscii),
                kept => out.push(char::from(kept)),
            }
        }
        if out.is_empty() {
            return Err(Code::SkuEmptyAfterStrip);
        }
        let proposed = match self.scheme {
            SkuScheme::Strip => Proposed::Stripped,
            SkuScheme::StripThenSuffix => {
                if !(1..=SUFFIX_MAX).contains(&self.suffix_length) {
                    return Err(Code::SkuPolicyBad);
                }
                out.extend(suffix(code).take(self.suffix_length));
                Proposed::Suffixed
            }
        };
        self.fits(out).map(|()| proposed)
    }

    fn fits(&self, code: &str) -> Result<(), Code> {
        if code.len() < self.min_length {
            Err(Code::SkuTooShort)
        } else if code.len() > self.max_length {
            Err(Code::SkuTooLong)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scheme() -> impl Strategy<Value = SkuScheme> {
        prop_oneof![Just(SkuScheme::Strip), Just(SkuScheme::StripThenSuffix)]
    }

    fn case() -> impl Strategy<Value = SkuCase> {
        prop_oneof![Just(SkuCase::Upper), Just(SkuCase::Keep)]
    }

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
    fn a_suffix_never_changes() {
        // The warehouse knows the codes: these texts are the contract.
        let of = |code: &str| suffix(code).collect::<String>();
        assert_eq!(of("+10V"), "3FDGMZF4WM7CRK798HBRGRNH");
        assert_eq!(of("214.1-1"), "RBKJM4723VRM1J1SR3RVX8ZF");
        assert_eq!(of("ß"), of("\u{df}"));
    }

    #[test]
    fn the_suffix_counts_towards_the_length_and_needs_one_that_can_be_used() {
        let mut policy = SkuPolicy {
            scheme: SkuScheme::StripThenSuffix,
            max_length: 6,
            ..SkuPolicy::default()
        };
        assert_eq!(policy.propose("ab-c").map(|code| code.len()), Ok(6));
        assert_eq!(policy.propose("abc-d"), Err(Code::SkuTooLong));
        assert_eq!(policy.propose("ABCDEF"), Ok("ABCDEF".into()));
        assert_eq!(policy.propose("---"), Err(Code::SkuEmptyAfterStrip));
        for (length, sound) in [(0, false), (1, true), (5, true), (6, false), (25, false)] {
            policy.suffix_length = length;
            let mut found = Vec::new();
            policy.check(&mut found);
            assert_eq!(found.is_empty(), sound, "{length}");
        }
        assert_eq!(policy.propose("a"), Err(Code::SkuPolicyBad));
        assert_eq!(policy.propose("A"), Ok("A".into()));
    }

    proptest! {
        #[test]
        fn sanitising_is_idempotent_and_stays_in_the_alphabet(code in any::<String>()) {
            let policy = SkuPolicy::default();
            let once = policy.sanitise(&code);
            prop_assert!(once.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
            prop_assert_eq!(policy.sanitise(&once), once.clone());
            prop_assert_eq!(policy.accepts(&code), once == code && (1..=24).contains(&code.len()));
            if let Ok(proposal) = policy.propose(&code) {
                prop_assert!(policy.accepts(&proposal));
            }
        }

        #[test]
        fn a_code_in_the_right_form_stays(code in "[A-Z0-9]{1,24}", scheme in scheme()) {
            let policy = SkuPolicy { scheme, ..SkuPolicy::default() };
            prop_assert_eq!(policy.propose(&code), Ok(code));
        }

        #[test]
        fn a_proposal_is_in_form_and_a_fixed_point(code in "[ -~]{0,26}", scheme in scheme(), case in case()) {
            let policy = SkuPolicy { scheme, case, extra_characters: "-.".into(), ..SkuPolicy::default() };
            if let Ok(proposal) = policy.propose(&code) {
                prop_assert!(policy.accepts(&proposal));
                prop_assert_eq!(policy.propose(&proposal), Ok(proposal.clone()));
                let rest = policy.sanitise(&code);
                let suffix = scheme == SkuScheme::StripThenSuffix && rest != code;
                prop_assert_eq!(proposal.strip_prefix(rest.as_str()).map(str::len), Some(if suffix { 3 } else { 0 }));
            }
        }

        #[test]
        fn a_suffix_is_no_word_and_no_number(code in any::<String>()) {
            let all: String = suffix(&code).collect();
            prop_assert!(all.len() == SUFFIX_MAX && !all.contains(['A', 'E', 'I', 'L', 'O', 'U']));
        }
    }
}

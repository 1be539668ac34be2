//! Lines that the warehouse does not pick: postage, fees, services, vouchers.

use hashbrown::HashMap;
use rust_decimal::Decimal;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

use crate::text::trimmed;
use crate::{Code, Diagnostic, LineId, Money, OrderLine, SourceSku, Subject};

/// What a line stands for that is not on a shelf.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum NonStockClass {
    /// Postage, bank charges, surcharges, corrections.
    #[default]
    Fee,
    /// Work: engraving, assembly, a callout.
    Service,
    /// A download, a licence.
    Digital,
    /// A voucher that the shop issues itself.
    GiftCard,
    /// A line that only says something.
    FreeText,
}

impl std::fmt::Display for NonStockClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Fee => "fee",
            Self::Service => "service",
            Self::Digital => "digital",
            Self::GiftCard => "gift card",
            Self::FreeText => "free text",
        })
    }
}

/// A code, or the beginning of codes, with its class.
///
/// In a profile it is a text (`"POST"`, a fee) or a table (`{ code = "ENGRAVE", class = "service" }`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "EntryForm")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "EntryForm"))]
pub struct NonStockEntry {
    /// The code or the beginning. White space around it does not count.
    pub code: String,
    /// What it stands for.
    pub class: NonStockClass,
}

impl NonStockEntry {
    /// An entry of a class.
    pub fn new(code: impl Into<String>, class: NonStockClass) -> Self {
        Self {
            code: code.into(),
            class,
        }
    }
}

impl From<&str> for NonStockEntry {
    fn from(code: &str) -> Self {
        Self::new(code, NonStockClass::default())
    }
}

impl From<String> for NonStockEntry {
    fn from(code: String) -> Self {
        Self::new(code, NonStockClass::default())
    }
}

/// What is written. Reading is by hand ([`EntryReader`]): of a choice without names a reader can say only that nothing fits.
#[derive(Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
enum EntryForm {
    Code(String),
    Classed(Classed),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Classed {
    /// The code or the beginning.
    code: String,
    /// What it stands for; a fee by default.
    #[serde(default)]
    class: NonStockClass,
}

impl<'de> Deserialize<'de> for NonStockEntry {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(EntryReader)
    }
}

/// Takes the one form or the other, so that a wrong key or class is told as such, at its own place.
struct EntryReader;

impl<'de> Visitor<'de> for EntryReader {
    type Value = NonStockEntry;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "a code in quotes, or a table such as { code = \"ENGRAVE\", class = \"service\" }",
        )
    }

    fn visit_str<E: de::Error>(self, code: &str) -> Result<NonStockEntry, E> {
        Ok(code.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<NonStockEntry, A::Error> {
        let entry = Classed::deserialize(de::value::MapAccessDeserializer::new(members))?;
        Ok(NonStockEntry::new(entry.code, entry.class))
    }
}

impl From<NonStockEntry> for EntryForm {
    fn from(entry: NonStockEntry) -> Self {
        let NonStockEntry { code, class } = entry;
        if class == NonStockClass::default() {
            Self::Code(code)
        } else {
            Self::Classed(Classed { code, class })
        }
    }
}

/// Which article codes stand for something that is not on a shelf. Empty by default: it depends on the shop.
///
/// The line stays in the shop and in finance; it is kept out of the warehouse order with a note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct NonStockPolicy {
    /// Exact codes, for example `POST` or `BANK CHARGES`. White space around the line's code does not count; case does.
    pub skus: Vec<NonStockEntry>,
    /// Beginnings of codes, for example `gift_0001_`. An exact code wins over a beginning, an earlier beginning over a later.
    pub prefixes: Vec<NonStockEntry>,
}

impl NonStockPolicy {
    /// Whether the code is one of them. For many lines see [`NonStockPolicy::compile`].
    #[must_use]
    pub fn covers(&self, sku: &SourceSku) -> bool {
        let code = sku.as_str().trim();
        used(&self.skus).any(|(entry, _)| entry == code)
            || used(&self.prefixes).any(|(entry, _)| code.starts_with(entry))
    }

    /// The policy in the form in which it is asked: exact codes in one look-up.
    #[must_use]
    pub fn compile(&self) -> NonStockRules {
        let mut exact = HashMap::new();
        for (code, class) in used(&self.skus) {
            exact.entry(SmolStr::new(code)).or_insert(class);
        }
        let prefixes = used(&self.prefixes)
            .map(|(code, class)| (SmolStr::new(code), class))
            .collect();
        let mut first_bytes = [0; 4];
        for (code, _) in used(&self.skus).chain(used(&self.prefixes)) {
            let (word, bit) = bit_of(code.bytes().next().unwrap_or_default());
            if let Some(word) = first_bytes.get_mut(word) {
                *word |= bit;
            }
        }
        NonStockRules {
            exact,
            prefixes,
            first_bytes,
        }
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (list, entries) in [("skus", &self.skus), ("prefixes", &self.prefixes)] {
            for (index, entry) in entries.iter().enumerate() {
                if entry.code.trim().is_empty() {
                    let path = format!("/non_stock/{list}/{index}");
                    let message =
                        "an empty entry would make every line a non-stock line; it is not used";
                    found.push(
                        Diagnostic::new(Code::NonStockPrefixEmpty, path, message)
                            .about(Subject::Config),
                    );
                }
                if entries.iter().take(index).any(|other| {
                    other.code.trim() == entry.code.trim() && other.class != entry.class
                }) {
                    let path = format!("/non_stock/{list}/{index}");
                    let message = "this code has another class already; only the first is used";
                    found.push(
                        Diagnostic::new(Code::ConfigLimitBad, path, message)
                            .about(Subject::Config)
                            .with_seen(&entry.code),
                    );
                }
            }
        }
    }
}

fn used(entries: &[NonStockEntry]) -> impl Iterator<Item = (&str, NonStockClass)> {
    entries
        .iter()
        .map(|entry| (entry.code.trim(), entry.class))
        .filter(|(code, _)| !code.is_empty())
}

/// A [`NonStockPolicy`] ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct NonStockRules {
    exact: HashMap<SmolStr, NonStockClass>,
    prefixes: Vec<(SmolStr, NonStockClass)>,
    /// The first bytes of all entries, a bit each: most articles are told from them by one look.
    first_bytes: [u64; 4],
}

/// Where a byte has its bit.
fn bit_of(byte: u8) -> (usize, u64) {
    (usize::from(byte >> 6), 1 << (byte & 63))
}

impl NonStockRules {
    /// What the code stands for, if it is not on a shelf.
    #[must_use]
    #[inline]
    pub fn class_of(&self, sku: &SourceSku) -> Option<NonStockClass> {
        let text = sku.as_str();
        let first = *text.as_bytes().first()?;
        if first.is_ascii_graphic() && !self.begins(first) {
            return None;
        }
        self.class_of_code(trimmed(text))
    }

    /// Whether an entry begins with this byte.
    fn begins(&self, first: u8) -> bool {
        let (word, bit) = bit_of(first);
        self.first_bytes
            .get(word)
            .is_some_and(|word| word & bit != 0)
    }

    fn class_of_code(&self, code: &str) -> Option<NonStockClass> {
        if let Some(class) = self.exact.get(code) {
            return Some(*class);
        }
        self.prefixes
            .iter()
            .find(|(prefix, _)| code.starts_with(prefix.as_str()))
            .map(|(_, class)| *class)
    }
}

/// A line that was kept out of the warehouse order, for those who account for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOutLine {
    /// The line of the sales order.
    pub line_id: LineId,
    /// Its code in the shop.
    pub sku: SourceSku,
    /// What it stands for.
    pub class: NonStockClass,
    /// Its quantity as ordered; fractions and negative figures stay as they are.
    #[serde(with = "rust_decimal::serde::str")]
    pub quantity: Decimal,
    /// Quantity times unit price, to the last digit; none when the line has no price or the product has more digits than a
    /// decimal holds.
    pub value: Option<Money>,
}

impl LeftOutLine {
    pub(crate) fn of(line: &OrderLine, sku: &SourceSku, class: NonStockClass) -> Self {
        let value = line.unit_price.as_ref().and_then(|price| {
            let amount = exact_product(price.amount(), line.quantity)?;
            Some(Money::new(amount, price.currency()))
        });
        Self {
            line_id: line.id.clone(),
            sku: sku.clone(),
            class,
            quantity: line.quantity,
            value,
        }
    }
}

/// The product when a decimal holds every digit of it.
fn exact_product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let product = a.checked_mul(b)?;
    // A decimal that lacks room gives up digits behind the point.
    let zero = a.is_zero() || b.is_zero();
    (zero || product.scale() == a.scale().checked_add(b.scale())?).then_some(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_codes_and_prefixes() {
        let policy = NonStockPolicy {
            skus: vec!["M".into(), "BANK CHARGES".into(), String::new().into()],
            prefixes: vec![
                NonStockEntry::new("gift_", NonStockClass::GiftCard),
                " ".into(),
            ],
        };
        let rules = policy.compile();
        for (code, class) in [
            ("M", NonStockClass::Fee),
            (" BANK CHARGES ", NonStockClass::Fee),
            ("gift_0001_20", NonStockClass::GiftCard),
        ] {
            assert!(policy.covers(&code.into()), "{code}");
            assert_eq!(rules.class_of(&code.into()), Some(class), "{code}");
        }
        for code in ["m", "MUG", "BANK", "", "agift_"] {
            assert!(!policy.covers(&code.into()), "{code}");
            assert_eq!(rules.class_of(&code.into()), None, "{code}");
        }
        let mut found = Vec::new();
        policy.check(&mut found);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_entry_is_a_text_or_a_table_and_stays_what_it_was() {
        let text =
            "skus = [\"POST\", { code = \"ENGRAVE\", class = \"service\" }, { code = \"DOT\" }]";
        let policy: NonStockPolicy = toml::from_str(text).unwrap();
        assert_eq!(
            policy.skus,
            [
                "POST".into(),
                NonStockEntry::new("ENGRAVE", NonStockClass::Service),
                "DOT".into()
            ]
        );
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(
            json,
            r#"{"skus":["POST",{"code":"ENGRAVE","class":"service"},"DOT"],"prefixes":[]}"#
        );
        assert_eq!(
            serde_json::from_str::<NonStockPolicy>(&json).unwrap(),
            policy
        );
        for bad in ["skus = [{ code = \"A\", kind = \"fee\" }]", "skus = [1]"] {
            assert!(toml::from_str::<NonStockPolicy>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_code_with_two_classes_is_a_fault() {
        let policy = NonStockPolicy {
            skus: vec!["A".into(), NonStockEntry::new("A ", NonStockClass::Service)],
            prefixes: Vec::new(),
        };
        let mut found = Vec::new();
        policy.check(&mut found);
        assert_eq!(
            found.first().map(|one| one.code),
            Some(Code::ConfigLimitBad)
        );
        assert_eq!(
            policy.compile().class_of(&"A".into()),
            Some(NonStockClass::Fee)
        );
    }

    #[test]
    fn a_value_is_exact_or_absent() {
        let mut line = OrderLine::new("1", "POST", "-2.5".parse::<Decimal>().unwrap());
        let value = |line: &OrderLine| {
            LeftOutLine::of(line, &"POST".into(), NonStockClass::Fee)
                .value
                .map(|value| value.to_string())
        };
        assert_eq!(value(&line), None);
        line.unit_price = Some(Money::new("4.10".parse().unwrap(), "gbp"));
        assert_eq!(value(&line).as_deref(), Some("-10.25 GBP"));
        line.quantity = Decimal::new(3, 20);
        line.unit_price = Some(Money::new(Decimal::new(7, 20), "gbp"));
        assert_eq!(value(&line), None, "too small for a decimal");
        line.quantity = Decimal::MAX;
        line.unit_price = Some(Money::new(Decimal::TWO, "gbp"));
        assert_eq!(value(&line), None, "too large for a decimal");
    }
}

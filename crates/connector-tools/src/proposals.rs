//! Rows that a person may want to declare. They are offered, never used.

use std::collections::HashSet;
use std::io::{self, Write};

use order_mapping::{Code, SkuOverrides, SkuPolicy, SkuRegistry, SourceSku};
use serde::Serialize;

use crate::catalogue_report::Collision;
use crate::finding::Finding;
use crate::printed::{beginning, toml_string, visible};

/// Two codes that seem to be one article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AliasProposal {
    /// The other spelling.
    pub alias: String,
    /// The code that would stand for the article.
    pub canonical: String,
    /// Why it is offered.
    pub because: String,
}

/// A code that needs a warehouse code by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ManualProposal {
    /// The shop's code.
    pub source: String,
    /// The code on record, the suggestion of the rules (full-width letters as plain ones, for example) or what is left of it by the
    /// policy, where that is free; none where a person has to choose.
    pub warehouse: Option<String>,
    /// Why it is offered.
    pub because: String,
}

/// Which codes are free.
pub(crate) struct Codes<'a> {
    pub(crate) registry: &'a SkuRegistry,
    pub(crate) policy: &'a SkuPolicy,
    /// Codes on record that are not in use, in capitals.
    pub(crate) reserved: HashSet<String>,
}

/// Rows for `[sku]` of the profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Proposals {
    /// Aliases.
    pub aliases: Vec<AliasProposal>,
    /// Manual rows.
    pub manual: Vec<ManualProposal>,
}

impl Proposals {
    pub(crate) fn of(
        collisions: &[Collision],
        faults: &[Finding],
        codes: &Codes<'_>,
        overrides: &SkuOverrides,
    ) -> Self {
        let mut proposals = Self::default();
        let manual = overrides.manual.iter().map(|row| &row.source);
        let canonical = overrides.aliases.iter().map(|row| &row.canonical);
        // What is declared already cannot become an alias as well.
        let declared: HashSet<&str> = manual.chain(canonical).map(SourceSku::as_str).collect();
        for collision in collisions {
            proposals.part(collision, &declared);
        }
        proposals.rename(collisions, faults, codes);
        proposals
    }

    /// One member keeps the code; the others become aliases if the descriptions agree, and need codes of their own if not.
    fn part(&mut self, collision: &Collision, declared: &HashSet<&str>) {
        let keeps = |sku: &str| collision.kept_by.as_deref() == Some(sku);
        let is_declared = |sku: &str| declared.contains(sku);
        let members = || collision.members.iter().map(|member| member.sku.as_str());
        let keeper = members()
            .find(|sku| keeps(sku))
            .or_else(|| members().find(|sku| is_declared(sku)))
            .or_else(|| members().find(|sku| *sku == collision.warehouse_code))
            .or_else(|| members().next());
        let Some(keeper) = keeper else { return };
        for sku in members().filter(|sku| *sku != keeper && !is_declared(sku)) {
            if collision.descriptions_agree {
                self.aliases.push(AliasProposal {
                    alias: sku.to_owned(),
                    canonical: keeper.to_owned(),
                    because: format!("same description: {}", collision.common_description()),
                });
            } else {
                self.manual.push(ManualProposal {
                    source: sku.to_owned(),
                    warehouse: None,
                    because: format!("collides with {}", visible(keeper)),
                });
            }
        }
    }

    /// Codes that the policy refuses.
    fn rename(&mut self, collisions: &[Collision], faults: &[Finding], codes: &Codes<'_>) {
        let mut taken: HashSet<String> = collisions
            .iter()
            .map(|collision| collision.warehouse_code.to_ascii_uppercase())
            .collect();
        for fault in faults {
            let (Some(sku), Some(code)) = (&fault.sku, Code::from_id(fault.code)) else {
                continue;
            };
            let by_hand = matches!(
                code,
                Code::SkuNonAscii
                    | Code::SkuEmptyAfterStrip
                    | Code::SkuTooShort
                    | Code::SkuTooLong
                    | Code::SkuNumberLike
                    | Code::SkuNullLike
                    | Code::SkuMappingChanged
                    | Code::SkuCodeRetired
                    | Code::SkuRenamed
            );
            if !by_hand {
                continue;
            }
            let suggested = match (&fault.suggestion, code) {
                (Some(suggestion), _) => Some(suggestion.clone()),
                (None, Code::SkuNonAscii) => Some(codes.policy.sanitise(sku)),
                (None, _) => None,
            };
            let own = matches!(code, Code::SkuMappingChanged | Code::SkuRenamed);
            let rest = suggested.filter(|rest| {
                let key = rest.to_ascii_uppercase();
                codes.policy.accepts(rest)
                    && codes.registry.to_source(rest).is_none()
                    && (own || !codes.reserved.contains(&key))
                    && taken.insert(key)
            });
            // A renamed article takes its warehouse code along once both codes are declared the same goods.
            if code == Code::SkuRenamed
                && let Some(was) = fault.related.first()
                && rest.is_some()
            {
                self.aliases.push(AliasProposal {
                    alias: was.clone(),
                    canonical: sku.clone(),
                    because: "the shop's id of both is the same".to_owned(),
                });
            }
            self.manual.push(ManualProposal {
                source: sku.clone(),
                warehouse: rest,
                because: fault.message.clone(),
            });
        }
    }

    /// Whether there is nothing to offer.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.manual.is_empty()
    }

    /// Writes the rows as TOML for `[sku]` of the profile. A row without warehouse code is commented out.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write_toml(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.aliases {
            writeln!(
                out,
                "\n# {}\n[[sku.aliases]]\nalias = {}\ncanonical = {}",
                beginning(&row.because, 100),
                toml_string(&row.alias),
                toml_string(&row.canonical)
            )?;
        }
        for row in &self.manual {
            let (hidden, code) = match &row.warehouse {
                Some(code) => ("", code.as_str()),
                None => ("# ", ""),
            };
            writeln!(
                out,
                "\n# {}\n{hidden}[[sku.manual]]\n{hidden}source = {}\n{hidden}warehouse = {}",
                beginning(&row.because, 100),
                toml_string(&row.source),
                toml_string(code)
            )?;
        }
        Ok(())
    }
}

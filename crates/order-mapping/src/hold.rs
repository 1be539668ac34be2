//! Holds: reasons for which an order does not leave, each with its kind, its owner and its effect on stock.

use serde::{Deserialize, Serialize};

use crate::text_id::text_id;
use crate::{Code, Diagnostic, Owner, Stage};

text_id! {
    /// Identity of a hold within its order. A hold is released by it and by nothing else.
    HoldId
}

/// What a hold waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HoldKind {
    /// The credit decision of finance.
    Credit,
    /// A way of payment that is known.
    Payment,
    /// The buyer's or the shop's own yes: a draft, an approval within the buying company.
    Approval,
    /// An address, phone number or other contact that a label can carry.
    Address,
    /// Customs data.
    Customs,
    /// An article that the registry knows.
    Catalogue,
    /// Lines and quantities that can be picked.
    Lines,
    /// A service code for the shipping option, or a clear word on how to ship.
    Service,
    /// The buyer's reference.
    Reference,
    /// A profile without contradictions.
    Configuration,
    /// A person who placed it by hand.
    Operator,
}

/// Whether the units of a held order may be sold to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StockEffect {
    /// They are kept for the order.
    Reserve,
    /// They are not: what is held cannot be counted, or is not to be kept.
    None,
}

/// Who placed a hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlacedBy {
    /// A rule, by the code of its finding.
    Rule(Code),
    /// A person or program, by the name under which it works: an account, not a person's name.
    Account(String),
}

/// One reason for which an order does not leave. Several may coexist; the order leaves when none is left.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hold {
    /// Its identity.
    pub id: HoldId,
    /// What it waits for.
    pub kind: HoldKind,
    /// Who can settle it.
    pub owner: Owner,
    /// What becomes of the order's stock meanwhile.
    pub stock_effect: StockEffect,
    /// Who placed it.
    pub placed_by: PlacedBy,
}

impl Hold {
    /// A hold placed by hand: it reserves stock, and integration owns it, until something else is said.
    pub fn by_account(id: impl Into<HoldId>, account: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: HoldKind::Operator,
            owner: Owner::Integration,
            stock_effect: StockEffect::Reserve,
            placed_by: PlacedBy::Account(account.into()),
        }
    }

    /// The hold that a finding places: owner by the code's row, kind by what the code judges; none when the finding does not
    /// hold.
    ///
    /// Its id is code and path, so that judging an order again places the same holds again.
    ///
    /// ```
    /// use order_mapping::{Code, Diagnostic, Hold, HoldKind, Owner, StockEffect};
    /// let hold = Hold::of(&Diagnostic::new(Code::ReleasePending, "/payment", "waits for credit"));
    /// let hold = hold.ok_or("a pending release holds")?;
    /// assert_eq!((hold.kind, hold.owner), (HoldKind::Credit, Owner::Finance));
    /// assert_eq!(hold.stock_effect, StockEffect::Reserve);
    /// assert_eq!(hold.id.as_str(), "RELEASE_PENDING:/payment");
    /// assert_eq!(Hold::of(&Diagnostic::new(Code::LineNonStock, "/lines/0", "a fee")), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn of(diagnostic: &Diagnostic) -> Option<Self> {
        if !diagnostic.severity.holds() {
            return None;
        }
        let code = diagnostic.code;
        let kind = kind_of(code);
        Some(Self {
            id: HoldId::new(format!("{code}:{}", diagnostic.path.as_str())),
            kind,
            owner: code.info().owner,
            stock_effect: match kind {
                // Of an unknown article, or of no whole number of units, nothing can be kept.
                HoldKind::Catalogue | HoldKind::Lines => StockEffect::None,
                _ => StockEffect::Reserve,
            },
            placed_by: PlacedBy::Rule(code),
        })
    }
}

/// What a code judges: by its family, and by its stage and owner for families that hold several things.
fn kind_of(code: Code) -> HoldKind {
    let info = code.info();
    let family = info.id.split('_').next().unwrap_or_default();
    match (code, family) {
        (Code::PaymentTypeUnknown, _) | (_, "CURRENCY") => HoldKind::Payment,
        (Code::NiDataRequired, _) => HoldKind::Customs,
        (Code::OrderUnconfirmed | Code::OrderAwaitingApproval | Code::ReleaseGrace, _) => {
            HoldKind::Approval
        }
        (_, "RELEASE") => HoldKind::Credit,
        (_, "SKU" | "KIT" | "STOCK") => HoldKind::Catalogue,
        _ if info.stage == Stage::Config => HoldKind::Configuration,
        _ if info.stage == Stage::Catalogue => HoldKind::Catalogue,
        (_, "LINE" | "LINES" | "QTY" | "UNIT") => HoldKind::Lines,
        (_, "SHIP" | "PARTIAL") => HoldKind::Service,
        (_, "PO") => HoldKind::Reference,
        (_, "EORI" | "UKIMS" | "CUSTOMS" | "NI") => HoldKind::Customs,
        (_, "PHONE" | "POSTCODE" | "COUNTRY" | "ADDRESS" | "TEXT" | "EMAIL" | "BFPO" | "NAME") => {
            HoldKind::Address
        }
        _ => HoldKind::Operator,
    }
}

/// The holds of an order.
///
/// A hold ends by its id. There is no way to end all of them at once: somebody who settles one reason knows nothing of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Holds(Vec<Hold>);

impl Holds {
    /// The holds that the findings of an order place.
    #[must_use]
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let mut holds = Self::default();
        for hold in diagnostics.iter().filter_map(Hold::of) {
            holds.place(hold);
        }
        holds
    }

    /// Places a hold. One with the same id is there already: then it stays as it was, and the answer is `false`.
    pub fn place(&mut self, hold: Hold) -> bool {
        let new = self.0.iter().all(|known| known.id != hold.id);
        if new {
            self.0.push(hold);
        }
        new
    }

    /// Releases the hold with this id and returns it; none when there is no such hold.
    pub fn release(&mut self, id: &HoldId) -> Option<Hold> {
        let at = self.0.iter().position(|hold| hold.id == *id)?;
        Some(self.0.remove(at))
    }

    /// Whether the order may leave as far as holds go.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The holds, in the order in which they were placed.
    pub fn iter(&self) -> impl Iterator<Item = &Hold> {
        self.0.iter()
    }

    /// Whether the order's units are kept for it: unless a hold says that they are not.
    #[must_use]
    pub fn reserves_stock(&self) -> bool {
        self.0
            .iter()
            .all(|hold| hold.stock_effect == StockEffect::Reserve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    #[test]
    fn every_code_that_can_hold_has_a_kind_of_its_own() {
        for code in Code::all().iter().filter(|code| **code != Code::TooMany) {
            let finding = Diagnostic::new(*code, "/x", "").with_severity(Severity::Error);
            let hold = Hold::of(&finding).unwrap();
            assert_eq!(hold.owner, code.info().owner);
            let placed_by_rule = hold.kind != HoldKind::Operator;
            assert!(
                placed_by_rule || code.info().default < Severity::Hold,
                "{code} has no kind"
            );
        }
    }

    #[test]
    fn kinds_and_stock_effects() {
        for (code, kind, effect) in [
            (
                Code::PaymentTypeUnknown,
                HoldKind::Payment,
                StockEffect::Reserve,
            ),
            (Code::PhoneMissing, HoldKind::Address, StockEffect::Reserve),
            (Code::PostcodeShape, HoldKind::Address, StockEffect::Reserve),
            (Code::ShipUnmapped, HoldKind::Service, StockEffect::Reserve),
            (Code::PoConflict, HoldKind::Reference, StockEffect::Reserve),
            (
                Code::NiDataRequired,
                HoldKind::Customs,
                StockEffect::Reserve,
            ),
            (
                Code::OrderUnconfirmed,
                HoldKind::Approval,
                StockEffect::Reserve,
            ),
            (Code::SkuUnmapped, HoldKind::Catalogue, StockEffect::None),
            (Code::KitNested, HoldKind::Catalogue, StockEffect::None),
            (Code::QtyNotWholePacks, HoldKind::Lines, StockEffect::None),
            (
                Code::ConfigLimitBad,
                HoldKind::Configuration,
                StockEffect::Reserve,
            ),
        ] {
            let hold = Hold::of(&Diagnostic::new(code, "", "")).unwrap();
            assert_eq!((hold.kind, hold.stock_effect), (kind, effect), "{code}");
        }
    }

    #[test]
    fn several_holds_coexist_and_end_one_by_one() {
        let findings = [
            Diagnostic::new(Code::ReleasePending, "/payment", ""),
            Diagnostic::new(Code::PhoneMissing, "/personal/shipping/phone", ""),
            Diagnostic::new(Code::LineNonStock, "/lines/1", ""),
            Diagnostic::new(Code::PhoneMissing, "/personal/shipping/phone", "again"),
        ];
        let mut holds = Holds::of(&findings);
        assert!(holds.place(Hold::by_account("stop-1", "desk-2")));
        assert!(
            !holds.place(Hold::by_account("stop-1", "desk-3")),
            "the first stays"
        );
        assert_eq!(holds.iter().count(), 3);
        assert!(holds.reserves_stock());
        assert_eq!(holds.release(&"no-such".into()), None);
        for id in [
            "RELEASE_PENDING:/payment",
            "PHONE_MISSING:/personal/shipping/phone",
        ] {
            assert!(holds.release(&id.into()).is_some(), "{id}");
            assert!(!holds.is_empty(), "the others are still there");
        }
        let by_hand = holds.release(&"stop-1".into()).unwrap();
        assert_eq!(by_hand.placed_by, PlacedBy::Account("desk-2".to_owned()));
        assert!(holds.is_empty());
        holds.place(Hold::of(&Diagnostic::new(Code::QtyZero, "/lines/0/quantity", "")).unwrap());
        assert!(!holds.reserves_stock());
        let json = serde_json::to_string(&holds).unwrap();
        assert_eq!(serde_json::from_str::<Holds>(&json).unwrap(), holds);
    }
}

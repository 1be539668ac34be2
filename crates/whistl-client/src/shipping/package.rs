//! What is in the boxes.

use rust_decimal::Decimal;

use super::limits::Check;
use crate::xml::Element;

/// What kind of package it is (seen in use).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PackageType {
    /// A parcel.
    #[default]
    Parcel,
    /// A letter.
    Letter,
    /// A pallet.
    Pallet,
}

impl PackageType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Parcel => "Parcel",
            Self::Letter => "Letter",
            Self::Pallet => "Pallet",
        }
    }
}

/// One package to ship.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewPackage {
    /// What kind it is.
    pub kind: PackageType,
    /// Length, width and height in whole centimetres.
    pub centimetres: [u32; 3],
    /// Weight in kilograms.
    pub kilograms: Decimal,
    /// Value and its currency.
    pub value: Option<(Decimal, String)>,
    /// What is in it.
    pub contents: Option<String>,
    /// Its goods, for customs.
    pub items: Vec<ItemDeclaration>,
}

impl NewPackage {
    /// A parcel of a size and weight.
    #[must_use]
    pub const fn new(centimetres: [u32; 3], kilograms: Decimal) -> Self {
        Self {
            kind: PackageType::Parcel,
            centimetres,
            kilograms,
            value: None,
            contents: None,
            items: Vec::new(),
        }
    }

    /// Sets the kind.
    #[must_use]
    pub const fn with_kind(mut self, kind: PackageType) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the value and its currency.
    #[must_use]
    pub fn with_value(mut self, value: Decimal, currency: impl Into<String>) -> Self {
        self.value = Some((value, currency.into()));
        self
    }

    /// Says what is in it.
    #[must_use]
    pub fn with_contents(mut self, contents: impl Into<String>) -> Self {
        self.contents = Some(contents.into());
        self
    }

    /// Declares goods.
    #[must_use]
    pub fn with_item(mut self, item: ItemDeclaration) -> Self {
        self.items.push(item);
        self
    }

    pub(super) fn check(&self, check: &mut Check, at: &str) {
        if self.centimetres.contains(&0) {
            check.fault(format!("{at}/Dimensions"), "has a side of 0 cm");
        }
        if self.kilograms <= Decimal::ZERO {
            check.fault(format!("{at}/Weight"), "is not above 0 kg");
        }
        for (number, item) in self.items.iter().enumerate() {
            item.check(check, &format!("{at}/ItemLevelDeclarations/{number}"));
        }
    }

    pub(super) fn element(&self) -> Element {
        let [length, width, height] = self.centimetres;
        let mut package = Element::new("Package")
            .with_child(Element::of_text("PackageType", self.kind.as_str()))
            .with_child(
                Element::new("Dimensions")
                    .with_child(Element::of_text("Length", length.to_string()))
                    .with_child(Element::of_text("Width", width.to_string()))
                    .with_child(Element::of_text("Height", height.to_string())),
            )
            .with_child(Element::of_text("Weight", self.kilograms.to_string()));
        if let Some((value, currency)) = &self.value {
            let value = Element::of_text("Value", value.to_string());
            package = package.with_child(value.with_attribute("Currency", currency.as_str()));
        }
        if let Some(contents) = &self.contents {
            package = package.with_child(Element::of_text("Contents", contents.as_str()));
        }
        if !self.items.is_empty() {
            let mut items = Element::new("ItemLevelDeclarations");
            items.children = self.items.iter().map(ItemDeclaration::element).collect();
            package = package.with_child(items);
        }
        package
    }
}

/// Goods of a package, as customs want to know them.
///
/// Limits as the warehouse checks them before a label (seen in use): description and type 1 to 35 characters, commodity code 1 to 13,
/// quantity 1 to 99,999, value above 0, weight above 0, country of two letters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemDeclaration {
    /// The SKU, at most 24 characters.
    pub sku: Option<String>,
    /// What it is.
    pub description: String,
    /// What kind of goods it is.
    pub product_type: String,
    /// Value of one unit.
    pub value: Decimal,
    /// Units.
    pub quantity: u32,
    /// Net weight of one unit in kilograms.
    pub kilograms: Decimal,
    /// Country of origin, two letters.
    pub origin: String,
    /// Commodity code.
    pub commodity_code: String,
}

impl ItemDeclaration {
    /// Goods by their description; the type is the description too, until it is set.
    pub fn new(
        description: impl Into<String>,
        quantity: u32,
        value: Decimal,
        kilograms: Decimal,
        origin: impl Into<String>,
        commodity_code: impl Into<String>,
    ) -> Self {
        let description = description.into();
        Self {
            sku: None,
            product_type: description.clone(),
            description,
            value,
            quantity,
            kilograms,
            origin: origin.into(),
            commodity_code: commodity_code.into(),
        }
    }

    /// Sets the SKU.
    #[must_use]
    pub fn with_sku(mut self, sku: impl Into<String>) -> Self {
        self.sku = Some(sku.into());
        self
    }

    /// Sets the kind of goods.
    #[must_use]
    pub fn with_product_type(mut self, kind: impl Into<String>) -> Self {
        self.product_type = kind.into();
        self
    }

    fn check(&self, check: &mut Check, at: &str) {
        check.at_most(
            &format!("{at}/ProductSKU"),
            self.sku.as_deref().unwrap_or_default(),
            24,
        );
        check.required(&format!("{at}/ProductDescription"), &self.description, 35);
        check.required(&format!("{at}/ProductType"), &self.product_type, 35);
        check.required(
            &format!("{at}/ProductHarmonisedCode"),
            &self.commodity_code,
            13,
        );
        check.country(&format!("{at}/ProductCountryOfOrigin"), &self.origin);
        if !(1..=99_999).contains(&self.quantity) {
            check.fault(
                format!("{at}/ProductQuantity"),
                "is not between 1 and 99999",
            );
        }
        for (name, amount) in [
            ("ProductValue", self.value),
            ("ProductWeight", self.kilograms),
        ] {
            if amount <= Decimal::ZERO || amount > Decimal::from(99_999) {
                let rule = "is not above 0 and at most 99999";
                check.fault(format!("{at}/{name}"), rule);
            }
        }
    }

    fn element(&self) -> Element {
        let mut item = Element::new("ItemLevelDeclaration");
        if let Some(sku) = &self.sku {
            item = item.with_child(Element::of_text("ProductSKU", sku.as_str()));
        }
        for (name, text) in [
            ("ProductDescription", self.description.clone()),
            ("ProductType", self.product_type.clone()),
            ("ProductValue", self.value.to_string()),
            ("ProductQuantity", self.quantity.to_string()),
            ("ProductWeight", self.kilograms.to_string()),
            ("ProductCountryOfOrigin", self.origin.clone()),
            ("ProductHarmonisedCode", self.commodity_code.clone()),
        ] {
            item = item.with_child(Element::of_text(name, text));
        }
        item
    }
}

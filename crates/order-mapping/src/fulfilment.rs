//! The order as the warehouse gets it. Only a checked order can become one: the fields are newtypes that only this crate makes.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::text_id::text_id;
use crate::{
    CurrencyCode, Incoterm, KitPart, LeftOutLine, LineId, Money, PackRatio, PartialPolicy,
    PickQuantity, SourceOrderId, SourceSku, VisibleOrderNumber,
};

/// Defines a text that has passed its rule. Built inside this crate; read back from a store through serde.
///
/// A `personal` one is about a person: its text has to be asked for by name, and neither `Debug` nor `Display` shows it.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident) => {
        checked_text! { @both #[derive(Debug, PartialOrd, Ord)] $(#[$meta])* $name }

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
    (personal $(#[$meta:meta])* $name:ident) => {
        checked_text! { @both $(#[$meta])* $name }

        impl $name {
            /// The text itself. Call it only where the text has to leave the process or be judged.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("***")
            }
        }
    };
    (@both $(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(smol_str::SmolStr);

        impl $name {
            pub(crate) fn checked(text: impl Into<smol_str::SmolStr>) -> Self {
                Self(text.into())
            }
        }
    };
}

checked_text! {
    personal
    /// A text for the label: within its field's limit and the target's characters.
    LabelText
}

checked_text! {
    personal
    /// A postcode in its normal form; empty for a country that needs none.
    LabelPostcode
}

checked_text! {
    personal
    /// A phone number in the form and length that the target takes.
    LabelPhone
}

checked_text! {
    personal
    /// An e-mail address within the target's length.
    LabelEmail
}

text_id! {
    /// The name of a rule that decided something, as it stands in timelines.
    RuleName
}

text_id! {
    /// Hex SHA-256 of a profile or a registry: what an order was checked against.
    ContentHash
}

checked_text! {
    personal
    /// The receiver's trader number (EORI), in the form the profile asks for.
    ReceiverEori
}

checked_text! {
    personal
    /// The receiver's number in the UK Internal Market Scheme, in the form the profile asks for.
    ReceiverUkims
}

checked_text! {
    /// A trader number (EORI) of the sender, in the form the profile asks for.
    Eori
}

checked_text! {
    /// The sender's number in the UK Internal Market Scheme, in the form the profile asks for.
    UkimsNumber
}

checked_text! {
    /// A commodity code (HS code), as the shop wrote it, within the profile's form and length.
    CommodityCode
}

checked_text! {
    /// The article code the warehouse uses: within the profile's alphabet and length, mapped by the registry.
    WarehouseSku
}

checked_text! {
    /// The warehouse's code of a carrier service, for example `WHI_EXP`; always a member of the service table.
    ServiceCode
}

checked_text! {
    /// The buyer's purchase order number, verbatim and within the target's length.
    PurchaseOrderNumber
}

checked_text! {
    /// A two-letter ISO 3166-1 country code.
    CountryCode
}

/// Who receives the goods: every text within the target's limits and character set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recipient {
    /// Person, or the company where no person is named.
    pub name: LabelText,
    /// Company.
    pub company: Option<LabelText>,
    /// First address line.
    pub line1: LabelText,
    /// Second address line.
    pub line2: Option<LabelText>,
    /// Post town.
    pub city: LabelText,
    /// County.
    pub county: Option<LabelText>,
    /// Postcode in its normal form.
    pub postcode: LabelPostcode,
    /// Country.
    pub country: CountryCode,
    /// Phone number in the form the profile asks for (digits with country code by default).
    pub phone: LabelPhone,
    /// E-mail address.
    pub email: Option<LabelEmail>,
    /// Delivery instructions.
    pub instructions: Option<LabelText>,
    /// Trader number, where customs ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eori: Option<ReceiverEori>,
    /// Number in the UK Internal Market Scheme, where customs ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ukims: Option<ReceiverUkims>,
}

/// Who sells to whom, as customs and carriers ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CustomsMovement {
    /// From one business to another.
    #[serde(rename = "b2b")]
    BusinessToBusiness,
}

/// What is declared to customs for the whole order. The receiver's numbers are personal and stand in [`Recipient`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CustomsDeclaration {
    /// Who pays duty and bears the risk.
    pub incoterm: Option<Incoterm>,
    /// Who sells to whom.
    pub movement: CustomsMovement,
    /// The sender's trader number.
    pub sender_eori: Option<Eori>,
    /// The sender's number in the UK Internal Market Scheme.
    pub sender_ukims: Option<UkimsNumber>,
}

/// What is declared to customs of the goods of one line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeclaredGoods {
    /// Commodity code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commodity_code: Option<CommodityCode>,
    /// Country of origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<CountryCode>,
    /// Value of one unit, where the kit table gives it for a component. Without it the line's price counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
}

/// One line for the warehouse.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FulfilmentLine {
    /// The line at the warehouse: the id of the sales order's line, or for a component of a kit `<that id>/<number>`.
    pub line_id: LineId,
    /// Article code at the warehouse.
    pub sku: WarehouseSku,
    /// Article code in the shop.
    pub source_sku: SourceSku,
    /// Units to send, in the warehouse's unit.
    pub quantity: PickQuantity,
    /// What the buyer read. For a component what the kit table calls it, only for destinations that customs data goes to.
    pub description: Option<String>,
    /// Net price of one unit of the warehouse; none for a component, and where a pack's price does not divide evenly.
    pub unit_price: Option<Money>,
    /// What is declared of the goods; only for destinations that customs data goes to.
    // Boxed like the kit: most lines have neither, and an order is written and moved with all its lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Box<DeclaredGoods>>,
    /// The kit it is a component of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<Box<KitPart>>,
    /// How ordered units became the warehouse's, where they are not the same. For a component: how ordered units became kits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<PackRatio>,
}

/// A checked order, ready for the warehouse.
///
/// Made only by [`crate::Mapper`]. [`FulfilmentOrder::recipient`] is skipped when it is serialised, so that a store keeps
/// personal data apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FulfilmentOrder {
    /// The sales order it was made from.
    pub source_id: SourceOrderId,
    /// The number the buyer sees; travels beside the client reference.
    pub number: Option<VisibleOrderNumber>,
    /// The buyer's PO number.
    pub purchase_order: Option<PurchaseOrderNumber>,
    /// Service code.
    pub service: ServiceCode,
    /// Name of the rule that chose the service.
    pub service_rule: RuleName,
    /// Name of the rule that released the order.
    pub release_rule: RuleName,
    /// Currency of the prices.
    pub currency: Option<CurrencyCode>,
    /// When the buyer wishes delivery.
    pub requested_date: Option<NaiveDate>,
    /// Lines that the warehouse picks.
    pub lines: Vec<FulfilmentLine>,
    /// What is declared to customs; none for destinations that need nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs: Option<CustomsDeclaration>,
    /// Lines that the warehouse does not pick, for those who account for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOutLine>,
    /// What to do when there is not enough of everything.
    #[serde(default, skip_serializing_if = "PartialPolicy::is_default")]
    pub partial: PartialPolicy,
    /// Content hash of the SKU registry that mapped the lines.
    pub registry_hash: ContentHash,
    /// Content hash of the profile that the order was checked against.
    pub profile_hash: ContentHash,
    /// Who receives the goods.
    #[serde(skip, default = "Recipient::erased")]
    pub recipient: Recipient,
}

impl Recipient {
    /// Every text about the person, to be searched for where none of them may stand, for example in a warehouse's message.
    pub fn personal_texts(&self) -> impl Iterator<Item = &str> {
        let always = [
            self.name.expose(),
            self.line1.expose(),
            self.city.expose(),
            self.postcode.expose(),
            self.phone.expose(),
        ];
        let labels = [&self.company, &self.line2, &self.county, &self.instructions];
        always
            .into_iter()
            .chain(labels.into_iter().flatten().map(LabelText::expose))
            .chain(self.email.as_ref().map(LabelEmail::expose))
            .chain(self.eori.as_ref().map(ReceiverEori::expose))
            .chain(self.ukims.as_ref().map(ReceiverUkims::expose))
    }

    /// The recipient of an order whose personal data was erased or is kept apart.
    #[must_use]
    pub fn erased() -> Self {
        let blank = || LabelText::checked("");
        Self {
            name: blank(),
            company: None,
            line1: blank(),
            line2: None,
            city: blank(),
            county: None,
            postcode: LabelPostcode::checked(""),
            country: CountryCode::checked(""),
            phone: LabelPhone::checked(""),
            email: None,
            instructions: None,
            eori: None,
            ukims: None,
        }
    }
}

impl FulfilmentOrder {
    /// Digest (hex SHA-256) of everything that is sent: the payload hash kept beside the client reference.
    #[must_use]
    pub fn payload_digest(&self) -> String {
        crate::digest::of_json(&(self, &self.recipient))
    }
}

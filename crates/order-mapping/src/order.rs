//! The order as the shop captured it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::text_id::text_id;
use crate::{Money, Personal};

text_id! {
    /// The shop's own id of an order: the key of the engine's records. For SparkLayer the purchase UUID.
    SourceOrderId
}

text_id! {
    /// The number the buyer sees, for example `#1001`.
    VisibleOrderNumber
}

text_id! {
    /// The id of one order line. Lines are identified by it and never by SKU: one SKU may stand on several lines.
    LineId
}

text_id! {
    /// An article code as the shop writes it; case and punctuation matter until proven otherwise.
    SourceSku
}

text_id! {
    /// The shop's own id of an article (Shopify: the variant's). It stays when the article's code is changed.
    VariantId
}

text_id! {
    /// The shipping option as the buyer chose it: free text such as `Express B2B Delivery`, not a service code.
    ShippingMethodLabel
}

/// What kind of record the shop holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OrderKind {
    /// A placed order.
    Order,
    /// Completed by the buyer, not yet confirmed by the shop (a draft on the platform).
    Unconfirmed,
    /// Waiting for somebody of the buying company.
    AwaitingApproval,
    /// A quote.
    Quote,
    /// A cart.
    Cart,
    /// A kind this version does not know; the text is kept.
    Other(String),
}

impl OrderKind {
    /// Reads the name that SparkLayer gives the kind (documented): `order`, `order_unconfirmed`, `awaiting_approval`, `quote`, `cart`.
    /// Anything else is kept as [`OrderKind::Other`].
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.trim() {
            "order" => Self::Order,
            "order_unconfirmed" => Self::Unconfirmed,
            "awaiting_approval" => Self::AwaitingApproval,
            "quote" => Self::Quote,
            "cart" => Self::Cart,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name that SparkLayer gives the kind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Order => "order",
            Self::Unconfirmed => "order_unconfirmed",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Quote => "quote",
            Self::Cart => "cart",
            Self::Other(text) => text,
        }
    }
}

/// How the buyer pays, in one vocabulary for all the spellings that SparkLayer uses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentTerms {
    /// Paid before the order was placed.
    Upfront,
    /// Pay by invoice.
    Invoice,
    /// Pay on Account: goods leave before money, after a credit decision.
    OnAccount,
    /// Financed by Hokodo.
    Hokodo,
    /// The record names no payment method.
    Missing,
    /// A method this version does not know; the text is kept. Unknown means hold.
    Other(String),
}

impl PaymentTerms {
    /// Reads any of the vocabularies that SparkLayer uses: of purchases (`invoice`, `on_account`, `platform_upfront`), of platform
    /// orders and the ordering API (`upfrontPayment`, `paymentByInvoice`, `paymentOnAccount`, `hokodoPayment`). All are documented.
    ///
    /// Exact but for white space around it: what is not on the list is kept as [`PaymentTerms::Other`] and holds the order.
    ///
    /// ```
    /// use order_mapping::PaymentTerms;
    /// assert_eq!(PaymentTerms::read("paymentOnAccount"), PaymentTerms::OnAccount);
    /// assert_eq!(PaymentTerms::read(""), PaymentTerms::Missing);
    /// assert_eq!(PaymentTerms::read("Barter"), PaymentTerms::Other("Barter".into()));
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.trim() {
            "" => Self::Missing,
            "upfrontPayment" | "platform_upfront" => Self::Upfront,
            "paymentByInvoice" | "invoice" => Self::Invoice,
            "paymentOnAccount" | "on_account" => Self::OnAccount,
            "hokodoPayment" => Self::Hokodo,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A postal address as the shop holds it: free text, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Address {
    /// Name of the person who receives.
    pub name: Option<Personal<String>>,
    /// Company.
    pub company: Option<Personal<String>>,
    /// First line.
    pub line1: Option<Personal<String>>,
    /// Second line.
    pub line2: Option<Personal<String>>,
    /// Third line, as some platforms have it. The label has two, so its words are moved up or the order is held.
    pub line3: Option<Personal<String>>,
    /// Post town.
    pub city: Option<Personal<String>>,
    /// County or region.
    pub region: Option<Personal<String>>,
    /// Postcode.
    pub postcode: Option<Personal<String>>,
    /// Country, as code or name. A country alone does not identify anybody.
    pub country: Option<String>,
    /// Phone number, free text.
    pub phone: Option<Personal<String>>,
    /// E-mail address.
    pub email: Option<Personal<String>>,
}

/// A phone number found elsewhere on the record, with the place it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OtherPhone {
    /// JSON pointer of the member that held it, in the shop's document.
    pub place: String,
    /// The number, free text.
    pub number: Personal<String>,
}

/// The personal part of an order, apart from its facts so that a store can keep (and erase) it by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PersonalDetails {
    /// Where the goods go.
    pub shipping: Option<Address>,
    /// Where the invoice goes.
    pub billing: Option<Address>,
    /// Further phone numbers on the record.
    pub other_phones: Vec<OtherPhone>,
    /// The buyer's note or delivery instructions, free text.
    pub instructions: Option<Personal<String>>,
    /// The receiver's trader number (EORI), for customs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eori: Option<Personal<String>>,
    /// The receiver's number in the UK Internal Market Scheme, for customs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ukims: Option<Personal<String>>,
}

/// A text that may be the buyer's purchase order number, with the place it was found in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PurchaseOrderCandidate {
    /// JSON pointer of the member that held it, for example `/customer_reference`.
    pub place: String,
    /// The text, verbatim.
    pub text: String,
}

/// What customs ask of the goods of one line, as the shop holds it: free text, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LineCustoms {
    /// Commodity code (HS code).
    pub commodity_code: Option<String>,
    /// Country of origin, as code or name.
    pub origin: Option<String>,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderLine {
    /// Identity of the line within the order.
    pub id: LineId,
    /// Article code, when the line has one.
    pub sku: Option<SourceSku>,
    /// What the buyer read.
    pub description: Option<String>,
    /// Ordered quantity. Fractions are read and then refused by the rules, never rounded.
    #[serde(with = "rust_decimal::serde::str")]
    pub quantity: Decimal,
    /// Text of the unit that the quantity counts, for example `case`, where the shop names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Net price of one unit.
    pub unit_price: Option<Money>,
    /// Weight of one unit in grams, packed as it is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_weight_grams: Option<u32>,
    /// What customs ask of the goods, when the shop has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customs: Option<LineCustoms>,
}

impl OrderLine {
    /// A line with the members every line has.
    pub fn new(
        id: impl Into<LineId>,
        sku: impl Into<SourceSku>,
        quantity: impl Into<Decimal>,
    ) -> Self {
        Self {
            id: id.into(),
            sku: Some(sku.into()),
            description: None,
            quantity: quantity.into(),
            unit: None,
            unit_price: None,
            unit_weight_grams: None,
            customs: None,
        }
    }
}

/// An order as the shop captured it.
///
/// Facts and personal data are apart: [`SalesOrder::personal`] is skipped when the order is serialised, so that a store
/// writes the two into different columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SalesOrder {
    /// The shop's id: key of everything.
    pub id: SourceOrderId,
    /// What kind of record it is.
    pub kind: OrderKind,
    /// The number the buyer sees.
    pub number: Option<VisibleOrderNumber>,
    /// The order's id on the ecommerce platform behind the shop.
    pub platform_id: Option<String>,
    /// The shop's status text, for example `processing` or `cancelled`.
    pub status: Option<String>,
    /// How the buyer pays.
    pub payment: PaymentTerms,
    /// Tags on the record.
    pub tags: Vec<String>,
    /// Named values on the record.
    pub metadata: Vec<(String, String)>,
    /// When the buyer placed it.
    pub placed_at: Option<DateTime<Utc>>,
    /// Currency of the order.
    pub currency: Option<String>,
    /// Total as the shop states it.
    pub total: Option<Money>,
    /// The customer's id in the shop.
    pub customer_id: Option<String>,
    /// The customer's group or price list.
    pub customer_group: Option<String>,
    /// The shipping option the buyer chose.
    pub shipping_method: Option<ShippingMethodLabel>,
    /// Every text that may be the buyer's PO number.
    pub purchase_orders: Vec<PurchaseOrderCandidate>,
    /// When the buyer wishes delivery.
    pub requested_date: Option<NaiveDate>,
    /// The lines, in the shop's order.
    pub lines: Vec<OrderLine>,
    /// Addresses, phones and notes.
    #[serde(skip)]
    pub personal: PersonalDetails,
}

impl SalesOrder {
    /// An order with nothing but its id; every member is public and can be set.
    pub fn new(id: impl Into<SourceOrderId>) -> Self {
        Self {
            id: id.into(),
            kind: OrderKind::Order,
            number: None,
            platform_id: None,
            status: None,
            payment: PaymentTerms::Missing,
            tags: Vec::new(),
            metadata: Vec::new(),
            placed_at: None,
            currency: None,
            total: None,
            customer_id: None,
            customer_group: None,
            shipping_method: None,
            purchase_orders: Vec::new(),
            requested_date: None,
            lines: Vec::new(),
            personal: PersonalDetails::default(),
        }
    }

    /// Digest (hex SHA-256) of facts and personal data together: two reads with the same digest are the same order.
    ///
    /// The shop's own bookkeeping (time of last update, revision) is not part of the order and so not of the digest; nor is
    /// [`SalesOrder::status`], which the shop derives from what was despatched. That is how an echo of the engine's own write is
    /// told from news. Whoever acts on the status compares it by itself.
    #[must_use]
    pub fn content_digest(&self) -> String {
        let mut content = self.clone();
        content.status = None;
        crate::digest::of_json(&(&content, &content.personal))
    }
}

//! What is declared to customs of a whole shipment.

use connector_http::Personal;
use rust_decimal::Decimal;

use crate::xml::Element;

/// Who pays duties and taxes (seen in use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TermsOfTrade {
    /// The sender.
    DutiesAndTaxesPaid,
    /// The receiver.
    DutiesAndTaxesUnpaid,
}

impl TermsOfTrade {
    const fn as_str(self) -> &'static str {
        match self {
            Self::DutiesAndTaxesPaid => "DutiesAndTaxesPaid",
            Self::DutiesAndTaxesUnpaid => "DutiesAndTaxesUnpaid",
        }
    }
}

/// The customs part of a shipment; needed abroad, allowed at home.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewCustomsDeclaration {
    /// Who pays duties and taxes.
    pub terms: TermsOfTrade,
    /// Why the goods move. Default `Sold` (the one value that was seen).
    pub category: String,
    /// The sender's reference.
    pub senders_reference: Option<String>,
    /// Postage and its currency, where the sender pays duties.
    pub postal_charges: Option<(Decimal, String)>,
    /// The invoice's number.
    pub invoice_number: Option<String>,
    /// What carriage costs; one provider needs it.
    pub carriage_value: Option<Decimal>,
    /// What is insured; one provider needs it.
    pub insurance_value: Option<Decimal>,
    /// The receiver's tax number and its country.
    pub recipient_tax_id: Option<(Personal<String>, String)>,
    /// The IOSS number and its country.
    pub ioss_number: Option<(String, String)>,
    /// The receiver's VAT number and its country.
    pub recipient_vat_number: Option<(Personal<String>, String)>,
}

impl NewCustomsDeclaration {
    /// Sold goods under these terms.
    #[must_use]
    pub fn new(terms: TermsOfTrade) -> Self {
        Self {
            terms,
            category: "Sold".to_owned(),
            senders_reference: None,
            postal_charges: None,
            invoice_number: None,
            carriage_value: None,
            insurance_value: None,
            recipient_tax_id: None,
            ioss_number: None,
            recipient_vat_number: None,
        }
    }

    pub(super) fn element(&self) -> Element {
        let text = |name: &str, text: Option<&str>| text.map(|text| Element::of_text(name, text));
        let amount = |name: &str, amount: Option<Decimal>| {
            amount.map(|amount| Element::of_text(name, amount.to_string()))
        };
        let tax = self.recipient_tax_id.as_ref();
        let ioss = self.ioss_number.as_ref();
        let vat = self.recipient_vat_number.as_ref();
        let charges = self.postal_charges.as_ref().map(|(charges, currency)| {
            Element::of_text("PostalCharges", charges.to_string())
                .with_attribute("Currency", currency.as_str())
        });
        let mut customs = Element::new("CustomsDeclarationInfo");
        customs.children = [
            text("TermsOfTrade", Some(self.terms.as_str())),
            text("SendersCustomsReference", self.senders_reference.as_deref()),
            charges,
            text("CategoryOfItem", Some(&self.category)),
            text("InvoiceNumber", self.invoice_number.as_deref()),
            amount("CarriageValue", self.carriage_value),
            amount("InsuranceValue", self.insurance_value),
            text("RecipientTaxID", tax.map(|(id, _)| id.expose().as_str())),
            text(
                "RecipientTaxIDCountry",
                tax.map(|(_, country)| country.as_str()),
            ),
            text("IOSSNumber", ioss.map(|(number, _)| number.as_str())),
            text(
                "IOSSNumberCountry",
                ioss.map(|(_, country)| country.as_str()),
            ),
            text(
                "RecipientVATNumber",
                vat.map(|(number, _)| number.expose().as_str()),
            ),
            text(
                "RecipientVATNumberCountry",
                vat.map(|(_, country)| country.as_str()),
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        customs
    }
}

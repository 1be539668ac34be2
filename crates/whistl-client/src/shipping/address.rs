//! Where a consignment comes from and goes to.

use connector_http::Personal;

use super::limits::Check;
use crate::xml::Element;

/// What kind of address it is (seen in use).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressType {
    /// A home.
    Residential,
    /// A company.
    Business,
    /// A shop that keeps parcels.
    Parcelshop,
}

impl AddressType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Residential => "Residential",
            Self::Business => "Business",
            Self::Parcelshop => "Parcelshop",
        }
    }
}

/// An address of a consignment. Every text is personal data.
///
/// Limits in characters, as the warehouse is known to cut them: names, lines, city, area and e-mail 35, postcode 10, phone 12.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShippingAddress {
    /// The person.
    pub contact_name: Personal<String>,
    /// The company.
    pub company: Option<Personal<String>>,
    /// E-mail address; without it nobody is notified.
    pub email: Option<Personal<String>>,
    /// Phone, digits with country code.
    pub phone: Option<Personal<String>>,
    /// First line.
    pub line1: Personal<String>,
    /// Second line.
    pub line2: Option<Personal<String>>,
    /// City.
    pub city: Personal<String>,
    /// County or the like.
    pub area: Option<Personal<String>>,
    /// Postcode.
    pub postcode: Personal<String>,
    /// Country, ISO 3166-1, two letters.
    pub country: String,
    /// What kind of address it is.
    pub kind: Option<AddressType>,
}

impl ShippingAddress {
    /// An address with what the carrier requires.
    pub fn new(
        contact_name: impl Into<Personal<String>>,
        line1: impl Into<Personal<String>>,
        city: impl Into<Personal<String>>,
        postcode: impl Into<Personal<String>>,
        country: impl Into<String>,
    ) -> Self {
        Self {
            contact_name: contact_name.into(),
            company: None,
            email: None,
            phone: None,
            line1: line1.into(),
            line2: None,
            city: city.into(),
            area: None,
            postcode: postcode.into(),
            country: country.into(),
            kind: None,
        }
    }

    /// Sets the company.
    #[must_use]
    pub fn with_company(mut self, company: impl Into<Personal<String>>) -> Self {
        self.company = Some(company.into());
        self
    }

    /// Sets the e-mail address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<Personal<String>>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets the phone.
    #[must_use]
    pub fn with_phone(mut self, phone: impl Into<Personal<String>>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// Sets the second line.
    #[must_use]
    pub fn with_line2(mut self, line: impl Into<Personal<String>>) -> Self {
        self.line2 = Some(line.into());
        self
    }

    /// Sets the county or the like.
    #[must_use]
    pub fn with_area(mut self, area: impl Into<Personal<String>>) -> Self {
        self.area = Some(area.into());
        self
    }

    /// Says what kind of address it is.
    #[must_use]
    pub const fn with_kind(mut self, kind: AddressType) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Every text with its element, its limit, and whether it has to be there; in the carrier's order.
    fn texts(&self) -> [(&'static str, Option<&str>, usize, bool); 9] {
        [
            ("ContactName", Some(shown(&self.contact_name)), 35, true),
            ("CompanyName", self.company.as_ref().map(shown), 35, false),
            ("Email", self.email.as_ref().map(shown), 35, false),
            ("Phone", self.phone.as_ref().map(shown), 12, false),
            ("Address1", Some(shown(&self.line1)), 35, true),
            ("Address2", self.line2.as_ref().map(shown), 35, false),
            ("City", Some(shown(&self.city)), 35, true),
            ("Area", self.area.as_ref().map(shown), 35, false),
            ("Postcode", Some(shown(&self.postcode)), 10, true),
        ]
    }

    pub(super) fn check(&self, check: &mut Check, at: &str) {
        for (name, text, limit, required) in self.texts() {
            let (element, text) = (format!("{at}/{name}"), text.unwrap_or_default());
            if required {
                check.required(&element, text, limit);
            } else {
                check.at_most(&element, text, limit);
            }
        }
        check.country(&format!("{at}/Country"), &self.country);
    }

    pub(super) fn element(&self, name: &str) -> Element {
        let mut element = Element::new(name);
        let kind = self.kind.map(AddressType::as_str);
        let texts = self.texts().map(|(name, text, ..)| (name, text));
        let rest = [
            ("Country", Some(self.country.as_str())),
            ("AddressType", kind),
        ];
        for (name, text) in texts.into_iter().chain(rest) {
            element
                .children
                .extend(text.map(|text| Element::of_text(name, text)));
        }
        element
    }
}

fn shown(text: &Personal<String>) -> &str {
    text.expose()
}

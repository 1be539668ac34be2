//! Postal addresses inside purchases.

use connector_http::Personal;

use crate::members::wire_object;

wire_object! {
    /// An address inside a purchase. The name is one member here.
    ///
    /// Documented: the first line, city and country. The rest is seen in use in the vendor's order templates.
    pub struct Address {
        /// The person.
        name: Option<Personal<String>> = "name",
        /// The company.
        company: Option<Personal<String>> = "company",
        /// First line.
        address_line1: Option<Personal<String>> = "address_line1",
        /// Second line.
        address_line2: Option<Personal<String>> = "address_line2",
        /// City.
        city: Option<Personal<String>> = "city",
        /// County, state or region.
        region_code: Option<Personal<String>> = "region_code",
        /// Postcode.
        postal_code: Option<Personal<String>> = "postal_code",
        /// Country; `GB` in examples, but three letters were seen elsewhere.
        country_code: Option<String> = "country_code",
        /// Telephone, free format.
        phone: Option<Personal<String>> = "phone",
    }
}

//! Addresses of customers.

use connector_http::Personal;

use crate::members::wire_object;

wire_object! {
    /// An address of a customer. Here a person's name is two members, unlike in a purchase.
    ///
    /// Documented (older pages). The first line, city and country are needed.
    ///
    /// ```
    /// use sparklayer_client::CustomerAddress;
    /// let mut address = CustomerAddress::default();
    /// address.address_line1 = Some("7 Philosophy Way".into());
    /// address.city = Some("Willerby".into());
    /// address.country_code = Some("GB".to_owned());
    /// let text = serde_json::to_string(&address)?;
    /// assert_eq!(text, r#"{"address_line1":"7 Philosophy Way","city":"Willerby","country_code":"GB"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct CustomerAddress {
        /// SparkLayer's id, such as `ca_123`.
        id: Option<String> = "id",
        /// Title.
        title: Option<Personal<String>> = "title",
        /// First name.
        first_name: Option<Personal<String>> = "first_name",
        /// Last name.
        last_name: Option<Personal<String>> = "last_name",
        /// Company.
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
        /// Country; `USA` in an example here, two letters elsewhere.
        country_code: Option<String> = "country_code",
        /// Telephone, free format.
        phone: Option<Personal<String>> = "phone",
        /// Mobile telephone, free format.
        mobile: Option<Personal<String>> = "mobile",
        /// The merchant's own id: unique, and not beginning with `ca_`.
        external_id: Option<String> = "external_id",
        /// What the buyer calls it.
        nickname: Option<Personal<String>> = "nickname",
    }
}

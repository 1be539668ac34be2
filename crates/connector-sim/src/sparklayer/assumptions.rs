//! What the shop had to choose: one table, from which the page at `/__sim/assumptions` and the page in the documentation are made.
//!
//! Where a choice stands in the code, a comment names it: `Assumed: its-id.` A test compares both.

/// What a choice rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Support {
    /// Analogy or plausibility; the vendor's documentation does not say.
    Guess,
    /// Older documentation of the vendor, which may have changed.
    OlderDocumentation,
    /// Code of third parties that call the vendor.
    ThirdParty,
}

impl Support {
    /// A few words for pages.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Guess => "guess",
            Self::OlderDocumentation => "older documentation",
            Self::ThirdParty => "third-party code",
        }
    }
}

/// A choice the simulator made because the vendor's documentation does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumption {
    /// Its name; never given to another choice.
    pub id: &'static str,
    /// What part of the API it is about.
    pub area: &'static str,
    /// What was chosen.
    pub text: &'static str,
    /// What it rests on.
    pub support: Support,
    /// The member of [`SparkLayerSwitches`](crate::SparkLayerSwitches) that chooses otherwise.
    pub switch: Option<&'static str>,
}

const fn guess(area: &'static str, id: &'static str, text: &'static str) -> Assumption {
    Assumption {
        id,
        area,
        text,
        support: Support::Guess,
        switch: None,
    }
}

impl Assumption {
    const fn older(mut self) -> Self {
        self.support = Support::OlderDocumentation;
        self
    }

    const fn third_party(mut self) -> Self {
        self.support = Support::ThirdParty;
        self
    }

    const fn switched_by(mut self, switch: &'static str) -> Self {
        self.switch = Some(switch);
        self
    }
}

const ACCESS: &str = "Access";
const ERRORS: &str = "Errors";
const LISTS: &str = "List of purchases";
const PURCHASES: &str = "Purchases";
const TRAIL: &str = "History and payments";
const CARTS: &str = "Carts";
const STOCK: &str = "Stock";
const CUSTOMERS: &str = "Customers";
const PRICES: &str = "Prices and shipping";
const CONNECTOR: &str = "Platform connector";

/// What the SparkLayer simulator had to choose because the vendor's documentation does not say. Also at `GET /__sim/assumptions`.
///
/// ```
/// use connector_sim::SPARKLAYER_ASSUMPTIONS;
///
/// for assumption in SPARKLAYER_ASSUMPTIONS.iter().filter(|assumption| assumption.switch.is_some()) {
///     println!("{}: {}", assumption.id, assumption.text);
/// }
/// ```
pub const SPARKLAYER_ASSUMPTIONS: &[Assumption] = &[
    guess(ACCESS, "token-form-body", "A token request whose body is not application/json is answered 415."),
    guess(ACCESS, "token-without-site", "A token request without Site-Id is answered 400."),
    guess(ACCESS, "token-refusal", "Wrong credentials, or credentials with another Site-Id, are answered 401.").switched_by("token_refusal_status"),
    guess(ACCESS, "token-text", "A token is opaque, 64 characters, and expires on the simulator's virtual clock after 3600 s (that number is documented).").switched_by("token_lifetime_secs"),
    guess(ACCESS, "call-without-access", "A missing, unknown, revoked or expired token and a missing or other Site-Id are all answered 401."),
    guess(ERRORS, "error-body", "Errors are application/problem+json; some of the vendor's have no body.").switched_by("error_body"),
    guess(ERRORS, "error-document", "An error has title, status and detail, and errors[] of code, message and property; property is a JSON pointer; other codes than the documented ones are the simulator's."),
    guess(LISTS, "list-order", "Rows are sorted by last update, then as stored.").switched_by("list_order"),
    guess(LISTS, "list-default-limit", "Without limit a page has 100 rows.").switched_by("default_limit"),
    guess(LISTS, "list-above-max-limit", "A limit above 500 is answered 400, as 0 is.").switched_by("above_max_limit"),
    guess(LISTS, "list-packages", "Rows are summaries without packages, addresses and custom fields.").older().switched_by("list_packages"),
    guess(LISTS, "list-unconfirmed", "Purchases of type order_unconfirmed are listed.").switched_by("list_unconfirmed"),
    guess(LISTS, "list-unknown-parameters", "Unknown parameters are ignored; a known one with an unreadable value is answered 400."),
    guess(LISTS, "list-date-filters", "Date filters take RFC 3339, both ends inclusive; last_updated, updated_at, placed and placed_at are accepted, and the printed spelling with a missing bracket.").older(),
    guess(PURCHASES, "purchase-lookup-uuid", "Lookup by sparklayer with something other than a UUID is answered 400."),
    guess(PURCHASES, "purchase-put-status", "PUT answers 200 with the stored purchase, also when it creates.").switched_by("put_created_status"),
    guess(PURCHASES, "purchase-required", "PUT needs type, purchase_identifiers, customer_identifiers, dates and packages; accounting_files and custom_fields may be missing, although the older reference marks them.").older().switched_by("put_requires_all"),
    guess(PURCHASES, "purchase-types", "The types are cart, quote, awaiting_approval, order_unconfirmed and order; another one is answered 400.").older(),
    guess(PURCHASES, "purchase-invalid-values", "An unreadable date and an identifier that is no string, or no UUID where it must be one, are answered 400."),
    guess(PURCHASES, "purchase-id-left-out", "Leaving out the SparkLayer id of a purchase that has one counts as changing it (403)."),
    guess(PURCHASES, "purchase-address-differs", "A new purchase must carry the identifier of the address it is put to (400)."),
    guess(PURCHASES, "purchase-without-id", "A purchase that is written without a SparkLayer id keeps none."),
    guess(PURCHASES, "purchase-conflict", "An identifier that belongs to another purchase is answered 409, as a clash of two writers is (a fault switch)."),
    guess(PURCHASES, "purchase-updated-at", "dates.updated_at is set by the server at every PUT; seeding keeps a stated one."),
    guess(PURCHASES, "purchase-packages", "packages may be an array or one object and is answered as it was written; members nobody documented, tracking members of shipments among them, keep their exact text."),
    guess(PURCHASES, "purchase-total", "calculated_total sums lines and shipping, gross where stated, else net."),
    guess(PURCHASES, "purchase-total-usd", "calculated_total_usd has the same number: the simulator knows no exchange rates."),
    guess(PURCHASES, "purchase-shipping-address", "calculated_shipping_address joins name, company, address lines, city and postcode of the first package that has an address."),
    guess(PURCHASES, "purchase-fulfilment-status", "calculated_fulfilment_status is one of incoming, processing, on_hold, part_shipped, shipped, returned, cancelled, from the types of the packages.").older(),
    guess(TRAIL, "history-answer", "A new history entry is answered 201 with the entry and its created_at; the list has the same members, oldest first."),
    guess(TRAIL, "transaction-total", "total is money as in purchases, a number, or text; a payment is answered 200 as it was sent."),
    guess(TRAIL, "transaction-history", "The history entry that a payment applied to the balance makes has the event_type transaction."),
    guess(TRAIL, "transaction-balance", "A payment lowers payment_on_account.balance of the purchase's customer by its total, a refund raises it."),
    guess(CARTS, "cart-get", "GET answers the cart and its validation errors as PATCH does, without line_item_results."),
    guess(CARTS, "cart-as-purchase", "An open cart of the API is no purchase, although purchases of type cart are documented.").switched_by("carts_are_purchases"),
    guess(CARTS, "cart-members", "The cart echoes what was sent, beside the documented id, intent, customer_id, address ids and items; line_total has net, gross and tax as in calculate."),
    guess(CARTS, "cart-platform-customer", "customer_lookup_by=platform means the customer's external_id; letter case does not matter."),
    guess(CARTS, "cart-default-address", "A new cart has the customer's default_shipping_address_id."),
    guess(CARTS, "cart-line-results", "line_item_results has sku, quantity, success and errors; a SKU that is no article is reported there and not put into the cart; quantity 0 removes a line."),
    guess(CARTS, "cart-line-twice", "The same SKU in two lines is answered 400; so are more than 250 lines."),
    guess(CARTS, "cart-unknown-address", "A shipping_address_id that is no address of the customer is answered 400 with resource-id-not-found."),
    guess(CARTS, "cart-validation-codes", "Validation errors: minimum-order-item-quantity, maximum-order-item-quantity (its beginning is documented), order-item-pack-size, order-item-availability, order-item-customer-restriction."),
    guess(CARTS, "cart-availability", "More than stock_level less min_stock_level in location default is not available; an article without a stock level always is; completing an order does not lower stock."),
    guess(CARTS, "cart-prices", "A unit costs what the first of the customer's price_lists that has the SKU says for the quantity, else the article's own price; tax is rounded by line."),
    guess(CARTS, "money-currency", "Amounts are in the customer's currency_code, in capitals, else GBP; they are in major units and never converted."),
    guess(CARTS, "calculation-members", "calculate answers totals of items, shipping and total, each pre_discount and post_discount; shipping_methods of handle, name and price; payment_methods as texts; validation_errors."),
    guess(CARTS, "cart-payment-method", "upfrontPayment and paymentByInvoice are always allowed, paymentOnAccount within the customer's credit limit; completing without an allowed one is answered 400."),
    guess(CARTS, "cart-without-address", "Completing a cart without an address is answered 400."),
    guess(CARTS, "completed-purchase", "The purchase's SparkLayer id is the cart's id (documented); its other identifiers are empty, and it has one package of type incoming."),
    guess(CARTS, "completed-type", "A completed cart becomes a purchase of type order.").switched_by("completed_type"),
    guess(CARTS, "completed-references", "The cart's po_number, where there is one, becomes customer_reference of the purchase; shipping_requested_date goes into metadata.").switched_by("purchase_po_number"),
    guess(CARTS, "completed-address", "Addresses of the purchase have first and last name in name, and none of the customer address's ids."),
    guess(STOCK, "stock-unknown-location", "An unknown location UUID is answered 400, as an unknown external id is; a batch is applied whole or not at all."),
    guess(STOCK, "stock-unknown-sku", "Any SKU is accepted.").switched_by("stock_refuse_unknown_skus"),
    guess(STOCK, "stock-omitted-members", "A row without restock_date or min_stock_level clears it.").switched_by("stock_omitted_members"),
    guess(STOCK, "stock-max-rows", "An update may have any number of rows; above a limit that is set it is answered 400.").switched_by("stock_max_rows"),
    guess(STOCK, "stock-delete", "batch-delete-stock takes skus as batch-fetch-stock does and deletes their levels at every location.").older(),
    guess(STOCK, "stock-location-members", "A stock location needs name and external_id; one that is taken is answered 409.").older(),
    guess(CUSTOMERS, "customer-paths", "Customers are at /api/v1/customers/{id}, their addresses at …/addresses/{addressId}; the id is the internal or the external one.").older(),
    guess(CUSTOMERS, "customer-answers", "Creating is answered 201, deleting 204; PATCH sets the members that are sent and removes those that are null."),
    guess(CUSTOMERS, "customer-ids", "New customers get UUIDs; addresses get ca_ and a number.").switched_by("customer_ids"),
    guess(CUSTOMERS, "customer-defaults", "A new customer is active, of group base and role main; only email is required."),
    guess(CUSTOMERS, "customer-conflict", "An email or external_id that is taken is answered 409; an external_id that begins with cu_ or ca_ 400."),
    guess(PRICES, "price-list-pages", "Version 2 calls the items price_lists and begins with page 1; a page_size above 250 is answered 400; order_by and source are ignored."),
    guess(PRICES, "price-list-create", "POST /api/v1/price-lists needs slug and is answered 201; a slug that is taken 409.").third_party(),
    guess(PRICES, "price-list-rules", "rules are kept and answered, and not applied to prices; members nobody documented are ignored."),
    guess(PRICES, "price-upload-scope", "An upload replaces all prices of the SKUs in it and leaves others alone; it is applied whole or not at all; PATCH /api/v1/pricing/{sku} takes rows with price_list_slug."),
    guess(PRICES, "price-upload-csv", "CSV has a header with sku, quantity, price and, where the path does not say it, price_list_slug."),
    guess(PRICES, "price-upload-status", "An accepted upload is answered 204.").third_party().switched_by("pricing_status"),
    guess(PRICES, "shipping-methods", "SparkLayer's shipping methods are at /api/v1/shipping-methods with handle, name, price, tax_rate and country_codes; path and members are invented."),
    guess(CONNECTOR, "connector-overwrites", "A run promotes completed drafts and overwrites packages where it was told to; it can be told to promote and overwrite everything, stock in location default included.").switched_by("connector_reach"),
    guess(CONNECTOR, "connector-runs", "The connector runs only when asked.").switched_by("connector_after_writes"),
];

//! The operations the simulated shop serves: their names, methods and paths.

use http::Method;

/// Where an operation's path comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathEvidence {
    /// In the vendor's documentation, current or older.
    Documented,
    /// In code of third parties that call the vendor.
    ThirdParty,
    /// Chosen by analogy; the vendor's documentation does not say.
    Assumed,
}

impl PathEvidence {
    /// One word for pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::ThirdParty => "third-party",
            Self::Assumed => "assumed",
        }
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $id:literal $method:ident $path:literal $evidence:ident,)*) => {
        /// An operation of the SparkLayer API.
        ///
        /// Operation ids are the vendor's where one is documented, and by analogy elsewhere.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum SparkLayerOperation {
            $($(#[$doc])* $name,)*
        }

        impl SparkLayerOperation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The operation id, for example `getPurchase`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The HTTP method.
            #[must_use]
            pub fn method(self) -> Method {
                match self { $(Self::$name => Method::$method,)* }
            }

            /// The path, parameters in braces.
            #[must_use]
            pub fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }

            /// Where the path comes from.
            #[must_use]
            pub fn path_evidence(self) -> PathEvidence {
                match self { $(Self::$name => PathEvidence::$evidence,)* }
            }
        }
    };
}

operations! {
    /// Exchanges the API key for a token.
    GetAccessToken = "getAccessToken" POST "/api/auth/token" Documented,
    /// Lists summaries of purchases.
    GetPurchases = "getPurchases" GET "/api/v1/purchases" Documented,
    /// Reads one purchase.
    GetPurchase = "getPurchase" GET "/api/v1/purchases/{lookupBy}/{identifier}" Documented,
    /// Creates or replaces one purchase.
    CreateUpdatePurchase = "createUpdatePurchase" PUT "/api/v1/purchases/{lookupBy}/{identifier}" Documented,
    /// Lists the history of a purchase.
    GetPurchaseHistory = "getPurchaseHistory" GET "/api/v1/purchases/{lookupBy}/{identifier}/history" Assumed,
    /// Adds an entry to the history of a purchase.
    CreatePurchaseHistory = "createPurchaseHistory" POST "/api/v1/purchases/{lookupBy}/{identifier}/history" Documented,
    /// Lists the payments of a purchase.
    GetTransactions = "getTransactions" GET "/api/v1/purchases/{lookupBy}/{identifier}/transactions" Documented,
    /// Creates or replaces a payment of a purchase.
    CreateTransaction = "createTransaction" PUT "/api/v1/purchases/{lookupBy}/{identifier}/transactions" Documented,
    /// Opens a cart for a customer.
    CreateCart = "createCart" POST "/api/v1/carts" Documented,
    /// Reads a cart.
    GetCart = "getCart" GET "/api/v1/carts/{id}" Assumed,
    /// Changes a cart.
    UpdateCart = "updateCart" PATCH "/api/v1/carts/{id}" Documented,
    /// Totals, shipping and payment methods of a cart.
    CalculateCart = "calculateCart" POST "/api/v1/carts/{id}/calculate" Documented,
    /// Places the order.
    CompleteCart = "completeCart" POST "/api/v1/carts/{id}/complete" Documented,
    /// Stock of some SKUs.
    GetBatchStock = "getBatchStock" POST "/api/v1/batch-fetch-stock" Documented,
    /// Sets stock by SKU and location.
    UpdateBatchStock = "updateBatchStock" POST "/api/v1/batch-update-stock" Documented,
    /// Deletes the stock of some SKUs.
    DeleteBatchStock = "deleteBatchStock" POST "/api/v1/batch-delete-stock" Documented,
    /// Lists stock locations.
    GetStockLocations = "getStockLocations" GET "/api/v1/stock-locations" Documented,
    /// Creates a stock location.
    CreateStockLocation = "createStockLocation" POST "/api/v1/stock-locations" Documented,
    /// Changes a stock location.
    UpdateStockLocation = "updateStockLocation" PATCH "/api/v1/stock-locations/{id}" Documented,
    /// Creates a customer.
    CreateCustomer = "createCustomer" POST "/api/v1/customers" Assumed,
    /// Reads a customer.
    GetCustomer = "getCustomer" GET "/api/v1/customers/{id}" Assumed,
    /// Changes a customer.
    UpdateCustomer = "updateCustomer" PATCH "/api/v1/customers/{id}" Assumed,
    /// Deletes a customer.
    DeleteCustomer = "deleteCustomer" DELETE "/api/v1/customers/{id}" Assumed,
    /// Lists the addresses of a customer.
    GetCustomerAddresses = "getCustomerAddresses" GET "/api/v1/customers/{id}/addresses" Assumed,
    /// Creates an address of a customer.
    CreateCustomerAddress = "createCustomerAddress" POST "/api/v1/customers/{id}/addresses" Assumed,
    /// Reads an address of a customer.
    GetCustomerAddress = "getCustomerAddress" GET "/api/v1/customers/{id}/addresses/{addressId}" Assumed,
    /// Changes an address of a customer.
    UpdateCustomerAddress = "updateCustomerAddress" PATCH "/api/v1/customers/{id}/addresses/{addressId}" Assumed,
    /// Deletes an address of a customer.
    DeleteCustomerAddress = "deleteCustomerAddress" DELETE "/api/v1/customers/{id}/addresses/{addressId}" Assumed,
    /// Lists price lists, all at once.
    GetPriceLists = "getPriceLists" GET "/api/v1/price-lists" ThirdParty,
    /// Lists price lists by pages.
    GetPriceListPages = "getPriceListPages" GET "/api/v2/price-lists" Documented,
    /// Creates a price list.
    CreatePriceList = "createPriceList" POST "/api/v1/price-lists" Assumed,
    /// Reads a price list.
    GetPriceList = "getPriceList" GET "/api/v1/price-lists/{slug}" ThirdParty,
    /// Changes a price list.
    UpdatePriceList = "updatePriceList" PATCH "/api/v1/price-lists/{slug}" Documented,
    /// Prices of a price list.
    GetPriceListPricing = "getPriceListPricing" GET "/api/v1/price-lists/{slug}/pricing" ThirdParty,
    /// Sets prices of a price list.
    UpdatePriceListPricing = "updatePriceListPricing" PATCH "/api/v1/price-lists/{slug}/pricing" Documented,
    /// Sets prices of several price lists.
    UpdateMultiplePriceListPricing = "updateMultiplePriceListPricing" PATCH "/api/v1/batch-update-pricing" Documented,
    /// Prices of one SKU in all price lists.
    GetSkuPricing = "getSkuPricing" GET "/api/v1/pricing/{sku}" ThirdParty,
    /// Sets the prices of one SKU.
    UpdateSkuPricing = "updateSkuPricing" PATCH "/api/v1/pricing/{sku}" Assumed,
    /// Lists the shop's own shipping methods.
    GetShippingMethods = "getShippingMethods" GET "/api/v1/shipping-methods" Assumed,
    /// Creates a shipping method.
    CreateShippingMethod = "createShippingMethod" POST "/api/v1/shipping-methods" Assumed,
}

impl SparkLayerOperation {
    /// The operation with that id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.id() == id)
    }
}

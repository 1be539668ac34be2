//! Parts of SparkLayer that are known to exist, and have no call here.
//!
//! This crate makes no call by a path that nobody has seen. What is written below is all that is public of these parts; the
//! vendor's own descriptions (`core.yaml`, `purchasing.yaml`, `pricing.yaml`, `stock.yaml`) tell the rest to those who may
//! read them. Such a call can then be made without waiting for a release of this crate, through the same token, retries,
//! throttle and redaction as all others.
//!
//! | Part | What is known | What is not |
//! | --- | --- | --- |
//! | Shipping methods | They can be created (documented), and are in use only with the feature "SparkLayer shipping rates". A cart chooses one by its [handle](crate::CartShippingMethod::handle). | Paths, members |
//! | Files | They are uploaded and downloaded by addresses that expire; attachments of orders are referenced by GID (documented). | Paths, members |
//! | Sync logging | A connector can report its last run and its issues to the dashboard (older documentation). | Paths, members |
//! | All customers | – | Whether there is a list; single ones are in [`Customers`](crate::Customers) |
//! | Prices of one SKU | They can be changed by themselves (documented). The uploads of [`Prices`](crate::Prices) do the same. | Path, body |
//! | Stock of one SKU | Older documentation. The batches of [`Stock`](crate::Stock) do the same. | Path |
//! | Statistics of a customer's orders | Older documentation. | Path, answer |
//! | Products and orders of the first interface | Older documentation. | Whether they still answer |
//! | Events | None were found: nothing calls you, so poll. | – |
//!
//! The codes of a cart's validation errors are not listed anywhere; one is visible in the vendor's pages, and cut off. So
//! [`IgnoredValidation::Codes`](crate::IgnoredValidation::Codes) takes texts.

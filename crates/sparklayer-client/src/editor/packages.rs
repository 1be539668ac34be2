//! Adding a package to a purchase.

use connector_http::{Error, ErrorKind};

use super::compare::contains;
use super::{Edited, PurchaseEditor, refused};
use crate::members::Value;
use crate::package::Package;
use crate::purchase::Purchase;
use crate::purchases::{LookupBy, PUT};

impl PurchaseEditor {
    /// Adds a package to a purchase, unless it is there already. Most words of a package's state are assumed.
    ///
    /// A stored package is the same one if it has the same `sparklayer_package_id`, or, for a package without one, if it
    /// has everything that the new one has, with the same values. So this may be repeated as long as the vendor stores
    /// packages as they are sent; a second package just like a stored one takes [`edit`](Self::edit).
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) with unconfirmed names against a live address;
    /// [`NotFound`](ErrorKind::NotFound) if there is no such purchase; [`InvalidRequest`](ErrorKind::InvalidRequest) for
    /// an empty package; [`Decode`](ErrorKind::Decode) if the stored packages cannot be read, because writing would
    /// destroy them. If an answer was lost and a package is there that was not there before, but is not to be
    /// recognised, the edit ends with an ambiguous [`Unexpected`](ErrorKind::Unexpected) rather than adding another:
    /// look at it. Else as [`edit`](Self::edit).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the package was written; call it again.
    ///
    /// ```
    /// # use sparklayer_client::{LineItem, LookupBy, Package, PackageType, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let mut line = LineItem::default();
    /// line.identifiers.sku = Some("MUG".to_owned());
    /// line.quantity = Some(4.into());
    /// let mut rest = Package::default();
    /// rest.package_type = Some(PackageType::OnHold);
    /// rest.line_items.push(line);
    /// let edited = shop.purchase_editor().add_package(LookupBy::Visible, "#1001", rest).await?;
    /// assert!(edited.missing.is_empty(), "written, but not seen in the read-back: {:?}", edited.missing);
    /// # Ok(()) }
    /// ```
    pub async fn add_package(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        package: Package,
    ) -> Result<Edited, Error> {
        self.client
            .need_confirmed_names(&PUT, "writing a package")?;
        let unwritable = |_| refused(ErrorKind::Build, "the package cannot be written");
        let new = package.write_value().map_err(unwritable)?;
        if new.get() == "{}" {
            return Err(refused(ErrorKind::InvalidRequest, "the package is empty"));
        }
        let id = package.identifiers.sparklayer_package_id.as_deref();
        let is_new_one = |stored: &Package| match id {
            Some(id) => stored.identifiers.sparklayer_package_id.as_deref() == Some(id),
            None => stored
                .write_value()
                .is_ok_and(|stored| contains(&stored, &new)),
        };
        let mut first_count = None;
        let add = |purchase: &mut Purchase, reply_lost: bool| {
            if purchase.is_unreadable("packages") {
                return Err(refused(
                    ErrorKind::Decode,
                    "the stored packages cannot be read, so they cannot be kept",
                ));
            }
            if purchase.packages.iter().any(is_new_one) {
                return Ok(());
            }
            let count = purchase.packages.len();
            if reply_lost && count > *first_count.get_or_insert(count) {
                return Err(refused(
                    ErrorKind::Unexpected,
                    "an answer was lost, and a package is there that cannot be recognised",
                ));
            }
            first_count.get_or_insert(count);
            purchase.packages.push(package.clone());
            Ok(())
        };
        self.run(lookup_by, identifier, add).await
    }
}

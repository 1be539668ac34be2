//! Adding parcels to a purchase.

use connector_http::{Error, ErrorKind};

use super::{PurchaseEditor, refused};
use crate::package::{NewShipment, PackageType};
use crate::purchase::Purchase;
use crate::purchases::{LookupBy, PUT};
use crate::wire_names::WireNames;

/// What adding parcels came to, by a fresh read after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EditOutcome {
    /// Whether a write was sent. `false` means that everything was there already.
    pub written: bool,
    /// The tracking numbers that the last read shows. Only what stands here has arrived.
    pub visible: Vec<String>,
    /// JSON pointers of members that were there before the write and are gone after it: the vendor, or another writer,
    /// dropped them.
    pub lost: Vec<String>,
}

impl EditOutcome {
    /// Whether a tracking number is visible, blanks and case aside.
    #[must_use]
    pub fn shows(&self, tracking_number: &str) -> bool {
        has(&self.visible, tracking_number)
    }
}

/// Whether two tracking numbers are the same, blanks and case aside.
///
/// ```
/// assert!(sparklayer_client::same_tracking_number("whl0p 050000036532", "WHL0P050000036532"));
/// ```
#[must_use]
pub fn same_tracking_number(one: &str, other: &str) -> bool {
    plain(one) == plain(other)
}

/// A tracking number without blanks and in one case, for comparison.
fn plain(tracking_number: &str) -> String {
    tracking_number
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

fn has(visible: &[String], tracking_number: &str) -> bool {
    visible
        .iter()
        .any(|seen| same_tracking_number(seen, tracking_number))
}

fn visible(purchase: &Purchase, names: &WireNames) -> Vec<String> {
    let shipments = purchase
        .packages
        .iter()
        .flat_map(|package| &package.shipments);
    shipments
        .filter_map(|shipment| shipment.tracking_number(names))
        .collect()
}

impl PurchaseEditor {
    /// The tracking numbers that a fresh read shows. The name of the member is assumed: [`WireNames`].
    ///
    /// # Errors
    ///
    /// As [`Purchases::get`](crate::Purchases::get).
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let seen = shop.purchase_editor().visible_tracking_numbers(LookupBy::Visible, "#1001").await?;
    /// println!("{} parcels", seen.len());
    /// # Ok(()) }
    /// ```
    pub async fn visible_tracking_numbers(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
    ) -> Result<Vec<String>, Error> {
        let purchase = self.purchases.get(lookup_by, identifier).await?;
        Ok(visible(&purchase, self.client.wire_names()))
    }

    /// Adds a parcel to a purchase, unless its tracking number is there already. The names of its members are assumed:
    /// [`WireNames`].
    ///
    /// May be repeated at any time. An `Ok` does not say that the parcel is visible: see
    /// [`EditOutcome::shows`].
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) with unconfirmed names against a live address;
    /// [`NotFound`](ErrorKind::NotFound) if there is no such purchase; [`InvalidRequest`](ErrorKind::InvalidRequest) if
    /// it has no package for the parcel; [`Decode`](ErrorKind::Decode) if its packages cannot be read, because writing
    /// would destroy them; [`Conflict`](ErrorKind::Conflict) or an ambiguous error after five restarts, as
    /// [`edit`](Self::edit) says. Any error after a write is ambiguous, a failed read-back included.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the parcel was written; call it again.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, NewShipment, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let parcel = NewShipment::new("Royal Mail", "AB123456789GB");
    /// let outcome = shop.purchase_editor().add_shipment(LookupBy::Visible, "#1001", parcel).await?;
    /// assert!(outcome.shows("AB123456789GB"), "written, but not seen in the read-back");
    /// # Ok(()) }
    /// ```
    pub async fn add_shipment(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        shipment: NewShipment,
    ) -> Result<EditOutcome, Error> {
        self.add_shipments(lookup_by, identifier, &[shipment]).await
    }

    /// Adds several parcels to a purchase in one edit: those whose tracking numbers are not there already.
    ///
    /// May be repeated at any time; with nothing missing it writes nothing.
    ///
    /// # Errors
    ///
    /// As [`add_shipment`](Self::add_shipment).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the parcels were written; call it again.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, NewShipment, SparkLayer};
    /// # async fn example(shop: SparkLayer) -> Result<(), sparklayer_client::Error> {
    /// let parcels = ["AB1", "AB2"].map(|number| NewShipment::new("Royal Mail", number));
    /// let outcome = shop.purchase_editor().add_shipments(LookupBy::Visible, "#1001", &parcels).await?;
    /// println!("{} parcels are visible, lost: {:?}", outcome.visible.len(), outcome.lost);
    /// # Ok(()) }
    /// ```
    pub async fn add_shipments(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        shipments: &[NewShipment],
    ) -> Result<EditOutcome, Error> {
        self.client
            .need_confirmed_names(&PUT, "writing a shipment")?;
        if shipments
            .iter()
            .any(|shipment| plain(shipment.tracking_number()).is_empty())
        {
            return Err(refused(
                ErrorKind::InvalidRequest,
                "a tracking number is empty",
            ));
        }
        let names = self.client.wire_names();
        let add_missing = |purchase: &mut Purchase| {
            // The same number twice in one call is one parcel.
            let mut seen = visible(purchase, names);
            for shipment in shipments {
                if !has(&seen, shipment.tracking_number()) {
                    add(purchase, shipment, names)?;
                    seen.push(shipment.tracking_number().to_owned());
                }
            }
            Ok(())
        };
        let edited = self.edit(lookup_by, identifier, add_missing).await?;
        Ok(EditOutcome {
            written: edited.written,
            visible: visible(&edited.purchase, names),
            lost: edited.lost,
        })
    }
}

/// Adds the parcel to its package.
fn add(purchase: &mut Purchase, new: &NewShipment, names: &WireNames) -> Result<(), Error> {
    if purchase.is_unreadable("packages") {
        return Err(refused(
            ErrorKind::Decode,
            "the stored packages cannot be read, so they cannot be kept",
        ));
    }
    let is_open = |package_type: Option<&PackageType>| {
        !matches!(
            package_type,
            Some(PackageType::Cancelled | PackageType::Returned)
        )
    };
    let (package, absent) = match new.package_id() {
        Some(id) => (
            purchase
                .packages
                .iter_mut()
                .find(|package| package.identifiers.sparklayer_package_id.as_deref() == Some(id)),
            "the purchase has no package with this id",
        ),
        None => (
            purchase
                .packages
                .iter_mut()
                .find(|package| is_open(package.package_type.as_ref())),
            "the purchase has no package to ship",
        ),
    };
    let package = package.ok_or_else(|| refused(ErrorKind::InvalidRequest, absent))?;
    if package.is_unreadable("shipments") {
        return Err(refused(
            ErrorKind::Decode,
            "the stored shipments cannot be read, so they cannot be kept",
        ));
    }
    let shipment = new
        .to_shipment(names)
        .map_err(|_| refused(ErrorKind::Build, "the shipment cannot be written"))?;
    package.shipments.push(shipment);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracking_numbers_are_compared_without_blanks_and_case() {
        let outcome = EditOutcome {
            visible: vec!["ab 123".into()],
            ..EditOutcome::default()
        };
        assert!(outcome.shows("AB123 ") && !outcome.shows("AB124"));
    }
}

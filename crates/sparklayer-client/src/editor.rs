//! Changes to purchases that keep what others wrote.

use connector_http::{CallOptions, Error, ErrorKind};
use serde_json::Value as Json;

use crate::client::SparkLayer;
use crate::package::{NewShipment, PackageType};
use crate::purchase::Purchase;
use crate::purchases::{LookupBy, PUT, Purchases};
use crate::wire_names::WireNames;

/// How often an edit starts again from a fresh read.
const MOST_RESTARTS: u32 = 5;

/// Changes a purchase by reading it, merging, writing all of it, reading it back and comparing.
///
/// SparkLayer's PUT replaces the whole record, so members that nobody here knows are written back with their exact text.
/// A write that clashed, or whose answer was lost, is never sent again as it was: the edit starts over from a fresh read.
#[derive(Clone, Debug)]
pub struct PurchaseEditor {
    client: SparkLayer,
    purchases: Purchases,
}

/// What an edit came to, by a fresh read after it.
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
        let wanted = plain(tracking_number);
        self.visible.iter().any(|seen| plain(seen) == wanted)
    }
}

/// A tracking number without blanks and in one case, for comparison.
fn plain(tracking_number: &str) -> String {
    tracking_number
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
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
    pub(crate) fn new(client: SparkLayer) -> Self {
        Self {
            purchases: client.purchases(),
            client,
        }
    }

    /// Options for each call of an edit.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.purchases = self.purchases.with_options(options);
        self
    }

    /// The tracking numbers that a fresh read shows.
    ///
    /// # Errors
    ///
    /// As [`Purchases::get`].
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn visible_tracking_numbers(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
    ) -> Result<Vec<String>, Error> {
        let purchase = self.purchases.get(lookup_by, identifier).await?;
        Ok(visible(&purchase, self.client.wire_names()))
    }

    /// Adds a parcel to a purchase, unless its tracking number is there already.
    ///
    /// May be repeated at any time. An `Ok` does not say that the parcel is visible: see
    /// [`EditOutcome::shows`].
    ///
    /// # Errors
    ///
    /// [`Unsupported`](ErrorKind::Unsupported) with unconfirmed names against a live address;
    /// [`NotFound`](ErrorKind::NotFound) if there is no such purchase; [`InvalidRequest`](ErrorKind::InvalidRequest) if
    /// it has no package for the parcel; [`Decode`](ErrorKind::Decode) if its packages cannot be read, because writing
    /// would destroy them; [`Conflict`](ErrorKind::Conflict) or an ambiguous error after five restarts.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the parcel was written; call it again.
    pub async fn add_shipment(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        shipment: NewShipment,
    ) -> Result<EditOutcome, Error> {
        self.client
            .need_confirmed_names(&PUT, "writing a shipment")?;
        if plain(shipment.tracking_number()).is_empty() {
            return Err(refused(
                ErrorKind::InvalidRequest,
                "the tracking number is empty",
            ));
        }
        let names = self.client.wire_names();
        let mut restarts = 0;
        let mut written = false;
        loop {
            let before = self.purchases.get(lookup_by, identifier).await?;
            let outcome = EditOutcome {
                written,
                visible: visible(&before, names),
                lost: Vec::new(),
            };
            if outcome.shows(shipment.tracking_number()) {
                return Ok(outcome);
            }
            let merged = merge(before.clone(), &shipment, names)?;
            match self.purchases.put(lookup_by, identifier, &merged).await {
                Ok(_) => {
                    let after = self.purchases.get(lookup_by, identifier).await?;
                    let lost = lost(&before, &after)?;
                    return Ok(EditOutcome {
                        written: true,
                        visible: visible(&after, names),
                        lost,
                    });
                }
                Err(error)
                    if restarts < MOST_RESTARTS
                        && (error.is_concurrent_update() || error.is_ambiguous()) =>
                {
                    written |= error.is_ambiguous();
                    restarts += 1;
                    tracing::warn!(
                        operation = PUT.name(),
                        restart = restarts,
                        error.kind = error.kind().as_str(),
                        "starting the edit again from a fresh read"
                    );
                    self.client.http().back_off(restarts).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn refused(kind: ErrorKind, detail: &'static str) -> Error {
    Error::before_sending(kind, PUT.name(), detail)
}

/// Adds the parcel to its package.
fn merge(mut purchase: Purchase, new: &NewShipment, names: &WireNames) -> Result<Purchase, Error> {
    if purchase.is_unreadable("packages") {
        return Err(refused(
            ErrorKind::Decode,
            "the stored packages cannot be read, so they cannot be kept",
        ));
    }
    let package = match new.package_id() {
        Some(id) => purchase
            .packages
            .iter_mut()
            .find(|package| package.identifiers.sparklayer_package_id.as_deref() == Some(id))
            .ok_or_else(|| {
                refused(
                    ErrorKind::InvalidRequest,
                    "the purchase has no package with this id",
                )
            })?,
        None => purchase
            .packages
            .iter_mut()
            .find(|package| {
                !matches!(
                    package.package_type,
                    Some(PackageType::Cancelled | PackageType::Returned)
                )
            })
            .ok_or_else(|| {
                refused(
                    ErrorKind::InvalidRequest,
                    "the purchase has no package to ship",
                )
            })?,
    };
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
    Ok(purchase)
}

/// What was in the purchase before and is not any more, as far as a client could have kept it.
fn lost(before: &Purchase, after: &Purchase) -> Result<Vec<String>, Error> {
    let json = |purchase: &Purchase| {
        serde_json::to_value(purchase)
            .map_err(|_| refused(ErrorKind::Build, "the purchase cannot be compared"))
    };
    let mut pointers = Vec::new();
    compare(&json(before)?, &json(after)?, "", &mut pointers);
    Ok(pointers)
}

fn is_blank(json: &Json) -> bool {
    match json {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Collects what is gone. Other values in the same place are no loss: another writer may have been there.
fn compare(before: &Json, after: &Json, path: &str, lost: &mut Vec<String>) {
    if is_blank(before) {
        return;
    }
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => {
            for (name, value) in before {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                compare(value, after.get(name).unwrap_or(&Json::Null), &path, lost);
            }
        }
        (Json::Array(before), Json::Array(after)) => {
            for (index, value) in before.iter().enumerate() {
                compare(
                    value,
                    after.get(index).unwrap_or(&Json::Null),
                    &format!("{path}/{index}"),
                    lost,
                );
            }
        }
        (_, after) if is_blank(after) => lost.push(path.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_named() {
        let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let before =
            json(r#"{"a":1,"b":{"c":"x","d":""},"e":[{"f":1},{"f":2}],"g/h":true,"i":null}"#);
        let after = json(r#"{"a":2,"b":{"c":null},"e":[{"f":1}]}"#);
        let mut lost = Vec::new();
        compare(&before, &after, "", &mut lost);
        assert_eq!(lost, ["/b/c", "/e/1", "/g~1h"]);
    }

    #[test]
    fn tracking_numbers_are_compared_without_blanks_and_case() {
        let outcome = EditOutcome {
            visible: vec!["ab 123".into()],
            ..EditOutcome::default()
        };
        assert!(outcome.shows("AB123 ") && !outcome.shows("AB124"));
    }
}

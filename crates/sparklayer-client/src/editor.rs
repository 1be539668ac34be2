//! Changes to purchases that keep what others wrote.

use connector_http::{CallOptions, Error, ErrorKind};
use serde_json::value::RawValue;

use crate::client::SparkLayer;
use crate::members::{Members, Value};
use crate::package::{NewShipment, PackageType};
use crate::purchase::Purchase;
use crate::purchases::{LookupBy, PUT, Purchases};
use crate::wire_names::WireNames;

/// How often an edit starts again from a fresh read.
const MOST_RESTARTS: u32 = 5;

/// How deep the comparison looks into what nobody here knows.
const MOST_LEVELS: u32 = 64;

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
        self.visible
            .iter()
            .any(|seen| same_tracking_number(seen, tracking_number))
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
    /// would destroy them; [`Conflict`](ErrorKind::Conflict) or an ambiguous error after five restarts. Any error after
    /// a write is ambiguous, a failed read-back included.
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
        let mut written = false;
        let result = self
            .add(lookup_by, identifier, shipments, &mut written)
            .await;
        result.map_err(|error| {
            if written {
                error.into_ambiguous()
            } else {
                error
            }
        })
    }

    async fn add(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        shipments: &[NewShipment],
        written: &mut bool,
    ) -> Result<EditOutcome, Error> {
        let names = self.client.wire_names();
        let mut restarts = 0;
        loop {
            let before = self.purchases.get(lookup_by, identifier).await?;
            let outcome = EditOutcome {
                written: *written,
                visible: visible(&before, names),
                lost: Vec::new(),
            };
            let mut merged = before.clone();
            let mut missing = outcome.clone();
            for shipment in shipments {
                if !missing.shows(shipment.tracking_number()) {
                    merged = merge(merged, shipment, names)?;
                    // The same number twice in one call is one parcel.
                    missing.visible.push(shipment.tracking_number().to_owned());
                }
            }
            if missing.visible.len() == outcome.visible.len() {
                return Ok(outcome);
            }
            match self.purchases.put(lookup_by, identifier, &merged).await {
                Ok(_) => {
                    *written = true;
                    let after = self.purchases.get(lookup_by, identifier).await?;
                    let lost = lost(&before, &after);
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
                    *written |= error.is_ambiguous();
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
fn lost(before: &Purchase, after: &Purchase) -> Vec<String> {
    let mut pointers = Vec::new();
    if let (Ok(before), Ok(after)) = (before.write_value(), after.write_value()) {
        compare(&before, Some(&after), "", MOST_LEVELS, &mut pointers);
    }
    pointers
}

fn is_blank(raw: &RawValue) -> bool {
    let inside = raw.get().strip_prefix(['[', '{', '"']).map(str::trim_start);
    raw.get() == "null" || inside.is_some_and(|inside| matches!(inside, "]" | "}" | "\""))
}

/// Collects what is gone. Other values in the same place are no loss: another writer may have been there.
///
/// Works on texts, since numbers may be too odd to be parsed.
fn compare(
    before: &RawValue,
    after: Option<&RawValue>,
    path: &str,
    levels: u32,
    lost: &mut Vec<String>,
) {
    if is_blank(before) {
        return;
    }
    let Some(after) = after.filter(|after| !is_blank(after)) else {
        lost.push(path.to_owned());
        return;
    };
    if levels == 0 {
        return;
    }
    if let (Some(before), Some(after)) = (Members::parse(before), Members::parse(after)) {
        for (name, value) in before.iter() {
            let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
            compare(value, after.get(name), &path, levels - 1, lost);
        }
    } else if let (Ok(before), Ok(after)) = (items(before), items(after)) {
        for (index, value) in before.iter().enumerate() {
            let after = after.get(index).map(|raw| &**raw);
            compare(value, after, &format!("{path}/{index}"), levels - 1, lost);
        }
    }
}

fn items(raw: &RawValue) -> Result<Vec<Box<RawValue>>, serde_json::Error> {
    serde_json::from_str(raw.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_named() {
        let json = |text: &str| serde_json::from_str::<Box<RawValue>>(text).unwrap();
        let before = json(
            r#"{"a":1,"b":{"c":"x","d":""},"e":[{"f":1e400},{"f":2}],"g/h":true,"i":null,"j":[ ]}"#,
        );
        let after = json(r#"{"a":2,"b":{"c":null},"e":[{"f":1e400}]}"#);
        let mut lost = Vec::new();
        compare(&before, Some(&after), "", MOST_LEVELS, &mut lost);
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

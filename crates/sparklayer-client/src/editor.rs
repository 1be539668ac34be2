//! Changes to purchases that keep what others wrote.

mod compare;
mod packages;
mod refusals;
mod shipments;

pub use shipments::{EditOutcome, same_tracking_number};

use connector_http::{CallOptions, Error, ErrorKind};

use crate::client::SparkLayer;
use crate::members::Value;
use crate::purchase::Purchase;
use crate::purchases::{LookupBy, PUT, Purchases};
use refusals::Refusals;

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
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Edited {
    /// Whether a write was sent. `false` means that there was nothing to change.
    pub written: bool,
    /// The purchase as the last read shows it.
    pub purchase: Purchase,
    /// JSON pointers of what the edit changed and the last read does not show: the vendor, or another writer, undid it.
    pub missing: Vec<String>,
    /// JSON pointers of members that were there before the write, were not taken away by the edit, and are gone after it.
    pub lost: Vec<String>,
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

    /// Changes a purchase by a function: reads it, lets the function change it, writes all of it, reads it back.
    ///
    /// The function is called for each fresh read, so it must come to the same on a purchase that has the change already:
    /// a purchase that it leaves alone is not written. Calculated members are not written, whatever it does to them.
    ///
    /// # Errors
    ///
    /// What the function returns ends the edit. [`NotFound`](ErrorKind::NotFound) if there is no such purchase;
    /// [`Decode`](ErrorKind::Decode) if the function replaced something that could not be read, because that would be
    /// lost. A conflict or a lost answer starts the edit again from a fresh read, five times at most. Then:
    ///
    /// - a [conflict](Error::is_conflict) that [is a concurrent update](Error::is_concurrent_update): others keep
    ///   writing. Try again later.
    /// - a conflict that is not: the record stayed the same to the letter while it was refused again and again. So no
    ///   other writer was there, and most likely an identifier belongs to another purchase. Repeating is pointless. The
    ///   vendor's answer does not tell the two; only a writer that holds a record for longer than all waits together,
    ///   and has not written yet, would be taken for the wrong one.
    ///
    /// Any error after a write is [ambiguous](Error::is_ambiguous), a failed read-back included.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves it unknown whether the change was written; call it again.
    ///
    /// ```
    /// # use sparklayer_client::{LookupBy, SparkLayer};
    /// # async fn example(shop: SparkLayer, id: &str) -> Result<(), sparklayer_client::Error> {
    /// let editor = shop.purchase_editor();
    /// let edited = editor
    ///     .edit(LookupBy::Sparklayer, id, |purchase| {
    ///         purchase.identifiers.internal = Some("WH-1001".to_owned());
    ///         Ok(())
    ///     })
    ///     .await;
    /// match edited {
    ///     Ok(edited) => println!("not arrived: {:?}, lost: {:?}", edited.missing, edited.lost),
    ///     Err(error) if error.is_conflict() && !error.is_concurrent_update() => println!("WH-1001 is taken"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn edit(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        mut change: impl FnMut(&mut Purchase) -> Result<(), Error> + Send,
    ) -> Result<Edited, Error> {
        self.run(lookup_by, identifier, |purchase, _| change(purchase))
            .await
    }

    /// The whole of an edit. The function is told whether the answer to an earlier write of this edit was lost.
    async fn run(
        &self,
        lookup_by: LookupBy,
        identifier: &str,
        mut change: impl FnMut(&mut Purchase, bool) -> Result<(), Error> + Send,
    ) -> Result<Edited, Error> {
        let mut refusals = Refusals::default();
        // What was there and what was written, when the answer to a write was lost.
        let mut open: Option<(Purchase, Purchase)> = None;
        let mut restarts = 0;
        loop {
            let maybe_written = open.is_some();
            // Whatever goes wrong after an answer was lost, the write may have been applied.
            let honest = |error: Error| {
                if maybe_written {
                    error.into_ambiguous()
                } else {
                    error
                }
            };
            let before = self.purchases.get(lookup_by, identifier).await;
            let before = before.map_err(honest)?;
            let mut wanted = before.clone();
            change(&mut wanted, maybe_written).map_err(honest)?;
            if wanted == before {
                return Ok(match &open {
                    Some((before_it, written)) => compared(before_it, written, before),
                    None => Edited {
                        purchase: before,
                        ..Edited::default()
                    },
                });
            }
            keep_what_is_unreadable(&before, &wanted).map_err(honest)?;
            let error = match self.purchases.put(lookup_by, identifier, &wanted).await {
                Ok(_) => {
                    let after = self.purchases.get(lookup_by, identifier).await;
                    let after = after.map_err(Error::into_ambiguous)?;
                    return Ok(compared(&before, &wanted, after));
                }
                Err(error) => error,
            };
            if error.is_concurrent_update() {
                refusals.add(before);
            } else if error.is_ambiguous() {
                open = Some((before, wanted));
            } else {
                return Err(honest(error));
            }
            if restarts >= MOST_RESTARTS {
                if error.is_concurrent_update() && refusals.are_for_the_content() {
                    return Err(honest(error.into_settled_conflict(
                        "refused again and again though nobody changed the purchase: an identifier may belong to another one",
                    )));
                }
                return Err(honest(error));
            }
            restarts += 1;
            tracing::warn!(
                operation = PUT.name(),
                restart = restarts,
                error.kind = error.kind().as_str(),
                "starting the edit again from a fresh read"
            );
            self.client.http().back_off(restarts).await;
        }
    }
}

fn refused(kind: ErrorKind, detail: &'static str) -> Error {
    Error::before_sending(kind, PUT.name(), detail)
}

/// Refuses an edit that replaces something that could not be read: nobody knows what would be lost.
fn keep_what_is_unreadable(before: &Purchase, wanted: &Purchase) -> Result<(), Error> {
    let unwritable = |_| refused(ErrorKind::Build, "the purchase cannot be written");
    let pointers = before.unreadable();
    if pointers.is_empty() {
        return Ok(());
    }
    let (old, new) = (
        before.write_value().map_err(unwritable)?,
        wanted.write_value().map_err(unwritable)?,
    );
    for pointer in pointers {
        let (old, new) = (compare::at(&old, &pointer), compare::at(&new, &pointer));
        if old.map(|raw| raw.get().to_owned()) != new.map(|raw| raw.get().to_owned()) {
            let detail =
                format!("what is stored at {pointer} cannot be read, so it cannot be kept");
            return Err(Error::before_sending(ErrorKind::Decode, PUT.name(), detail));
        }
    }
    Ok(())
}

fn compared(before: &Purchase, wanted: &Purchase, after: Purchase) -> Edited {
    let mut edited = Edited {
        written: true,
        ..Edited::default()
    };
    let texts = (
        before.write_value(),
        wanted.write_value(),
        after.write_value(),
    );
    if let (Ok(before), Ok(wanted), Ok(after)) = texts {
        let taken_away = compare::gone(&before, &wanted);
        edited.lost = compare::gone(&before, &after);
        edited.lost.retain(|pointer| !taken_away.contains(pointer));
        edited.missing = compare::not_arrived(&before, &wanted, &after);
    }
    edited.purchase = after;
    edited
}

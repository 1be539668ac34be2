//! A Whistl warehouse by drop folder behind the warehouse and stock ports.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveTime, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, Parcel, Recipient, StockRow,
    TrackingNumber,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use whistl_client::order_files::{
    DespatchRow, DropError, DropFolder, ExportedFile, FileCursor, FileLine, FileOrder, FileParty,
    FileProbe, FileRow, OrderFile, OrderFileLayout, StockMode,
};

use crate::{
    Capabilities, Clock, DespatchPage, FailureClass, FeedKind, Lookup, PortError, StockBatch,
    StockFeed, StockSource, Submission, Warehouse, WarehouseListing,
};

/// What the file route has to be told, as a section of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FilesOptions {
    /// The carrier and delivery-method codes behind each service code. A service code without an entry is refused, never guessed.
    pub services: BTreeMap<String, CarrierService>,
    /// Header of the column that carries the PO number. Default `CUSTREF` (seen in use).
    pub purchase_order_column: Option<String>,
}

/// The pair of codes that an order file carries for a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierService {
    /// Carrier code.
    pub carrier: String,
    /// Delivery-method code.
    pub delivery_method: String,
}

/// Orders, despatches and stock of a Whistl warehouse through files.
///
/// An order is queued when its file has its final name, and accepted when the importer has archived it. There is no listing, so
/// the audit cannot look for ghosts, and prices are left to the importer's default (they are not needed to fulfil). The folder's
/// layout says whether a stock file is everything or changes only.
#[derive(Debug, Clone)]
pub struct WhistlFiles {
    folder: DropFolder,
    options: Arc<FilesOptions>,
    layout: OrderFileLayout,
    clock: Arc<dyn Clock>,
}

impl WhistlFiles {
    /// Puts a drop folder behind the ports.
    #[must_use]
    pub fn new(folder: DropFolder, options: FilesOptions, clock: Arc<dyn Clock>) -> Self {
        let mut layout = OrderFileLayout::default();
        if let Some(column) = &options.purchase_order_column {
            layout = layout.with_purchase_order_column(column.as_str());
        }
        Self {
            folder,
            options: Arc::new(options),
            layout,
            clock,
        }
    }

    fn order_file(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<OrderFile, PortError> {
        let refused = |message: String| PortError::new(FailureClass::Rejected, message);
        let service = self
            .options
            .services
            .get(order.service.as_str())
            .ok_or_else(|| {
                refused(format!(
                    "service code {} has no carrier and delivery method in the file route's table",
                    order.service
                ))
            })?;
        let to = &order.recipient;
        // The template has two columns and requires both.
        let (first, surname) = to.name.expose().trim().rsplit_once(' ').ok_or_else(|| {
            refused("the file route needs a recipient's name of at least two words".to_owned())
        })?;
        let lines = std::iter::once(&to.line1)
            .chain(&to.line2)
            .map(|line| line.expose());
        let mut party = FileParty::new(
            first,
            surname,
            to.postcode.expose(),
            lines,
            to.city.expose(),
        )
        .with_country(order.recipient.country.as_str())
        .with_phone(to.phone.expose());
        if let Some(company) = &to.company {
            party = party.with_company(company.expose());
        }
        if let Some(county) = &to.county {
            party = party.with_county(county.expose());
        }
        if let Some(email) = &to.email {
            party = party.with_email(email.expose());
        }
        let rows = order
            .lines
            .iter()
            .map(|line| FileLine::new(line.sku.as_str(), Decimal::from(line.quantity.get())));
        let mut file = FileOrder::new(reference.as_str(), party, rows)
            .with_service(service.carrier.as_str(), service.delivery_method.as_str());
        if let Some(number) = &order.purchase_order {
            file = file.with_purchase_order(number.as_str());
        }
        OrderFile::from_order_with(&file, &self.layout)
            .map_err(|error| refused(error.to_string()).with_source(error))
    }
}

/// The importer's words may quote what it objects to; what it quotes of the recipient is left out, since the reason ends up in
/// the timeline and in reports, which hold no personal data.
fn without_recipient(reason: &str, to: &Recipient) -> String {
    // Whole values, also without their spaces; of a name each word, since it goes out in two columns.
    let mut quotes: Vec<String> = Vec::new();
    for text in to.personal_texts() {
        let text = text.to_lowercase();
        quotes.push(text.split_whitespace().collect());
        quotes.push(text);
    }
    let name = to.name.expose().to_lowercase();
    quotes.extend(name.split_whitespace().map(str::to_owned));
    quotes.retain(|quote| quote.chars().count() >= 3);
    quotes.sort_by_key(|quote| std::cmp::Reverse(quote.len()));
    let mut left = reason.to_owned();
    for quote in &quotes {
        left = without(&left, quote);
    }
    left
}

/// Replaces a text where it stands as words of its own, whatever its case.
fn without(text: &str, quote: &str) -> String {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        // Letters that change their length with their case: positions do not carry over, so nothing of it is kept.
        return if lower.contains(quote) {
            "***".to_owned()
        } else {
            text.to_owned()
        };
    }
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(quote) {
        let end = at + found.len();
        let alone = apart(
            lower
                .get(..at)
                .and_then(|before| before.chars().next_back()),
        ) && apart(lower.get(end..).and_then(|after| after.chars().next()));
        if alone && let Some(kept) = text.get(from..at) {
            left.push_str(kept);
            left.push_str("***");
            from = end;
        }
    }
    left.push_str(text.get(from..).unwrap_or_default());
    left
}

/// Runs file work on a thread that may block.
async fn blocking<T: Send + 'static>(
    lost: FailureClass,
    work: impl FnOnce() -> Result<T, PortError> + Send + 'static,
) -> Result<T, PortError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(PortError::new(lost, "the file work was broken off").with_source(error))
        })
}

#[async_trait]
impl Warehouse for WhistlFiles {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(false)
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let file = self.order_file(reference, order)?;
        let folder = self.folder.clone();
        blocking(FailureClass::Ambiguous, move || {
            match folder.drop_order(&file) {
                Ok(_) => Ok(Submission::Queued),
                Err(DropError::AlreadyExists {
                    identical: true, ..
                }) => Ok(Submission::Queued),
                Err(DropError::AlreadyExists { name, .. }) => Err(PortError::new(
                    FailureClass::Rejected,
                    format!("{name} lies in the drop folder with other contents"),
                )),
                Err(error) => {
                    let class = if error.is_ambiguous() {
                        FailureClass::Ambiguous
                    } else {
                        FailureClass::NeverSent
                    };
                    Err(PortError::new(class, error.to_string()).with_source(error))
                }
            }
        })
        .await
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let folder = self.folder.clone();
        let recipient = order.recipient.clone();
        let reference = reference.as_str().to_owned();
        blocking(FailureClass::Unavailable, move || {
            let probe = folder.probe(&reference).map_err(|error| {
                PortError::new(
                    FailureClass::Unavailable,
                    format!("the drop folder cannot be read: {error}"),
                )
                .with_source(error)
            })?;
            Ok(match probe {
                FileProbe::Waiting => Lookup::Waiting,
                // The importer archives only files that it took whole.
                FileProbe::PickedUp => Lookup::Found {
                    warehouse_id: None,
                    accepted_at: None,
                    differences: Vec::new(),
                },
                FileProbe::Rejected { reason } => Lookup::Refused {
                    reason: without_recipient(&reason, &recipient),
                },
                FileProbe::Absent => Lookup::Absent,
                // A state of a later version: neither there nor absent, so nothing is sent.
                _ => Lookup::Waiting,
            })
        })
        .await
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let seen = file_cursor(cursor)?;
        let folder = self.folder.clone();
        blocking(FailureClass::Unavailable, move || {
            let exports = folder.read_despatches(&seen).map_err(unreadable_folder)?;
            let mut page = DespatchPage {
                cursor: Some(cursor_text(&exports.cursor)?),
                ..DespatchPage::default()
            };
            for file in exports.files {
                page.unreadable.extend(faults(&file));
                page.consignments.extend(consignments(&file));
            }
            page.unreadable.extend(
                exports
                    .unread
                    .iter()
                    .map(|unread| format!("{}: {}", unread.name, unread.source)),
            );
            Ok(page)
        })
        .await
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        Err(PortError::new(
            FailureClass::Unsupported,
            "the file route has no list of orders",
        ))
    }
}

fn file_cursor(cursor: Option<&str>) -> Result<FileCursor, PortError> {
    cursor.map_or_else(
        || Ok(FileCursor::default()),
        |text| {
            serde_json::from_str(text).map_err(|error| {
                PortError::new(
                    FailureClass::Unavailable,
                    "the stored file cursor cannot be read",
                )
                .with_source(error)
            })
        },
    )
}

fn cursor_text(cursor: &FileCursor) -> Result<String, PortError> {
    serde_json::to_string(cursor).map_err(|error| {
        PortError::new(
            FailureClass::Unavailable,
            "the file cursor cannot be written",
        )
        .with_source(error)
    })
}

fn unreadable_folder(error: whistl_client::order_files::ReadError) -> PortError {
    PortError::new(
        FailureClass::Unavailable,
        format!("{error}: {}", error.source),
    )
    .with_source(error)
}

fn faults<T>(file: &ExportedFile<T>) -> Vec<String> {
    let whole = file
        .problem
        .as_ref()
        .map(|problem| format!("{}: {problem}", file.name));
    let rows = file
        .row_faults
        .iter()
        .map(|fault| format!("{}: {fault}", file.name));
    whole.into_iter().chain(rows).collect()
}

/// The rows of a despatch file as consignments: one for each order in the file, one parcel for each tracking number.
fn consignments(file: &ExportedFile<DespatchRow>) -> Vec<Consignment> {
    let mut found: BTreeMap<&str, Consignment> = BTreeMap::new();
    for FileRow { value: row, .. } in &file.rows {
        let id = format!("{}:{}", file.name, row.reference);
        let consignment = found.entry(&row.reference).or_insert_with(|| {
            Consignment::new(id.as_str(), ClientOrderRef::from_wire(&*row.reference))
        });
        if consignment.despatched_at.is_none() {
            consignment.despatched_at = row
                .despatched_on
                .map(|date| date.and_time(NaiveTime::MIN).and_utc());
        }
        // A parcel that is named again in another file is the same parcel.
        let parcel_id = row.tracking.clone().unwrap_or(id);
        let content = LineQuantity::of_sku(row.sku.as_str(), row.quantity);
        match consignment
            .parcels
            .iter_mut()
            .find(|parcel| parcel.id == parcel_id)
        {
            Some(parcel) => parcel.contents.push(content),
            None => {
                let mut parcel = Parcel::new(parcel_id);
                parcel.carrier.clone_from(&row.carrier);
                parcel.service.clone_from(&row.delivery_method);
                parcel.tracking = row.tracking.as_deref().map(TrackingNumber::new);
                parcel.contents.push(content);
                consignment.parcels.push(parcel);
            }
        }
    }
    found.into_values().collect()
}

#[async_trait]
impl StockSource for WhistlFiles {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let seen = file_cursor(cursor)?;
        let folder = self.folder.clone();
        let mode = self.folder.layout().stock_mode;
        let now = self.clock.now();
        blocking(FailureClass::Unavailable, move || {
            let exports = folder.read_stock(&seen).map_err(unreadable_folder)?;
            let mut batch = StockBatch {
                cursor: Some(cursor_text(&exports.cursor)?),
                ..StockBatch::default()
            };
            let mut rows: BTreeMap<String, i64> = BTreeMap::new();
            let mut as_of: Option<DateTime<Utc>> = None;
            // With a row that could not be read a file is not everything any more: nothing is set to zero for want of a row.
            let mut complete = mode == StockMode::Full;
            // Oldest first, so that the newest figure of an article stays.
            for file in &exports.files {
                batch.unreadable.extend(faults(file));
                if file.problem.is_some() {
                    continue;
                }
                if mode == StockMode::Full {
                    rows.clear();
                    complete = file.row_faults.is_empty();
                }
                rows.extend(
                    file.rows
                        .iter()
                        .map(|row| (row.value.sku.clone(), row.value.quantity)),
                );
                // Where rows have times of their own the oldest speaks for the file: taken for too new, it would promise too much.
                let oldest = file.rows.iter().filter_map(|row| row.value.as_of).min();
                as_of = as_of.max(oldest.or(file.changed).or(Some(now)));
            }
            batch.unreadable.extend(
                exports
                    .unread
                    .iter()
                    .map(|unread| format!("{}: {}", unread.name, unread.source)),
            );
            batch.feed = as_of.map(|as_of| {
                let kind = if complete {
                    FeedKind::Snapshot
                } else {
                    FeedKind::Delta
                };
                let sequence = u64::try_from(as_of.timestamp_micros()).unwrap_or(0);
                let rows = rows
                    .into_iter()
                    .map(|(sku, on_hand)| StockRow::new(sku, on_hand, 0))
                    .collect();
                StockFeed::new(kind, as_of, sequence, rows)
            });
            Ok(batch)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_an_importer_quotes_of_a_person_is_left_out_and_codes_stay() {
        assert_eq!(
            without("Postcode 'LS1 4AP' unknown for part LS1 4APX", "ls1 4ap"),
            "Postcode '***' unknown for part LS1 4APX"
        );
        assert_eq!(without("Goods In, goods", "goods"), "*** In, ***");
        assert_eq!(without("\u{130} goods", "goods"), "***");
    }
}

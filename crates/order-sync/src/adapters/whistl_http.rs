//! A Whistl warehouse by HTTP (assumed contract) behind the warehouse and stock ports.

mod changes;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, Parcel, PartialPolicy,
    ReturnReceipt, ReturnedLine, StockRow, TrackingNumber,
};
use whistl_client::orders::{
    Cursor, Despatch, InventoryItem, InventoryKind, NewCustoms, NewLine, NewOrder, NewRecipient,
    OrderStatus, Page, Return, StoredOrder, WarehouseOrders,
};

use self::changes::{AMENDABLE, amendment, answer, is_so_already};
use super::client_error;
use crate::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, FailureClass, FeedKind, Lookup,
    PortError, ReturnsPage, StockBatch, StockFeed, StockSource, StoredContents, Submission,
    Warehouse, WarehouseListing, WarehouseOrderRow,
};

/// Orders, despatches and stock of a Whistl warehouse over HTTP.
///
/// The contract is assumed (see `whistl_client::orders`): Whistl publishes no HTTP order API.
#[derive(Debug, Clone)]
pub struct WhistlHttp {
    client: WarehouseOrders,
}

/// Rows asked for at once.
const PAGE: u16 = 200;

impl WhistlHttp {
    /// Puts a client behind the ports.
    #[must_use]
    pub const fn new(client: WarehouseOrders) -> Self {
        Self { client }
    }
}

fn personal(text: &str) -> connector_http::Personal<String> {
    connector_http::Personal::new(text.to_owned())
}

fn new_order(reference: &ClientOrderRef, order: &FulfilmentOrder) -> NewOrder {
    let to = &order.recipient;
    let mut recipient = NewRecipient::new(
        personal(to.name.expose()),
        personal(to.line1.expose()),
        personal(to.city.expose()),
        personal(to.postcode.expose()),
        connector_http::Personal::new(to.country.as_str().to_owned()),
        personal(to.phone.expose()),
    );
    recipient.company = to.company.as_ref().map(|text| personal(text.expose()));
    recipient.line2 = to.line2.as_ref().map(|text| personal(text.expose()));
    recipient.county = to.county.as_ref().map(|text| personal(text.expose()));
    recipient.email = to.email.as_ref().map(|text| personal(text.expose()));
    let lines = order.lines.iter().map(|line| {
        let mut new = NewLine::new(
            line.line_id.as_str(),
            line.sku.as_str(),
            line.quantity.get(),
        );
        new.description.clone_from(&line.description);
        new.unit_price = line.unit_price.as_ref().map(order_mapping::Money::amount);
        if let Some(goods) = &line.declared {
            new.commodity_code = goods.commodity_code.as_ref().map(ToString::to_string);
            new.origin = goods.origin.as_ref().map(ToString::to_string);
            let value = goods.value.as_ref().or(line.unit_price.as_ref());
            new.customs_value = value.map(order_mapping::Money::amount);
        }
        new
    });
    let mut new = NewOrder::new(reference.as_str(), order.service.as_str(), recipient, lines);
    new.order_number = order.number.as_ref().map(ToString::to_string);
    new.purchase_order = order.purchase_order.as_ref().map(ToString::to_string);
    new.currency = order.currency.map(|code| code.to_string());
    new.requested_date = order.requested_date;
    new.instructions = to.instructions.as_ref().map(|text| personal(text.expose()));
    new.may_part_ship = Some(order.partial == PartialPolicy::ShipAvailable);
    new.customs = order.customs.as_ref().map(|declared| {
        let mut customs = NewCustoms::new();
        customs.incoterm = declared.incoterm.map(|term| term.as_str().to_owned());
        customs.sender_eori = declared.sender_eori.as_ref().map(ToString::to_string);
        customs.sender_ukims = declared.sender_ukims.as_ref().map(ToString::to_string);
        customs.recipient_eori = to.eori.as_ref().map(|number| personal(number.expose()));
        customs
    });
    new
}

/// What a stored order holds, as far as the answer says.
fn contents(stored: &StoredOrder) -> StoredContents {
    let mut contents = StoredContents::default();
    contents.service.clone_from(&stored.service_code);
    contents.purchase_order.clone_from(&stored.purchase_order);
    contents.lines = stored
        .lines
        .iter()
        .map(|line| {
            (
                line.sku.clone().unwrap_or_default(),
                line.quantity.unwrap_or(0),
            )
        })
        .collect();
    contents
}

/// What the warehouse has that is not what was meant. Names fields and articles, no person.
fn differences(order: &FulfilmentOrder, stored: &StoredOrder) -> Vec<String> {
    let mut found = contents(stored).differences(order);
    if stored.status == Some(OrderStatus::Cancelled) {
        found.push("it is cancelled at the warehouse".to_owned());
    }
    let postcode = stored
        .recipient
        .as_ref()
        .and_then(|to| to.postcode.as_ref());
    if postcode.is_some_and(|code| code.expose() != order.recipient.postcode.expose()) {
        found.push("the postcode differs".to_owned());
    }
    found
}

#[async_trait]
impl Warehouse for WhistlHttp {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true)
            .with_cancel()
            .with_amend(AMENDABLE)
            .with_returns()
            .with_whole_orders()
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        match self.client.create(&new_order(reference, order)).await {
            Ok(accepted) => Ok(Submission::Accepted {
                warehouse_id: accepted.order_id,
                accepted_at: accepted.accepted_at,
            }),
            Err(error) if error.is_conflict() && !error.is_ambiguous() => {
                Ok(Submission::AlreadyThere)
            }
            Err(error) => Err(client_error::of_create(error)),
        }
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let stored = self
            .client
            .get(reference.as_str())
            .await
            .map_err(client_error::of_read)?;
        Ok(stored.map_or(Lookup::Absent, |stored| Lookup::Found {
            differences: differences(order, &stored),
            warehouse_id: stored.order_id,
            accepted_at: stored.accepted_at,
        }))
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let since = cursor.map(Cursor::new);
        let page = self
            .client
            .despatches(since.as_ref(), PAGE)
            .await
            .map_err(client_error::of_read)?;
        let page = FeedPage::read(page, cursor, consignment);
        Ok(DespatchPage {
            consignments: page.records,
            unreadable: page.unreadable,
            cursor: page.cursor,
            more: page.more,
        })
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let since = page.map(Cursor::new);
        let listing = self
            .client
            .list(since.as_ref(), PAGE)
            .await
            .map_err(client_error::of_read)?;
        Ok(listing_of(listing))
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let answered = self
            .client
            .cancel(reference.as_str(), request_id, Some(why))
            .await
            .map_err(client_error::of_idempotent_write)?;
        Ok(answer(&answered.outcome, &[]))
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        // Looked at first: an earlier asking may have been applied although its answer was lost, and the call itself is never
        // repeated.
        let stored = self
            .client
            .get(reference.as_str())
            .await
            .map_err(client_error::of_read)?;
        let Some(stored) = stored else {
            let reason = "the warehouse does not have the order".to_owned();
            return Ok(ChangeAnswer::Refused { reason });
        };
        if is_so_already(reference, request, &stored) {
            return Ok(ChangeAnswer::Accepted);
        }
        let Some(version) = stored.version else {
            let reason = "the warehouse does not say which version of the order it has".to_owned();
            return Ok(ChangeAnswer::Refused { reason });
        };
        let wire = amendment(reference, request, version);
        match self.client.amend(reference.as_str(), &wire).await {
            Ok(answered) => Ok(answer(&answered.outcome, &answered.refused)),
            Err(error) if self.client.is_version_conflict(&error) => {
                let why = "the order changed at the warehouse meanwhile";
                Err(PortError::new(FailureClass::Contended, why).with_source(error))
            }
            Err(error) => Err(client_error::of_create(error)),
        }
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let since = cursor.map(Cursor::new);
        let page = self
            .client
            .returns(since.as_ref(), PAGE)
            .await
            .map_err(client_error::of_read)?;
        let page = FeedPage::read(page, cursor, receipt);
        Ok(ReturnsPage {
            receipts: page.records,
            unreadable: page.unreadable,
            cursor: page.cursor,
            more: page.more,
        })
    }
}

/// A page of one of the warehouse's feeds in the domain's terms.
struct FeedPage<T> {
    records: Vec<T>,
    /// One line for each record that could not be read.
    unreadable: Vec<String>,
    /// Where to read on: where the page said, or where it was asked from.
    cursor: Option<String>,
    more: bool,
}

impl<T> FeedPage<T> {
    fn read<W>(
        page: Page<W>,
        asked: Option<&str>,
        record_of: impl Fn(W) -> Result<T, String>,
    ) -> Self {
        let malformed = page.malformed.iter();
        let mut read = Self {
            records: Vec::with_capacity(page.items.len()),
            unreadable: malformed.map(|row| row.problem.to_string()).collect(),
            cursor: page
                .next
                .map(|next| next.as_str().to_owned())
                .or_else(|| asked.map(str::to_owned)),
            more: page.more,
        };
        for item in page.items {
            match record_of(item) {
                Ok(record) => read.records.push(record),
                Err(fault) => read.unreadable.push(fault),
            }
        }
        read
    }
}

/// Goods that came back in the domain's terms, or what they lack to be that.
fn receipt(from: Return) -> Result<ReturnReceipt, String> {
    let id = from.return_id.ok_or("a return has no id")?;
    let mut receipt =
        ReturnReceipt::new(id.as_str(), from.reference.map(ClientOrderRef::from_wire));
    receipt.received_at = from.received_at;
    receipt.authorisation = from.authorisation;
    for line in from.lines {
        let units = line
            .quantity
            .and_then(|units| u32::try_from(units).ok())
            .ok_or_else(|| format!("return {id} has a line without a usable quantity"))?;
        let mut returned = ReturnedLine::new(line.line_id.map(Into::into), line.sku, units);
        returned.condition = line
            .condition
            .map(|condition| condition.as_str().to_owned());
        returned.restocked = line.restocked.and_then(|units| u32::try_from(units).ok());
        receipt.lines.push(returned);
    }
    Ok(receipt)
}

/// A despatch in the domain's terms, or what it lacks to be one.
fn consignment(despatch: Despatch) -> Result<Consignment, String> {
    let id = despatch.despatch_id.ok_or("a despatch has no id")?;
    let reference = despatch
        .reference
        .ok_or_else(|| format!("despatch {id} has no reference"))?;
    let mut consignment = Consignment::new(id.as_str(), ClientOrderRef::from_wire(reference));
    consignment.despatched_at = despatch.despatched_at;
    for (number, from) in (1..).zip(despatch.parcels) {
        let parcel_id = from
            .parcel_id
            .or_else(|| from.tracking_number.clone())
            .unwrap_or_else(|| format!("{id}/{number}"));
        let mut parcel = Parcel::new(parcel_id);
        parcel.carrier = from.carrier;
        parcel.service = from.service;
        parcel.tracking = from.tracking_number.map(TrackingNumber::new);
        parcel.tracking_url = from.tracking_url;
        for line in from.lines {
            parcel
                .contents
                .push(quantity(&id, line.line_id, line.sku, line.quantity)?);
        }
        consignment.parcels.push(parcel);
    }
    // Units that follow later are still open.
    for short in despatch
        .shorts
        .into_iter()
        .filter(|short| !short.back_ordered)
    {
        consignment
            .shorts
            .push(quantity(&id, short.line_id, short.sku, short.quantity)?);
    }
    Ok(consignment)
}

fn quantity(
    despatch: &str,
    line_id: Option<String>,
    sku: Option<String>,
    quantity: Option<i64>,
) -> Result<LineQuantity, String> {
    let units = quantity
        .and_then(|units| u32::try_from(units).ok())
        .ok_or_else(|| format!("despatch {despatch} has a line without a usable quantity"))?;
    match (line_id, sku) {
        (Some(line), _) => Ok(LineQuantity::of_line(line, units)),
        (None, Some(sku)) => Ok(LineQuantity::of_sku(sku, units)),
        (None, None) => Err(format!(
            "despatch {despatch} has a line that names neither line nor article"
        )),
    }
}

/// A stock row in the domain's terms, or what it lacks to be one.
fn stock_row(item: InventoryItem) -> Result<StockRow, String> {
    let sku = item.sku.ok_or("a stock row has no article")?;
    let on_hand = item.on_hand.ok_or("a stock row has no quantity")?;
    let mut row = StockRow::new(sku, on_hand, item.allocated.unwrap_or(0));
    row.unsellable = item.unsellable.unwrap_or(0);
    Ok(row)
}

#[async_trait]
impl StockSource for WhistlHttp {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let since: Option<u64> = cursor.and_then(|text| text.parse().ok());
        let mut gap = None;
        let inventory = match self.client.inventory(since).await {
            // Too old to tell what changed since: the whole picture instead.
            Err(error) if since.is_some() && whistl_client::orders::is_sequence_expired(&error) => {
                self.client.inventory(None).await
            }
            // It skips some of the changes: the whole picture instead.
            Ok(answer) if since.is_some_and(|since| answer.has_gap_after(since)) => {
                let begins = answer.from_sequence.unwrap_or_default();
                let asked = since.unwrap_or_default();
                gap = Some(format!("changes between {asked} and {begins} are missing"));
                self.client.inventory(None).await
            }
            // It came out of order: what is on record is younger.
            Ok(answer) if since.is_some_and(|since| answer.is_older_than(since)) => {
                return Ok(StockBatch {
                    cursor: cursor.map(str::to_owned),
                    ..StockBatch::default()
                });
            }
            answer => answer,
        }
        .map_err(client_error::of_read)?;
        let lacks = |what: &str| {
            PortError::new(
                FailureClass::Unreadable,
                format!("the inventory answer has no {what}"),
            )
        };
        let sequence = inventory.sequence.ok_or_else(|| lacks("sequence"))?;
        let as_of: DateTime<Utc> = inventory.as_of.ok_or_else(|| lacks("as-of time"))?;
        let mut unreadable: Vec<String> = inventory
            .malformed
            .iter()
            .map(|row| row.problem.to_string())
            .collect();
        let mut rows = Vec::with_capacity(inventory.items.len());
        for item in inventory.items {
            match stock_row(item) {
                Ok(row) => rows.push(row),
                Err(fault) => unreadable.push(fault),
            }
        }
        let kind = match inventory.kind {
            // With a row that could not be read it is not complete.
            Some(InventoryKind::Snapshot) if unreadable.is_empty() => FeedKind::Snapshot,
            // Rows are absolute either way; taken as a delta, nothing that is missing is set to zero.
            _ => FeedKind::Delta,
        };
        Ok(StockBatch {
            // Also without rows: nothing else has changed as of that moment.
            feed: Some(StockFeed::new(kind, as_of, sequence, rows)),
            cursor: Some(sequence.to_string()),
            unreadable,
            gap,
        })
    }
}

/// A page of the list. What cannot be read or has no reference is told, and hides no neighbour.
fn listing_of(page: Page<StoredOrder>) -> WarehouseListing {
    let malformed = page.malformed.iter().map(|row| match &row.about {
        Some(reference) => format!("order {reference}: {}", row.problem),
        None => row.problem.to_string(),
    });
    let mut unreadable: Vec<String> = malformed.collect();
    let mut rows = Vec::with_capacity(page.items.len());
    for order in page.items {
        let Some(reference) = order.reference.clone() else {
            let id = order.order_id.as_deref().unwrap_or("without an id");
            unreadable.push(format!("an order ({id}) without a reference"));
            continue;
        };
        let reference = ClientOrderRef::from_wire(reference);
        let live = order.status != Some(OrderStatus::Cancelled);
        let mut row = WarehouseOrderRow::new(reference, order.order_id.clone(), live);
        row.contents = Some(contents(&order));
        rows.push(row);
    }
    let next = page.next.filter(|_| page.more);
    WarehouseListing {
        rows,
        unreadable,
        next: next.map(|next| next.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests;

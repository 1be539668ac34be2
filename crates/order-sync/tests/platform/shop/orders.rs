//! Drafts and orders as the engine reads them: listed by their last change, page by page.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use order_mapping::{
    Address, OrderKind, OrderLine, PaymentTerms, Personal, PurchaseOrderCandidate, SalesOrder,
    ShippingMethodLabel, SourceOrderId, VisibleOrderNumber,
};
use order_sync::{
    ChangeWindow, FailureClass, OrderSource, PortError, SourceCopy, SourcePage, SourceRow,
};

use super::{Sale, SaleLine, Shop};

/// Rows of a page; few, so that every test reads several.
const PAGE: usize = 2;

/// Name of the note attribute in which buyers give their PO number.
const PO_NUMBER: &str = "PO number";

#[async_trait]
impl OrderSource for Shop {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(self.now())
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        // The page after the last row: what changes meanwhile moves behind the window and takes no other row with it.
        let after = page.map(read_place).transpose()?;
        let mut rows: Vec<(DateTime<Utc>, String)> = self.books(|books| {
            books
                .sales
                .values()
                .filter(|sale| !sale.completed)
                .map(|sale| (sale.updated_at, sale.id.clone()))
                .filter(|(at, _)| window.from <= *at && *at <= window.until)
                .collect()
        });
        rows.sort();
        rows.retain(|row| after.as_ref().is_none_or(|after| row > after));
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows
            .last()
            .filter(|_| more)
            .map(|(at, id)| format!("{} {id}", at.to_rfc3339()));
        let rows = rows
            .into_iter()
            .map(|(at, id)| SourceRow::new(SourceOrderId::new(id), Some(at.to_rfc3339())))
            .collect();
        Ok(SourcePage::new(rows, next))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let found = self.books(|books| books.sales.get(id.as_str()).cloned());
        // A draft that was completed is no record any more; the order that it became says so itself.
        let Some(sale) = found.filter(|sale| !sale.completed) else {
            return Ok(None);
        };
        // The platform counts changes in seconds: of the second that is not over yet it cannot tell two apart.
        let settled = self.now() - sale.updated_at >= TimeDelta::seconds(1);
        let version = settled.then(|| sale.updated_at.to_rfc3339());
        let copy = SourceCopy::new(sales_order(&sale), version);
        Ok(Some(match &sale.from_draft {
            Some(draft) => copy.continuing(SourceOrderId::new(draft)),
            None => copy,
        }))
    }
}

fn read_place(token: &str) -> Result<(DateTime<Utc>, String), PortError> {
    token
        .split_once(' ')
        .and_then(|(at, id)| {
            let at = DateTime::parse_from_rfc3339(at).ok()?;
            Some((at.to_utc(), id.to_owned()))
        })
        .ok_or_else(|| PortError::new(FailureClass::Unavailable, "a page token cannot be read"))
}

impl SaleLine {
    /// The id by which the engine knows the line: the one that it was first seen with, on the draft or on the order.
    pub(crate) fn first_id(&self) -> &str {
        self.draft_line.as_deref().unwrap_or(&self.id)
    }
}

fn sales_order(sale: &Sale) -> SalesOrder {
    let mut order = SalesOrder::new(sale.id.as_str());
    order.kind = match sale.id.split_once('-') {
        Some(("draft", _)) => OrderKind::Unconfirmed,
        _ => OrderKind::Order,
    };
    order.number = Some(VisibleOrderNumber::new(&sale.name));
    order.payment = match sale.payment_terms {
        "card" => PaymentTerms::Upfront,
        "net 30" => PaymentTerms::OnAccount,
        other => PaymentTerms::Other(other.to_owned()),
    };
    // The platform has no word "cancelled" beside its fulfilment status, only a moment.
    let status = sale.fulfilment_status();
    let status = sale.cancelled_at.map_or(status, |_| "cancelled");
    order.status = Some(status.to_owned());
    order.tags.clone_from(&sale.tags);
    order.metadata.clone_from(&sale.metafields);
    order.customer_id = Some(sale.customer.clone());
    order.placed_at = Some(sale.created_at);
    order.currency = Some("GBP".to_owned());
    order.shipping_method = Some(ShippingMethodLabel::new("Next day"));
    order.purchase_orders = sale
        .note_attributes
        .iter()
        .filter(|(name, _)| name == PO_NUMBER)
        .map(|(name, text)| PurchaseOrderCandidate {
            place: format!("/note_attributes/{name}"),
            text: text.clone(),
        })
        .collect();
    order.lines = sale
        .lines
        .iter()
        .filter(|line| line.current_quantity > 0)
        .map(|line| OrderLine::new(line.first_id(), line.sku.as_str(), line.current_quantity))
        .collect();
    let mut address = Address::default();
    address.name = Some(Personal::from("Goods In"));
    address.line1 = Some(Personal::from("1 Example Street"));
    address.city = Some(Personal::from("Leeds"));
    address.postcode = Some(Personal::from("LS1 4AP"));
    address.country = Some("GB".to_owned());
    address.phone = Some(Personal::from("020 7946 0123"));
    order.personal.shipping = Some(address);
    order
}

//! The platform: its books in memory, and what people do in its back office.

mod catalogue;
mod fulfilments;
mod inventory;
mod orders;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use order_sync::Clock as _;

pub(crate) use self::catalogue::Variant;
pub(crate) use self::fulfilments::Fulfilment;
pub(crate) use self::inventory::Adjustment;
use crate::clock::HandClock;

/// Where the platform keeps the stock that the fulfilment service holds.
pub(crate) const SERVICE_LOCATION: &str = "fulfilment-service";

/// A draft or an order. Both hold the same, under ids of different kinds.
#[derive(Debug, Clone)]
pub(crate) struct Sale {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The draft it was, with another id.
    pub(crate) from_draft: Option<String>,
    /// A draft that became an order is a draft no more.
    pub(crate) completed: bool,
    pub(crate) customer: String,
    /// `net 30` is on account, `card` is paid.
    pub(crate) payment_terms: &'static str,
    pub(crate) tags: Vec<String>,
    pub(crate) metafields: Vec<(String, String)>,
    pub(crate) note_attributes: Vec<(String, String)>,
    pub(crate) lines: Vec<SaleLine>,
    pub(crate) fulfilments: Vec<Fulfilment>,
    pub(crate) created_at: DateTime<Utc>,
    /// In whole seconds, as platforms have it.
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) cancelled_at: Option<DateTime<Utc>>,
}

/// A line. It keeps its place when an edit takes all its units away.
#[derive(Debug, Clone)]
pub(crate) struct SaleLine {
    pub(crate) id: String,
    /// Its id on the draft: an order's lines have new ones.
    pub(crate) draft_line: Option<String>,
    pub(crate) sku: String,
    /// What was bought, after all edits.
    pub(crate) current_quantity: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) sales: BTreeMap<String, Sale>,
    pub(crate) variants: Vec<Variant>,
    /// Units available by location and article.
    pub(crate) levels: BTreeMap<(String, String), i64>,
    pub(crate) adjustments: Vec<Adjustment>,
    /// Everything that a program wrote, one line each.
    pub(crate) written: Vec<String>,
    /// Articles that a person counts right after a program has read their level, and how many times yet.
    pub(crate) being_counted: BTreeMap<String, u32>,
    /// Answers to writes that get lost although they were applied.
    pub(crate) lost_answers: u32,
    pub(crate) drafts_and_orders: u32,
    pub(crate) ids: u32,
}

#[derive(Debug)]
pub(crate) struct Shop {
    clock: Arc<HandClock>,
    books: Mutex<Books>,
}

impl Shop {
    pub(crate) fn new(clock: Arc<HandClock>) -> Self {
        let variants = [("v-1", "85123A"), ("v-2", "71053"), ("v-3", "84406B")];
        let mut books = Books {
            variants: variants.map(|(id, sku)| Variant::new(id, sku)).into(),
            ..Books::default()
        };
        for variant in &books.variants {
            let place = (SERVICE_LOCATION.to_owned(), variant.sku.clone());
            books.levels.insert(place, 0);
        }
        Self {
            clock,
            books: Mutex::new(books),
        }
    }

    pub(crate) fn books<T>(&self, look: impl FnOnce(&mut Books) -> T) -> T {
        look(&mut self.books.lock().unwrap())
    }

    /// A draft or an order as it is now.
    pub(crate) fn sale(&self, id: &str) -> Sale {
        self.books(|books| books.sales[id].clone())
    }

    /// How many writes programs have made.
    pub(crate) fn writes(&self) -> usize {
        self.books(|books| books.written.len())
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn now_in_seconds(&self) -> DateTime<Utc> {
        self.now().duration_trunc(TimeDelta::seconds(1)).unwrap()
    }

    /// A draft for these articles, written by a person of the sales team. It reserves its units.
    pub(crate) fn draft(&self, lines: &[(&str, u32)]) -> String {
        self.open("draft", "net 30", lines)
    }

    /// An order that a buyer placed and paid.
    pub(crate) fn paid_order(&self, lines: &[(&str, u32)]) -> String {
        self.open("order", "card", lines)
    }

    /// An order that a buyer placed on account.
    pub(crate) fn order_on_account(&self, lines: &[(&str, u32)]) -> String {
        self.open("order", "net 30", lines)
    }

    fn open(&self, kind: &str, payment_terms: &'static str, lines: &[(&str, u32)]) -> String {
        let (now, updated_at) = (self.now(), self.now_in_seconds());
        self.books(|books| {
            books.drafts_and_orders += 1;
            let number = books.drafts_and_orders;
            let id = format!("{kind}-{number}");
            let lines: Vec<SaleLine> = lines
                .iter()
                .map(|(sku, units)| SaleLine {
                    id: books.next_id("line"),
                    draft_line: None,
                    sku: (*sku).to_owned(),
                    current_quantity: *units,
                })
                .collect();
            for line in &lines {
                books.sold(&line.sku, i64::from(line.current_quantity));
            }
            let sale = Sale {
                id: id.clone(),
                name: format!("#{}{number}", if kind == "draft" { "D" } else { "" }),
                from_draft: None,
                completed: false,
                customer: "customer-1".to_owned(),
                payment_terms,
                tags: Vec::new(),
                metafields: Vec::new(),
                note_attributes: vec![("PO number".to_owned(), format!("PO/{number}"))],
                lines,
                fulfilments: Vec::new(),
                created_at: now,
                updated_at,
                cancelled_at: None,
            };
            books.sales.insert(id.clone(), sale);
            id
        })
    }

    /// Completes a draft: an order with an id, a name and line ids of its own.
    pub(crate) fn complete(&self, draft: &str) -> String {
        let now = self.now_in_seconds();
        self.books(|books| {
            books.drafts_and_orders += 1;
            let number = books.drafts_and_orders;
            let mut order = books.sales[draft].clone();
            order.id = format!("order-{number}");
            order.name = format!("#{number}");
            order.from_draft = Some(draft.to_owned());
            order.updated_at = now;
            for line in &mut order.lines {
                line.draft_line = Some(std::mem::take(&mut line.id));
                line.id = books.next_id("line");
            }
            let draft = books.sales.get_mut(draft).unwrap();
            draft.completed = true;
            draft.updated_at = now;
            let id = order.id.clone();
            books.sales.insert(id.clone(), order);
            id
        })
    }

    /// A person changes something on a draft or an order.
    pub(crate) fn change(&self, id: &str, change: impl FnOnce(&mut Sale)) {
        let now = self.now_in_seconds();
        self.books(|books| {
            let sale = books.sales.get_mut(id).unwrap();
            change(sale);
            sale.updated_at = now;
        });
    }

    pub(crate) fn tag(&self, id: &str, tag: &str) {
        self.change(id, |sale| sale.tags.push(tag.to_owned()));
    }

    /// An edit of one line; the difference goes back on sale, or off it.
    pub(crate) fn edit(&self, id: &str, line: usize, units: u32) {
        let before = self.sale(id).lines[line].clone();
        self.change(id, |sale| sale.lines[line].current_quantity = units);
        let more = i64::from(units) - i64::from(before.current_quantity);
        self.books(|books| books.sold(&before.sku, more));
    }

    /// The platform cancels at once, whatever has left: what was not fulfilled goes back on sale.
    pub(crate) fn cancel(&self, id: &str) {
        let now = self.now();
        let sale = self.sale(id);
        self.change(id, |sale| sale.cancelled_at = Some(now));
        self.books(|books| {
            for line in &sale.lines {
                books.sold(&line.sku, -i64::from(sale.remaining(&line.id)));
            }
        });
    }
}

impl Books {
    fn next_id(&mut self, kind: &str) -> String {
        self.ids += 1;
        format!("{kind}-{}", self.ids)
    }
}

impl Sale {
    pub(crate) fn line(&self, id: &str) -> Option<&SaleLine> {
        self.lines.iter().find(|line| line.id == id)
    }

    /// Units of a line that nobody has fulfilled; none of a cancelled order.
    pub(crate) fn remaining(&self, line: &str) -> u32 {
        if self.cancelled_at.is_some() {
            return 0;
        }
        let ordered = self.line(line).map_or(0, |line| line.current_quantity);
        let fulfilled = self.fulfilments.iter().flat_map(|one| &one.lines);
        let gone: u32 = fulfilled
            .filter(|(id, _)| id == line)
            .map(|(_, units)| units)
            .sum();
        ordered.saturating_sub(gone)
    }

    /// The platform's own word for how far it is; it follows the fulfilments.
    pub(crate) fn fulfilment_status(&self) -> &'static str {
        let open = self.lines.iter().any(|line| self.remaining(&line.id) > 0);
        match (self.fulfilments.is_empty(), open) {
            (true, _) => "unfulfilled",
            (false, true) => "partially_fulfilled",
            (false, false) => "fulfilled",
        }
    }

    /// Every tracking number that the buyer sees, in the order of the fulfilments.
    pub(crate) fn tracking(&self) -> Vec<&str> {
        self.fulfilments
            .iter()
            .filter_map(|one| one.tracking.as_ref())
            .map(|tracking| tracking.number.as_str())
            .collect()
    }
}

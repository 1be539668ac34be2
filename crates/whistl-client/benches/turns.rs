//! What the gates are judged by: files written and read, in turns with the bare libraries doing the least that gives the same.
//! Prints the median round of each as JSON.
//!
//! A machine's clock changes by itself, and neighbours come and go. Two programs that are measured one after the other meet different
//! machines; in turns they meet the same.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a program that measures prints what it measured, over data of known form"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use chrono::NaiveDate;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use rust_decimal::Decimal;
use whistl_client::order_files::{
    DtdDocument, DtdFile, DtdOrder, FileLine, FileOrder, FileParty, FolderLayout, OrderFile,
    StockRows,
};

/// One program under measurement.
struct Way<'a> {
    id: &'static str,
    /// Calls of one round.
    calls: u32,
    call: Box<dyn FnMut() + 'a>,
    rounds: Vec<f64>,
}

impl<'a> Way<'a> {
    fn new<T>(id: &'static str, calls: u32, mut call: impl FnMut() -> T + 'a) -> Self {
        Self {
            id,
            calls,
            call: Box::new(move || {
                black_box(call());
            }),
            rounds: Vec::new(),
        }
    }

    fn median(mut self) -> (&'static str, f64) {
        self.rounds.sort_by(f64::total_cmp);
        let median = self.rounds.get(self.rounds.len() / 2).copied();
        (self.id, median.unwrap_or(f64::NAN))
    }
}

/// Nanoseconds of a call by id. One round comes before those that count.
fn in_turns<const N: usize>(
    rounds: u32,
    mut ways: [Way<'_>; N],
) -> impl Iterator<Item = (&'static str, f64)> {
    for round in 0..=rounds {
        for way in &mut ways {
            let begun = Instant::now();
            for _ in 0..way.calls {
                (way.call)();
            }
            let time = begun.elapsed().as_secs_f64() * 1e9 / f64::from(way.calls);
            if round > 0 {
                way.rounds.push(time);
            }
        }
    }
    ways.into_iter().map(Way::median)
}

/// An order of ten lines.
fn order() -> FileOrder {
    let party = FileParty::new(
        "Goods",
        "In",
        "ZZ9 9ZZ",
        ["Flat 2", "8 Sample Street"],
        "Exampleton",
    )
    .with_company("Example & Sons Ltd")
    .with_country("GB")
    .with_phone("447700900123")
    .with_email("goods-in@example.com");
    let lines = (0..10).map(|number| {
        FileLine::new(format!("MUG-{number:03}"), number + 1)
            .with_unit_price(Decimal::new(1_050 + i64::from(number), 2))
    });
    FileOrder::new("SO10001", party, lines)
        .with_purchase_order("PO-7781")
        .with_service("RMT", "RMTSTD")
        .with_delivery_charge(Decimal::new(200, 2))
}

/// One step of the bare XML writer.
enum Piece {
    Open(String),
    Close(String),
    Leaf(String, String),
}

/// What a file consists of, so that the bare writer has nothing to do but to write.
fn pieces(xml: &str) -> Vec<Piece> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut pieces = Vec::new();
    let mut text: Option<String> = None;
    loop {
        match reader.read_event().expect("a file of this crate is XML") {
            Event::Start(tag) => {
                pieces.push(Piece::Open(tag.name().into_inner().to_owned()));
                text = Some(String::new());
            }
            Event::Empty(tag) => {
                pieces.push(Piece::Leaf(
                    tag.name().into_inner().to_owned(),
                    String::new(),
                ));
                text = None;
            }
            Event::Text(piece) => {
                if let Some(text) = &mut text {
                    text.push_str(&piece);
                }
            }
            Event::GeneralRef(_) => {
                if let Some(text) = &mut text {
                    text.push('&');
                }
            }
            Event::End(tag) => {
                let name = tag.name().into_inner().to_owned();
                match text.take() {
                    Some(text) => {
                        pieces.pop();
                        pieces.push(Piece::Leaf(name, text));
                    }
                    None => pieces.push(Piece::Close(name)),
                }
            }
            Event::Eof => return pieces,
            _ => {}
        }
    }
}

/// Writes the pieces with quick-xml alone.
fn write_bare(pieces: &[Piece]) -> Vec<u8> {
    let mut writer = quick_xml::Writer::new(Vec::with_capacity(4096));
    let mut write = |event: Event<'_>| writer.write_event(event).expect("memory can be written");
    write(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    for piece in pieces {
        match piece {
            Piece::Open(name) => write(Event::Start(BytesStart::new(name))),
            Piece::Close(name) => write(Event::End(BytesEnd::new(name))),
            Piece::Leaf(name, text) if text.is_empty() => {
                write(Event::Empty(BytesStart::new(name)))
            }
            Piece::Leaf(name, text) => {
                write(Event::Start(BytesStart::new(name)));
                write(Event::Text(BytesText::new(text)));
                write(Event::End(BytesEnd::new(name)));
            }
        }
    }
    writer.into_inner()
}

/// Reads names and texts with quick-xml alone, and keeps the texts.
fn read_bare(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut texts = Vec::new();
    loop {
        match reader.read_event().expect("a file of this crate is XML") {
            Event::Text(text) => texts.push(text.into_inner().into_owned()),
            Event::GeneralRef(reference) => texts.push(reference.into_inner().into_owned()),
            Event::Eof => return texts,
            _ => {}
        }
    }
}

/// Writes records with csv alone.
fn write_csv(records: &[csv::StringRecord]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        writer.write_record(record).expect("memory can be written");
    }
    writer.into_inner().expect("memory can be written")
}

/// Reads SKU and quantity with csv alone; the sum is returned.
fn read_csv(file: &[u8]) -> (usize, i64) {
    let mut reader = csv::Reader::from_reader(file);
    let mut record = csv::StringRecord::new();
    let (mut length, mut sum) = (0, 0);
    while reader.read_record(&mut record).expect("the file is CSV") {
        let sku = record[0].to_owned();
        let quantity: i64 = record[1].parse().expect("a whole number");
        length += black_box(sku).len();
        sum += quantity;
    }
    (length, sum)
}

/// The same with this crate.
fn read_stock(file: &[u8], layout: &FolderLayout) -> (usize, i64) {
    let (mut length, mut sum) = (0, 0);
    for row in StockRows::begin(file, layout).expect("the file has the columns") {
        let row = row.expect("memory can be read").expect("a good row").value;
        length += black_box(row.sku).len();
        sum += row.quantity;
    }
    (length, sum)
}

fn stock_file(rows: u32) -> Vec<u8> {
    let mut text = "Part,Qty,Bin,Description\n".to_owned();
    for number in 0..rows {
        let quantity = number % 500;
        text.push_str(&format!(
            "SKU-{number:06},{quantity},A-{quantity},\"Mug, no. {number}\"\n"
        ));
    }
    text.into_bytes()
}

fn main() {
    let mut times = BTreeMap::new();
    let order = order();
    let date = NaiveDate::from_ymd_opt(2025, 5, 14).expect("a date");
    let dtd = DtdOrder::from_file_order(&order, date);
    let file = DtdFile::from_order(&dtd).expect("a sound order");
    let xml = String::from_utf8(file.bytes().to_vec()).expect("UTF-8");
    let pieces = pieces(&xml);
    times.extend(in_turns(
        501,
        [
            Way::new("floor/quick_xml_write", 20, || write_bare(&pieces)),
            Way::new("dtd_order/write", 20, || DtdFile::from_order(&dtd)),
            Way::new("floor/quick_xml_read", 20, || read_bare(&xml)),
            Way::new("dtd_order/read", 20, || DtdDocument::read(xml.as_bytes())),
        ],
    ));
    let file = OrderFile::from_order(&order).expect("a sound order");
    let records: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(file.bytes())
        .records()
        .map(|record| record.expect("the file is CSV"))
        .collect();
    times.extend(in_turns(
        501,
        [
            Way::new("floor/csv_write", 20, || write_csv(&records)),
            Way::new("order_csv/write", 20, || OrderFile::from_order(&order)),
        ],
    ));
    let layout = FolderLayout::default();
    let small = stock_file(100);
    times.extend(in_turns(
        501,
        [
            Way::new("floor/csv_read_100", 10, || read_csv(&small)),
            Way::new("stock_csv/read_100", 10, || read_stock(&small, &layout)),
        ],
    ));
    let large = stock_file(100_000);
    times.extend(in_turns(
        31,
        [
            Way::new("floor/csv_read_100k", 1, || read_csv(&large)),
            Way::new("stock_csv/read_100k", 1, || read_stock(&large, &layout)),
        ],
    ));
    println!("{}", serde_json::json!({ "nanoseconds": times }));
}

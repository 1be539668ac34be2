//! Files the warehouse writes. Their columns are the options' and assumed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::folder::OrderFiles;
use super::options::FileFault;

/// A kind of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Export {
    /// Every SKU with its free units.
    StockFull,
    /// The SKUs that changed since the last stock file.
    StockDelta,
    /// A row for each line of each parcel sent since the last one.
    Despatches,
    /// A row for each order taken or held since the last one.
    Acknowledgements,
    /// A row for each returned line since the last one.
    Refunds,
}

impl OrderFiles {
    /// Writes an export and says where; the name has the virtual time and a count.
    ///
    /// # Errors
    /// What the file system says.
    pub fn export(&self, export: Export) -> io::Result<PathBuf> {
        let options = &self.options;
        let (folder, name, mut text) = match export {
            Export::StockFull | Export::StockDelta => {
                (&options.stock.0, "stock", self.stock_text(export)?)
            }
            Export::Despatches => {
                let text = table(&options.despatches.1, &self.despatch_rows())?;
                (&options.despatches.0, "despatch", text)
            }
            Export::Acknowledgements => {
                let rows: Vec<_> = self.with(|state| std::mem::take(&mut state.acknowledged));
                let rows: Vec<_> = rows
                    .into_iter()
                    .map(|(reference, status)| vec![reference, status.to_owned()])
                    .collect();
                (
                    &options.acknowledgements.0,
                    "ack",
                    table(&options.acknowledgements.1, &rows)?,
                )
            }
            Export::Refunds => {
                let rows = self.with(|state| std::mem::take(&mut state.refunds));
                let rows: Vec<_> = rows
                    .into_iter()
                    .map(|(reference, sku, units)| vec![reference, sku, units.to_string()])
                    .collect();
                (
                    &options.refunds.0,
                    "refund",
                    table(&options.refunds.1, &rows)?,
                )
            }
        };
        let path = self.next_path(folder, name);
        if export == Export::Despatches && self.faulty(FileFault::DuplicateDespatch) {
            fs::write(self.next_path(folder, name), &text)?;
        }
        if self.faulty(FileFault::SlowExport) {
            let middle = (0..=text.len() / 2)
                .rev()
                .find(|place| text.is_char_boundary(*place))
                .unwrap_or(0);
            let rest = text.split_off(middle);
            self.with(|state| state.second_parts.push((path.clone(), rest)));
        }
        fs::write(&path, text)?;
        Ok(path)
    }

    fn next_path(&self, folder: &Path, name: &str) -> PathBuf {
        let stamp = self.warehouse.clock.now().format("%Y%m%d%H%M%S");
        let count = self.with(|state| {
            state.exports += 1;
            state.exports
        });
        self.options
            .root
            .join(folder)
            .join(format!("{name}{stamp}-{count:04}.csv"))
    }

    fn stock_text(&self, export: Export) -> io::Result<String> {
        let stale = self.with(|state| state.last_stock.clone());
        if let Some(stale) = stale
            && self.faulty(FileFault::StaleStock)
        {
            return Ok(stale);
        }
        let (rows, sequence) = self
            .warehouse
            .with(|state| (state.stock.rows(), state.stock.sequence()));
        let since = self.with(|state| std::mem::replace(&mut state.stock_sequence, sequence));
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|row| export == Export::StockFull || row.sequence > since)
            .map(|row| {
                // Assumed: the file tells free units.
                let free = row.on_hand.saturating_sub(row.allocated).max(0);
                vec![row.sku, free.to_string()]
            })
            .collect();
        let text = table(&self.options.stock.1, &rows)?;
        self.with(|state| state.last_stock = Some(text.clone()));
        Ok(text)
    }

    fn despatch_rows(&self) -> Vec<Vec<String>> {
        let from = self.with(|state| state.despatches_written);
        let new = self
            .warehouse
            .with(|state| state.despatches.get(from..).unwrap_or_default().to_vec());
        self.with(|state| state.despatches_written += new.len());
        let text = |value: &Value, member: &str| {
            value
                .get(member)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let list = |value: &Value, member: &str| {
            value
                .get(member)
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default()
        };
        let mut rows = Vec::new();
        for despatch in &new {
            let reference = text(despatch, "reference");
            let codes = self.with(|state| state.carriers.get(&reference).cloned());
            let date: String = text(despatch, "despatchedAt").chars().take(10).collect();
            for parcel in list(despatch, "parcels") {
                let (carrier, method) = codes
                    .clone()
                    .unwrap_or_else(|| (text(&parcel, "carrier"), text(&parcel, "service")));
                for line in list(&parcel, "lines") {
                    let quantity = line
                        .get("quantity")
                        .and_then(Value::as_u64)
                        .unwrap_or_default()
                        .to_string();
                    rows.push(vec![
                        reference.clone(),
                        text(&line, "sku"),
                        quantity,
                        carrier.clone(),
                        method.clone(),
                        text(&parcel, "trackingNumber"),
                        date.clone(),
                    ]);
                }
            }
        }
        rows
    }
}

fn table(header: &[String], rows: &[Vec<String>]) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

//! The watched folder: what one tick does with the files in it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::importer::{FileOrder, Outcome, import};
use super::options::{FileFault, OrderFilesOptions};
use super::{csv_table::CsvTable, dtd_order};
use crate::problem::Problem;
use crate::raw_object::RawObject;
use crate::whistl::{Warehouse, Way};
use crate::xml_tree;

/// What a tick did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileReport {
    /// References handed to the warehouse.
    pub accepted: Vec<String>,
    /// References on hold, with the reason.
    pub held: Vec<(String, String)>,
    /// Names of files that were rejected whole.
    pub rejected: Vec<String>,
    /// Why the run ended before its last file, if it did.
    pub aborted: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct FolderState {
    pub(super) faults: Vec<FileFault>,
    pub(super) acknowledged: Vec<(String, &'static str)>,
    pub(super) refunds: Vec<(String, String, u32)>,
    pub(super) carriers: BTreeMap<String, (String, String)>,
    pub(super) despatches_written: usize,
    pub(super) stock_sequence: u64,
    pub(super) last_stock: Option<String>,
    pub(super) exports: u64,
    pub(super) second_parts: Vec<(PathBuf, String)>,
    held: Vec<(String, String)>,
    runs: u64,
}

/// The folders of one warehouse.
#[derive(Debug)]
pub struct OrderFiles {
    pub(super) options: OrderFilesOptions,
    pub(super) warehouse: Arc<Warehouse>,
    state: Mutex<FolderState>,
}

impl OrderFiles {
    pub(crate) fn open(options: OrderFilesOptions, warehouse: Arc<Warehouse>) -> io::Result<Self> {
        let folders = [
            &options.orders,
            &options.archive,
            &options.errors,
            &options.logs,
            &options.web_import,
            &options.stock.0,
            &options.despatches.0,
            &options.acknowledgements.0,
            &options.refunds.0,
        ];
        for folder in folders {
            fs::create_dir_all(options.root.join(folder))?;
        }
        Ok(Self {
            options,
            warehouse,
            state: Mutex::default(),
        })
    }

    pub(super) fn with<T>(&self, act: impl FnOnce(&mut FolderState) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets the next file go wrong. Several faults wait for their turn.
    pub fn arm(&self, fault: FileFault) {
        self.with(|state| state.faults.push(fault));
    }

    /// A returned line, for the next refund file.
    pub fn add_refund(&self, reference: &str, sku: &str, quantity: u32) {
        self.with(|state| {
            state
                .refunds
                .push((reference.to_owned(), sku.to_owned(), quantity))
        });
    }

    /// References that wait for somebody, with the reason, since the start.
    #[must_use]
    pub fn held(&self) -> Vec<(String, String)> {
        self.with(|state| state.held.clone())
    }

    pub(super) fn faulty(&self, fault: FileFault) -> bool {
        self.with(|state| {
            let place = state.faults.iter().position(|armed| *armed == fault);
            place.map(|place| state.faults.remove(place)).is_some()
        })
    }

    /// One run of the importer over the order folder, in the order of the names.
    ///
    /// # Errors
    /// What the file system says.
    pub fn tick(&self) -> io::Result<FileReport> {
        for (path, rest) in self.with(|state| std::mem::take(&mut state.second_parts)) {
            let mut whole = fs::read_to_string(&path)?;
            whole.push_str(&rest);
            fs::write(path, whole)?;
        }
        let mut report = FileReport::default();
        if self.faulty(FileFault::Stuck) {
            return Ok(report);
        }
        let mut log = String::new();
        for path in self.waiting()? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let mut bytes = fs::read(&path)?;
            if self.faulty(FileFault::HalfRead) {
                bytes.truncate(bytes.len() / 2);
            }
            if path
                .extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("xml"))
            {
                match xml_tree::parse(&bytes).and_then(|root| dtd_order::read(&root)) {
                    Ok(orders) => {
                        self.take(&orders, &mut report)?;
                        self.archive(&path)?;
                    }
                    Err(reason) => {
                        let text = format!("{name}: {reason}\n");
                        fs::write(
                            self.options
                                .root
                                .join(&self.options.errors)
                                .join(format!("{name}.error.txt")),
                            text,
                        )?;
                        self.archive(&path)?;
                        report.rejected.push(name.clone());
                    }
                }
                log.push_str(&format!("{name} read\n"));
                continue;
            }
            match import(&bytes, self.options.strict, &self.options.prefix) {
                Outcome::Orders(orders) => {
                    log.push_str(&format!("{name} imported, {} orders\n", orders.len()));
                    self.take(&orders, &mut report)?;
                    self.archive(&path)?;
                }
                Outcome::Rejected(table, errors) => {
                    log.push_str(&format!("{name} rejected\n"));
                    self.write_errors(&path, &table, &errors)?;
                    report.rejected.push(name);
                }
                Outcome::Aborted(reason) => {
                    log.push_str(&format!("{name}: {reason}\n"));
                    report.aborted = Some(reason.to_owned());
                    break;
                }
            }
        }
        if !log.is_empty() {
            let stamp = self.warehouse.clock.now().format("%Y%m%d%H%M%S");
            let run = self.with(|state| {
                state.runs += 1;
                state.runs
            });
            let logs = self.options.root.join(&self.options.logs);
            let mut path = logs.join(format!("log{stamp}.log"));
            if path.exists() {
                // The virtual clock may stand between two runs.
                path = logs.join(format!("log{stamp}-{run}.log"));
            }
            fs::write(path, log)?;
        }
        Ok(report)
    }

    fn waiting(&self) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.options.root.join(&self.options.orders))? {
            let path = entry?.path();
            let known = path.extension().is_some_and(|end| {
                end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("xml")
            });
            if path.is_file() && known {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    fn stem(path: &Path) -> String {
        path.file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    fn archive(&self, path: &Path) -> io::Result<()> {
        let stamp = self.warehouse.clock.now().format("%Y%m%d%H%M%S");
        let end = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let name = format!("{}{stamp}.{end}", Self::stem(path));
        fs::rename(
            path,
            self.options.root.join(&self.options.archive).join(name),
        )
    }

    fn write_errors(&self, path: &Path, table: &CsvTable, errors: &[String]) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let last = |row: &[String], end: &str| {
            row.iter()
                .map(String::as_str)
                .chain([end])
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        writer.write_record(last(&table.header, "ERROR"))?;
        for (row, error) in table.raw.iter().zip(errors) {
            writer.write_record(last(row, error))?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))?;
        fs::write(
            self.options
                .root
                .join(&self.options.errors)
                .join(format!("{}error.csv", Self::stem(path))),
            bytes,
        )
    }

    fn service_of(&self, order: &FileOrder) -> Option<String> {
        let carrier = order.or("CARRIER", "RECALC");
        let method = order.or("DELMETHOD", "RECALC");
        let agreed = self
            .options
            .services
            .iter()
            .find(|(known, way, _)| known == carrier && way == method);
        agreed.map(|(_, _, service)| service.clone()).or_else(|| {
            let known = self
                .warehouse
                .with(|state| state.service_codes.iter().any(|code| code == method));
            known.then(|| method.to_owned())
        })
    }

    fn take(&self, orders: &[FileOrder], report: &mut FileReport) -> io::Result<()> {
        for order in orders {
            // Assumed: an order without a known service is on hold, 210.
            let service = self.service_of(order);
            let status = if service.is_some() { "30" } else { "210" };
            let name = format!("{}.xml", order.reference.replace(['/', '\\'], "-"));
            let text = dtd_order::write(order, status, self.warehouse.clock.now());
            fs::write(
                self.options.root.join(&self.options.web_import).join(name),
                text,
            )?;
            let outcome = match service {
                None => {
                    Err("no service is agreed for the carrier and the delivery method".to_owned())
                }
                Some(_) if order.cell("ORDERSTATUS") == "210" => {
                    Err("the file put it on hold".to_owned())
                }
                Some(service) => self.hand_over(order, &service),
            };
            let reference = order.reference.clone();
            self.with(|state| match outcome {
                Ok(()) => {
                    let codes = (
                        order.or("CARRIER", "RECALC").to_owned(),
                        order.or("DELMETHOD", "RECALC").to_owned(),
                    );
                    state.carriers.insert(reference.clone(), codes);
                    state.acknowledged.push((reference.clone(), "30"));
                    report.accepted.push(reference);
                }
                Err(reason) => {
                    state.acknowledged.push((reference.clone(), "210"));
                    state.held.push((reference.clone(), reason.clone()));
                    report.held.push((reference, reason));
                }
            });
        }
        Ok(())
    }

    /// Puts an order into the warehouse all interfaces share; the error says why it is refused or held.
    fn hand_over(&self, order: &FileOrder, service: &str) -> Result<(), String> {
        let deliver = |column: &str| {
            order
                .or(&format!("DEL{column}"), order.cell(column))
                .to_owned()
        };
        let name = [deliver("FIRSTNAME"), deliver("SURNAME")].join(" ");
        let address = deliver("ADDRESS");
        let (first, second) = address.split_once('~').unwrap_or((&address, ""));
        let mut recipient = json!({
            "name": name.trim(), "line1": first, "city": deliver("CITY"),
            "postcode": deliver("POSTCODE"), "country": order.or("DELCOUNTRY", order.or("COUNTRY", "GB")),
            "phone": deliver("PHONE").trim_start_matches('+'),
        });
        if let (false, Some(members)) = (second.is_empty(), recipient.as_object_mut()) {
            members.insert("line2".to_owned(), Value::from(second));
        }
        let lines: Vec<Value> = order
            .lines
            .iter()
            .enumerate()
            .map(|(place, line)| {
                let quantity = format!("{:.0}", line.quantity).parse::<i64>().unwrap_or(0);
                json!({ "lineId": (place + 1).to_string(), "sku": line.part, "quantity": quantity })
            })
            .collect();
        let document = json!({
            "reference": order.reference, "orderNumber": order.reference, "otherrefnum": order.or("CUSTREF", &order.reference),
            "serviceCode": service, "recipient": recipient, "lines": lines,
        });
        let document =
            RawObject::parse(&document.to_string()).ok_or_else(|| "unreadable".to_owned())?;
        let refused = |problem: Problem| {
            let code = |error: &Value| error.get("code").and_then(Value::as_str).map(str::to_owned);
            let codes: Vec<String> = problem.errors.iter().filter_map(code).collect();
            codes.join(", ")
        };
        let acceptance = self
            .warehouse
            .accept(document, Way::File)
            .map_err(refused)?;
        if acceptance
            .get("status")
            .is_some_and(|status| status == "held")
        {
            return Err("the warehouse holds it".to_owned());
        }
        Ok(())
    }
}

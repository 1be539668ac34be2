//! The folders of a site and the columns of its exports, as data.

use std::path::{Component, Path, PathBuf};

use chrono::format::{Item, StrftimeItems};
use serde::{Deserialize, Serialize};

use super::columns::{AcknowledgementColumns, DespatchColumns, RefundColumns, StockColumns};

/// Where things are below the share's root, and how the exported files look.
///
/// The folders for orders, archive and errors and the names of the export folders are *seen in use*; which of the variants
/// a site has is its own choice, and the layouts of its exports are *assumed*: set them from a real sample.
///
/// ```
/// use whistl_client::order_files::FolderLayout;
/// let mut layout = FolderLayout::default();
/// layout.orders = "order_import".into();
/// layout.archive = "order_import/done".into();
/// assert!(layout.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FolderLayout {
    /// Where orders are dropped. Default `ORD/IN` (seen in use; a variant is `order_import`).
    pub orders: PathBuf,
    /// Where the importer puts files it has taken. Default `ORD/PROCESSED` (seen in use; variants are `done`, `processed`).
    pub archive: PathBuf,
    /// Where the importer puts its error files. Default `errors` (seen in use).
    pub errors: PathBuf,
    /// Where stock files appear. Default `stock_file` (name seen in use).
    pub stock: PathBuf,
    /// Where despatch files appear. Default `FTP_DESP` (name seen in use).
    pub despatches: PathBuf,
    /// Where acknowledgement files appear. Default `Acknowledgement` (name seen in use).
    pub acknowledgements: PathBuf,
    /// Where refund files appear. Default `Refunds` (name seen in use).
    pub refunds: PathBuf,
    /// What a stock file is (assumed). Default [`StockMode::Delta`], which never takes a missing SKU for none in stock.
    pub stock_mode: StockMode,
    /// Columns of a stock file (assumed).
    pub stock_columns: StockColumns,
    /// Columns of a despatch file (assumed).
    pub despatch_columns: DespatchColumns,
    /// Columns of an acknowledgement file (assumed).
    pub acknowledgement_columns: AcknowledgementColumns,
    /// Columns of a refund file (assumed).
    pub refund_columns: RefundColumns,
    /// The time zone of the site's clocks, for times without one. Default `Europe/London`.
    pub time_zone: String,
    /// Formats of dates in files, tried in order (assumed): `strftime` patterns. A time of day is allowed and left out.
    pub date_formats: Vec<String>,
    /// Largest file that is read, in bytes. Default 16 MiB.
    pub max_file_bytes: u64,
}

impl Default for FolderLayout {
    fn default() -> Self {
        Self {
            orders: "ORD/IN".into(),
            archive: "ORD/PROCESSED".into(),
            errors: "errors".into(),
            stock: "stock_file".into(),
            despatches: "FTP_DESP".into(),
            acknowledgements: "Acknowledgement".into(),
            refunds: "Refunds".into(),
            stock_mode: StockMode::default(),
            stock_columns: StockColumns::default(),
            despatch_columns: DespatchColumns::default(),
            acknowledgement_columns: AcknowledgementColumns::default(),
            refund_columns: RefundColumns::default(),
            time_zone: "Europe/London".to_owned(),
            date_formats: [
                "%Y-%m-%d",
                "%d/%m/%Y",
                "%Y-%m-%dT%H:%M:%S",
                "%Y-%m-%d %H:%M:%S",
                "%d/%m/%Y %H:%M:%S",
            ]
            .map(str::to_owned)
            .to_vec(),
            max_file_bytes: 16 * 1024 * 1024,
        }
    }
}

impl FolderLayout {
    /// Checks that every folder stays below the root, that the folders an order passes through differ, and that every column
    /// and date format is usable.
    ///
    /// # Errors
    ///
    /// [`InvalidLayout`] naming the member.
    pub fn check(&self) -> Result<(), InvalidLayout> {
        let folders = [
            ("orders", &self.orders),
            ("archive", &self.archive),
            ("errors", &self.errors),
            ("stock", &self.stock),
            ("despatches", &self.despatches),
            ("acknowledgements", &self.acknowledgements),
            ("refunds", &self.refunds),
        ];
        for (member, folder) in folders {
            if !stays_below(folder) {
                return Err(InvalidLayout {
                    member,
                    reason: "must be a relative path without `..`",
                });
            }
        }
        if self.orders == self.archive || self.orders == self.errors || self.archive == self.errors
        {
            return Err(InvalidLayout {
                member: "orders",
                reason: "orders, archive and errors must be three folders",
            });
        }
        for (member, names) in [
            ("stock_columns", self.stock_columns.names()),
            ("despatch_columns", self.despatch_columns.names()),
            (
                "acknowledgement_columns",
                self.acknowledgement_columns.names(),
            ),
            ("refund_columns", self.refund_columns.names()),
        ] {
            distinct(member, &names)?;
        }
        if self.time_zone.parse::<chrono_tz::Tz>().is_err() {
            return Err(InvalidLayout {
                member: "time_zone",
                reason: "must be a name of the time zone database, such as Europe/London",
            });
        }
        let unusable =
            |format: &String| StrftimeItems::new(format).any(|item| matches!(item, Item::Error));
        if self.date_formats.is_empty() || self.date_formats.iter().any(unusable) {
            return Err(InvalidLayout {
                member: "date_formats",
                reason: "needs at least one pattern, and valid ones only",
            });
        }
        Ok(())
    }
}

/// What a stock file is. Not published by the vendor: ask the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StockMode {
    /// Changed rows only, with absolute quantities: a SKU that is missing is as it was.
    #[default]
    Delta,
    /// Every SKU: one that is missing is not in stock.
    Full,
}

/// A layout that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("folder layout: {member} {reason}")]
#[non_exhaustive]
pub struct InvalidLayout {
    /// The member of [`FolderLayout`].
    pub member: &'static str,
    /// What it has to be.
    pub reason: &'static str,
}

fn stays_below(folder: &Path) -> bool {
    folder.components().next().is_some()
        && folder
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

fn distinct(member: &'static str, names: &[&str]) -> Result<(), InvalidLayout> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || seen.contains(&name) {
            return Err(InvalidLayout {
                member,
                reason: "needs a name for each column, and each name once",
            });
        }
        seen.push(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_usable_and_round_trips() {
        let layout = FolderLayout::default();
        assert_eq!(layout.check(), Ok(()));
        let text = serde_json::to_string(&layout).unwrap();
        assert_eq!(serde_json::from_str::<FolderLayout>(&text).unwrap(), layout);
        assert!(serde_json::from_str::<FolderLayout>(r#"{"order":"x"}"#).is_err());
    }

    #[test]
    fn a_folder_cannot_leave_the_root() {
        for folder in ["/etc", "../other", "a/../../b", ""] {
            let layout = FolderLayout {
                stock: folder.into(),
                ..FolderLayout::default()
            };
            assert_eq!(layout.check().unwrap_err().member, "stock", "{folder}");
        }
    }

    #[test]
    fn folders_columns_and_dates_must_make_sense() {
        let mut layout = FolderLayout::default();
        layout.archive = layout.orders.clone();
        assert_eq!(layout.check().unwrap_err().member, "orders");
        let mut layout = FolderLayout::default();
        layout.stock_columns.quantity = "part".to_owned();
        assert_eq!(layout.check().unwrap_err().member, "stock_columns");
        let layout = FolderLayout {
            date_formats: vec!["%Q".to_owned()],
            ..FolderLayout::default()
        };
        assert_eq!(layout.check().unwrap_err().member, "date_formats");
        let layout = FolderLayout {
            time_zone: "Mars/Base".to_owned(),
            ..FolderLayout::default()
        };
        assert_eq!(layout.check().unwrap_err().member, "time_zone");
    }
}

//! The warehouse's side of the drop folders.

use std::fs;
use std::path::{Path, PathBuf};

use order_sync::adapters::{CarrierService, FilesOptions};
use whistl_client::order_files::{DropFolder, FolderLayout};

/// A share as the importer and the exporter of a site work on it.
#[derive(Debug, Clone)]
pub struct DropShare {
    root: PathBuf,
    layout: FolderLayout,
}

impl DropShare {
    /// Makes an empty share.
    #[must_use]
    pub fn create(root: impl Into<PathBuf>) -> Self {
        let share = Self {
            root: root.into(),
            layout: FolderLayout::default(),
        };
        let layout = &share.layout;
        for folder in [
            &layout.orders,
            &layout.archive,
            &layout.errors,
            &layout.stock,
            &layout.despatches,
        ] {
            fs::create_dir_all(share.root.join(folder)).unwrap();
        }
        share
    }

    pub(crate) fn folder(&self) -> DropFolder {
        DropFolder::new(&self.root, self.layout.clone()).unwrap()
    }

    pub(crate) fn options() -> FilesOptions {
        let mut options = FilesOptions::default();
        for (service, method) in [("WHI_STD", "STD"), ("WHI_EXP", "EXP"), ("WHI_INT", "INT")] {
            let codes = CarrierService {
                carrier: "WHI".to_owned(),
                delivery_method: method.to_owned(),
            };
            options.services.insert(service.to_owned(), codes);
        }
        options
    }

    /// The share is gone, as when a network drive is.
    pub fn unmount(&self) {
        fs::rename(&self.root, self.root.with_extension("gone")).unwrap();
    }

    /// The share is there again.
    pub fn mount(&self) {
        fs::rename(self.root.with_extension("gone"), &self.root).unwrap();
    }

    /// Names of the order files that wait for the importer.
    #[must_use]
    pub fn waiting(&self) -> Vec<String> {
        names(&self.root.join(&self.layout.orders))
    }

    /// Names of the order files that the importer has taken.
    #[must_use]
    pub fn archived(&self) -> Vec<String> {
        names(&self.root.join(&self.layout.archive))
    }

    /// The text of a waiting order file.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(&self.layout.orders).join(name)).unwrap()
    }

    /// The importer takes an order file.
    pub fn take(&self, name: &str) {
        let from = self.root.join(&self.layout.orders).join(name);
        fs::rename(from, self.root.join(&self.layout.archive).join(name)).unwrap();
    }

    /// The importer refuses an order file: it leaves it where it is and writes an error file.
    pub fn refuse(&self, name: &str, message: &str) {
        let reference = name.strip_suffix(".csv").unwrap();
        let path = self
            .root
            .join(&self.layout.errors)
            .join(format!("{reference}error.csv"));
        fs::write(path, format!("Ref_No,ERROR\r\n{reference},{message}\r\n")).unwrap();
    }

    /// The warehouse reports what left: rows of reference, code, units and tracking number.
    pub fn export_despatches(&self, name: &str, rows: &[(&str, &str, u32, &str)]) {
        let mut text = "Ref_No,Part,Qty,Carrier,DelMethod,Tracking,DespatchDate\r\n".to_owned();
        for (reference, code, units, tracking) in rows {
            text.push_str(&format!(
                "{reference},{code},{units},WHI,STD,{tracking},2026-01-05\r\n"
            ));
        }
        fs::write(self.root.join(&self.layout.despatches).join(name), text).unwrap();
    }

    /// The warehouse reports its stock: rows of code and units.
    pub fn export_stock(&self, name: &str, rows: &[(&str, i64)]) {
        let mut text = "Part,Qty\r\n".to_owned();
        for (code, units) in rows {
            text.push_str(&format!("{code},{units}\r\n"));
        }
        fs::write(self.root.join(&self.layout.stock).join(name), text).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

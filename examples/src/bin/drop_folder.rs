//! Sends an order by file and reads its despatch back, as a site does whose only intake is a strict Elucid-style CSV importer.
//!
//! Without arguments it works in a folder of its own with a simulated importer; with `--folder` the files stay there to be looked at.

#![allow(
    clippy::print_stdout,
    reason = "a program that tells on standard output what it did"
)]

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use connector_sim::{Export, OrderFilesOptions, WhistlOptions, WhistlSim};
use whistl_client::order_files::{
    DropFolder, FileCursor, FileLine, FileOrder, FileParty, FolderLayout, OrderFile,
};

/// Sends an order by file and reads its despatch back.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder to work in; by default one that is removed at the end.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The order's reference: at most 12 characters, with a letter in it.
    #[arg(long, default_value = "SO10001")]
    reference: String,
    /// The phone, as digits with country code.
    #[arg(long, default_value = "447700900123")]
    phone: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let own = tempfile::tempdir()?;
    let root = arguments.folder.unwrap_or_else(|| own.path().to_path_buf());
    let warehouse = WhistlSim::start(WhistlOptions::default()).await?;
    warehouse.seed_stock("MUG01", 100);
    warehouse.serve_folder(OrderFilesOptions::new(&root))?;
    let importer = warehouse.order_files().ok_or("no folder is served")?;

    let party = FileParty::new(
        "Goods",
        "In",
        "ZZ9 9ZZ",
        ["Flat 2", "8 Sample Street"],
        "Exampleton",
    )
    .with_phone(arguments.phone.as_str());
    let order = FileOrder::new(
        arguments.reference.as_str(),
        party,
        [FileLine::new("MUG01", 2)],
    )
    .with_purchase_order("PO-7781");
    // Refused here, with every fault, before the importer could choke on it.
    let file = OrderFile::from_order(&order)?;

    let folder = DropFolder::new(&root, FolderLayout::default())?;
    let dropped = folder.drop_order(&file)?;
    println!("dropped {}", dropped.path.display());
    println!("  now {:?}", folder.probe(&arguments.reference)?);
    let again = folder.drop_order(&file);
    println!(
        "  a second drop: {}",
        again
            .err()
            .map_or_else(|| "taken".to_owned(), |error| error.to_string())
    );

    let run = importer.tick()?;
    println!(
        "the importer took {} order and rejected {} files",
        run.accepted.len(),
        run.rejected.len()
    );
    println!("  now {:?}", folder.probe(&arguments.reference)?);

    warehouse.tick();
    importer.export(Export::Despatches)?;
    let despatches = folder.read_despatches(&FileCursor::default())?;
    for file in &despatches.files {
        for row in &file.rows {
            println!(
                "despatched {} of {} for {}, tracking {}",
                row.value.quantity,
                row.value.sku,
                row.value.reference,
                row.value.tracking.as_deref().unwrap_or("none")
            );
        }
        for fault in &file.row_faults {
            println!("a row that cannot be used: {fault:?}");
        }
    }
    let after = folder.read_despatches(&despatches.cursor)?;
    println!("read again from the cursor: {} files", after.files.len());
    warehouse.shutdown().await;
    Ok(())
}

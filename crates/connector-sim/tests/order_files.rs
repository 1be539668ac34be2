//! The file interface: the importer's rules and traps, exports and faults of files.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::Path;

use connector_sim::{Export, FileFault, FileReport, OrderFilesOptions, WhistlOptions, WhistlSim};
use tempfile::TempDir;

struct Site {
    warehouse: WhistlSim,
    root: TempDir,
}

const HEADER: &str = "Ref_No,Firstname,Surname,Address,City,Postcode,Phone,DelChg,DelMethod,Part,Qty,UnitPrice,CustRef";

impl Site {
    async fn start(lenient: bool) -> Self {
        Self::with(lenient, WhistlOptions::default()).await
    }

    async fn with(lenient: bool, options: WhistlOptions) -> Self {
        let root = tempfile::tempdir().unwrap();
        let warehouse = WhistlSim::start(options).await.unwrap();
        let options = OrderFilesOptions::new(root.path());
        warehouse
            .serve_folder(if lenient { options.lenient() } else { options })
            .unwrap();
        Self { warehouse, root }
    }

    fn drop_file(&self, name: &str, text: &str) {
        fs::write(self.root.path().join("ORD/IN").join(name), text).unwrap();
    }

    fn run(&self, rows: &[&str]) -> FileReport {
        self.drop_file("a.csv", &format!("{HEADER}\n{}\n", rows.join("\n")));
        self.tick()
    }

    fn tick(&self) -> FileReport {
        self.warehouse.order_files().unwrap().tick().unwrap()
    }

    fn export(&self, export: Export) -> String {
        let path = self
            .warehouse
            .order_files()
            .unwrap()
            .export(export)
            .unwrap();
        fs::read_to_string(path).unwrap()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.path().join(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.path().join(Path::new(path))).unwrap()
    }

    fn arm(&self, fault: FileFault) {
        self.warehouse.order_files().unwrap().arm(fault);
    }
}

fn row(reference: &str, phone: &str, part: &str, quantity: &str) -> String {
    format!(
        "{reference},Ada,Example,Flat 2~8 Sample Street,Exampleton,ZZ9 9ZZ,{phone},2,WHI_EXP,{part},{quantity},15,PO-1"
    )
}

fn good(reference: &str) -> String {
    row(reference, "447700900123", "MUG01", "2")
}

#[tokio::test]
async fn a_good_file_becomes_orders_in_the_one_warehouse() {
    let site = Site::start(false).await;
    let report = site.run(&[
        &good("SO2"),
        &good("SO1"),
        &row("SO1", "447700900123", "CUP01", "4"),
    ]);
    assert_eq!(report.accepted, ["SO1", "SO2"], "sorted");
    assert_eq!(site.names("ORD/PROCESSED"), ["a20101203180000.csv"]);
    assert!(site.names("ORD/IN").is_empty());
    assert_eq!(site.names("logs"), ["log20101203180000.log"]);
    let xml = site.read("web_import/SO2.xml");
    assert!(
        xml.starts_with("<?xml version='1.0' encoding='utf-8'?>\n<DTD_ORDER><OrderHead><Site />"),
        "{xml}"
    );
    for part in [
        "<OrderReferences>SO2</OrderReferences>",
        "<CustomerReference>PO-1</CustomerReference>",
        "<OrderDate>03/12/2010</OrderDate>",
        "<OrdTotalGross>32.0</OrdTotalGross><OrdTotalNet>26.67</OrdTotalNet><OrdTotalTax>5.33</OrdTotalTax>",
        "<OrdDelChrgGross>2.0</OrdDelChrgGross><OrdDelChrgNet>1.67</OrdDelChrgNet><OrdDelChrgTax>0.33</OrdDelChrgTax>",
        "<LineTotalGross>30.0</LineTotalGross><LineTotalNet>25.0</LineTotalNet><LineTotalTax>5.0</LineTotalTax>",
        "<RecipientAddressRef>MAIN</RecipientAddressRef>",
        "<RecipientPhone>447700900123</RecipientPhone>",
        "<OrderStatus>30</OrderStatus>",
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
    let orders = site.warehouse.orders();
    assert_eq!(
        (
            orders.len(),
            orders[0].reference.as_str(),
            orders[0].lines.len()
        ),
        (2, "SO1", 2)
    );
}

#[tokio::test]
async fn one_bad_row_rejects_the_whole_file() {
    let site = Site::start(false).await;
    let report = site.run(&[
        &good("SO1"),
        &good("SO34567890123"),
        &row("SO3", "", "MUG01", ""),
    ]);
    assert_eq!(report.rejected, ["a.csv"]);
    assert!(site.warehouse.orders().is_empty());
    assert_eq!(site.names("ORD/IN"), ["a.csv"], "the source stays");
    let errors = site.read("errors/aerror.csv");
    assert!(errors.starts_with(&format!("{HEADER},ERROR\n")), "{errors}");
    assert!(errors.contains("Ref_No too long (>12 chars)"), "{errors}");
    assert!(
        errors.contains("QTY column empty|Qty not a number or blank"),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 4);
}

#[tokio::test]
async fn missing_columns_and_bad_amounts_have_their_messages() {
    let site = Site::start(true).await;
    site.drop_file("a.csv", "RefNo,Part\nSO1,MUG01\n");
    site.tick();
    let errors = site.read("errors/aerror.csv");
    assert!(
        errors.contains(
            "REF_NO column does not exist|QTY column does not exist|FIRSTNAME column does not exist"
        ),
        "{errors}"
    );
    site.drop_file(
        "a.csv",
        &format!("{HEADER},OrdTotal\nSO1,A,B,C,D,E,1,x,M,P,two,y,PO,z\n"),
    );
    site.tick();
    let errors = site.read("errors/aerror.csv");
    let all = "Order Total not a number|Unit Price not a number|Postage Charge not a number|Qty not a number or blank";
    assert!(errors.contains(all), "{errors}");
}

#[tokio::test]
async fn a_phone_with_a_space_and_a_quantity_in_words_end_the_run() {
    for bad in [
        row("SO1", "07700 900123", "MUG01", "2"),
        row("SO1", "447700900123", "MUG01", "two"),
    ] {
        let site = Site::start(false).await;
        site.drop_file("b.csv", &format!("{HEADER}\n{}\n", good("SO9")));
        let report = site.run(&[&bad]);
        assert!(report.aborted.is_some(), "{bad}");
        assert_eq!(
            site.names("ORD/IN"),
            ["a.csv", "b.csv"],
            "later files stay too"
        );
        assert!(site.names("errors").is_empty());
    }
    let kind = Site::start(true).await;
    let report = kind.run(&[&row("SO1", "07700 900123", "MUG01", "2")]);
    assert_eq!(report.aborted, None);
    assert!(
        kind.read("web_import/SO1.xml")
            .contains("<InvoicePhone>07700 900123</InvoicePhone>")
    );
}

#[tokio::test]
async fn numbers_lose_their_zeros_in_strict_mode_only() {
    for (lenient, reference, part, phone) in [
        (false, "12", "123", "7700900123"),
        (true, "00012", "00123", "07700900123"),
    ] {
        let site = Site::start(lenient).await;
        site.run(&[&row("00012", "07700900123", "00123", "2")]);
        let xml = site.read(&format!("web_import/{reference}.xml"));
        assert!(xml.contains(&format!("<Product>{part}</Product>")), "{xml}");
        assert!(
            xml.contains(&format!("<InvoicePhone>{phone}</InvoicePhone>")),
            "{xml}"
        );
    }
    let site = Site::start(false).await;
    site.run(&[
        &row("A1", "+447700900123", "A-2/x", "2.5"),
        &row("A2", "", "MUG01", "3.5"),
    ]);
    let xml = site.read("web_import/A1.xml");
    for part in [
        "<InvoicePhone>447700900123<",
        "<Product>A-2/x<",
        "<Quantity>2.0<",
    ] {
        assert!(xml.contains(part), "{xml}");
    }
    assert!(site.read("web_import/A2.xml").contains("<Quantity>4.0<"));
}

#[tokio::test]
async fn a_blank_reference_becomes_nan() {
    let site = Site::start(false).await;
    site.run(&[&good("1001"), &good("")]);
    assert_eq!(site.names("web_import"), ["1001.0.xml", "nan.xml"]);
    let kind = Site::start(true).await;
    let report = kind.run(&[&good("1001"), &good("")]);
    assert_eq!(report.rejected, ["a.csv"]);
    assert!(
        kind.read("errors/aerror.csv")
            .contains("REF_NO column empty")
    );
}

#[tokio::test]
async fn a_telephone_is_dropped_and_an_unknown_service_is_on_hold() {
    let site = Site::start(false).await;
    let text = format!("{HEADER}\n{}\n", good("SO1"))
        .replace("Phone", "Telephone")
        .replace("WHI_EXP", "NOWHERE");
    site.drop_file("a.csv", &text);
    let report = site.tick();
    let xml = site.read("web_import/SO1.xml");
    assert!(
        xml.contains("<InvoicePhone />")
            && xml.contains("<OrderStatus>210</OrderStatus><OrderHoldReason>WEB<"),
        "{xml}"
    );
    assert_eq!((report.held.len(), site.warehouse.orders().len()), (1, 0));
    assert_eq!(
        site.export(Export::Acknowledgements),
        "Ref_No,Status\nSO1,210\n"
    );
}

#[tokio::test]
async fn odd_amounts_are_as_the_importer_makes_them() {
    let site = Site::start(false).await;
    let header = format!("{HEADER}\n");
    let line = |part, quantity, price| {
        good("SO1").replace("MUG01,2,15", &format!("{part},{quantity},{price}"))
    };
    site.drop_file(
        "a.csv",
        &format!(
            "{header}{}\n{}\n",
            line("A1", 2, "15.005"),
            line("B1", 4, "£10.50")
        ),
    );
    site.tick();
    let xml = site.read("web_import/SO1.xml");
    for part in [
        "<OrdTotalGross>74.01</OrdTotalGross><OrdTotalNet>61.68</OrdTotalNet><OrdTotalTax>12.33</OrdTotalTax>",
        "<Price>15.005</Price><LineTotalGross>30.01</LineTotalGross><LineTotalNet>25.01</LineTotalNet><LineTotalTax>5.0</LineTotalTax>",
        "<Price>10.5</Price>",
    ] {
        assert!(xml.contains(part), "{part} is not in {xml}");
    }
}

#[tokio::test]
async fn dtd_order_files_are_read_or_rejected() {
    let site = Site::start(false).await;
    site.run(&[&good("SO1")]);
    let xml = site.read("web_import/SO1.xml").replace("SO1", "SO2");
    site.drop_file("b.xml", &xml);
    site.drop_file("c.xml", "<DTD_ORDER><OrderHead>");
    let report = site.tick();
    assert_eq!(
        (report.accepted, report.rejected),
        (vec!["SO2".to_owned()], vec!["c.xml".to_owned()])
    );
    assert_eq!(site.names("errors"), ["c.xml.error.txt"]);
    assert_eq!(site.warehouse.orders().len(), 2);
}

#[tokio::test]
async fn exports_tell_stock_despatches_and_refunds() {
    let site = Site::start(false).await;
    site.warehouse.seed_stock("MUG01", 10);
    site.warehouse.seed_stock("CUP01", 5);
    assert_eq!(
        site.export(Export::StockFull),
        "Part,Qty\nCUP01,5\nMUG01,10\n"
    );
    site.run(&[&good("SO1")]);
    assert_eq!(site.export(Export::StockDelta), "Part,Qty\nMUG01,8\n");
    site.arm(FileFault::StaleStock);
    assert_eq!(
        site.export(Export::StockFull),
        "Part,Qty\nMUG01,8\n",
        "as the one before"
    );
    while site.warehouse.despatches().is_empty() {
        site.warehouse.tick();
    }
    site.arm(FileFault::DuplicateDespatch);
    let text = site.export(Export::Despatches);
    assert!(text.starts_with("Ref_No,Part,Qty,Carrier,DelMethod,Tracking,DespatchDate\nSO1,MUG01,2,RECALC,WHI_EXP,WHL0P"), "{text}");
    assert_eq!(site.names("FTP_DESP").len(), 2);
    site.warehouse
        .order_files()
        .unwrap()
        .add_refund("SO1", "MUG01", 1);
    assert_eq!(
        site.export(Export::Refunds),
        "Ref_No,Part,Qty\nSO1,MUG01,1\n"
    );
    site.arm(FileFault::SlowExport);
    let path = site
        .warehouse
        .order_files()
        .unwrap()
        .export(Export::StockFull)
        .unwrap();
    let half = fs::read_to_string(&path).unwrap();
    site.tick();
    let whole = fs::read_to_string(&path).unwrap();
    assert!(whole.len() > half.len() && whole.starts_with(&half) && whole.ends_with('\n'));
}

#[tokio::test]
async fn files_stick_and_are_read_too_early() {
    let site = Site::start(false).await;
    site.arm(FileFault::Stuck);
    assert_eq!(
        site.run(&[&good("SO1"), &good("SO2")]),
        FileReport::default()
    );
    assert_eq!(site.names("ORD/IN"), ["a.csv"]);
    site.arm(FileFault::HalfRead);
    let report = site.tick();
    assert!(report.accepted.len() < 2, "{report:?}");
    assert!(
        site.warehouse
            .serve_folder(OrderFilesOptions::new(site.root.path()))
            .is_err()
    );
}

#[tokio::test]
async fn what_the_site_cuts_is_on_the_order() {
    let site = Site::start(false).await;
    let long = good("SO1").replace("Exampleton", &"x".repeat(40));
    assert_eq!(site.run(&[&long]).accepted, ["SO1"]);
    let cuts = site.warehouse.orders().remove(0).cuts;
    let cuts: Vec<(&str, usize, usize)> = cuts
        .iter()
        .map(|cut| (cut.field.as_str(), cut.length, cut.kept))
        .collect();
    assert_eq!(cuts, [("/recipient/city", 40, 35)]);
}

#[tokio::test]
async fn an_order_that_the_warehouse_holds_is_not_acknowledged_as_open() {
    let options = WhistlOptions::default().with_customs_data_needed();
    let site = Site::with(false, options).await;
    let header = HEADER.replace("Postcode", "Postcode,Country");
    let row = good("SO1").replace("ZZ9 9ZZ", "ZZ9 9ZZ,FR");
    site.drop_file("a.csv", &format!("{header}\n{row}\n"));
    let report = site.tick();
    let held = ("SO1".to_owned(), "the warehouse holds it".to_owned());
    assert_eq!((report.accepted.len(), report.held), (0, vec![held]));
    assert!(site.export(Export::Acknowledgements).contains("SO1,210"));
}

//! What is written, and what is refused.

use super::*;

#[test]
fn the_header_is_the_template_and_the_purchase_order_column() {
    assert_eq!(TEMPLATE_HEADER.join(","), HEADER);
    let file = OrderFile::from_order(&order()).unwrap();
    let text = String::from_utf8(file.bytes().to_vec()).unwrap();
    assert_eq!(text.lines().next().unwrap(), format!("{HEADER},CUSTREF"));
    let layout = OrderFileLayout::default().with_purchase_order_column("CustomerRef");
    let file = OrderFile::from_order_with(&order(), &layout).unwrap();
    let text = String::from_utf8(file.bytes().to_vec()).unwrap();
    assert!(text.starts_with(&format!("{HEADER},CustomerRef\r\n")));
}

#[test]
fn a_file_is_written_byte_for_byte() {
    let file = OrderFile::from_order(&order()).unwrap();
    let expected = format!(
        "{HEADER},CUSTREF\r\n\
         SO10001,,,Goods,In,,ZZ9 9ZZ,Flat 2~8 Sample Street,Exampleton,,,447700900123,goods-in@example.com,\
         ,,,,,,,,,,2.00,RMT,RMTSTD,MUG01,2,15.00,,,PO-7781\r\n\
         SO10001,,,Goods,In,,ZZ9 9ZZ,Flat 2~8 Sample Street,Exampleton,,,447700900123,goods-in@example.com,\
         ,,,,,,,,,,2.00,RMT,RMTSTD,TEA-7,1,,\"To \"\"B\"\", with care\",,PO-7781\r\n"
    );
    assert_eq!(String::from_utf8(file.bytes().to_vec()).unwrap(), expected);
    assert_eq!((file.name(), file.reference()), ("SO10001.csv", "SO10001"));
    assert_eq!(file, OrderFile::try_from(&order()).unwrap());
}

#[test]
fn a_delivery_party_has_its_own_columns() {
    let delivery =
        FileParty::new("Bo", "Sample", "ZZ1 1ZZ", ["Dock 4"], "Portville").with_country("GB");
    let order = order()
        .with_delivery(delivery)
        .with_method("WEB")
        .with_customer("C100")
        .with_total(Decimal::from(32));
    let file = OrderFile::from_order(&order).unwrap();
    let mut reader = csv::Reader::from_reader(file.bytes());
    let headers = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| {
        row.get(headers.iter().position(|header| header == name).unwrap())
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        cell("DelFirstName") + " " + &cell("DelSurname"),
        "Bo Sample"
    );
    assert_eq!(
        (cell("DelPostcode"), cell("DelAddress"), cell("DelCity")),
        ("ZZ1 1ZZ".into(), "Dock 4".into(), "Portville".into())
    );
    assert_eq!(
        (cell("DelCountry"), cell("Method"), cell("Customer")),
        ("GB".into(), "WEB".into(), "C100".into())
    );
    assert_eq!(
        (cell("OrdTotal"), cell("DelPhone")),
        ("32".into(), String::new())
    );
}

#[test]
fn references_that_the_importer_spoils_are_refused() {
    for (reference, traps_wanted) in [
        ("ABCDEFGHIJKLM", vec![Trap::TooLong]),
        ("00012", vec![Trap::NumberLike]),
        ("1E5", vec![Trap::NumberLike]),
        ("infinity", vec![Trap::NumberLike]),
        ("Null", vec![Trap::NullLike]),
        ("nan", vec![Trap::NullLike]),
        ("TRUE", vec![Trap::Rewritten]),
        ("", vec![Trap::Blank]),
        ("  ", vec![Trap::Blank]),
        (" A1", vec![Trap::OuterSpace, Trap::UnsafeFileName]),
        ("#A1", vec![Trap::UnsafeFileName]),
        ("A/../1", vec![Trap::UnsafeFileName]),
        ("con", vec![Trap::UnsafeFileName]),
        ("LPT1", vec![Trap::UnsafeFileName]),
        ("A~1", vec![Trap::LineSeparator, Trap::UnsafeFileName]),
        ("A\n1", vec![Trap::ControlCharacter, Trap::UnsafeFileName]),
    ] {
        let wanted: Vec<_> = traps_wanted
            .into_iter()
            .map(|trap| (2, "Ref_No".to_owned(), trap))
            .collect();
        assert_eq!(
            traps(&changed(|order| order.reference = reference.to_owned())),
            wanted,
            "{reference:?}"
        );
    }
    for reference in ["SO10001", "B7Q2M4XK3P5A", "A-1_2", "1E5X", "COMMA"] {
        assert_eq!(
            traps(&changed(|order| order.reference = reference.to_owned())),
            [],
            "{reference}"
        );
    }
}

#[test]
fn lines_that_the_importer_spoils_are_refused() {
    trapped(3, "Part", Trap::NumberLike, |order| {
        order.lines[1].sku = "00123".to_owned()
    });
    trapped(3, "Part", Trap::NullLike, |order| {
        order.lines[1].sku = "N/A".to_owned()
    });
    trapped(3, "Part", Trap::Blank, |order| {
        order.lines[1].sku = String::new()
    });
    trapped(3, "Part", Trap::TooLong, |order| {
        order.lines[1].sku = "A".repeat(25)
    });
    trapped(2, "Qty", Trap::NotAnInteger, |order| {
        order.lines[0].quantity = Decimal::new(25, 1)
    });
    for quantity in [0, -1, 100_000] {
        trapped(2, "Qty", Trap::QuantityOutOfRange, |order| {
            order.lines[0].quantity = Decimal::from(quantity)
        });
    }
    trapped(2, "UnitPrice", Trap::NegativeAmount, |order| {
        order.lines[0].unit_price = Some(Decimal::NEGATIVE_ONE)
    });
    trapped(2, "Personalisation", Trap::Rewritten, |order| {
        order.lines[0].personalisation = Some(Personal::new("30".to_owned()));
        order.lines[1].personalisation = None;
    });
    trapped(2, "Part", Trap::NoLines, |order| order.lines.clear());
}

#[test]
fn parties_that_the_importer_spoils_are_refused() {
    for phone in ["07700 900123", "+447700900123", "447700900123x", "4477٠"] {
        let order = changed(|order| order.invoice.phone = Some(phone.into()));
        assert!(
            traps(&order)
                .iter()
                .any(|trap| trap.2 == Trap::PhoneNotDigits),
            "{phone}"
        );
    }
    trapped(2, "Phone", Trap::PhoneLeadingZero, |order| {
        order.invoice.phone = Some("07700900123".into())
    });
    trapped(2, "Phone", Trap::TooLong, |order| {
        order.invoice.phone = Some("4477009001234".into())
    });
    trapped(2, "Surname", Trap::LineSeparator, |order| {
        order.invoice.surname = "Ex~ample".into()
    });
    trapped(2, "Address", Trap::LineSeparator, |order| {
        order.invoice.address[1] = "8~9 Street".into()
    });
    trapped(2, "Address", Trap::Blank, |order| {
        order.invoice.address = vec![" ".into()]
    });
    trapped(2, "City", Trap::ControlCharacter, |order| {
        order.invoice.city = "Example\nton".into()
    });
    trapped(2, "Firstname", Trap::Blank, |order| {
        order.invoice.first_name = " ".into()
    });
    trapped(2, "Postcode", Trap::Rewritten, |order| {
        order.invoice.postcode = "01067".into()
    });
    trapped(2, "Country", Trap::NullLike, |order| {
        order.invoice.country = Some("NA".to_owned())
    });
    trapped(2, "CUSTREF", Trap::Rewritten, |order| {
        order.purchase_order = Some("00045123".to_owned())
    });
    trapped(2, "DelChg", Trap::NegativeAmount, |order| {
        order.delivery_charge = Some(Decimal::NEGATIVE_ONE)
    });
    let delivery =
        || FileParty::new("Bo", "Sample", "ZZ1 1ZZ", ["Dock 4"], "Portville").with_country("GB");
    trapped(2, "DelCompany", Trap::FallsBack, |order| {
        order.invoice.company = Some("Example Ltd".into());
        order.delivery = Some(delivery());
    });
    trapped(2, "DelCountry", Trap::Blank, |order| {
        let mut party = delivery();
        party.country = None;
        order.delivery = Some(party);
    });
    assert_eq!(
        traps(&changed(|order| order.invoice.surname = "Null".into())),
        [],
        "a surname may be Null"
    );
}

#[test]
fn every_fault_is_reported_at_once_with_a_remedy_and_without_values() {
    let order = changed(|order| {
        order.reference = "123".to_owned();
        order.invoice.phone = Some("07700 900123".into());
        order.lines[1].quantity = Decimal::new(15, 1);
    });
    let refused = OrderFile::from_order(&order).unwrap_err();
    let seen: Vec<_> = refused
        .faults
        .iter()
        .map(|fault| (fault.row, fault.column.as_str(), fault.trap))
        .collect();
    assert_eq!(
        seen,
        [
            (2, "Phone", Trap::PhoneNotDigits),
            (2, "Ref_No", Trap::NumberLike),
            (3, "Qty", Trap::NotAnInteger)
        ]
    );
    assert!(
        refused
            .faults
            .iter()
            .all(|fault| !fault.remedy().is_empty())
    );
    assert!(!format!("{refused} {refused:?}").contains("900123"));
}

#[test]
fn a_purchase_order_column_that_hides_another_is_refused() {
    for name in ["", "Part", "sku", "REF NO", "InvPhone", "Cust\nRef"] {
        let layout = OrderFileLayout::default().with_purchase_order_column(name);
        let refused = OrderFile::from_order_with(&order(), &layout).unwrap_err();
        assert_eq!(
            (refused.faults[0].row, refused.faults[0].trap),
            (1, Trap::ColumnName),
            "{name:?}"
        );
    }
    assert!(serde_json::from_str::<OrderFileLayout>(r#"{"column":"x"}"#).is_err());
}

#[test]
fn nothing_personal_shows_in_debug() {
    let file = OrderFile::from_order(&order()).unwrap();
    let shown = format!("{:?} {file:?}", order());
    for secret in [
        "Goods",
        "ZZ9",
        "447700900123",
        "goods-in@example.com",
        "Flat 2",
        "with care",
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

proptest! {
    #[test]
    fn what_is_accepted_is_read_back_identical(
        surname in "\\PC{0,20}", line in any::<String>(), company in any::<String>(), po in "[ -~]{0,20}", note in "[\",;a-z0-9é\r\n ]{0,30}",
    ) {
        let order = changed(|order| {
            order.invoice.surname = surname.as_str().into();
            order.invoice.address = vec![line.as_str().into()];
            order.invoice.company = Some(company.as_str().into());
            order.purchase_order = Some(po.clone());
            order.lines[0].personalisation = Some(note.as_str().into());
        });
        let Ok(file) = OrderFile::from_order(&order) else { return Ok(()) };
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(file.bytes()).records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), 2);
        prop_assert_eq!((&rows[0][4], &rows[0][5], &rows[0][7]), (surname.as_str(), company.as_str(), line.as_str()));
        prop_assert_eq!((&rows[0][29], &rows[0][31]), (note.as_str(), po.as_str()));
    }

    #[test]
    fn no_text_makes_the_writer_or_a_reader_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        let _ = traps(&changed(|order| {
            order.reference = text.clone();
            order.invoice.phone = Some(text.as_str().into());
            order.lines[0].sku = text.clone();
        }));
        let share = Share::new();
        prop_assert!(share.folder.probe(&text).is_err() || !text.contains('/'));
        share.put("stock_file/any.csv", &bytes);
        share.put("FTP_DESP/any.csv", &bytes);
        let cursor = FileCursor::default();
        prop_assert_eq!(share.folder.read_stock(&cursor).unwrap().files.len(), 1);
        prop_assert_eq!(share.folder.read_despatches(&cursor).unwrap().files.len(), 1);
    }
}

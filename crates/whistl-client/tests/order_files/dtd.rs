//! `DTD_ORDER` files: the bytes, the dialects, what is refused.

use chrono::NaiveDate;
use whistl_client::order_files::{
    Amount, DtdDocument, DtdFaultProblem, DtdFile, DtdLine, DtdOrder, DtdParty, DtdProblem,
    RawElement, VatRate,
};

use super::*;

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 5, 14).unwrap()
}

fn ada() -> DtdParty {
    DtdParty::new(
        "Ada",
        "Example",
        "ZZ9 9ZZ",
        ["Flat 2", "8 Sample Street"],
        "Exampleton",
    )
    .with_phone("447700900123")
    .with_email("ada@example.com")
}

fn dtd(lines: impl IntoIterator<Item = DtdLine>) -> DtdOrder {
    DtdOrder::new("SO10001", date(), ada(), lines)
        .with_purchase_order("PO-7781")
        .with_service("RMT", "RMTSTD")
        .with_delivery_charge(Amount::of_gross(2))
}

fn text(order: &DtdOrder) -> String {
    String::from_utf8(DtdFile::from_order(order).unwrap().bytes().to_vec()).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// The values of an element, in the order of the file.
fn values(text: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let pieces = text.split(&open).skip(1);
    pieces
        .map(|piece| piece.split(&close).next().unwrap().to_owned())
        .collect()
}

fn split(text: &str, group: &str) -> Vec<[String; 3]> {
    let part = |part: &str| values(text, &format!("{group}{part}"));
    let (gross, net, tax) = (part("Gross"), part("Net"), part("Tax"));
    gross
        .into_iter()
        .zip(net)
        .zip(tax)
        .map(|((gross, net), tax)| [gross, net, tax])
        .collect()
}

/// The example of the interface description, without its layout.
const GOLDEN: &str = "<?xml version='1.0' encoding='utf-8'?>\n<DTD_ORDER><OrderHead><Site /><Method>WEB</Method>\
<OrderReferences>SO10001</OrderReferences><Buyer /><ExternalCustomerCode /><OrderDate>14/05/2025</OrderDate><CustType />\
<OrderStatus>30</OrderStatus><CustomerReference>PO-7781</CustomerReference><InvoiceInitials>Ada</InvoiceInitials>\
<InvoiceSurname>Example</InvoiceSurname><InvoiceCompany /><InvoicePostcode>ZZ9 9ZZ</InvoicePostcode>\
<InvoiceAddress>Flat 2~8 Sample Street</InvoiceAddress><InvoiceCity>Exampleton</InvoiceCity><InvoiceCounty />\
<InvoiceCountry>GB</InvoiceCountry><InvoicePhone>447700900123</InvoicePhone><InvoiceEmail>ada@example.com</InvoiceEmail>\
<OrdDelChrgGross>2.0</OrdDelChrgGross><OrdDelChrgNet>1.67</OrdDelChrgNet><OrdDelChrgTax>0.33</OrdDelChrgTax>\
<OrdTotalGross>32.0</OrdTotalGross><OrdTotalNet>26.67</OrdTotalNet><OrdTotalTax>5.33</OrdTotalTax>\
<OrderSource>WEB</OrderSource><Currency>GBP</Currency><OptInData><Email>F</Email><Mail>F</Mail></OptInData>\
<OrderRecipient><RecipientDelivery>1</RecipientDelivery><RecipientOrderType /><RecipientAddressRef>MAIN</RecipientAddressRef>\
<RecipientInitials>Ada</RecipientInitials><RecipientSurname>Example</RecipientSurname><RecipientCompany />\
<RecipientPostcode>ZZ9 9ZZ</RecipientPostcode><RecipientAddress>Flat 2~8 Sample Street</RecipientAddress>\
<RecipientCity>Exampleton</RecipientCity><RecipientCounty /><RecipientCountry>GB</RecipientCountry>\
<RecipientPhone>447700900123</RecipientPhone><RecipientEmail>ada@example.com</RecipientEmail><RecipientDelMessage />\
<RecipientDelChrgGross>2.0</RecipientDelChrgGross><RecipientDelChrgNet>1.67</RecipientDelChrgNet>\
<RecipientDelChrgTax>0.33</RecipientDelChrgTax><RecipientCarrier>RMT</RecipientCarrier>\
<RecipientCarrierService>RMTSTD</RecipientCarrierService><RecipientDespatchDate />\
<RecipientCarrierFixed>FIXED</RecipientCarrierFixed><OrderLine><LineNumber>1</LineNumber><Product>MUG01</Product>\
<Quantity>2.0</Quantity><Price>15.0</Price><LineTotalGross>30.0</LineTotalGross><LineTotalNet>25.0</LineTotalNet>\
<LineTotalTax>5.0</LineTotalTax><Personalised /></OrderLine></OrderRecipient><OrderPayment><CardType>WEB</CardType>\
<AuthMessage /><CardNumber /><AuthCode /><Amount>32.0</Amount></OrderPayment></OrderHead></DTD_ORDER>";

#[test]
fn an_order_is_written_byte_for_byte() {
    let order = dtd([DtdLine::new("MUG01", 2, 15)]);
    assert_eq!(text(&order), GOLDEN);
    let file = DtdFile::from_order(&order).unwrap();
    assert_eq!(file.name(), "SO10001.xml");
    assert!(!format!("{file:?} {order:?}").contains("Ada"));
}

#[test]
fn amounts_come_out_as_they_were_seen() {
    let order = dtd([
        DtdLine::new("MUG01", 2, decimal("15.005")),
        DtdLine::new("TEA-7", 4, decimal("10.5")),
    ]);
    let text = text(&order);
    assert_eq!(split(&text, "OrdTotal"), [["74.01", "61.68", "12.33"]]);
    assert_eq!(split(&text, "OrdDelChrg"), [["2.0", "1.67", "0.33"]]);
    assert_eq!(
        split(&text, "LineTotal"),
        [["30.01", "25.01", "5.0"], ["42.0", "35.0", "7.0"]]
    );
    assert_eq!(values(&text, "Price"), ["15.005", "10.5"]);
    assert_eq!(values(&text, "Quantity"), ["2.0", "4.0"]);
    assert_eq!(values(&text, "LineNumber"), ["1", "2"]);
    assert_eq!(values(&text, "Amount"), ["74.01"]);
}

#[test]
fn vat_is_the_orders_own_or_derived_at_a_rate() {
    let zero_rated = DtdLine::new("BOOK", 1, 10).with_total(Amount::explicit(10, 10, 0));
    let order = dtd([zero_rated, DtdLine::new("MUG01", 1, 12)]);
    let written = text(&order);
    assert_eq!(
        split(&written, "LineTotal"),
        [["10.0", "10.0", "0.0"], ["12.0", "10.0", "2.0"]]
    );
    // With one part stated, the parts of the total are summed.
    assert_eq!(split(&written, "OrdTotal"), [["24.0", "21.67", "2.33"]]);

    let plain = dtd([DtdLine::new("MUG01", 1, 21)]);
    let five = VatRate::from_percent(5).unwrap();
    let file = DtdFile::from_order_with(&plain, five).unwrap();
    let written = String::from_utf8(file.bytes().to_vec()).unwrap();
    assert_eq!(split(&written, "LineTotal"), [["21.0", "20.0", "1.0"]]);
}

#[test]
fn an_order_on_hold_and_its_optional_elements() {
    let mut line = DtdLine::new("MUG01", 1, 0);
    line.external_guid = Some("L-1".to_owned());
    line.personalised = "For <Bo> & Co".into();
    let mut order = dtd([line]).with_hold("WEB");
    order.recipient.message = Some("Mind the dog".into());
    let written = text(&order);
    assert!(written.contains(
        "<OrderStatus>210</OrderStatus><OrderHoldReason>WEB</OrderHoldReason><CustomerReference>"
    ));
    assert!(written.contains(
        "</RecipientEmail><RecipientMessage>Mind the dog</RecipientMessage><RecipientDelMessage />"
    ));
    assert!(written.contains(
        "<Personalised>For &lt;Bo&gt; &amp; Co</Personalised><external_guid>L-1</external_guid></OrderLine>"
    ));
}

#[test]
fn the_csv_order_becomes_what_the_importer_makes_of_it() {
    let delivery = FileParty::new("Bo", "Sample", "ZZ1 1ZZ", ["Dock 4"], "Portville");
    let order = order().with_delivery(delivery);
    let made = DtdOrder::from_file_order(&order, date());
    assert_eq!(made.recipient.address_reference, "SO10001");
    assert_eq!(made.recipient.party.surname.expose(), "Sample");
    // What a delivery party leaves blank is the invoice party's.
    assert_eq!(made.recipient.party.phone.expose(), "447700900123");
    assert_eq!(made.recipient.party.country, "GB");
    let written = text(&made);
    assert!(written.contains("<Method /><OrderReferences>SO10001</OrderReferences>"));
    assert_eq!(split(&written, "OrdTotal"), [["32.0", "26.67", "5.33"]]);
    assert_eq!(values(&written, "CustomerReference"), ["PO-7781"]);
    let same = FileOrder::new("SO10001", party(), [FileLine::new("MUG01", 1)]);
    let made = DtdOrder::from_file_order(&same, date());
    let recipient = &made.recipient;
    assert_eq!(
        (&*recipient.address_reference, &*recipient.carrier),
        ("MAIN", "RECALC")
    );
}

#[test]
fn what_a_warehouse_cannot_take_is_refused_with_its_place() {
    let mut order = dtd([
        DtdLine::new("MUG01", 1, 15),
        DtdLine::new("", decimal("1.5"), decimal("0.00001")),
    ]);
    order.reference = "ABCDEFGHIJKLM".to_owned();
    order.invoice.phone = "+447700900123".into();
    order.recipient.party.surname = "Ex\u{FFFE}ample".into();
    order.recipient.party.address = vec!["8~9 Street".into()];
    order.recipient.delivery_charge = Amount::explicit(2, 2, 1);
    let refused = DtdFile::from_order(&order).unwrap_err();
    let seen: Vec<_> = refused
        .faults
        .iter()
        .map(|fault| (fault.line, fault.element, fault.trap))
        .collect();
    assert_eq!(
        seen,
        [
            (None, "InvoicePhone", Trap::TooLong),
            (None, "InvoicePhone", Trap::PhoneNotDigits),
            (None, "OrderReferences", Trap::TooLong),
            (None, "RecipientAddress", Trap::LineSeparator),
            (None, "RecipientDelChrgGross", Trap::DoesNotAddUp),
            (None, "RecipientSurname", Trap::ControlCharacter),
            (Some(2), "Price", Trap::TooFine),
            (Some(2), "Product", Trap::Blank),
            (Some(2), "Quantity", Trap::NotAnInteger),
        ]
    );
    assert!(!format!("{refused} {refused:?}").contains("447700"));
    assert!(
        refused
            .faults
            .iter()
            .all(|fault| !fault.remedy().is_empty())
    );

    let mut held = dtd([]);
    held.status = "210".to_owned();
    held.reference = "A/../1".to_owned();
    let refused = DtdFile::from_order(&held).unwrap_err();
    let traps: Vec<_> = refused.faults.iter().map(|fault| fault.trap).collect();
    assert_eq!(traps, [Trap::Blank, Trap::NoLines, Trap::UnsafeFileName]);
    assert!(DtdFile::from_orders("none", &[], VatRate::default()).is_err());
}

#[test]
fn what_was_written_is_read_back() {
    let order = dtd([DtdLine::new("MUG01", 2, 15)]);
    let read = DtdDocument::read(GOLDEN.as_bytes());
    assert_eq!(
        (&read.problem, read.faults.len(), read.extra.len()),
        (&None, 0, 0)
    );
    let found = &read.orders[0].order;
    assert_eq!(text(found), GOLDEN);
    assert_eq!(
        (&found.invoice, &found.opt_in),
        (&order.invoice, &order.opt_in)
    );
    assert_eq!(
        found.total,
        Some(Amount::explicit(32, decimal("26.67"), decimal("5.33")))
    );
}

/// Many orders under one root, in the dialect of another exporter, with an early file's spellings in the second.
const OTHER_DIALECT: &str = "<?xml version=\"1.0\"?>\r\n<DTD_ORDER>\r\n<OrderHead>\r\n<OrderReferences>100001</OrderReferences>\r\n\
<InvoiceTitle>Ms</InvoiceTitle>\r\n<InvoiceInitials>Ada</InvoiceInitials>\r\n<InvoicePostCode>ZZ9 9ZZ</InvoicePostCode>\r\n\
<InvoiceAddress>Flat 2~~8 Sample Street~</InvoiceAddress>\r\n<InvoiceFax></InvoiceFax>\r\n<OrdTotalGross>32.00</OrdTotalGross>\r\n\
<OrdDiscPercent>0.00</OrdDiscPercent>\r\n<Allow_Mail>F</Allow_Mail>\r\n<OrderRecipient>\r\n<RecipientTitle>Ms</RecipientTitle>\r\n\
<RecipientPostCode>ZZ1 1ZZ</RecipientPostCode>\r\n<RecipientArrivalDate>14/05/2025</RecipientArrivalDate>\r\n<OrderLine>\r\n\
<LineNumber>1</LineNumber>\r\n<Product>MUG01</Product>\r\n<CustomerPart a=\"1\"><![CDATA[x<y]]></CustomerPart>\r\n\
<Quantity>2</Quantity>\r\n<DiscValue>0.00</DiscValue>\r\n<Personalisation>A &amp; B &#38; C</Personalisation>\r\n</OrderLine>\r\n\
</OrderRecipient>\r\n<OrderPayment>\r\n<CardType>VISA</CardType>\r\n<IssueNumber/>\r\n<Amount>32.00</Amount>\r\n</OrderPayment>\r\n\
</OrderHead>\r\n<OrderHead><OrderReferences>SO2</OrderReferences><OrderRecipient><InvoiceCompany>Example Ltd</InvoiceCompany>\
<OrderLine><Product>TEA-7</Product><Quantity>1.0</Quantity></OrderLine></OrderRecipient><Payment><CardType>WEB</CardType></Payment>\
</OrderHead>\r\n</DTD_ORDER>\r\n";

#[test]
fn other_dialects_are_read_and_unknown_elements_kept() {
    let read = DtdDocument::read(OTHER_DIALECT.as_bytes());
    assert_eq!((&read.problem, &read.faults), (&None, &Vec::new()));
    let [first, second] = &read.orders[..] else {
        panic!("{read:?}")
    };
    assert_eq!((first.place, second.place), (1, 2));
    let order = &first.order;
    assert_eq!(order.invoice.postcode.expose(), "ZZ9 9ZZ");
    assert_eq!(order.recipient.party.postcode.expose(), "ZZ1 1ZZ");
    let lines: Vec<_> = order
        .invoice
        .address
        .iter()
        .map(|line| line.expose().as_str())
        .collect();
    assert_eq!(lines, ["Flat 2", "8 Sample Street"]);
    assert_eq!(order.total, Some(Amount::of_gross(32)));
    let names = |extra: &[RawElement]| -> Vec<String> {
        extra
            .iter()
            .map(|element| element.name().to_owned())
            .collect()
    };
    assert_eq!(
        names(&order.extra),
        ["InvoiceTitle", "InvoiceFax", "OrdDiscPercent", "Allow_Mail"]
    );
    assert_eq!(
        names(&order.recipient.extra),
        ["RecipientTitle", "RecipientArrivalDate"]
    );
    let line = &order.recipient.lines[0];
    assert_eq!(line.personalised.expose(), "A & B & C");
    assert_eq!(line.quantity, Decimal::TWO);
    assert_eq!(
        line.extra[0].xml(),
        "<CustomerPart a=\"1\"><![CDATA[x<y]]></CustomerPart>"
    );
    assert_eq!(names(&order.payment.extra), ["IssueNumber"]);
    assert_eq!(order.payment.amount, Some(Decimal::from(32)));
    assert!(!format!("{read:?}").contains("Ms<"));

    let order = &second.order;
    assert_eq!(order.recipient.party.company.expose(), "Example Ltd");
    assert_eq!(order.payment.card_type, "WEB");
    assert_eq!(order.total, None);
}

#[test]
fn unknown_elements_go_out_again() {
    let mut order = dtd([DtdLine::new("MUG01", 2, 15)]);
    let element = RawElement::parse("<Fancy a='1'>x &amp; <y/></Fancy>").unwrap();
    order.extra.push(element.clone());
    order.recipient.lines[0].extra.push(element.clone());
    let read = DtdDocument::read(text(&order).as_bytes());
    let found = &read.orders[0].order;
    assert_eq!(found.extra, std::slice::from_ref(&element));
    assert_eq!(found.recipient.lines[0].extra, [element]);
    for no_element in ["", "x", "<a>", "<a/><b/>", "<a></b>", " <a/>", "<!-- -->"] {
        assert!(RawElement::parse(no_element).is_err(), "{no_element}");
    }
}

#[test]
fn faults_stand_beside_good_orders() {
    let line = "<OrderLine><Product>A</Product><Quantity>1</Quantity></OrderLine>";
    let file = format!(
        "<DTD_ORDER><OrderHead><Site>x</Site></OrderHead>\
         <OrderHead><OrderReferences>A1</OrderReferences><OrderDate>2025-05-14</OrderDate><OrdTotalNet>two</OrdTotalNet>\
         <Method><b/></Method><OrderRecipient>{line}<OrderLine><Quantity>x</Quantity></OrderLine><OrderLine/></OrderRecipient></OrderHead>\
         <OrderHead><OrderReferences>A2</OrderReferences></OrderHead><Note/></DTD_ORDER>"
    );
    let read = DtdDocument::read(file.as_bytes());
    let seen: Vec<_> = read
        .faults
        .iter()
        .map(|fault| {
            (
                fault.order,
                fault.line,
                fault.element.as_str(),
                fault.problem,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, None, "OrderReferences", DtdFaultProblem::Blank),
            (2, None, "OrderDate", DtdFaultProblem::NotADate),
            (2, None, "OrdTotalNet", DtdFaultProblem::NotANumber),
            (2, None, "Method", DtdFaultProblem::HasElements),
            (2, Some(2), "Quantity", DtdFaultProblem::NotANumber),
            (2, Some(2), "Product", DtdFaultProblem::Blank),
            (2, Some(3), "Product", DtdFaultProblem::Blank),
            (2, Some(3), "Quantity", DtdFaultProblem::Blank),
        ]
    );
    assert_eq!(
        read.faults[4].to_string(),
        "order 2, line 2, Quantity is not a number"
    );
    assert_eq!(read.orders.len(), 1);
    assert_eq!((read.orders[0].place, read.extra[0].name()), (3, "Note"));
}

#[test]
fn files_that_are_no_documents_say_where() {
    let problem = |bytes: &[u8]| DtdDocument::read(bytes).problem.unwrap();
    assert_eq!(problem(b""), DtdProblem::Empty);
    assert_eq!(problem(b"<ORDERS/>"), DtdProblem::OtherRoot);
    assert!(matches!(
        problem(b"Ref_No,Qty\n1,2\n"),
        DtdProblem::NotXml { .. }
    ));
    let head = "<OrderHead><OrderReferences>A1</OrderReferences></OrderHead>";
    let cut = format!("<DTD_ORDER>{head}<OrderHead><OrderRef");
    let read = DtdDocument::read(cut.as_bytes());
    assert_eq!(read.orders.len(), 1, "the order before the cut is there");
    assert!(matches!(read.problem, Some(DtdProblem::NotXml { .. })));
    let spoilt = [b"<DTD_ORDER>", head.as_bytes(), b"\xff</DTD_ORDER>"].concat();
    let read = DtdDocument::read(&spoilt);
    assert_eq!(read.orders.len(), 1);
    assert!(
        matches!(read.problem, Some(DtdProblem::NotUtf8 { at: 71, .. })),
        "{:?}",
        read.problem
    );
}

#[test]
fn bombs_and_deep_nesting_are_read_in_proportion() {
    let bomb = "<!DOCTYPE b [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
                <DTD_ORDER><OrderHead><OrderReferences>&b;</OrderReferences></OrderHead></DTD_ORDER>";
    let read = DtdDocument::read(bomb.as_bytes());
    assert_eq!(read.orders[0].order.reference, "&b;", "not expanded");
    let deep = format!("<DTD_ORDER><OrderHead>{}", "<a>".repeat(200_000));
    let begun = std::time::Instant::now();
    let read = DtdDocument::read(deep.as_bytes());
    assert!(matches!(read.problem, Some(DtdProblem::NotXml { .. })));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

fn plain() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| {
        let kept = |c: &char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}' | '~');
        text.chars().filter(kept).collect()
    })
}

proptest! {
    #[test]
    fn any_text_comes_back_through_xml(
        surname in plain(), line in plain(), note in plain(), po in plain(), any in any::<String>(), cents in 0_i64..100_000_000,
    ) {
        let mut order = dtd([DtdLine::new("MUG01", 3, Decimal::new(cents, 3))]);
        order.invoice.surname = format!("x{surname}").into();
        order.invoice.address = vec![format!("{line}x").into(), "8 Sample Street".into()];
        order.recipient.delivery_message = note.as_str().into();
        order.customer_reference = po;
        order.recipient.lines[0].personalised = any.as_str().into();
        let Ok(file) = DtdFile::from_order(&order) else {
            let bad = any.chars().any(|c| c.is_control() || c == '\u{FFFE}' || c == '\u{FFFF}');
            prop_assert!(bad);
            return Ok(());
        };
        let read = DtdDocument::read(file.bytes());
        prop_assert_eq!((&read.problem, &read.faults), (&None, &Vec::new()));
        let found = &read.orders[0].order;
        prop_assert_eq!(&found.invoice, &order.invoice);
        prop_assert_eq!(&found.recipient.delivery_message, &order.recipient.delivery_message);
        prop_assert_eq!(&found.customer_reference, &order.customer_reference);
        prop_assert_eq!(&found.recipient.lines[0].personalised, &order.recipient.lines[0].personalised);
        prop_assert_eq!(found.recipient.lines[0].price, order.recipient.lines[0].price);
        let again = DtdFile::from_order(found).unwrap();
        prop_assert_eq!(again.bytes(), file.bytes());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in any::<Vec<u8>>(), cut in 0_usize..2000) {
        let _ = DtdDocument::read(&bytes);
        let golden = GOLDEN.as_bytes();
        let cut = cut.min(golden.len() - 1);
        let read = DtdDocument::read(&golden[..cut]);
        prop_assert!(read.problem.is_some() && read.orders.len() <= 1);
        let spoilt = [&golden[..cut], &bytes, &golden[cut..]].concat();
        let _ = DtdDocument::read(&spoilt);
    }

    /// Whatever number is given: it goes out whole with at most 12 digits, or the order is refused.
    #[test]
    fn a_phone_number_is_never_cut(number in "(\\+|00|0)?[1-9][0-9]{3,16}( [0-9]{1,4})?") {
        let mut dtd = dtd([DtdLine::new("MUG01", 1, 1)]);
        dtd.invoice.phone = number.as_str().into();
        let csv = changed(|order| order.invoice.phone = Some(number.as_str().into()));
        let is_sound = number.len() <= 12 && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit());
        match (DtdFile::from_order(&dtd), OrderFile::from_order(&csv)) {
            (Ok(xml), Ok(csv)) => {
                prop_assert!(is_sound, "{}", number);
                let xml = String::from_utf8(xml.bytes().to_vec()).unwrap();
                prop_assert_eq!(values(&xml, "InvoicePhone"), [number.clone()]);
                let row = csv::Reader::from_reader(csv.bytes()).records().next().unwrap().unwrap();
                prop_assert_eq!(&row[11], number.as_str());
            }
            (Err(xml), Err(csv)) => {
                prop_assert!(!is_sound, "{}", number);
                prop_assert!(xml.faults.iter().all(|fault| fault.element == "InvoicePhone"));
                prop_assert!(csv.faults.iter().all(|fault| fault.column == "Phone"));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

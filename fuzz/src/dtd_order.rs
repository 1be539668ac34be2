//! `DTD_ORDER` files: what is read goes out again, and comes back as it was.

use whistl_client::order_files::{DtdDocument, DtdFile};

use crate::{Outcomes, Target};

pub(crate) const TARGET: Target = Target {
    name: "dtd_order",
    run: dtd_order,
    pieces: &[
        "<DTD_ORDER>",
        "</DTD_ORDER>",
        "<OrderHead>",
        "</OrderHead>",
        "<OrderReferences>A1</OrderReferences>",
        "<OrderRecipient>",
        "</OrderRecipient>",
        "<OrderLine><Product>M1</Product><Quantity>2.0</Quantity></OrderLine>",
        "<Payment><Amount>1.0</Amount></Payment>",
        "<OrdTotalGross>32.0</OrdTotalGross>",
        "<OrdTotalNet>26.67</OrdTotalNet>",
        "<OrderDate>14/05/2025</OrderDate>",
        "<InvoiceAddress>a~b</InvoiceAddress>",
        "<Other a='1'><b/></Other>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?x?>",
        "&amp;",
        "&#65;",
        "&#x0;",
        "&no;",
        "&",
        "<",
        "/>",
        "~",
        "\r\n",
        "\u{FEFF}",
        "<!DOCTYPE x [<!ENTITY y 'z'>]>",
    ],
    reached: &[
        "order",
        "order again",
        "refused",
        "extra",
        "unknown element",
        "Blank",
        "NotANumber",
        "NotADate",
        "HasElements",
        "Empty",
        "NotUtf8",
        "NotXml",
        "OtherRoot",
    ],
};

/// A file.
pub fn dtd_order(data: &[u8]) -> Outcomes {
    let read = DtdDocument::read(data);
    assert_eq!(read, DtdDocument::read(data));
    let mut outcomes = Outcomes::new();
    if let Some(problem) = read.problem {
        let shown = format!("{problem:?}");
        let name = shown.split(' ').next().unwrap_or_default().to_owned();
        outcomes.insert(name.into());
    }
    if !read.extra.is_empty() {
        outcomes.insert("extra".into());
    }
    let places: Vec<usize> = read.orders.iter().map(|entry| entry.place).collect();
    assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    for fault in &read.faults {
        assert!(!places.contains(&fault.order), "{fault}");
        outcomes.insert(format!("{:?}", fault.problem).into());
    }
    for entry in &read.orders {
        let order = &entry.order;
        assert!(!order.reference.trim().is_empty());
        outcomes.insert("order".into());
        if !order.extra.is_empty() {
            outcomes.insert("unknown element".into());
        }
        let Ok(file) = DtdFile::from_order(order) else {
            outcomes.insert("refused".into());
            continue;
        };
        let again = DtdDocument::read(file.bytes());
        assert!(
            again.problem.is_none() && again.faults.is_empty() && again.orders.len() == 1,
            "{again:?}"
        );
        let found = &again.orders[0].order;
        assert_eq!(found.extra, order.extra);
        assert_eq!(
            (&found.invoice, &found.recipient.party),
            (&order.invoice, &order.recipient.party)
        );
        assert_eq!(found.recipient.lines.len(), order.recipient.lines.len());
        // What was written has every part, so it is written again as it is.
        let twice = DtdFile::from_order(found).unwrap_or_else(|refused| panic!("{refused}"));
        assert_eq!(twice.bytes(), file.bytes());
        outcomes.insert("order again".into());
    }
    outcomes
}

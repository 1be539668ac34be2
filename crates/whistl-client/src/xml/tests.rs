//! Laws of reading and writing, and hostile documents.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;

use super::fault::XmlFault;
use super::*;

fn strict(text: &str) -> Result<Element, XmlFault> {
    read(
        text.as_bytes(),
        Limits::default(),
        IllegalCharacters::Refuse,
    )
}

fn cleaned(text: &str) -> Result<Element, XmlFault> {
    read(
        text.as_bytes(),
        Limits::default(),
        IllegalCharacters::Replace,
    )
}

#[test]
fn prefixes_nil_cdata_and_layout() {
    let root = strict(
        "\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?><p:A xmlns:p=\"urn:a\" xmlns:i=\"urn:i\">\n  \
         <p:B i:nil=\"true\"/><C Currency=\"G&amp;P\">1<![CDATA[<&>]]>&#xe9;</C>\n  <D></D><!-- x --></p:A>",
    )
    .unwrap();
    assert_eq!((root.name.as_str(), root.text.as_str()), ("A", ""));
    assert!(root.attributes.is_empty());
    let b = root.child("B").unwrap();
    assert!(b.nil && b.value().is_none());
    let c = root.child("C").unwrap();
    assert_eq!(c.value(), Some("1<&>é"));
    assert_eq!(c.attribute("Currency"), Some("G&P"));
    let d = root.child("D").unwrap();
    assert!(!d.nil && d.text.is_empty());
    assert!(!format!("{c:?}").contains('é'), "texts are not printed");
}

#[test]
fn taking_leaves_what_is_unknown() {
    let mut root = strict("<A><B>1</B><X>kept</X><B>2</B></A>").unwrap();
    assert_eq!(root.take("B").unwrap().text, "1");
    assert_eq!(root.take("C"), None);
    let left: Vec<_> = root
        .children
        .iter()
        .map(|child| child.text.as_str())
        .collect();
    assert_eq!(left, ["kept", "2"]);
}

#[test]
fn illegal_characters_are_cleaned_only_where_asked() {
    for text in [
        "<A>a&#x10;b</A>",
        "<A>a&#16;b</A>",
        "<A>a&#xD800;b</A>",
        "<A>a&#99999999999;b</A>",
        "<A>a\u{10}b</A>",
        "<A>a\u{FFFE}b</A>",
    ] {
        assert!(
            matches!(strict(text), Err(XmlFault::Character(_))),
            "{text:?}"
        );
        assert_eq!(cleaned(text).unwrap().text, "a b", "{text:?}");
    }
    assert_eq!(
        cleaned("<A b=\"x&#x10;y\"/>").unwrap().attribute("b"),
        Some("x y")
    );
}

#[test]
fn what_no_wire_needs_is_refused() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>";
    assert_eq!(strict(bomb), Err(XmlFault::DocumentType));
    assert!(matches!(strict("<a>&c;</a>"), Err(XmlFault::Entity(_))));
    assert!(matches!(strict("<a>&#+5;</a>"), Err(XmlFault::Entity(_))));
    assert!(matches!(strict("<a b=\"&c;\"/>"), Err(XmlFault::Entity(_))));
    assert_eq!(
        strict("<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>"),
        Err(XmlFault::Encoding)
    );
    assert_eq!(
        read(
            b"<a>\xff</a>",
            Limits::default(),
            IllegalCharacters::Replace
        ),
        Err(XmlFault::Encoding)
    );
    for malformed in [
        "<a></b>",
        "<a/><b/>",
        "x<a/>",
        "<a/>x",
        "<a b=1/>",
        "<a b='1' b='2'/>",
        "</a>",
    ] {
        assert!(
            matches!(strict(malformed), Err(XmlFault::Malformed(_))),
            "{malformed}"
        );
    }
}

#[test]
fn every_limit_holds() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    assert!(strict(&deep(32)).is_ok());
    assert_eq!(strict(&deep(33)), Err(XmlFault::TooDeep));
    assert_eq!(strict(&"<a>".repeat(1_000_000)), Err(XmlFault::TooDeep));
    assert_eq!(
        strict(&" ".repeat(8 * 1024 * 1024 + 1)),
        Err(XmlFault::TooLarge)
    );
    assert_eq!(
        strict(&format!("<a>{}</a>", "<b/>".repeat(200_000))),
        Err(XmlFault::TooManyParts)
    );
    assert_eq!(
        strict(&format!("<a>{}</a>", "&lt;".repeat(200_000))),
        Err(XmlFault::TooManyParts)
    );
    let many: String = (0..65).map(|index| format!(" a{index}=''")).collect();
    assert_eq!(strict(&format!("<a{many}/>")), Err(XmlFault::TooManyParts));
}

#[test]
fn a_document_cut_anywhere_is_no_document() {
    let whole = "<?xml version=\"1.0\"?><a b=\"1\"><c>x&amp;y</c><![CDATA[z]]><!-- n --></a>";
    assert!(strict(whole).is_ok());
    for end in 0..whole.len() {
        let part = whole.get(..end).unwrap();
        assert!(strict(part).is_err(), "{part}");
    }
    assert_eq!(strict("<a><b>"), Err(XmlFault::Truncated));
    assert_eq!(strict(""), Err(XmlFault::Truncated));
}

#[test]
fn one_form_for_what_is_empty() {
    let root = Element::new("A")
        .with_attribute("Currency", "a\"<\n")
        .with_child(Element::new("B"))
        .with_child(Element::of_text("C", "x>y & z\r"));
    let body = |form| write(&root, form).unwrap().split_off(DECLARED);
    const DECLARED: usize = "<?xml version=\"1.0\" encoding=\"utf-8\"?>".len();
    let rest = "<C>x&gt;y &amp; z&#13;</C></A>";
    let start = "<A Currency=\"a&quot;&lt;&#10;\">";
    assert_eq!(body(EmptyForm::Short), format!("{start}<B/>{rest}"));
    assert_eq!(body(EmptyForm::Spaced), format!("{start}<B />{rest}"));
    assert_eq!(body(EmptyForm::Pair), format!("{start}<B></B>{rest}"));
    for bad in ["\u{0}", "\u{10}", "\u{FFFF}"] {
        let fault = write(&Element::of_text("A", bad), EmptyForm::Short);
        assert!(matches!(fault, Err(XmlFault::Character(_))), "{bad:?}");
    }
}

fn tree() -> impl Strategy<Value = Element> {
    let leaf = (
        "[A-Z][a-z0-9]{0,5}",
        "\\PC*|[ \t\r\n&<>\"']*",
        proptest::option::of(".*"),
        any::<bool>(),
    )
        .prop_map(|(name, text, attribute, nil)| {
            let mut element = Element::of_text(name, if nil { String::new() } else { text });
            element.nil = nil;
            element
                .attributes
                .extend(attribute.map(|value| ("At".to_owned(), value)));
            element
        });
    leaf.prop_recursive(4, 24, 4, |inner| {
        ("[A-Z][a-z]{0,5}", proptest::collection::vec(inner, 1..4)).prop_map(|(name, children)| {
            let mut element = Element::new(name);
            element.children = children;
            element
        })
    })
}

/// Whether any text of the tree has a character that XML cannot carry.
fn writable(element: &Element) -> bool {
    let values = element.attributes.iter().map(|(_, value)| value);
    values
        .chain([&element.text])
        .all(|text| text.chars().all(is_allowed))
        && element.children.iter().all(writable)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(root in tree()) {
        let root = root.with_attribute("xmlns:xsi", "urn:xsi");
        for form in [EmptyForm::Short, EmptyForm::Spaced, EmptyForm::Pair] {
            match write(&root, form) {
                Ok(text) => {
                    let mut expected = root.clone();
                    expected.attributes.retain(|(name, _)| name != "xmlns:xsi");
                    prop_assert_eq!(&strict(&text), &Ok(expected));
                }
                Err(_) => prop_assert!(!writable(&root)),
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let limits = Limits { bytes: 300, ..Limits::default() };
        let outcome = read(&bytes, limits, IllegalCharacters::Replace);
        if bytes.len() > 300 {
            prop_assert_eq!(outcome, Err(XmlFault::TooLarge));
        }
    }

    #[test]
    fn cleaned_documents_can_be_written_again(text in "<a>(\\PC|&#x1?[0-9a-f];|[\u{1}-\u{8}])*</a>") {
        if let Ok(root) = cleaned(&text) {
            prop_assert!(write(&root, EmptyForm::Short).is_ok());
        }
    }
}

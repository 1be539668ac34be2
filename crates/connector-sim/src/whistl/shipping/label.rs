//! Labels: the smallest valid document of each format.

/// The bytes of a label, or nothing for a format that gives none.
pub(crate) fn bytes(format: &str, tracking: &str) -> Option<Vec<u8>> {
    match format {
        "PDF" => Some(pdf(tracking)),
        "PNG" => Some(PNG.to_vec()),
        "ZPL" => Some(format!("^XA^FO50,50^BCN,100,Y,N,N^FD{tracking}^FS^XZ").into_bytes()),
        "EPL" => Some(format!("\nN\nB50,50,0,1,2,4,100,B,\"{tracking}\"\nP1\n").into_bytes()),
        "JPG" => Some(JPG.to_vec()),
        _ => None,
    }
}

/// One page with the tracking number; the cross-reference table is counted, so that strict readers take it.
fn pdf(tracking: &str) -> Vec<u8> {
    let drawing = format!("BT /F1 12 Tf 20 200 Td ({tracking}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{drawing}\nendstream", drawing.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut out = "%PDF-1.4\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (place, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{} 0 obj{object}endobj\n", place + 1));
    }
    let start = out.len();
    out.push_str(&format!(
        "xref\n0 {count}\n{table}trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n",
        count = objects.len() + 1
    ));
    out.into_bytes()
}

/// One white pixel.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0x0, 0x0, 0x0, 0xd, 0x49, 0x48, 0x44, 0x52, 0x0,
    0x0, 0x0, 0x1, 0x0, 0x0, 0x0, 0x1, 0x8, 0x0, 0x0, 0x0, 0x0, 0x3a, 0x7e, 0x9b, 0x55, 0x0, 0x0,
    0x0, 0xa, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xf, 0x0, 0x1, 0x1, 0x1, 0x0, 0xb1,
    0x38, 0xf6, 0x14, 0x0, 0x0, 0x0, 0x0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
/// The two ends of a picture and nothing between them.
const JPG: &[u8] = &[0xff, 0xd8, 0xff, 0xd9];

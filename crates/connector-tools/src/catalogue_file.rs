//! A catalogue as a CSV file. Rows are read one after another; what is kept is one entry for each code.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::Utf8Error;

use csv::ByteRecord;
use order_mapping::nearest_word;

use crate::printed::{beginning, visible};
use crate::{BadInput, InputFault};

/// Most faulty rows that are told before reading stops.
const FAULTS_MAX: usize = 20;
/// Descriptions that are kept of one code. One would do for the rules, two for saying that they differ.
const DESCRIPTIONS_MAX: usize = 4;
/// Ids that are kept of one code.
const VARIANTS_MAX: usize = 100;
/// Lines that are kept of rows without code.
const LINES_MAX: usize = 20;

/// Which columns of the file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Columns {
    /// Name of the column with the code. Case and white space around it do not matter.
    pub sku: String,
    /// Name of the column with the description. None means `description`, if the file has it.
    pub description: Option<String>,
    /// Name of the column with the shop's own id of the article. None means `variant_id`, if the file has it.
    pub variant: Option<String>,
    /// What separates columns.
    pub separator: u8,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            sku: "sku".to_owned(),
            description: None,
            variant: None,
            separator: b',',
        }
    }
}

/// One code of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Article {
    /// The code as the file has it.
    pub sku: String,
    /// The first line with the code.
    pub line: u64,
    /// Different descriptions, in the file's order; at most four.
    pub descriptions: Vec<String>,
    /// Different ids that the shop gives the article, in the file's order; at most 100.
    pub variants: Vec<String>,
}

impl Article {
    fn new(sku: String, line: u64) -> Self {
        Self {
            sku,
            line,
            descriptions: Vec::new(),
            variants: Vec::new(),
        }
    }

    /// Takes in what one row says of the article.
    fn add(&mut self, row: &Row<'_>) {
        keep(&mut self.descriptions, row.description, DESCRIPTIONS_MAX);
        keep(&mut self.variants, row.variant, VARIANTS_MAX);
    }
}

/// Keeps a text if it is new, up to a number.
fn keep(known: &mut Vec<String>, text: &str, most: usize) {
    if !text.is_empty() && known.len() < most && !known.iter().any(|one| one == text) {
        known.push(text.to_owned());
    }
}

/// What is looked at of one row.
struct Row<'a> {
    sku: &'a str,
    description: &'a str,
    variant: &'a str,
}

/// The codes of a catalogue file, in the order of their first lines.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CatalogueFile {
    /// The file as it was named.
    pub path: PathBuf,
    /// Every code once.
    pub articles: Vec<Article>,
    /// Rows below the header, empty ones left out.
    pub rows: u64,
    /// Rows that have something, but no code.
    pub without_code: u64,
    /// The first lines of those.
    pub without_code_lines: Vec<u64>,
    /// Whether the file has descriptions.
    pub described: bool,
}

impl CatalogueFile {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, lacks a column, or has rows that are no CSV in UTF-8; up to 20 of these at once.
    pub fn read(path: &Path, columns: &Columns) -> Result<Self, BadInput> {
        let file = std::fs::File::open(path).map_err(|error| {
            let remedy = "give the path of a CSV file that can be read";
            InputFault::new(format!("cannot be opened: {error}"), remedy).in_file(path)
        })?;
        Self::from_reader(file, path, columns)
    }

    fn from_reader(input: impl Read, path: &Path, columns: &Columns) -> Result<Self, BadInput> {
        // `flexible`, so that a row with too few or too many fields is reported in this program's words.
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(columns.separator)
            .buffer_capacity(1 << 16)
            .from_reader(input);
        let header = reader
            .byte_headers()
            .map_err(|error| unreadable(&error, path))?
            .clone();
        let places = Places::of(&header, columns, path)?;
        let mut found = Gathered::default();
        let mut faults = Vec::new();
        let mut record = ByteRecord::new();
        while reader
            .read_byte_record(&mut record)
            .map_err(|error| unreadable(&error, path))?
        {
            if faults.len() >= FAULTS_MAX {
                let remedy = "correct these, then look again";
                faults.push(InputFault::new("later rows were not read", remedy).in_file(path));
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let fault =
                |what: String, remedy: &str| InputFault::new(what, remedy).at_line(path, line);
            if record.iter().all(|field| field.trim_ascii().is_empty()) {
                continue;
            }
            if record.len() != header.len() {
                let what = format!(
                    "the row has {} fields, the header {}",
                    record.len(),
                    header.len()
                );
                faults.push(fault(what, "put texts with separators into double quotes"));
                continue;
            }
            match places.row(&record) {
                Ok(row) => found.add(line, &row),
                Err(_) => faults.push(fault(
                    "the row is not UTF-8 text".to_owned(),
                    "save the file as CSV in UTF-8",
                )),
            }
        }
        if faults.is_empty() && found.rows == 0 {
            let remedy = "add at least one row below the header";
            faults.push(InputFault::new("the file has no articles", remedy).in_file(path));
        }
        if !faults.is_empty() {
            return Err(BadInput::of(faults));
        }
        let mut articles: Vec<Article> = found.articles.into_values().collect();
        // Two codes never begin on one line.
        articles.sort_unstable_by_key(|article| article.line);
        Ok(Self {
            path: path.to_owned(),
            articles,
            rows: found.rows,
            without_code: found.without_code,
            without_code_lines: found.without_code_lines,
            described: places.description.is_some(),
        })
    }
}

#[derive(Debug, Default)]
struct Gathered {
    articles: HashMap<String, Article>,
    rows: u64,
    without_code: u64,
    without_code_lines: Vec<u64>,
}

impl Gathered {
    fn add(&mut self, line: u64, row: &Row<'_>) {
        self.rows += 1;
        if row.sku.trim().is_empty() {
            self.without_code += 1;
            if self.without_code_lines.len() < LINES_MAX {
                self.without_code_lines.push(line);
            }
            return;
        }
        // Invoices name a code many times over: only the first costs a text of its own.
        if let Some(known) = self.articles.get_mut(row.sku) {
            known.add(row);
            return;
        }
        let mut article = Article::new(row.sku.to_owned(), line);
        article.add(row);
        self.articles.insert(row.sku.to_owned(), article);
    }
}

/// Where the columns stand.
struct Places {
    sku: usize,
    description: Option<usize>,
    variant: Option<usize>,
}

impl Places {
    fn of(header: &ByteRecord, columns: &Columns, path: &Path) -> Result<Self, BadInput> {
        let names: Vec<String> = header
            .iter()
            // Spreadsheets put a byte order mark in front of the first name.
            .map(|name| String::from_utf8_lossy(name))
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        let mut faults = Vec::new();
        let mut find = |wanted: &str, option: &str, needed: bool| {
            let mut found = names
                .iter()
                .enumerate()
                .filter(|(_, name)| name.eq_ignore_ascii_case(wanted.trim()))
                .map(|(place, _)| place);
            let first = found.next();
            if found.next().is_some() {
                let what = format!("the header has the column `{wanted}` more than once");
                let remedy = "rename all but one of them";
                faults.push(InputFault::new(what, remedy).at_line(path, 1));
            } else if first.is_none() && needed {
                let what = format!("the header has no column `{wanted}`");
                let remedy = other_columns(wanted, option, &names);
                faults.push(InputFault::new(what, remedy).at_line(path, 1));
            }
            first
        };
        let sku = find(&columns.sku, "--sku-column", true);
        // A column that nobody named is read only if it is there.
        let mut optional = |name: &Option<String>, usual: &str, option: &str| {
            find(name.as_deref().unwrap_or(usual), option, name.is_some())
        };
        let description = optional(&columns.description, "description", "--description-column");
        let variant = optional(&columns.variant, "variant_id", "--variant-column");
        match sku {
            Some(sku) if faults.is_empty() => Ok(Self {
                sku,
                description,
                variant,
            }),
            _ => Err(BadInput::of(faults)),
        }
    }

    fn row<'a>(&self, record: &'a ByteRecord) -> Result<Row<'a>, Utf8Error> {
        let text = |place: usize| std::str::from_utf8(record.get(place).unwrap_or_default());
        Ok(Row {
            sku: text(self.sku)?,
            description: self.description.map_or(Ok(""), text)?.trim(),
            variant: self.variant.map_or(Ok(""), text)?.trim(),
        })
    }
}

fn other_columns(wanted: &str, option: &str, names: &[String]) -> String {
    if names.iter().all(String::is_empty) {
        return "begin the file with a line that names the columns".to_owned();
    }
    if let [only] = names {
        let separator = [";", "\t", "|"]
            .into_iter()
            .find(|sign| only.contains(sign));
        if let Some(sign) = separator {
            let sign = visible(sign);
            return format!(
                "the columns seem to be separated by another sign: add --separator '{sign}'"
            );
        }
        if only.contains('\u{fffd}') {
            return "save the file as CSV in UTF-8".to_owned();
        }
    }
    if let Some(near) = nearest_word(wanted, names.iter().map(String::as_str)) {
        return format!("did you mean {option} \"{near}\"?");
    }
    let listed: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| beginning(name, 40))
        .collect();
    let more = if names.len() > listed.len() {
        ", ..."
    } else {
        ""
    };
    format!(
        "name it with {option}; the columns are {}{more}",
        listed.join(", ")
    )
}

fn unreadable(error: &csv::Error, path: &Path) -> BadInput {
    let what = match error.kind() {
        csv::ErrorKind::Io(error) => format!("reading failed: {error}"),
        _ => "the row is no CSV".to_owned(),
    };
    let fault = InputFault::new(what, "give a CSV file in UTF-8 that can be read");
    match error.position() {
        Some(position) => fault.at_line(path, position.line()).into(),
        None => fault.in_file(path).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(text: &[u8], columns: &Columns) -> Result<CatalogueFile, BadInput> {
        CatalogueFile::from_reader(text, Path::new("c.csv"), columns)
    }

    fn read(text: &str) -> Result<CatalogueFile, BadInput> {
        read_with(text.as_bytes(), &Columns::default())
    }

    fn refused(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn every_code_is_kept_once_with_its_first_line_as_the_file_has_it() {
        let text =
            "\u{feff}Price, SKU ,Description\n1,b,Mug\n1, a,\n,,\n2,b, Mug \n3,b,Cup\n4, ,x\n";
        let file = read(text).unwrap();
        let found: Vec<(&str, u64, usize)> = file
            .articles
            .iter()
            .map(|one| (one.sku.as_str(), one.line, one.descriptions.len()))
            .collect();
        assert_eq!(found, [("b", 2, 2), (" a", 3, 0)]);
        assert_eq!((file.rows, file.without_code), (5, 1));
        assert_eq!(file.without_code_lines, [7]);
        assert!(file.described && !read("sku\nA\n").unwrap().described);
    }

    #[test]
    fn the_ids_of_the_shop_are_read_where_the_file_has_them() {
        let file = read("sku,Variant_ID\nA,41 \nA,42\nA,41\nB,\n").unwrap();
        let found: Vec<(&str, &[String])> = file
            .articles
            .iter()
            .map(|one| (one.sku.as_str(), one.variants.as_slice()))
            .collect();
        let two = ["41".to_owned(), "42".to_owned()];
        assert_eq!(found, [("A", &two[..]), ("B", &[])]);
        let columns = Columns {
            variant: Some("id".to_owned()),
            ..Columns::default()
        };
        let other = read_with(b"sku,id,variant_id\nA,7,8\n", &columns).unwrap();
        assert_eq!(other.articles[0].variants, ["7"]);
        let bad = read_with(b"sku,variant_id\nA,8\n", &columns).unwrap_err();
        assert!(bad.to_string().contains("no column `id`"), "{bad}");
    }

    #[test]
    fn every_faulty_row_is_told_with_its_line() {
        let bad = read_with(
            b"sku,description\nA\nB,caf\xe9\nC,ok\n",
            &Columns::default(),
        );
        let text = bad.unwrap_err().to_string();
        assert!(
            text.contains("c.csv:2: the row has 1 fields, the header 2"),
            "{text}"
        );
        assert!(text.contains("c.csv:3: the row is not UTF-8"), "{text}");
        let many = format!("sku,description\n{}", "A\n".repeat(1000));
        assert_eq!(read(&many).unwrap_err().faults().len(), FAULTS_MAX + 1);
    }

    #[test]
    fn other_columns_need_not_be_text() {
        let file = read_with(b"sku,note\nA,caf\xe9\n", &Columns::default()).unwrap();
        assert_eq!(file.articles.len(), 1);
    }

    #[test]
    fn a_header_that_does_not_fit_is_refused_with_what_helps() {
        for (text, expected) in [
            ("skus,x\nA,1\n", "did you mean --sku-column \"skus\"?"),
            ("Code,x\nA,1\n", "the columns are Code, x"),
            ("sku;description\nA;1\n", "add --separator ';'"),
            ("sku,SKU\nA,1\n", "more than once"),
            ("", "names the columns"),
            ("sku\n", "no articles"),
        ] {
            let bad = refused(text);
            assert!(bad.contains(expected) && bad.contains("remedy: "), "{bad}");
        }
        let columns = Columns {
            description: Some("title".to_owned()),
            ..Columns::default()
        };
        let bad = read_with(b"sku,description\nA,1\n", &columns).unwrap_err();
        assert!(bad.to_string().contains("`title`"), "{bad}");
    }
}
